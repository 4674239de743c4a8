/** `otel-reasoning demo`: the refund agent, offline. */
import {writeFile} from 'node:fs/promises'
import {writeRequest} from '../otlp/request.ts'
import type {Command} from './command.ts'
import {DEMO_HINTS} from './demo-hints.ts'
import {demoRuns} from './demo-traces.ts'
import {columnsOf, hasColor, UsageError, write} from './io.ts'
import {wrapToWidth} from './text-width.ts'
import {renderTree} from './tree.ts'
import {treesToJson} from './tree-json.ts'

const FILE = 'traces.jsonl'
const JAEGER = 'http://localhost:16686'

const HELP = `otel-reasoning demo

A small agent decides about refunds, three times: by the right branch of its policy, by the wrong one,
and with a condition missed. Its calls were recorded with a real instrumentation; here they are
expanded as they would be in your application. No network, no key.

  -o, --output FILE   where the spans go, as OTLP JSON lines (default ${FILE}); - for nowhere
  --json              the trees as JSON, one line a trace`

const HINT_COLUMNS = 18

const hints = (names: readonly string[], width: number): string[] =>
  names.flatMap((name) => {
    const room = Math.max(20, width - HINT_COLUMNS - 2)
    const [first, ...rest] = wrapToWidth(DEMO_HINTS[name] ?? '', room)
    return [
      `  ${name.padEnd(HINT_COLUMNS)}${first}`,
      ...rest.map((line) => `  ${' '.repeat(HINT_COLUMNS)}${line}`),
    ]
  })

const nextSteps = (file: string | undefined, traceIds: readonly string[]): string[] => {
  const wrap = [
    'For your own agent, wrap the processor that is in front of your exporter:',
    '  new ReasoningSpanProcessor({next: new BatchSpanProcessor(exporter)})',
  ]
  if (file === undefined) return wrap
  return [
    `The same spans are in ${file}, as OTLP JSON lines:`,
    `  otel-reasoning show --text ${file}   read all that the model wrote`,
    'See what is recognised in traces of your own, and why:',
    '  otel-reasoning doctor FILE',
    'To see them in Jaeger:',
    '  docker run -d --rm -p 16686:16686 -p 4318:4318 jaegertracing/jaeger',
    `  while IFS= read -r line; do printf %s "$line" | curl -s -H content-type:application/json --data-binary @- localhost:4318/v1/traces; done < ${file}`,
    ...traceIds.slice(0, 1).map((id) => `  ${JAEGER}/trace/${id}`),
    ...wrap,
  ]
}

/** @public */
export const demo: Command = {
  help: HELP,
  options: {output: {type: 'string', short: 'o'}},
  async run(positionals, values, io) {
    if (positionals.length > 0) {
      throw new UsageError(
        `demo takes no files; to see one of yours: otel-reasoning show ${positionals[0]}`,
      )
    }
    const runs = demoRuns()
    const spans = runs.flatMap((run) => run.spans)
    const output = typeof values['output'] === 'string' ? values['output'] : FILE
    const file = output === '-' ? undefined : output
    if (file !== undefined) {
      const lines = runs.map(
        ({request, groups}) => `${JSON.stringify(writeRequest(request, groups))}\n`,
      )
      await writeFile(file, lines.join('')).catch((error: Error) => {
        throw new UsageError(`cannot write ${file}: ${error.message}; -o names another file`)
      })
    }
    if (values['json'] === true) {
      for (const trace of treesToJson(spans)) await write(io.stdout, `${JSON.stringify(trace)}\n`)
      return 0
    }
    const traceIds = runs.flatMap((run) => run.spans[0]?.spanContext().traceId ?? [])
    const width = columnsOf(io)
    const tree = renderTree(spans, {width, color: hasColor(io)})
    const lines = [
      'What to look for:',
      ...hints(
        runs.map(({name}) => name),
        width,
      ),
      '',
      ...nextSteps(file, traceIds),
    ]
    await write(io.stdout, `${tree}\n${lines.join('\n')}\n`)
    return 0
  },
}
