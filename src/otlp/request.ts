/**
 * A whole export request (or a line of a file, or a backend's answer) to spans and log records, and
 * the request again with what was added to it.
 */
import type {ReadableSpanLike} from '../readable-span.ts'
import {resourceFromOtlp, scopeFromOtlp, spanFromOtlp, spanToOtlp} from './json.ts'
import {type OtlpLog, logFromOtlp} from './log-json.ts'
import type {
  OtlpLogRecord,
  OtlpResource,
  OtlpResourceSpans,
  OtlpScope,
  OtlpScopeSpans,
  OtlpSpan,
  OtlpTraces,
} from './wire-types.ts'

type Json = Record<string, unknown>

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first of these members that is a list, with what is no object left out. */
const listOf = (value: Json, ...keys: string[]): Json[] | undefined => {
  for (const key of keys) {
    const list = value[key]
    if (Array.isArray(list)) return list.filter(isRecord)
  }
  return undefined
}

/** The object that holds `resourceSpans` or `resourceLogs`, under whatever a query API put it in. */
const unwrap = (value: Json): Json => {
  // Jaeger's API v3 answers `{result: {resourceSpans}}`, Tempo's v2 `{trace: {resourceSpans}}`.
  for (const key of ['result', 'trace']) {
    const inner = value[key]
    if (isRecord(inner)) return inner
  }
  return value
}

const scopesOf = (resourceSpans: Json): Json[] =>
  listOf(resourceSpans, 'scopeSpans', 'instrumentationLibrarySpans') ?? []

const scopeOf = (scopeSpans: Json): OtlpScope | undefined =>
  (scopeSpans['scope'] ?? scopeSpans['instrumentationLibrary']) as OtlpScope | undefined

const schemaUrlOf = (scopeSpans: Json): string | undefined =>
  typeof scopeSpans['schemaUrl'] === 'string' ? scopeSpans['schemaUrl'] : undefined

/** A request as it was read. */
export interface OtlpRequest {
  /** It has a list of spans, be it an empty one: a request of log records has none. */
  readonly isTraces: boolean
  readonly spans: readonly ReadableSpanLike[]
  readonly logs: readonly OtlpLog[]
  /** The resource spans as they were written; `writeRequest` needs them. */
  readonly resourceSpans: readonly OtlpResourceSpans[]
  /** Members beside `resourceSpans` that somebody put there. */
  readonly rest: Readonly<Json>
}

/**
 * Reads a request. Gives `undefined` for what is no OTLP at all; anything else is read as far as it
 * goes, and nothing throws.
 */
export const readRequest = (value: unknown): OtlpRequest | undefined => {
  if (!isRecord(value)) return undefined
  const request = unwrap(value)
  // Tempo's API v1 calls them batches.
  const resourceSpans = listOf(request, 'resourceSpans', 'batches')
  const resourceLogs = listOf(request, 'resourceLogs')
  if (resourceSpans === undefined && resourceLogs === undefined) return undefined
  const spans: ReadableSpanLike[] = []
  for (const entry of resourceSpans ?? []) {
    const resource = resourceFromOtlp(entry['resource'] as OtlpResource | undefined)
    for (const group of scopesOf(entry)) {
      const scope = scopeFromOtlp(scopeOf(group), schemaUrlOf(group))
      for (const span of listOf(group, 'spans') ?? []) {
        spans.push(spanFromOtlp(resource, scope, span as OtlpSpan))
      }
    }
  }
  const logs: OtlpLog[] = []
  for (const entry of resourceLogs ?? []) {
    const resource = resourceFromOtlp(entry['resource'] as OtlpResource | undefined)
    for (const group of listOf(entry, 'scopeLogs', 'instrumentationLibraryLogs') ?? []) {
      const scope = scopeFromOtlp(scopeOf(group), schemaUrlOf(group))
      for (const record of listOf(group, 'logRecords') ?? []) {
        logs.push(logFromOtlp(resource, scope, record as OtlpLogRecord))
      }
    }
  }
  const {resourceSpans: _s, batches: _b, resourceLogs: _l, ...rest} = request
  return {
    isTraces: resourceSpans !== undefined,
    spans,
    logs,
    resourceSpans: (resourceSpans ?? []) as OtlpResourceSpans[],
    rest: request === value ? rest : {},
  }
}

const scopeKey = ({instrumentationScope: {name, version, schemaUrl}}: ReadableSpanLike): string =>
  JSON.stringify([name, version, schemaUrl])

/** Spans grouped by scope, as OTLP wants them. */
const scopeSpansToOtlp = (spans: readonly ReadableSpanLike[]): OtlpScopeSpans[] => {
  const groups = new Map<string, OtlpScopeSpans & {spans: OtlpSpan[]}>()
  for (const span of spans) {
    const key = scopeKey(span)
    let group = groups.get(key)
    if (group === undefined) {
      const {name, version, schemaUrl} = span.instrumentationScope
      group = {
        scope: version === undefined ? {name} : {name, version},
        spans: [],
        ...(schemaUrl === undefined ? {} : {schemaUrl}),
      }
      groups.set(key, group)
    }
    group.spans.push(spanToOtlp(span))
  }
  return [...groups.values()]
}

/**
 * Writes a request's spans again. `groups` has one entry for each of `request.spans`, in their
 * order: the span as it leaves, then those that were made of it, which come in scope groups of their
 * own after those of the same resource. An empty entry leaves the span out.
 */
export const writeRequest = (
  request: OtlpRequest,
  groups: readonly (readonly ReadableSpanLike[])[],
): OtlpTraces => {
  if (groups.length !== request.spans.length) {
    throw new RangeError(
      `Expected \`groups\` to have one entry for each of the request's ${request.spans.length} spans, got ${groups.length}`,
    )
  }
  let next = 0
  const resourceSpans = request.resourceSpans.map((entry) => {
    const made: ReadableSpanLike[] = []
    const scopeSpans = scopesOf(entry as Json).map((group): OtlpScopeSpans => {
      const spans = (listOf(group, 'spans') ?? []).flatMap(() => {
        const [span, ...children] = groups[next++] ?? []
        made.push(...children)
        return span === undefined ? [] : [spanToOtlp(span)]
      })
      const {instrumentationLibrary, ...known} = group
      if (instrumentationLibrary === undefined) return {...known, spans}
      return {scope: instrumentationLibrary as OtlpScope, ...known, spans}
    })
    const {instrumentationLibrarySpans: _, ...known} = entry as Json
    return {...known, scopeSpans: [...scopeSpans, ...scopeSpansToOtlp(made)]}
  })
  return {resourceSpans, ...request.rest}
}
