/** Reading values of unknown shape: whatever a provider or proxy sent, nothing here throws. */

export type Fields = Record<string, unknown>

const NONE: readonly unknown[] = Object.freeze([])

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value where it is a string, otherwise an empty one. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The value where it is a list, otherwise an empty one. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NONE)

/** The value where it is an object, otherwise an empty one. */
export const asObject = (value: unknown): Fields => (isObject(value) ? value : EMPTY)

const EMPTY: Fields = Object.freeze({})

/** A position that a provider gave; anything but a whole number from 0 is `fallback`. */
export const asIndex = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fallback

/** A tool's arguments as JSON text: some send them so, others as an object. */
export function asJson(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Nested deeper than the stack.
    return ''
  }
}

/** Levels of lists in lists that are looked into for a text. */
const MAX_NESTING = 4

/** The text of a string, of a list of parts, or of a part under one of the usual names. */
export function partText(value: unknown, nesting = 0): string {
  if (typeof value === 'string') return value
  if (nesting > MAX_NESTING) return ''
  if (Array.isArray(value)) {
    let text = ''
    for (const part of value) text += partText(part, nesting + 1)
    return text
  }
  if (!isObject(value)) return ''
  for (const key of TEXT_KEYS) {
    const text = partText(value[key], nesting + 1)
    if (text !== '') return text
  }
  return ''
}

const TEXT_KEYS = ['text', 'content', 'thinking', 'reasoning', 'summary'] as const
