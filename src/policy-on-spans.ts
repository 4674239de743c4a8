/** The content policy on spans that pass through: on a call's block, on the call, on spans of ours. */
import type {Attributes, Link, SpanStatus} from '@opentelemetry/api'
import type {CapturedCall, ReasoningBlock} from './model.ts'
import {
  type KnownTexts,
  type MaskedRange,
  maskedRanges,
  maskText,
  NO_KNOWN_TEXTS,
  redactAttributes,
  redactEvents,
  type ResolvedPolicy,
  strictest,
} from './policy.ts'
import type {ResolvedOptions} from './options.ts'
import type {ReadableSpanLike, TimedEventLike} from './readable-span.ts'
import * as semconv from './semconv.ts'
import type {Thoughts} from './thoughts.ts'

/** What a span shows. */
export interface Shown {
  readonly attributes: Attributes
  readonly events: TimedEventLike[]
  /** Present where they differ from the span's own. */
  readonly status?: SpanStatus | undefined
  readonly links?: Link[] | undefined
}

/** The block with its text masked, and what points into the text moved along. */
export function maskBlock(block: ReasoningBlock, policy: ResolvedPolicy): ReasoningBlock {
  const text = maskText(block.text, policy)
  if (text === block.text) return block
  const move = createOffsetMap(block.text, text, policy)
  return {
    ...block,
    text,
    arrivals: block.arrivals?.map(({offset, time}) => ({offset: move(offset), time})),
    steps: block.steps?.map(({kind, start, end}) => ({kind, start: move(start), end: move(end)})),
  }
}

/** From offsets into a text to offsets into the same text masked. */
function createOffsetMap(
  original: string,
  masked: string,
  policy: ResolvedPolicy,
): (offset: number) => number {
  if (policy.transform !== undefined) {
    // What the user's function did to which part cannot be known: in proportion, then.
    const scale = masked.length / original.length
    return (offset) => Math.min(Math.round(offset * scale), masked.length)
  }
  const ranges: readonly MaskedRange[] = maskedRanges(original, policy)
  return (offset) => {
    let shift = 0
    for (const {start, end, label} of ranges) {
      if (offset <= start) break
      if (offset < end) return start + shift
      shift += label.length - (end - start)
    }
    return offset + shift
  }
}

/** A quotation shorter than this counts only where it is the whole thought. */
const SHORTEST_QUOTATION = 32

function longestText({attributes, events}: Shown): number {
  let longest = 0
  for (const holder of [attributes, ...events.map((event) => event.attributes ?? {})]) {
    for (const value of Object.values(holder)) {
      if (typeof value === 'string') longest = Math.max(longest, value.length)
      // A structured value or a list may hold anything.
      else if (typeof value === 'object' && value !== null) return Infinity
    }
  }
  return longest
}

/**
 * What a span may show. Reasoning goes from it by the strictest of the span's own policy, those of
 * its blocks, and those of texts that were withheld in its trace before: a thought that one call
 * had to drop may be quoted anywhere.
 *
 * @param policies of the span's own blocks, those that an ancestor repeats included
 * @returns the span's own objects where nothing changed
 */
export function redactSpan(
  span: ReadableSpanLike,
  call: CapturedCall | undefined,
  policies: readonly ResolvedPolicy[],
  options: ResolvedOptions,
  thoughts: Thoughts,
): Shown {
  const shown: Shown = {attributes: span.attributes, events: span.events ?? []}
  if (!options.policy.withholds) return shown
  const own = options.policy.resolve({
    provider: call?.provider,
    model: call?.model,
    visibility: 'full',
    attributes: span.attributes,
    origin: 'span',
  })
  const withheld = thoughts.withheldIn(span.spanContext().traceId)
  const policy = strictest([
    own,
    ...policies,
    ...(withheld.policy === undefined ? [] : [withheld.policy]),
  ])
  if (policy.policy === 'keep') return shown
  const canQuote = longestText(shown) >= Math.min(SHORTEST_QUOTATION, withheld.shortest)
  const known = canQuote ? withheld.texts : NO_KNOWN_TEXTS
  return {
    attributes: redactAttributes(shown.attributes, policy, known),
    events: redactEvents(shown.events, policy, known),
    status: redactStatus(span.status, policy, withheld.texts),
    links: redactLinks(span.links, policy, withheld.texts),
  }
}

