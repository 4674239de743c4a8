/** Where `show` and `doctor` get their spans: files, standard input, Jaeger, Tempo. */
import type {ReadableSpanLike} from '../readable-span.ts'
import {BackendError, isAddress, readBackend, type TraceQuery} from './backend.ts'
import type {Values} from './command.ts'
import {Gathered} from './gathered.ts'
import {type Io, problemLog, UsageError} from './io.ts'
import {wholeNumber} from './options.ts'
import {readOtlp} from './read-otlp.ts'

/** Traces that are read of a service, and how far back is looked for them. */
const LIMIT = 20
const SINCE = '1h'

/** For `parseArgs`: which traces are meant. */
export const SOURCE_OPTIONS = {
  trace: {type: 'string'},
  service: {type: 'string'},
  limit: {type: 'string'},
  since: {type: 'string'},
  header: {type: 'string', multiple: true},
} as const

/** What `--help` says of `SOURCE`. */
export const SOURCE_HELP = `SOURCE is a file (OTLP JSON lines or protobuf, gzipped or not), - for standard input, or an address:
  http://localhost:16686/trace/ID           the page of a trace in Jaeger
  http://localhost:16686/search?service=X   its search page: the traces of that service
  http://localhost:16686 --service NAME     Jaeger (port 16686) or Tempo (port 3200)
  http://localhost:3200 --trace ID`

/** Lines of `--help` about the options. */
export const SOURCE_OPTIONS_HELP = `  --trace ID         only this trace (the beginning of its id will do for files)
  --service NAME     only traces of this service
  --limit N          traces at most, of a backend (default ${LIMIT})
  --since TIME       how old they may be, of a backend: 30m, 6h, 7d (default ${SINCE})
  --header 'K: V'    a header for the backend, for example for authorization; may be repeated`

const SECONDS: Readonly<Record<string, number>> = {s: 1, m: 60, h: 3600, d: 86_400}

const secondsOf = (text: string): number => {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (number !== undefined && unit !== undefined) return Number(number) * (SECONDS[unit] as number)
  throw new UsageError(`expected --since to be like 30m, 6h or 7d, got ${JSON.stringify(text)}`)
}

const headersOf = (values: Values): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const header of Array.isArray(values['header']) ? values['header'] : []) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(String(header)) ?? []
    if (name === undefined || value === undefined) {
      // The header itself stays out of the message: it may be a password.
      throw new UsageError("expected --header to be like 'Name: value'")
    }
    headers[name] = value
  }
  return headers
}

const textOf = (value: Values[string]): string | undefined =>
  typeof value === 'string' ? value : undefined

/** Which traces were asked for. @throws UsageError for what cannot be read */
export const queryOf = (values: Values): TraceQuery => ({
  trace: textOf(values['trace'])?.toLowerCase(),
  service: textOf(values['service']),
  limit: wholeNumber('limit', values['limit'], {min: 1, max: 1500}) ?? LIMIT,
  sinceSeconds: secondsOf(textOf(values['since']) ?? SINCE),
  headers: headersOf(values),
})

/** Spans of the traces in which the service takes part. */
export const ofService = (
  spans: readonly ReadableSpanLike[],
  service: string | undefined,
): readonly ReadableSpanLike[] => {
  if (service === undefined) return spans
  const wanted = new Set<string>()
  for (const span of spans) {
    if (span.resource.attributes['service.name'] === service) wanted.add(span.spanContext().traceId)
  }
  return spans.filter((span) => wanted.has(span.spanContext().traceId))
}

/** What was read, and how much of it there was. */
export interface Gathering {
  gathered: Gathered
  /** Requests that were read, with spans in them or not. */
  requests: number
}

/**
 * Reads all sources. What cannot be read is told and passed over.
 *
 * @param command for messages that are about no file
 */
export const gather = async (
  sources: readonly string[],
  query: TraceQuery,
  io: Io,
  command: string,
): Promise<Gathering> => {
  const problems = problemLog(io)
  const {trace} = query
  const gathered = new Gathered(
    (span) => trace === undefined || span.spanContext().traceId.startsWith(trace),
  )
  let requests = 0
  for (const source of sources) {
    if (!isAddress(source)) {
      requests += await readOtlp([source], io, {
        onRequest: (request, length) => gathered.add(request, length),
        onProblem: problems.add,
      })
      continue
    }
    try {
      for (const request of await readBackend(source, query)) {
        requests++
        gathered.add(request)
      }
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      problems.add({file: command, isFile: true, reason: error.message})
    }
  }
  const complaint = gathered.complaint()
  if (complaint !== undefined) problems.add({file: command, reason: complaint})
  problems.finish()
  return {gathered, requests}
}
