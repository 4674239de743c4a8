import {context, trace} from '@opentelemetry/api'
import {isTracingSuppressed, suppressTracing} from '@opentelemetry/core'
import {expect, test, vi} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import {getHub} from '../src/hub.ts'
import type {ExportResultLike, ReadableSpanLike} from '../src/readable-span.ts'
import {SCOPE_NAME} from '../src/semconv.ts'
import {checkSpan} from './setup/invariants.ts'
import {chatSpan, makeSpan} from './setup/make-span.ts'
import {logContribution} from './setup/contribution.ts'
import {damagedSpans} from './setup/damaged-spans.ts'
import {createBatchProcessor, createContextManager, createProvider} from './setup/sdk.ts'

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

test('tells a result exactly once, whatever the spans lack', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner, content: 'mask'})
  const spans = damagedSpans(400)
  let told = 0
  await new Promise<void>((resolve) => {
    exporter.export(spans, () => {
      told += 1
      resolve()
    })
  })
  await exporter.shutdown()
  expect(told).toBe(1)
  expect(inner.requests[0]).toHaveLength(400)
  expect(inner.requests[0]?.every((span) => typeof span === 'object')).toBe(true)
})

test('sends ours, and waits for them, where the callback of an export throws', async () => {
  const inner = new RequestLog()
  const onError = vi.fn()
  const exporter = new ReasoningSpanExporter({exporter: inner, onError})
  exporter.export([chatSpan(THOUGHT)], () => {
    throw new Error('callback')
  })
  await exporter.forceFlush()
  expect(inner.requests.map((request) => request[0]?.name)).toEqual(['chat gpt-5', 'reasoning'])
  expect(onError).toHaveBeenCalledOnce()
})

test('shuts down after the user’s request was answered and ours was sent', async () => {
  const order: string[] = []
  const exporter = new ReasoningSpanExporter({
    exporter: {
      export(spans, done) {
        const [first] = spans as ReadableSpanLike[]
        order.push(`export ${first?.name}`)
        setTimeout(() => done({code: 0}), 20)
      },
      shutdown: async () => {
        order.push('shutdown')
      },
    },
  })
  exporter.export([chatSpan(THOUGHT)], () => order.push('result'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  await exporter.shutdown()
  expect(order).toEqual(['export chat gpt-5', 'result', 'export reasoning', 'shutdown'])
})

test('gives an exporter that never answers 30 seconds', async () => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
  try {
    let requests = 0
    const exporter = new ReasoningSpanExporter({
      exporter: {
        export: (_, done) => {
          requests += 1
          if (requests === 1) done({code: 0})
        },
        shutdown: async () => {},
      },
    })
    await exportOf(exporter, [chatSpan(THOUGHT)])
    const flushed = vi.fn()
    const flush = exporter.forceFlush().then(flushed)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(flushed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    await flush
    expect(exporter.getStats().spansFailed).toBeGreaterThan(1)
    // The user's own request, too, bounds a shutdown; its result is the caller's to wait for.
    const callback = vi.fn()
    exporter.export([makeSpan()], callback)
    const shutdown = exporter.shutdown()
    await vi.advanceTimersByTimeAsync(30_000)
    await shutdown
    expect(callback).not.toHaveBeenCalled()
  } finally {
    vi.useRealTimers()
  }
})

test('flushes under steady traffic', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner})
  const traffic = setInterval(() => exporter.export([chatSpan(THOUGHT)], () => {}), 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await exporter.forceFlush()
  const sent = inner.requests.filter((request) => request.some(isOurs)).length
  clearInterval(traffic)
  expect(sent).toBeGreaterThan(0)
  await exporter.shutdown()
})

test('sends ours without tracing, and the user’s spans in the context of their export', async () => {
  context.setGlobalContextManager(createContextManager().enable())
  try {
    const seen: [name: string | undefined, isSuppressed: boolean][] = []
    const inner = {
      export(spans: unknown[], done: (result: ExportResultLike) => void) {
        const [first] = spans as ReadableSpanLike[]
        seen.push([first?.name, isTracingSuppressed(context.active())])
        setTimeout(() => done({code: 0}), 1)
      },
      shutdown: async () => {},
    }
    getHub().announce()
    const exporter = new ReasoningSpanExporter({exporter: inner})
    const call = chatSpan(`${THOUGHT} `.repeat(200), {name: 'traced'})
    await exportOf(exporter, [call])
    await context.with(suppressTracing(context.active()), () =>
      exportOf(exporter, [chatSpan(`${THOUGHT} `.repeat(200), {name: 'suppressed'})]),
    )
    await exporter.forceFlush()
    const {traceId, spanId} = call.spanContext()
    getHub().contribute(traceId, spanId, logContribution('Another thought, which came late.'))
    await exporter.shutdown()
    expect(seen.filter(([name]) => name === 'traced')).toEqual([['traced', false]])
    expect(seen.filter(([name]) => name === 'suppressed')).toEqual([['suppressed', true]])
    const ours = seen.filter(([name]) => name === 'reasoning')
    expect(ours).toHaveLength(3)
    expect(ours.every(([, isSuppressed]) => isSuppressed)).toBe(true)
  } finally {
    context.disable()
  }
})

test('never strips or turns away spans without reasoning, however many there are', async () => {
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({
    exporter: inner,
    content: 'mask',
    maxPendingSpans: 1,
  })
  const spans = Array.from({length: 3000}, (_, i) =>
    makeSpan({
      traceId: (i + 1).toString(16).padStart(32, '0'),
      attributes: {'url.full': `http://x/${i}`, 'db.query.text': 'select 1'},
      events: [{name: 'exception', time: [1, 1], attributes: {'exception.message': 'boom'}}],
    }),
  )
  await exportOf(exporter, spans)
  const [sent] = inner.requests
  expect(sent?.map((span) => span.attributes)).toEqual(spans.map((span) => span.attributes))
  expect(sent?.every((span) => span.events.length === 1)).toBe(true)
  expect(exporter.getStats().unexpandedOverload).toBe(0)
  await exporter.shutdown()
})

test('hands on under the policy, and adds nothing, where OTEL_SDK_DISABLED is true', async () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true')
  const inner = new RequestLog()
  const exporter = new ReasoningSpanExporter({exporter: inner, content: 'drop'})
  vi.unstubAllEnvs()
  await exportOf(exporter, [chatSpan(THOUGHT), makeSpan({attributes: {'url.full': 'http://x'}})])
  await exporter.shutdown()
  expect(inner.requests).toHaveLength(1)
  const shown = JSON.stringify(inner.requests[0]?.map((span) => span.attributes))
  expect(shown).not.toContain('First I plan it')
  expect(shown).not.toContain('reasoning.block.count')
  expect(shown).toContain('http://x')
})
