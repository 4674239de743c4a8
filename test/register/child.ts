/** Programs of a user, run with `--import otel-reasoning/register`, and a collector that they send to. */
import {type ChildProcess, spawn} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'

export interface ReceivedSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  scope: string
  service: string
  attributes: Record<string, unknown>
}

export interface Collector {
  url: string
  spans(): ReceivedSpan[]
  /** Headers of the requests, in the order of their arrival. */
  headers: Record<string, unknown>[]
  close(): Promise<void>
}

interface KeyValue {
  key: string
  value: Record<string, unknown>
}

const plain = (attributes: KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({key, value}) => {
      const {arrayValue} = value as {arrayValue?: {values?: Record<string, unknown>[]}}
      return [key, arrayValue ? arrayValue.values?.flatMap(Object.values) : Object.values(value)[0]]
    }),
  )

/** Understands JSON, so ask for it: `OTEL_EXPORTER_OTLP_PROTOCOL=http/json`. */
export async function startCollector(): Promise<Collector> {
  const requests: any[] = []
  const headers: Record<string, unknown>[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      headers.push(request.headers)
      requests.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(200, {'content-type': 'application/json'}).end('{}')
    })
  })
  await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers,
    spans: () =>
      requests
        // A NodeSDK sends metrics to the same address.
        .flatMap((request) => request.resourceSpans ?? [])
        .flatMap(({resource, scopeSpans}) =>
          scopeSpans.flatMap(({scope, spans}: any) =>
            spans.map((span: any) => ({
              ...span,
              scope: scope.name,
              service: plain(resource.attributes)['service.name'],
              attributes: plain(span.attributes),
            })),
          ),
        ),
    close: () =>
      new Promise((ok) => {
        server.close(() => ok())
        server.closeAllConnections()
      }),
  }
}

export interface Finished {
  stdout: string
  stderr: string
  code: number | null
  signal: NodeJS.Signals | null
  /** Milliseconds from the start to the end of the process. */
  millis: number
}

export interface Running {
  child: ChildProcess
  finished: Promise<Finished>
  /** Resolves when the program has printed this. */
  printed(text: string): Promise<void>
}

/** @param env beside that of the test, without its own OpenTelemetry variables */
export function startProgram(
  node: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Running {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:OTEL|REASONING|NODE_OPTIONS)/.test(name)),
  )
  const started = performance.now()
  const child = spawn(node, args, {cwd, env: {...inherited, ...env}})
  const output = {stdout: '', stderr: ''}
  const waiting = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
    for (const look of waiting) look()
  })
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const finished = new Promise<Finished>((ok) =>
    child.on('close', (code, signal) => {
      for (const look of waiting) look()
      ok({...output, code, signal, millis: performance.now() - started})
    }),
  )
  return {
    child,
    finished,
    printed: (text) =>
      new Promise((ok, not) => {
        const look = (): void => {
          if (output.stdout.includes(text)) ok()
          else if (child.exitCode !== null || child.signalCode !== null) {
            not(new Error(`it ended without printing ${text}: ${output.stderr}`))
          }
        }
        waiting.add(look)
        look()
      }),
  }
}

/** An agent that uses `fetch`: asks the model at `MODEL_URL`, looks an order up, answers. */
const AGENT = `
const ask = async (messages) => {
  const response = await fetch(process.env.MODEL_URL + '/v1/chat/completions', {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({
      model: 'deepseek-r1',
      messages,
      tools: [{type: 'function', function: {name: 'lookup_order', parameters: {}}}],
    }),
  })
  return (await response.json()).choices[0].message
}
const lookUp = () => new Promise((ok) => setTimeout(ok, 5, '{"delivered": "2026-03-06"}'))
export async function play(tool = (_call, action) => action()) {
  const messages = [{role: 'user', content: 'May I return order A-1042?'}]
  for (;;) {
    const message = await ask(messages)
    messages.push(message)
    if (!message.tool_calls) return message.content
    for (const call of message.tool_calls) {
      messages.push({role: 'tool', tool_call_id: call.id, content: await tool(call, lookUp)})
    }
  }
}
`

/** Writes the agent and a program into a folder. @returns the program's path */
export function writeProgram(folder: string, name: string, code: string): string {
  writeFileSync(join(folder, 'agent.mjs'), AGENT)
  const path = join(folder, name)
  writeFileSync(path, code)
  return path
}
