/**
 * OTLP/JSON spans to the spans that the pipeline reads, and back. Reading keeps a hold of what was
 * written, so that a span which nothing changed is written back as it was, unknown fields included,
 * and a changed one with only the change in it.
 */
import {createTraceState, SpanKind} from '@opentelemetry/api'
import type {Link, SpanContext, SpanStatus} from '@opentelemetry/api'
import type {ReadableSpanLike, ResourceLike, ScopeLike, TimedEventLike} from '../readable-span.ts'
import {durationOf, nanosBetween} from '../spans/hr-time.ts'
import {
  attributesFromOtlp,
  attributesOverOriginal,
  attributesToOtlp,
  knownEntries,
} from './any-value.ts'
import {spanIdFromOtlp, traceIdFromOtlp} from './ids.ts'
import {hrTimeFromNanos, nanosFromHrTime} from './time.ts'
import type {
  OtlpEvent,
  OtlpKeyValue,
  OtlpLink,
  OtlpResource,
  OtlpScope,
  OtlpSpan,
  OtlpStatus,
} from './wire-types.ts'

/** Low byte of `flags`: the W3C trace flags. */
const TRACE_FLAGS_MASK = 0xff
/** The next bit says whether the parent came from another process. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

const KIND_NAMES = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
]
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']

/** What a span was read from; reachable through a copy that inherits from the span, too. */
const SOURCE = Symbol('otlp source')

interface Source {
  json: OtlpSpan
  span: ReadableSpanLike
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const count = (value: unknown): number => {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 0
}

const records = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

const enumFromOtlp = (value: unknown, names: readonly string[]): number => {
  if (typeof value === 'string') return Math.max(0, names.indexOf(value))
  return typeof value === 'number' && names[value] !== undefined ? value : 0
}

/** Reads a resource; absent or unreadable gives one without attributes. */
export const resourceFromOtlp = (json: OtlpResource | undefined): ResourceLike => ({
  attributes: attributesFromOtlp(json?.attributes),
})

/** Reads an instrumentation scope with the schema URL that stands beside it. */
export const scopeFromOtlp = (
  json: OtlpScope | undefined,
  schemaUrl?: string | undefined,
): ScopeLike => ({
  name: text(json?.name),
  ...(text(json?.version) === '' ? {} : {version: text(json?.version)}),
  ...(text(schemaUrl) === '' ? {} : {schemaUrl: text(schemaUrl)}),
})

const eventFromOtlp = (json: Record<string, unknown>): TimedEventLike => ({
  time: hrTimeFromNanos(json['timeUnixNano']),
  name: text(json['name']),
  attributes: attributesFromOtlp(json['attributes']),
  droppedAttributesCount: count(json['droppedAttributesCount']),
})

const linkFromOtlp = (json: Record<string, unknown>): Link => ({
  context: {
    traceId: traceIdFromOtlp(json['traceId']),
    spanId: spanIdFromOtlp(json['spanId']),
    traceFlags: count(json['flags']) & TRACE_FLAGS_MASK,
    ...(text(json['traceState']) === ''
      ? {}
      : {traceState: createTraceState(text(json['traceState']))}),
  },
  attributes: attributesFromOtlp(json['attributes']),
  droppedAttributesCount: count(json['droppedAttributesCount']),
})

const statusFromOtlp = (json: unknown): SpanStatus => {
  if (!isRecord(json)) return {code: 0}
  const code = enumFromOtlp(json['code'], STATUS_NAMES)
  return text(json['message']) === '' ? {code} : {code, message: text(json['message'])}
}

/** Takes out the attributes that nobody could answer for, and counts them as dropped. */
const withKnownEntries = <T extends {attributes?: OtlpKeyValue[] | undefined}>(json: T): T => {
  if (!Array.isArray(json.attributes)) return json
  const attributes = knownEntries(json.attributes)
  const dropped = json.attributes.length - attributes.length
  if (dropped === 0) return json
  const before = count((json as {droppedAttributesCount?: number}).droppedAttributesCount)
  return {...json, attributes, droppedAttributesCount: before + dropped}
}

/** The same JSON with hex ids, so that children of ours name their parent as it names itself. */
const withHexIds = (json: OtlpSpan): OtlpSpan => {
  const traceId = traceIdFromOtlp(json.traceId)
  const spanId = spanIdFromOtlp(json.spanId)
  const parentSpanId = spanIdFromOtlp(json.parentSpanId)
  const changed: OtlpSpan = {}
  if (traceId !== '' && traceId !== json.traceId) changed.traceId = traceId
  if (spanId !== '' && spanId !== json.spanId) changed.spanId = spanId
  if (parentSpanId !== '' && parentSpanId !== json.parentSpanId) changed.parentSpanId = parentSpanId
  return Object.keys(changed).length === 0 ? json : {...json, ...changed}
}

const withKnownEvents = (json: OtlpSpan): OtlpSpan => {
  if (!Array.isArray(json.events)) return json
  const events = json.events.map((event) => (isRecord(event) ? withKnownEntries(event) : event))
  return events.some((event, i) => event !== json.events?.[i]) ? {...json, events} : json
}

/**
 * Reads one span. Nothing in it can make this throw: a missing or unreadable field gets the value
 * that OTLP gives an absent one. A span that was written was sampled, whatever its flags say
 * (several exporters leave the trace flags out).
 */
export const spanFromOtlp = (
  resource: ResourceLike,
  scope: ScopeLike,
  written: OtlpSpan,
): ReadableSpanLike => {
  const json = withKnownEvents(withKnownEntries(withHexIds(written)))
  const startTime = hrTimeFromNanos(json.startTimeUnixNano)
  const endTime = hrTimeFromNanos(json.endTimeUnixNano)
  const flags = count(json.flags)
  const traceFlags = (flags & TRACE_FLAGS_MASK) | 1
  const traceId = traceIdFromOtlp(json.traceId)
  const parentSpanId = spanIdFromOtlp(json.parentSpanId)
  const spanContext: SpanContext = {
    traceId,
    spanId: spanIdFromOtlp(json.spanId),
    traceFlags,
    ...(text(json.traceState) === '' ? {} : {traceState: createTraceState(text(json.traceState))}),
  }
  const hasParent = parentSpanId !== '' && parentSpanId !== '0000000000000000'
  const kind = enumFromOtlp(json.kind, KIND_NAMES)
  const source: Partial<Source> = {json}
  const span: ReadableSpanLike & {[SOURCE]: Partial<Source>} = {
    name: text(json.name),
    kind: kind === 0 ? SpanKind.INTERNAL : kind - 1,
    spanContext: () => spanContext,
    ...(hasParent
      ? {
          parentSpanContext: {
            traceId,
            spanId: parentSpanId,
            traceFlags,
            ...((flags & IS_REMOTE) === 0 ? {} : {isRemote: true}),
          },
        }
      : {}),
    startTime,
    endTime,
    status: statusFromOtlp(json.status),
    attributes: attributesFromOtlp(json.attributes),
    links: records(json.links).map(linkFromOtlp),
    events: records(json.events).map(eventFromOtlp),
    duration: durationOf(Math.max(0, nanosBetween(startTime, endTime))),
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: count(json.droppedAttributesCount),
    droppedEventsCount: count(json.droppedEventsCount),
    droppedLinksCount: count(json.droppedLinksCount),
    [SOURCE]: source,
  }
  source.span = span
  return span
}

const statusToOtlp = (status: SpanStatus): OtlpStatus =>
  status.message === undefined || status.message === ''
    ? {code: status.code}
    : {code: status.code, message: status.message}

const eventToOtlp = (event: TimedEventLike): OtlpEvent => ({
  timeUnixNano: nanosFromHrTime(event.time),
  name: event.name,
  attributes: attributesToOtlp(event.attributes),
  droppedAttributesCount: event.droppedAttributesCount ?? 0,
})

const linkToOtlp = (link: Link): OtlpLink => ({
  traceId: link.context.traceId,
  spanId: link.context.spanId,
  ...(link.context.traceState === undefined
    ? {}
    : {traceState: link.context.traceState.serialize()}),
  attributes: attributesToOtlp(link.attributes),
  droppedAttributesCount: link.droppedAttributesCount ?? 0,
  flags: flagsToOtlp(link.context, link.context.isRemote),
})

const flagsToOtlp = (context: SpanContext, isRemote: boolean | undefined): number =>
  (context.traceFlags & TRACE_FLAGS_MASK) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0)

