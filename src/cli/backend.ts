/** Traces out of a running Jaeger or Tempo, over their query APIs. */
import {createJsonLinesParser} from '../otlp/json-lines.ts'
import {type OtlpRequest, readRequest} from '../otlp/request.ts'
import {UsageError} from './io.ts'

/** How long an answer may take, in milliseconds. */
const ANSWER_MILLIS = 30_000

/** Which traces of a backend. */
export interface TraceQuery {
  /** One trace; or else those of `service`. */
  trace?: string | undefined
  service?: string | undefined
  /** At most so many traces of the service. */
  limit: number
  /** No older than this, in seconds. */
  sinceSeconds: number
  headers: Readonly<Record<string, string>>
}

/** An answer that is no trace, for whoever typed the address. */
export class BackendError extends Error {
  override name = 'BackendError'
}

const TRACE_ID = /^[0-9a-f]{1,32}$/i

/** Whether a source is an address and no file. */
export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source)

/** What an address says: where the API begins, and the trace, if it names one. */
interface Target {
  base: string
  trace: string | undefined
  /** It is an address of the API itself, taken as it stands. */
  isApi: boolean
}

const targetOf = (address: string): Target => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) throw new UsageError(`not an address: ${address}`)
  const {origin} = url
  const path = url.pathname.replace(/\/+$/, '')
  const api = /^(.*)\/api\/(?:v2\/|v3\/)?traces\/([^/]+)$/.exec(path)
  if (api !== null) return {base: `${origin}${api[1]}`, trace: api[2], isApi: true}
  // The page that a browser shows; behind a proxy there may be something before it.
  const page = /^(.*)\/trace\/([^/]+)$/.exec(path)
  if (page !== null) return {base: `${origin}${page[1]}`, trace: page[2], isApi: false}
  return {base: `${origin}${path.replace(/\/search$/, '')}`, trace: undefined, isApi: false}
}

interface Answer {
  status: number
  text: string
}

const get = async (url: string, headers: TraceQuery['headers']): Promise<Answer> => {
  try {
    const response = await fetch(url, {
      headers: {accept: 'application/json', ...headers},
      signal: AbortSignal.timeout(ANSWER_MILLIS),
    })
    return {status: response.status, text: await response.text()}
  } catch (error) {
    const {cause, name, message} = error as Error & {cause?: {code?: string; message?: string}}
    const reason = name === 'TimeoutError' ? `no answer in ${ANSWER_MILLIS / 1000} s` : message
    throw new BackendError(`${url}: ${cause?.code ?? cause?.message ?? reason}`)
  }
}

/** The OTLP in an answer, which Jaeger may give as several documents in a row. */
const requestsIn = ({status, text}: Answer): OtlpRequest[] => {
  const requests: OtlpRequest[] = []
  if (status !== 200) return requests
  const parser = createJsonLinesParser({
    onValue: (value) => {
      const request = readRequest(value)
      if (request !== undefined && request.spans.length > 0) requests.push(request)
    },
    onError: () => {},
  })
  parser.feed(text)
  parser.end()
  return requests
}

/** The first of these addresses that answers with spans; why none did, otherwise. */
const firstAnswer = async (
  urls: readonly string[],
  headers: TraceQuery['headers'],
): Promise<OtlpRequest[]> => {
  const refusals: string[] = []
  for (const url of urls) {
    const answer = await get(url, headers)
    const requests = requestsIn(answer)
    if (requests.length > 0) return requests
    refusals.push(`${url} ${answer.status === 200 ? 'answered without spans' : answer.status}`)
  }
  throw new BackendError(`no such trace: ${refusals.join('; ')}`)
}

const readTrace = (target: Target, trace: string, query: TraceQuery, address: string) => {
  if (!TRACE_ID.test(trace)) throw new UsageError(`not a trace id: ${trace}`)
  if (target.isApi && target.trace === trace) return firstAnswer([address], query.headers)
  // Jaeger, then Tempo, newest first: each answers 404 for the paths of the other.
  const paths = ['/api/v3/traces/', '/api/v2/traces/', '/api/traces/']
  return firstAnswer(
    paths.map((path) => `${target.base}${path}${trace}`),
    query.headers,
  )
}

const jaegerSearch = (base: string, {service, limit, sinceSeconds}: TraceQuery): string => {
  const now = Date.now()
  const values: Record<string, string> = {
    service_name: service ?? '',
    start_time_min: new Date(now - sinceSeconds * 1000).toISOString(),
    start_time_max: new Date(now + 60_000).toISOString(),
    search_depth: String(limit),
    // What Jaeger 2.13 and older call the depth.
    num_traces: String(limit),
  }
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) {
    search.set(`query.${key}`, value)
    // Versions differ in how they spell it; each passes over what it does not know.
    search.set(`query.${key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`, value)
  }
  return `${base}/api/v3/traces?${search}`
}

const tempoSearch = (base: string, {service, limit, sinceSeconds}: TraceQuery): string => {
  const now = Math.floor(Date.now() / 1000)
  const search = new URLSearchParams({
    q: `{ resource.service.name = ${JSON.stringify(service)} }`,
    limit: String(limit),
    start: String(now - sinceSeconds),
    end: String(now + 60),
  })
  return `${base}/api/search?${search}`
}

const traceIdsIn = ({status, text}: Answer): string[] | undefined => {
  if (status !== 200) return undefined
  try {
    const {traces} = JSON.parse(text) as {traces?: {traceID?: unknown}[]}
    return traces?.flatMap(({traceID}) => (typeof traceID === 'string' ? [traceID] : []))
  } catch {
    return undefined
  }
}

const readService = async (target: Target, query: TraceQuery): Promise<OtlpRequest[]> => {
  const jaeger = requestsIn(await get(jaegerSearch(target.base, query), query.headers))
  if (jaeger.length > 0) return jaeger
  const tempo = traceIdsIn(await get(tempoSearch(target.base, query), query.headers)) ?? []
  const found: OtlpRequest[] = []
  for (const trace of tempo.slice(0, query.limit)) {
    found.push(...(await readTrace({...target, isApi: false}, trace, query, '')))
  }
  if (found.length > 0) return found
  throw new BackendError(
    `${target.base}: no traces of service ${JSON.stringify(query.service)} in the last ${query.sinceSeconds} s`,
  )
}

/**
 * Reads traces of a backend.
 *
 * @param address a trace's page in Jaeger, an address of either query API, or where they begin,
 * together with a trace or a service in `query`
 * @throws UsageError where the address and the query name no trace and no service
 * @throws BackendError where nothing was found
 */
export const readBackend = async (address: string, query: TraceQuery): Promise<OtlpRequest[]> => {
  const target = targetOf(address)
  const trace = query.trace ?? target.trace
  if (trace !== undefined) return readTrace(target, trace, query, address)
  if (query.service !== undefined) return readService(target, query)
  throw new UsageError(`${address} names no trace: add --trace ID or --service NAME`)
}
