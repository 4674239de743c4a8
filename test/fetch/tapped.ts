/** What the tests of the tap share: a pipeline with a context manager, and servers on loopback. */
import {createServer, type RequestListener, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {context, trace, type Tracer} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {BasicTracerProvider} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from '../../src/processor.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {InvariantSpanProcessor} from '../setup/invariants.ts'

export interface Pipeline {
  tracer: Tracer
  provider: BasicTracerProvider
  next: InvariantSpanProcessor
  /** Spans of model calls, in the order of their ends. */
  calls(): ReadableSpanLike[]
  blocks(): ReadableSpanLike[]
  steps(): ReadableSpanLike[]
  /** Runs below a span and flushes. */
  under<T>(name: string, action: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** @param hasContext registers a context manager */
export function startPipeline(hasContext = true): Pipeline {
  const next = new InvariantSpanProcessor()
  const provider = new BasicTracerProvider({
    spanProcessors: [
      new ReasoningSpanProcessor({next, content: 'keep', maxSpansPerSecond: Infinity}),
    ],
  })
  if (hasContext) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  const tracer = provider.getTracer('app')
  return {
    tracer,
    provider,
    next,
    calls: () =>
      next.users.filter(({attributes}) => attributes['gen_ai.operation.name'] !== undefined),
    blocks: () => next.reasoning.filter(({name}) => name === 'reasoning'),
    steps: () => next.reasoning.filter(({name}) => name !== 'reasoning'),
    under: (name, action) =>
      tracer.startActiveSpan(name, async (span) => {
        try {
          return await action()
        } finally {
          span.end()
          await provider.forceFlush()
        }
      }),
    async stop() {
      await provider.shutdown()
      trace.disable()
      context.disable()
      next.assertSound()
    },
  }
}

export interface LocalServer {
  url: string
  close(): Promise<void>
}

export async function serve(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener)
  await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((ok) => {
        server.close(() => ok())
        server.closeAllConnections()
      }),
  }
}

export const sleep = (millis: number): Promise<void> => new Promise((ok) => setTimeout(ok, millis))

const HEAD = {id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'deepseek-r1'}

/** One event of a Chat Completions stream. */
const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({...HEAD, choices: [{index: 0, delta, finish_reason: finish}]})}\n\n`

export const thinking = (text: string): string => event({reasoning_content: text})
export const answering = (text: string): string => event({content: text})
export const END: string = `${event({}, 'stop')}data: [DONE]\n\n`

export const startEvents = (res: ServerResponse): ServerResponse =>
  res.writeHead(200, {'content-type': 'text/event-stream'})

/** A request as clients send it. */
export const REQUEST: RequestInit = {
  method: 'POST',
  headers: {'content-type': 'application/json'},
  body: JSON.stringify({
    model: 'deepseek-r1',
    stream: true,
    messages: [{role: 'user', content: 'Hi'}],
  }),
}

export async function readAll(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
