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
/** Jaeger leaves leading zeros out; a shorter one is a beginning, which no backend takes. */
const MIN_ID_LENGTH = 14

/** Whether a source is an address and no file. */
export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source)

/** What an address says: where the API begins, and the trace, if it names one. */
interface Target {
  base: string
  trace: string | undefined
  /** The service that a page of searches is about. */
  service: string | undefined
  /** It is an address of the API itself, taken as it stands. */
  isApi: boolean
}

const targetOf = (address: string): Target => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) throw new UsageError(`not an address: ${address}`)
  const {origin} = url
  const path = url.pathname.replace(/\/+$/, '')
  const api = /^(.*)\/api\/(?:v2\/|v3\/)?traces\/([^/]+)$/.exec(path)
  if (api !== null) {
    return {base: `${origin}${api[1]}`, trace: api[2], service: undefined, isApi: true}
  }
  // The page that a browser shows; behind a proxy there may be something before it.
  const page = /^(.*)\/trace\/([^/]+)$/.exec(path)
  if (page !== null) {
    return {base: `${origin}${page[1]}`, trace: page[2], service: undefined, isApi: false}
  }
  const service = url.searchParams.get('service') ?? undefined
  return {
    base: `${origin}${path.replace(/\/search$/, '')}`,
    trace: undefined,
    service: path.endsWith('/search') ? service : undefined,
    isApi: false,
  }
}

interface Answer {
  status: number
  text: string
}

/** What went wrong on the way, in words; the code stays for whoever searches for it. */
const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection: nothing listens there',
  ECONNRESET: 'broke the connection off',
  ENOTFOUND: 'is no host that is known here',
  EAI_AGAIN: 'cannot be looked up: no name server answers',
  ETIMEDOUT: 'cannot be reached',
  EHOSTUNREACH: 'cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'cannot be reached',
}

const faultOf = (url: string, error: unknown): string => {
  const {origin, protocol} = new URL(url)
  const {cause, name, message} = error as Error & {cause?: {code?: string; message?: string}}
  if (name === 'TimeoutError') return `${origin} gave no answer in ${ANSWER_MILLIS / 1000} s`
  const code = cause?.code ?? ''
  if (code.startsWith('HPE_') || code.includes('SSL')) {
    const other = protocol === 'http:' ? 'https://' : 'http://'
    return `${origin} does not speak ${protocol.slice(0, -1).toUpperCase()} (${code}); try ${other}`
  }
  const words = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined
  if (words === undefined) return `${origin}: ${cause?.message || code || message}`
  const hint =
    code === 'ECONNREFUSED' ? '; Jaeger’s query API is usually on port 16686, Tempo’s on 3200' : ''
  return `${origin} ${words} (${code})${hint}`
}

const get = async (url: string, headers: TraceQuery['headers']): Promise<Answer> => {
  try {
    const response = await fetch(url, {
      headers: {accept: 'application/json', ...headers},
      signal: AbortSignal.timeout(ANSWER_MILLIS),
    })
    return {status: response.status, text: await response.text()}
  } catch (error) {
    throw new BackendError(faultOf(url, error))
  }
}

/** How an answer of either backend begins, good or bad: JSON, or Tempo's words about traces. */
const isOfBackend = ({text}: Answer): boolean =>
  /^\s*\{/.test(text) || (text.length < 500 && /trace/i.test(text) && !/^\s*</.test(text))

const refusal = (url: string, {status}: Answer): string => {
  if (status === 401 || status === 403) {
    return `${url} ${status} (it wants to know who asks: --header 'Authorization: …')`
  }
  return `${url} ${status === 200 ? 'answered without spans' : status}`
}

const noBackend = (base: string, refusals: readonly string[]): BackendError =>
  new BackendError(
    `${base} answers, but not as Jaeger or Tempo do (Jaeger’s query API is usually on port 16686, Tempo’s on 3200); asked: ${refusals.join('; ')}`,
  )

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
  base: string,
  urls: readonly string[],
  headers: TraceQuery['headers'],
): Promise<OtlpRequest[]> => {
  const refusals: string[] = []
  let isBackend = false
  for (const url of urls) {
    const answer = await get(url, headers)
    const requests = requestsIn(answer)
    if (requests.length > 0) return requests
    isBackend ||= isOfBackend(answer) || answer.status === 401 || answer.status === 403
    refusals.push(refusal(url, answer))
  }
  if (!isBackend) throw noBackend(base, refusals)
  throw new BackendError(`no such trace: ${refusals.join('; ')}`)
}

const readTrace = (target: Target, trace: string, query: TraceQuery, address: string) => {
  if (!TRACE_ID.test(trace)) {
    throw new UsageError(`not a trace id: ${trace}; expected 32 hexadecimal digits`)
  }
  if (target.isApi && target.trace === trace) {
    const v3 = `${target.base}/api/v3/traces/${trace}`
    // Jaeger's page gets its JSON from /api/traces/, in a format of its own.
    const urls = /\/api\/traces\//.test(address) ? [address, v3] : [address]
    return firstAnswer(target.base, urls, query.headers)
  }
  // Jaeger, then Tempo, newest first: each answers 404 for the paths of the other.
  const paths = ['/api/v3/traces/', '/api/v2/traces/', '/api/traces/']
  return firstAnswer(
    target.base,
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
  const searches = [jaegerSearch(target.base, query), tempoSearch(target.base, query)] as const
  const ofJaeger = await get(searches[0], query.headers)
  const jaeger = requestsIn(ofJaeger)
  if (jaeger.length > 0) return jaeger
  const ofTempo = await get(searches[1], query.headers)
  const tempo = traceIdsIn(ofTempo) ?? []
  const found: OtlpRequest[] = []
  for (const trace of tempo.slice(0, query.limit)) {
    found.push(...(await readTrace({...target, isApi: false}, trace, query, '')))
  }
  if (found.length > 0) return found
  const answers = [ofJaeger, ofTempo]
  const refusals = searches.map((url, i) =>
    refusal(url.slice(0, url.indexOf('?')), answers[i] as Answer),
  )
  if (answers.some(({status}) => status === 401 || status === 403)) {
    throw new BackendError(refusals.join('; '))
  }
  if (!answers.some(isOfBackend)) throw noBackend(target.base, refusals)
  throw new BackendError(
    `${target.base}: no traces of service ${JSON.stringify(query.service)} in the last ${query.sinceSeconds} s; --since looks further back`,
  )
}

/**
 * Reads traces of a backend.
 *
 * @param address a trace's page in Jaeger, a page of searches, an address of either query API, or
 * where they begin,
 * together with a trace or a service in `query`
 * @throws UsageError where the address and the query name no trace and no service
 * @throws BackendError where nothing was found
 */
export const readBackend = async (address: string, query: TraceQuery): Promise<OtlpRequest[]> => {
  const target = targetOf(address)
  const trace = query.trace ?? target.trace
  if (trace !== undefined) {
    if (TRACE_ID.test(trace) && trace.length < MIN_ID_LENGTH) {
      throw new UsageError(
        `a backend needs the whole trace id, 32 hexadecimal digits; got ${trace.length} of them: ${trace} (the beginning will do for files only)`,
      )
    }
    return readTrace(target, trace, query, address)
  }
  const service = query.service ?? target.service
  if (service !== undefined) return readService(target, {...query, service})
  throw new UsageError(`${address} names no trace: add --trace ID or --service NAME`)
}
