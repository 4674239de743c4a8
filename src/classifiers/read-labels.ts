/** Labels out of what a model answered. */
import {type KindLabel, STEP_KINDS, type StepKind} from '../model.ts'

/** Where a model gives a kind and no confidence. */
const UNSTATED_CONFIDENCE = 0.5

const isKind = (value: unknown): value is StepKind =>
  (STEP_KINDS as readonly unknown[]).includes(value)

function labelOf(value: unknown): KindLabel | undefined {
  const {kind: named, confidence: stated} =
    typeof value === 'string'
      ? {kind: value, confidence: undefined}
      : ((value ?? {}) as {kind?: unknown; confidence?: unknown})
  const kind = typeof named === 'string' ? named.trim().toLowerCase() : named
  if (!isKind(kind)) return undefined
  const confidence =
    typeof stated === 'number' && Number.isFinite(stated)
      ? Math.min(Math.max(stated, 0), 1)
      : UNSTATED_CONFIDENCE
  return {kind, confidence}
}

/** The outermost JSON value: models put words, fences or a thought around it. */
function jsonIn(answer: string): unknown {
  const text = answer.slice(answer.lastIndexOf('</think>') + 1)
  const start = text.search(/[[{]/)
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))
  if (start < 0 || end < start) return undefined
  try {
    return JSON.parse(text.slice(start, end + 1))
  } catch {
    return undefined
  }
}

/** @returns `undefined` where they are not one known label a sentence */
export function readLabels(answer: unknown, count: number): readonly KindLabel[] | undefined {
  if (typeof answer !== 'string') return undefined
  const value = jsonIn(answer)
  const list: unknown = Array.isArray(value)
    ? value
    : (value as {labels?: unknown} | undefined)?.labels
  if (!Array.isArray(list) || list.length !== count) return undefined
  const labels = list.map(labelOf)
  return labels.every((label) => label !== undefined) ? labels : undefined
}