/** An error's message may quote the output that could not be used; `undefined` where nothing changes. */
function redactStatus(
  status: SpanStatus | undefined,
  policy: ResolvedPolicy,
  known: KnownTexts,
): SpanStatus | undefined {
  if (!status?.message) return undefined
  const {message} = redactAttributes({message: status.message}, policy, known)
  return message === status.message ? undefined : {...status, message: String(message)}
}

function redactLinks(
  links: Link[] | undefined,
  policy: ResolvedPolicy,
  known: KnownTexts,
): Link[] | undefined {
  let changed = false
  const redacted = (links ?? []).map((link) => {
    if (link.attributes === undefined) return link
    const attributes = redactAttributes(link.attributes, policy, known)
    if (attributes === link.attributes) return link
    changed = true
    return {...link, attributes}
  })
  return changed ? redacted : undefined
}

const OWN_TEXT: readonly string[] = [
  semconv.ATTR_TEXT,
  semconv.ATTR_TEXT_CHUNKS,
  semconv.ATTR_STEP_TITLE,
  semconv.ATTR_SIGNAL_EVIDENCE,
  'output.value',
]

/** A span of ours that came from elsewhere, under a policy that is stricter than what made it. */
export function redactOwnSpan(span: ReadableSpanLike, options: ResolvedOptions): Shown {
  const shown: Shown = {attributes: span.attributes, events: span.events}
  if (!options.policy.withholds) return shown
  const model = span.attributes[semconv.ATTR_REQUEST_MODEL]
  const policy = options.policy.resolve({
    provider: undefined,
    model: typeof model === 'string' ? model : undefined,
    visibility: 'full',
    attributes: span.attributes,
    origin: 'span',
  })
  if (policy.policy === 'keep') return shown
  let changed = false
  const events = span.events.map((event) => {
    const attributes = redactOwnAttributes(event.attributes ?? {}, policy)
    if (attributes === event.attributes) return event
    changed = true
    return {...event, attributes}
  })
  return {
    attributes: redactOwnAttributes(span.attributes, policy),
    events: changed ? events : span.events,
  }
}

function redactOwnAttributes(attributes: Attributes, policy: ResolvedPolicy): Attributes {
  const redacted: Attributes = {...attributes}
  let changed = false
  for (const key of OWN_TEXT) {
    const value = attributes[key]
    if (value === undefined) continue
    if (policy.policy === 'mask') {
      const masked =
        typeof value === 'string'
          ? maskText(value, policy)
          : Array.isArray(value)
            ? value.map((text) => maskText(String(text), policy))
            : value
      if (String(masked) === String(value)) continue
      redacted[key] = masked
    } else delete redacted[key]
    changed = true
  }
  // A plain hash of a text that is withheld can be guessed; a keyed one cannot be told from it here.
  const withheld =
    policy.policy === 'drop'
      ? [semconv.ATTR_TEXT_HASH, semconv.ATTR_TEXT_LENGTH]
      : policy.policy === 'length' || attributes[semconv.ATTR_TEXT_POLICY] === 'keep'
        ? [semconv.ATTR_TEXT_HASH]
        : []
  for (const key of withheld) {
    if (!Object.hasOwn(redacted, key)) continue
    delete redacted[key]
    changed = true
  }
  if (!changed) return attributes
  if (Object.hasOwn(redacted, semconv.ATTR_TEXT_POLICY)) {
    redacted[semconv.ATTR_TEXT_POLICY] = policy.policy
  }
  return redacted
}
