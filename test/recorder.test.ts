import {
  context,
  diag,
  DiagLogLevel,
  ProxyTracerProvider,
  type Span,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {getHub} from '../src/hub.ts'
import type {ReasoningBlock} from '../src/model.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {ReasoningRecorder} from '../src/recorder.ts'
import {nanosBetween} from '../src/spans/hr-time.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {createContextManager, createProvider, type Provider} from './setup/sdk.ts'

let next: InvariantSpanProcessor
let processor: ReasoningSpanProcessor
let created: Provider

beforeEach(() => {
  next = new InvariantSpanProcessor()
  processor = new ReasoningSpanProcessor({next})
  created = createProvider({spanProcessors: [processor]})
})

afterEach(async () => {
  await created.provider.shutdown()
  next.assertSound()
})

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis))

test('reports reasoning under a span, with measured times', async () => {
  const span = created.tracer().startSpan('my model')
  const recorder = new ReasoningRecorder({span, model: 'my-model'})
  recorder.text('First I need to plan this. ')
  await pause(30)
  recorder.text('Wait, let me check the dates again. ')
  await pause(30)
  recorder.text('Therefore it is approved.')
  const analysis = recorder.end()
  span.end()
  expect(analysis.steps.length).toBeGreaterThan(1)
  const [call, block, ...steps] = next.spans
  expect(call?.name).toBe('my model')
  expect(block?.attributes).toMatchObject({
    'reasoning.source': 'recorder',
    'reasoning.timing': 'measured',
    'reasoning.request.model': 'my-model',
  })
  expect(steps.length).toBe(analysis.steps.length)
  const [first, second] = steps
  expect(nanosBetween(first?.startTime as never, second?.startTime as never)).toBeGreaterThan(20e6)
})

test('keeps the kinds that it is told', () => {
  const span = created.tracer().startSpan('my model')
  const recorder = new ReasoningRecorder({span})
  recorder.step('plan', 'Look at the order.')
  recorder.step('verify', 'The order is there.')
  recorder.step('conclude', 'Refund it.')
  const {steps} = recorder.end()
  span.end()
  expect(steps.map((step) => step.kind)).toEqual(['plan', 'verify', 'conclude'])
  expect(next.reasoning.map((s) => s.name)).toEqual([
    'reasoning',
    'reasoning plan',
    'reasoning verify',
    'reasoning conclude',
  ])
  expect(next.reasoning[2]?.attributes['reasoning.text']).toBe('The order is there.')
})

test('finds the active span, or starts its own', () => {
  const manager = createContextManager().enable()
  context.setGlobalContextManager(manager)
  try {
    const active = created.tracer().startSpan('active')
    context.with(trace.setSpan(context.active(), active), () => {
      const recorder = new ReasoningRecorder()
      recorder.text('It is done.')
      recorder.end()
    })
    active.end()
  } finally {
    context.disable()
  }
  expect(next.spans.map((span) => span.name).slice(0, 2)).toEqual(['active', 'reasoning'])
  const own = new ReasoningRecorder({tracer: created.tracer(), name: 'local model'})
  own.text('It is done.')
  own.end()
  expect(next.spans.map((span) => span.name)).toContain('local model')
})

test('marks what comes after the span has ended as late', async () => {
  const tracer = created.tracer()
  const span = tracer.startSpan('chat', {attributes: {'gen_ai.operation.name': 'chat'}})
  const recorder = new ReasoningRecorder({span})
  recorder.text('First I look at it. ')
  await pause(5)
  recorder.text('Then it is done.')
  span.end()
  expect(next.reasoning).toEqual([])
  recorder.end()
  await processor.forceFlush()
  expect(next.reasoning[0]?.attributes['reasoning.late']).toBe(true)
  expect(next.reasoning[0]?.parentSpanContext?.spanId).toBe(span.spanContext().spanId)
  expect(processor.getStats().lateBlocks).toBe(1)
})

test('without an SDK still analyses, and never throws', () => {
  const recorder = new ReasoningRecorder()
  recorder.text('First I need to plan this. Wait, let me check that.')
  recorder.text(undefined as never)
  recorder.step('nonsense' as never, 'An odd step.')
  const analysis = recorder.end()
  expect(analysis.steps.length).toBeGreaterThan(0)
  expect(recorder.end()).toBe(analysis)
  recorder.text('Too late.')
  expect(new ReasoningRecorder(null as never).end()).toEqual({
    sentences: [],
    steps: [],
    signals: [],
  })
  const broken = new ReasoningRecorder({
    tracer: {
      startSpan: () => {
        throw new Error('broken')
      },
    } as never,
  })
  broken.text('It is done.')
  expect(broken.end().steps).toHaveLength(1)
})

test('leaves nothing for spans that nobody will ever see', () => {
  const before = getHub().length()
  const noSpan = new ReasoningRecorder({tracer: new ProxyTracerProvider().getTracer('none')})
  noSpan.text('It is done.')
  expect(noSpan.end().steps).toHaveLength(1)
  const spanContext = {
    traceId: 'f'.repeat(32),
    spanId: 'f'.repeat(16),
    traceFlags: TraceFlags.NONE,
  }
  const unsampled = new ReasoningRecorder({span: trace.wrapSpanContext(spanContext)})
  unsampled.text('It is done.')
  unsampled.end()
  expect(getHub().length()).toBe(before)
})

test('shows what was recorded under a span that showed no call and ended first', async () => {
  const span = created.tracer().startSpan('my model call')
  const recorder = new ReasoningRecorder({span})
  recorder.text('I plan this first. ')
  span.end()
  recorder.end()
  await processor.forceFlush()
  expect(next.reasoning[0]?.attributes['reasoning.late']).toBe(true)
})

const blockOf = (span: Span): ReasoningBlock | undefined => {
  const {traceId, spanId} = span.spanContext()
  const item = getHub().read(traceId, spanId)[0]?.call.items[0]
  return item?.type === 'reasoning' ? item.block : undefined
}

test('takes pieces that come within a millisecond for one arrival', () => {
  const span = created.tracer().startSpan('my model')
  const recorder = new ReasoningRecorder({span})
  const start = performance.now()
  for (let i = 0; i < 20_000; i += 1) recorder.text('tok ')
  const elapsed = performance.now() - start
  recorder.end()
  const block = blockOf(span)
  expect(block?.text).toBe('tok '.repeat(20_000))
  expect(block?.arrivals?.length).toBeLessThanOrEqual(elapsed + 2)
  span.end()
})

test('records 8 Mi code units, says once that it is full, and marks the block', () => {
  const warn = vi.fn()
  diag.setLogger({warn, error() {}, info() {}, debug() {}, verbose() {}}, DiagLogLevel.WARN)
  try {
    const span = created.tracer().startSpan('my model')
    const recorder = new ReasoningRecorder({span})
    const mebi = `${'x'.repeat(1024 * 1024 - 2)}. `
    for (let i = 0; i < 7; i += 1) recorder.text(mebi)
    // A cut may not part the two halves of a character.
    recorder.text(`${'x'.repeat(1024 * 1024 - 1)}😀 and more`)
    recorder.text('and more')
    recorder.step('plan', 'and more')
    recorder.end()
    const block = blockOf(span)
    expect(block?.text).toHaveLength(8 * 1024 * 1024 - 1)
    expect(block?.text.endsWith('x')).toBe(true)
    expect(block?.incomplete).toBe(true)
    expect(block?.steps).toBeUndefined()
    expect(warn).toHaveBeenCalledOnce()
  } finally {
    diag.disable()
  }
}, 20_000)
