/** How much text a span holds, as cheaply as can be told: each span is asked. */
import type {Attributes} from '@opentelemetry/api'
import type {ReadableSpanLike} from './readable-span.ts'

/** UTF-16 code units at which a structured value counts as long, whatever else is in it. */
const STRUCTURED_LENGTH = 16 * 1024
/** What a member of a structured value counts beside its text. */
const MEMBER_LENGTH = 16

/** UTF-16 code units of what a span shows. */
export function textLength(span: ReadableSpanLike): number {
  let length = lengthOfAll(span.attributes)
  const {events} = span
  if (events === undefined) return length
  for (let i = 0; i < events.length; i += 1) {
    const attributes = events[i]?.attributes
    if (attributes !== undefined) length += lengthOfAll(attributes)
  }
  return length
}

function lengthOfAll(attributes: Attributes): number {
  let length = 0
  for (const key in attributes) {
    const value: unknown = attributes[key]
    if (typeof value === 'string') length += value.length
    else if (typeof value === 'object' && value !== null) {
      length += Array.isArray(value) ? lengthOfList(value) : lengthOfValue(value)
    }
  }
  return length
}

function lengthOfList(list: readonly unknown[]): number {
  let length = 0
  for (const item of list) {
    if (typeof item === 'string') length += item.length
    else if (typeof item === 'object' && item !== null) return length + lengthOfValue(list)
  }
  return length
}

/** What a structured value (SDK 3 keeps them) amounts to. Each member counts, so that cycles end. */
function lengthOfValue(root: object): number {
  let length = 0
  const waiting: unknown[] = [root]
  while (waiting.length > 0 && length < STRUCTURED_LENGTH) {
    const value = waiting.pop()
    length += MEMBER_LENGTH
    if (typeof value === 'string') length += value.length
    else if (typeof value === 'object' && value !== null) {
      // No more members than can matter: a list may be huge.
      const members = Array.isArray(value) ? value : Object.values(value)
      for (let i = 0; i < members.length && i * MEMBER_LENGTH < STRUCTURED_LENGTH; i += 1) {
        waiting.push(members[i])
      }
    }
  }
  return length
}
