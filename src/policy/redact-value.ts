/**
 * The policy on the copies of spans and log records that pass through us: reasoning is masked or
 * removed wherever it stands in them. The originals, which other pipelines share, stay untouched.
 */
import type {Attributes, AttributeValue} from '@opentelemetry/api'
import {
  isOpaqueName,
  isReasoningName,
  isSettingWord,
  reasoningFields,
  reasoningType,
} from '../capture/reasoning-part.ts'
import {looksStructured, parseStructured} from '../capture/structured.ts'
import type {TimedEventLike} from '../readable-span.ts'
import type {KnownTexts} from './known-texts.ts'
import {createRedactor, isProof, type Redactor} from './redactor.ts'
import {REMOVED} from './replacement.ts'
import type {ResolvedPolicy} from './rule.ts'

type Fields = Record<string, unknown>

const leafOf = (key: string): string => key.slice(key.lastIndexOf('.') + 1)
const parentOf = (key: string): string => key.slice(0, Math.max(key.lastIndexOf('.'), 0))

/** Leaves that may hold the text of a thought named further up: `….reasoning.0.text`. */
const INNER = /^(?:\d+|text|content|summary|thinking|value)$/

/** Whether a key ends in the name of reasoning and the place of a text in it. */
function isInsideReasoning(key: string): boolean {
  const names = key.split('.')
  // Our own keys begin with one of these names.
  for (let i = names.length - 1; i > 0; i--) {
    const name = names[i] ?? ''
    if (isReasoningName(name)) return i < names.length - 1
    if (!INNER.test(name)) return false
  }
  return false
}

/** Parts that were flattened into keys: what their discriminators say, by the keys' common beginning. */
function flattenedParts(attributes: Attributes): ReadonlyMap<string, Fields> {
  const parts = new Map<string, Fields>()
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (typeof value !== 'string' && value !== true) continue
    const leaf = leafOf(key)
    const isMark =
      value === true ? leaf === 'thought' : reasoningType({[leaf]: value}) !== undefined
    if (isMark) parts.set(parentOf(key), {...parts.get(parentOf(key)), [leaf]: value})
  }
  return parts
}

/** Whether a value under a reasoning name is a setting: `"high"`, `{"type": "enabled"}`. */
function isSetting(leaf: string, value: unknown): boolean {
  if (typeof value !== 'string') return reasoningFields({[leaf]: value}).length === 0
  if (isSettingWord(value)) return true
  if (!looksStructured(value)) return false
  const reading = parseStructured(value)
  return reading !== undefined && reading.complete && isSetting(leaf, reading.value)
}

function redactedEntry(
  key: string,
  value: unknown,
  part: Fields | undefined,
  redactor: Redactor,
): unknown {
  const leaf = leafOf(key)
  if (part !== undefined && !(leaf in part)) {
    const [field] = reasoningFields({...part, [leaf]: value})
    if (field !== undefined) {
      return field.kind === 'opaque' ? redactor.opaque(value) : redactor.reasoning(value)
    }
  }
  if (isOpaqueName(leaf) || isProof(leaf, value)) return redactor.opaque(value)
  if (
    isReasoningName(leaf)
      ? !isSetting(leaf, value)
      : isInsideReasoning(key) && !isSetting('text', value)
  ) {
    return redactor.reasoning(value)
  }
  return redactor.value(value)
}

function redactAll(attributes: Attributes, redactor: Redactor): Attributes {
  const parts = flattenedParts(attributes)
  let copy: Attributes | undefined
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' && typeof value !== 'object') continue
    const part = parts.size > 0 ? parts.get(parentOf(key)) : undefined
    let redacted: unknown = REMOVED
    try {
      redacted = redactedEntry(key, value, part, redactor)
    } catch {
      // A value that cannot even be looked at (a getter that throws) cannot be cleared either.
    }
    if (redacted === value) continue
    copy ??= {...attributes}
    copy[key] = redacted as AttributeValue
  }
  return copy ?? attributes
}

/**
 * Takes reasoning out of attributes, under whatever key and in whatever notation it stands there.
 *
 * @param known reasoning of this trace as it came, to be found where it is quoted
 * @returns the very object where nothing changed, else a copy. Never throws.
 */
export function redactAttributes(
  attributes: Attributes,
  policy: ResolvedPolicy,
  known: KnownTexts,
): Attributes {
  if (policy.policy === 'keep') return attributes
  return redactAll(attributes, createRedactor(policy, known))
}

/**
 * The same for a span's events.
 *
 * @returns the very array where nothing changed; events that did not change are the same in a copy
 */
export function redactEvents(
  events: TimedEventLike[],
  policy: ResolvedPolicy,
  known: KnownTexts,
): TimedEventLike[] {
  if (events.length === 0 || policy.policy === 'keep') return events
  const redactor = createRedactor(policy, known)
  let copy: TimedEventLike[] | undefined
  for (const [i, event] of events.entries()) {
    const {attributes} = event
    if (attributes === undefined) continue
    const redacted = redactAll(attributes, redactor)
    if (redacted === attributes) continue
    copy ??= [...events]
    copy[i] = {...event, attributes: redacted}
  }
  return copy ?? events
}

/**
 * The same for the body of a log record, or any other single value.
 *
 * @returns the very value where nothing changed
 */
export function redactLogValue(value: unknown, policy: ResolvedPolicy, known: KnownTexts): unknown {
  if (policy.policy === 'keep') return value
  try {
    return createRedactor(policy, known).value(value)
  } catch {
    return REMOVED
  }
}
