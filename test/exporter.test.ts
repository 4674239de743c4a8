import {context, trace} from '@opentelemetry/api'
import {expect, test, vi} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import type {ExportResultLike, ReadableSpanLike} from '../src/readable-span.ts'
import {SCOPE_NAME} from '../src/semconv.ts'
import {checkSpan} from './setup/invariants.ts'
import {chatSpan, makeSpan} from './setup/make-span.ts'
import {createBatchProcessor, createProvider} from './setup/sdk.ts'

const THOUGHT = 'First I plan it. Wait, let me check that again. Therefore it is done.'

class RequestLog {
  readonly requests: ReadableSpanLike[][] = []
  shutdowns = 0
  flushes = 0
  answer: (request: ReadableSpanLike[]) => ExportResultLike = () => ({code: 0})

  export(spans: unknown[], done: (result: ExportResultLike) => void): void {
    const request = spans as ReadableSpanLike[]
    this.requests.push(request)
    setTimeout(() => done(this.answer(request)), 1)
  }

  async forceFlush(): Promise<void> {
    this.flushes += 1
  }

  async shutdown(): Promise<void> {
    this.shutdowns += 1
  }
}

const isOurs = (span: ReadableSpanLike): boolean => span.instrumentationScope.name === SCOPE_NAME

const exportOf = (
  exporter: ReasoningSpanExporter,
  spans: ReadableSpanLike[],
): Promise<ExportResultLike> => new Promise((resolve) => exporter.export(spans, resolve))

test("sends the user's spans first and alone, then ours", async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner})
  const result = await exportOf(exporter, [
    chatSpan(THOUGHT),
    makeSpan({name: 'GET'}),
    chatSpan(THOUGHT),
  ])
  await exporter.forceFlush()
  expect(result).toEqual({code: 0})
  expect(inner.requests).toHaveLength(2)
  const [users, ours] = inner.requests as [ReadableSpanLike[], ReadableSpanLike[]]
  expect(users.map((span) => span.name)).toEqual(['chat gpt-5', 'GET', 'chat gpt-5'])
  expect(users[0]?.attributes).toHaveProperty(['reasoning.block.count'], 1)
  expect(ours.every(isOurs)).toBe(true)
  const known = new Map<string, ReadableSpanLike>()
  for (const span of [...users, ...ours]) {
    checkSpan(span, known)
    known.set(span.spanContext().spanId, span)
  }
  expect(inner.flushes).toBe(1)
})

test("reports what became of the user's spans, and counts ours that failed", async () => {
  const inner = new RequestLog()
  const onError = vi.fn()
  const exporter = new ReasoningSpanExporter({exporter: inner, onError})
  inner.answer = (request) =>
    request.some(isOurs) ? {code: 1, error: new Error('413')} : {code: 0}
  expect(await exportOf(exporter, [chatSpan(THOUGHT)])).toEqual({code: 0})
  await exporter.forceFlush()
  expect(exporter.getStats().spansFailed).toBeGreaterThan(0)
  expect(onError).toHaveBeenCalledOnce()
  inner.answer = (request) => (request.some(isOurs) ? {code: 0} : {code: 1})
  expect((await exportOf(exporter, [chatSpan(THOUGHT)])).code).toBe(1)
})

test('keeps requests of ours under 3.5 MiB', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({
    exporter: inner,
    maxSpansPerSecond: Infinity,
    maxTextBytes: 60_000,
  })
  const long = `${'A statement that goes on and on about nothing at all '.repeat(1000)}. Wait, let me check that.`
  await exportOf(
    exporter,
    Array.from({length: 60}, () => chatSpan(long)),
  )
  await exporter.forceFlush()
  const ours = inner.requests.filter((request) => request.some(isOurs))
  expect(ours.length).toBeGreaterThan(1)
  for (const request of ours) {
    const bytes = JSON.stringify(request.map((span) => [span.attributes, span.events])).length
    expect(bytes).toBeLessThan(3.5 * 1024 * 1024)
  }
})

test('takes a thought from the innermost span of a batch', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner})
  const call = chatSpan(THOUGHT, {parentSpanId: 'aaaaaaaaaaaaaaaa'})
  const agent = chatSpan(THOUGHT, {name: 'invoke_agent', spanId: 'aaaaaaaaaaaaaaaa'})
  await exportOf(exporter, [call, agent])
  await exporter.forceFlush()
  const blocks = inner.requests.flat().filter((span) => span.name === 'reasoning')
  expect(blocks).toHaveLength(1)
  expect(blocks[0]?.parentSpanContext?.spanId).toBe(call.spanContext().spanId)
})

test('an exporter that throws is a failed export, not an exception', async () => {
  const exporter = new ReasoningSpanExporter({
    exporter: {
      export: () => {
        throw new Error('broken')
      },
      shutdown: async () => {},
    },
  })
  const result = await exportOf(exporter, [chatSpan(THOUGHT)])
  expect(result.code).toBe(1)
  expect(result.error?.message).toBe('broken')
})

test('shuts down once and refuses what comes after', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner})
  const pending = exportOf(exporter, [chatSpan(THOUGHT)])
  const first = exporter.shutdown()
  expect(exporter.shutdown()).toBe(first)
  await first
  expect((await pending).code).toBe(0)
  expect(inner.shutdowns).toBe(1)
  expect(inner.requests).toHaveLength(2)
  expect((await exportOf(exporter, [makeSpan()])).code).toBe(1)
})

test('works behind the SDK’s batch processor', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner})
  const {provider, tracer} = createProvider({
    spanProcessors: [createBatchProcessor(exporter as never)],
  })
  const parent = tracer().startSpan('work')
  const call = chatSpan(THOUGHT)
  tracer()
    .startSpan('chat', {attributes: call.attributes}, trace.setSpan(context.active(), parent))
    .end()
  parent.end()
  await provider.shutdown()
  expect(inner.requests[0]?.map((span) => span.name)).toEqual(['chat', 'work'])
  expect(inner.requests[1]?.[0]?.name).toBe('reasoning')
})

test('refuses a wrong exporter with a hint', () => {
  const processor = {onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {}}
  expect(() => new ReasoningSpanExporter({exporter: processor as never})).toThrow(
    /Did you mean `new ReasoningSpanProcessor/,
  )
  expect(() => new ReasoningSpanExporter({} as never)).toThrow(/got undefined/)
})
