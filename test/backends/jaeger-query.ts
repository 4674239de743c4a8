/** What a test asks of Jaeger's query API, flattened for assertions. */
import {setTimeout as sleep} from 'node:timers/promises'

export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | AttributeValue[]
  | {[key: string]: AttributeValue}
export type Attributes = Record<string, AttributeValue>

export interface StoredEvent {
  name: string
  timeUnixNano: bigint
  attributes: Attributes
}

/** One span of an OTLP response, with the scope and resource that it stood under. */
export interface StoredSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  /** OTLP's number: 1 is INTERNAL, 3 CLIENT (the SDK's `SpanKind` is one less). */
  kind: number
  startTimeUnixNano: bigint
  endTimeUnixNano: bigint
  attributes: Attributes
  events: StoredEvent[]
  links: {traceId: string; spanId: string; attributes: Attributes}[]
  /** OTLP's number: 0 is UNSET, 2 ERROR. */
  status: {code: number; message: string}
  scope: {name: string; version: string; attributes: Attributes}
  /** Attributes of the resource. */
  resource: Attributes
}

/**
 * The spans of a trace as `/api/v3/traces/{id}` gives them (sorted and deduplicated by Jaeger, as
 * its UI shows them), asked again until at least `spans` of them are there. With `spans: 0` the
 * answer may be empty and comes at once.
 */
export async function findTrace(
  queryUrl: string,
  traceId: string,
  options: {spans?: number; timeoutMillis?: number} = {},
): Promise<StoredSpan[]> {
  const {spans: wanted = 1, timeoutMillis = 10_000} = options
  const deadline = Date.now() + timeoutMillis
  for (;;) {
    const body = await getJson(`${queryUrl}/api/v3/traces/${traceId}`)
    const spans = body === undefined ? [] : flatten(body as OtlpResponse)
    if (spans.length >= wanted) return spans
    if (Date.now() > deadline) {
      const names = spans.map((span) => span.name).join(', ')
      throw new Error(
        `trace ${traceId}: expected ${wanted} spans in ${timeoutMillis} ms, ` +
          `got ${spans.length} (${names})`,
      )
    }
    await sleep(50)
  }
}

export interface FoundTrace {
  traceId: string
  /** Every span of the trace, not only those that match. */
  spans: {
    name: string
    spanId: string
    /** Span attributes, status and scope in Jaeger's own form (`span.kind`, `otel.scope.name`). */
    tags: Record<string, string | number | boolean>
  }[]
}

/**
 * Traces of any time in which one span has the service and all the tags, as the search form of the
 * UI finds them (`/api/traces`). Tag values are compared as text: `{count: '3'}`.
 */
export async function searchTraces(
  queryUrl: string,
  query: {service: string; operation?: string; tags?: Record<string, string>; limit?: number},
): Promise<FoundTrace[]> {
  const day = 86_400_000
  const parameters = new URLSearchParams({
    service: query.service,
    // Microseconds. Jaeger's default is the last two days, which hides fixtures with fixed times.
    start: '0',
    end: String((Date.now() + day) * 1_000),
    limit: String(query.limit ?? 1_000),
  })
  if (query.operation !== undefined) parameters.set('operation', query.operation)
  if (query.tags !== undefined) parameters.set('tags', JSON.stringify(query.tags))
  const body = (await getJson(`${queryUrl}/api/traces?${parameters}`)) as LegacyResponse | undefined
  return (body?.data ?? []).map((trace) => ({
    traceId: trace.traceID,
    spans: trace.spans.map((span) => ({
      name: span.operationName,
      spanId: span.spanID,
      tags: Object.fromEntries(span.tags.map(({key, value}) => [key, value])),
    })),
  }))
}

/** The body, or undefined for Jaeger's 404 "no traces found". */
async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {signal: AbortSignal.timeout(10_000)})
  const text = await response.text()
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

interface OtlpValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string | number
  doubleValue?: number | string
  bytesValue?: string
  arrayValue?: {values?: OtlpValue[]}
  kvlistValue?: {values?: OtlpKeyValue[]}
}
interface OtlpKeyValue {
  key: string
  value?: OtlpValue
}
interface OtlpSpan {
  name?: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind?: number
  startTimeUnixNano?: string
  endTimeUnixNano?: string
  attributes?: OtlpKeyValue[]
  events?: {name?: string; timeUnixNano?: string; attributes?: OtlpKeyValue[]}[]
  links?: {traceId: string; spanId: string; attributes?: OtlpKeyValue[]}[]
  status?: {code?: number; message?: string}
}
interface OtlpResponse {
  result?: {
    resourceSpans?: {
      resource?: {attributes?: OtlpKeyValue[]}
      scopeSpans?: {
        scope?: {name?: string; version?: string; attributes?: OtlpKeyValue[]}
        spans?: OtlpSpan[]
      }[]
    }[]
  }
}
interface LegacyResponse {
  data:
    | {
        traceID: string
        spans: {
          operationName: string
          spanID: string
          tags: {key: string; value: string | number | boolean}[]
        }[]
      }[]
    | null
}

function flatten(response: OtlpResponse): StoredSpan[] {
  const flat: StoredSpan[] = []
  for (const {resource, scopeSpans} of response.result?.resourceSpans ?? []) {
    for (const {scope, spans} of scopeSpans ?? []) {
      for (const span of spans ?? []) {
        flat.push({
          name: span.name ?? '',
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId || undefined,
          kind: span.kind ?? 0,
          startTimeUnixNano: BigInt(span.startTimeUnixNano ?? 0),
          endTimeUnixNano: BigInt(span.endTimeUnixNano ?? 0),
          attributes: plain(span.attributes),
          events: (span.events ?? []).map((event) => ({
            name: event.name ?? '',
            timeUnixNano: BigInt(event.timeUnixNano ?? 0),
            attributes: plain(event.attributes),
          })),
          links: (span.links ?? []).map((link) => ({
            traceId: link.traceId,
            spanId: link.spanId,
            attributes: plain(link.attributes),
          })),
          status: {code: span.status?.code ?? 0, message: span.status?.message ?? ''},
          scope: {
            name: scope?.name ?? '',
            version: scope?.version ?? '',
            attributes: plain(scope?.attributes),
          },
          resource: plain(resource?.attributes),
        })
      }
    }
  }
  return flat
}

function plain(pairs: OtlpKeyValue[] | undefined): Attributes {
  return Object.fromEntries((pairs ?? []).map(({key, value}) => [key, plainValue(value)]))
}

function plainValue(value: OtlpValue | undefined): AttributeValue {
  if (value?.stringValue !== undefined) return value.stringValue
  if (value?.boolValue !== undefined) return value.boolValue
  if (value?.doubleValue !== undefined) return Number(value.doubleValue)
  if (value?.bytesValue !== undefined) return value.bytesValue
  if (value?.intValue !== undefined) {
    // 64 bits do not fit a number: 9007199254740993 would compare equal to its neighbour.
    const int = BigInt(value.intValue)
    const number = Number(int)
    return Number.isSafeInteger(number) ? number : int
  }
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue)
  if (value?.kvlistValue !== undefined) return plain(value.kvlistValue.values)
  return null
}
