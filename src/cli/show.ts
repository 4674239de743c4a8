/** `otel-reasoning show`: the reasoning tree of each trace. */
import type {ReadableSpanLike} from '../readable-span.ts'
import {BackendError, isAddress, readBackend, type TraceQuery} from './backend.ts'
import {nameOf, sourcesOf} from './bytes.ts'
import type {Command, Values} from './command.ts'
import {columnsOf, hasColor, type Io, problemLog, UsageError, write} from './io.ts'
import {Gathered} from './gathered.ts'
import {EXPAND_HELP, EXPAND_OPTIONS, expandOptions, wholeNumber} from './options.ts'
import {readOtlp} from './read-otlp.ts'
import {TraceExpander} from './trace-expander.ts'
import {renderTree} from './tree.ts'
import {treesToJson} from './tree-json.ts'

/** Traces that are shown of a service, and how far back is looked for them. */
const LIMIT = 20
const SINCE = '1h'

const HELP = `otel-reasoning show [SOURCE…]

Draws each trace as a tree: its spans, the reasoning of its calls step by step, tool calls, signals.
What is not expanded yet is expanded for the picture; nothing is written.

SOURCE is a file (OTLP JSON lines or protobuf, gzipped or not), - for standard input, or an address:
  http://localhost:16686/trace/ID           the page of a trace in Jaeger
  http://localhost:16686 --service NAME     Jaeger (port 16686) or Tempo (port 3200)
  http://localhost:3200 --trace ID

  --trace ID         only this trace (the beginning of its id will do for files)
  --service NAME     only traces of this service
  --limit N          traces at most, of a backend (default ${LIMIT})
  --since TIME       how old they may be, of a backend: 30m, 6h, 7d (default ${SINCE})
  --header 'K: V'    a header for the backend, for example for authorization; may be repeated
  --text             the whole text of each step below its line
  --width N          columns (default: the terminal's, or 100); from 100 on with bars
  --raw              as it is: expand nothing
${EXPAND_HELP}
  --json             one JSON object a trace, a line each`

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

const queryOf = (values: Values): TraceQuery => ({
  trace: textOf(values['trace'])?.toLowerCase(),
  service: textOf(values['service']),
  limit: wholeNumber('limit', values['limit'], {min: 1, max: 1500}) ?? LIMIT,
  sinceSeconds: secondsOf(textOf(values['since']) ?? SINCE),
  headers: headersOf(values),
})

/** Spans of the traces in which the service takes part. */
const ofService = (
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

const gather = async (sources: readonly string[], query: TraceQuery, io: Io): Promise<Gathered> => {
  const problems = problemLog(io)
  const {trace} = query
  const gathered = new Gathered(
    (span) => trace === undefined || span.spanContext().traceId.startsWith(trace),
  )
  for (const source of sources) {
    if (!isAddress(source)) {
      await readOtlp([source], io, {
        onRequest: (request, length) => gathered.add(request, length),
        onProblem: problems.add,
      })
      continue
    }
    try {
      for (const request of await readBackend(source, query)) gathered.add(request)
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      problems.add({file: 'show', reason: error.message})
    }
  }
  const complaint = gathered.complaint()
  if (complaint !== undefined) problems.add({file: 'show', reason: complaint})
  problems.finish()
  return gathered
}

/** @public */
export const show: Command = {
  help: HELP,
  options: {
    ...EXPAND_OPTIONS,
    trace: {type: 'string'},
    service: {type: 'string'},
    limit: {type: 'string'},
    since: {type: 'string'},
    header: {type: 'string', multiple: true},
    text: {type: 'boolean'},
    width: {type: 'string'},
    raw: {type: 'boolean'},
  },
  async run(positionals, values, io) {
    const query = queryOf(values)
    const options = expandOptions(values)
    const width = wholeNumber('width', values['width'], {min: 20, max: 1000}) ?? columnsOf(io)
    const sources = sourcesOf(positionals, io, 'show')
    const {spans: all, logs} = await gather(sources, query, io)
    const spans = ofService(all, query.service)
    if (spans.length === 0) {
      const asked = query.trace !== undefined || query.service !== undefined
      const what = asked ? 'no such trace' : 'no spans'
      const hint =
        logs.contributions.size > 0 ? ' (log events only: name the spans’ file, too)' : ''
      io.stderr.write(
        `otel-reasoning show: ${what} in ${sources.map(nameOf).join(', ')}${asked ? '' : hint}\n`,
      )
      return 2
    }
    let shown = spans
    if (values['raw'] !== true) {
      const expander = new TraceExpander(logs.contributions, options)
      expander.add(spans)
      shown = spans.flatMap((span) => expander.take(span))
    }
    if (values['json'] === true) {
      for (const trace of treesToJson(shown)) await write(io.stdout, `${JSON.stringify(trace)}\n`)
      return 0
    }
    await write(
      io.stdout,
      renderTree(shown, {width, color: hasColor(io), text: values['text'] === true}),
    )
    return 0
  },
}