const eventsOverOriginal = (
  span: ReadableSpanLike,
  {json, span: original}: Source,
): OtlpEvent[] => {
  const written = records(json.events) as OtlpEvent[]
  return span.events.map((event) => {
    // A policy's copy of an event takes the time over as it is, the very array: that tells which
    // one it was even where others before it were left out.
    const index = original.events.findIndex(({time}) => time === event.time)
    const before = original.events[index]
    const beforeJson = written[index]
    if (before === undefined || beforeJson === undefined) return eventToOtlp(event)
    if (event === before) return beforeJson
    return {
      ...beforeJson,
      name: event.name,
      attributes: attributesOverOriginal(
        event.attributes ?? {},
        before.attributes ?? {},
        beforeJson.attributes,
      ),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    }
  })
}

const spanOverOriginal = (span: ReadableSpanLike, source: Source): OtlpSpan => {
  const {json, span: original} = source
  const changed: OtlpSpan = {}
  if (span.name !== original.name) changed.name = span.name
  if (span.startTime !== original.startTime) {
    changed.startTimeUnixNano = nanosFromHrTime(span.startTime)
  }
  if (span.endTime !== original.endTime) changed.endTimeUnixNano = nanosFromHrTime(span.endTime)
  if (span.attributes !== original.attributes) {
    changed.attributes = attributesOverOriginal(
      span.attributes,
      original.attributes,
      json.attributes,
    )
  }
  if (span.events !== original.events) changed.events = eventsOverOriginal(span, source)
  if (span.links !== original.links) changed.links = span.links.map(linkToOtlp)
  if (span.status !== original.status) changed.status = statusToOtlp(span.status)
  for (const key of [
    'droppedAttributesCount',
    'droppedEventsCount',
    'droppedLinksCount',
  ] as const) {
    if (span[key] !== original[key]) changed[key] = span[key]
  }
  return Object.keys(changed).length === 0 ? json : {...json, ...changed}
}

/**
 * Writes one span. One that `spanFromOtlp` read (or a copy that inherits from it) is written as it
 * was read, with only what differs replaced; any other is written whole.
 */
export const spanToOtlp = (span: ReadableSpanLike): OtlpSpan => {
  const source = (span as ReadableSpanLike & {[SOURCE]?: Source})[SOURCE]
  if (source !== undefined) return spanOverOriginal(span, source)
  const context = span.spanContext()
  const parent = span.parentSpanContext
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(context.traceState === undefined ? {} : {traceState: context.traceState.serialize()}),
    ...(parent === undefined ? {} : {parentSpanId: parent.spanId}),
    flags: flagsToOtlp(context, parent?.isRemote),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: nanosFromHrTime(span.startTime),
    endTimeUnixNano: nanosFromHrTime(span.endTime),
    attributes: attributesToOtlp(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(eventToOtlp),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map(linkToOtlp),
    droppedLinksCount: span.droppedLinksCount,
    status: statusToOtlp(span.status),
  }
}
