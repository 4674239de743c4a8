import {metrics} from '@opentelemetry/api'
import {afterEach, describe, expect, test} from 'vitest'
import type {ExpandOptions, DeliveryOptions} from '../../src/options.ts'
import {ReasoningSpanExporter} from '../../src/exporter.ts'
import {ReasoningSpanProcessor} from '../../src/processor.ts'
import {METRIC_GROUP_LIMIT, METRICS} from '../../src/semconv.ts'
import type {Point} from '../setup/metric-points.ts'
import {
  createMeterProvider,
  createProvider,
  createSimpleProcessor,
  InMemorySpanExporter,
} from '../setup/sdk.ts'
import {chatSpan} from '../setup/make-span.ts'

const THOUGHT =
  'First I need to plan this. The order holds headphones. So the window is 30 days. ' +
  'Wait, let me check that again. Therefore the refund is approved.'

const CHECKS = [
  {name: 'window', mentions: 'window'},
  {name: 'fee', severity: 'critical', mentions: 'fee'},
] as const

const valueOf = (points: readonly Point[], name: string, labels: object = {}): number =>
  points
    .filter((point) => point.name === name)
    .filter(({attributes}) =>
      Object.entries(labels).every(([key, value]) => attributes[key] === value),
    )
    .reduce((sum, {value}) => sum + value, 0)

/** A processor with an exporter behind it, both under the SDK of this run. */
function setUp(options: ExpandOptions & DeliveryOptions = {}) {
  const exporter = new InMemorySpanExporter()
  const processor = new ReasoningSpanProcessor({next: createSimpleProcessor(exporter), ...options})
  const {provider, tracer} = createProvider({spanProcessors: [processor]})
  const call = (attributes = chatSpan(THOUGHT).attributes): void => {
    tracer().startSpan('chat', {attributes}).end()
  }
  return {exporter, processor, provider, call}
}

afterEach(() => metrics.disable())

describe('what is counted', () => {
  test('are the spans and events that are exported, by kind, name and severity', async () => {
    const {provider: meterProvider, collect} = createMeterProvider()
    const {call, processor, exporter} = setUp({meterProvider, checks: CHECKS})
    for (let i = 0; i < 3; i += 1) call()
    call({...chatSpan(THOUGHT).attributes, 'gen_ai.usage.reasoning.output_tokens': 100})
    call({'gen_ai.operation.name': 'chat', 'gen_ai.usage.reasoning.output_tokens': 40})
    await processor.forceFlush()
    const points = await collect()
    const spans = exporter.getFinishedSpans()
    const steps = spans.filter(({name}) => name.startsWith('reasoning '))
    expect(valueOf(points, 'reasoning.calls')).toBe(5)
    expect(valueOf(points, 'reasoning.blocks', {'reasoning.visibility': 'full'})).toBe(4)
    expect(valueOf(points, 'reasoning.blocks', {'reasoning.visibility': 'hidden'})).toBe(1)
    expect(valueOf(points, 'reasoning.steps')).toBe(steps.length)
    for (const kind of new Set(steps.map(({attributes}) => attributes['reasoning.step.kind']))) {
      expect(valueOf(points, 'reasoning.steps', {'reasoning.step.kind': kind})).toBe(
        steps.filter(({attributes}) => attributes['reasoning.step.kind'] === kind).length,
      )
    }
    const events = spans.flatMap((span) => span.events)
    expect(valueOf(points, 'reasoning.signal.events')).toBe(events.length)
    expect(
      valueOf(points, 'reasoning.signal.events', {
        'reasoning.signal.name': 'check_missed',
        'reasoning.signal.severity': 'critical',
        'reasoning.request.model': 'claude-sonnet-4-5',
      }),
    ).toBe(4)
    expect(valueOf(points, 'reasoning.checks', {'reasoning.check.result': 'met'})).toBe(4)
    expect(valueOf(points, 'reasoning.checks', {'reasoning.check.result': 'missed'})).toBe(4)
    expect(valueOf(points, 'reasoning.blocks_with_missed_checks')).toBe(4)
    expect(valueOf(points, 'reasoning.tokens')).toBe(140)
    const durations = points.filter(({name}) => name === 'reasoning.step.duration')
    expect(durations.reduce((sum, {count}) => sum + count, 0)).toBe(steps.length)
    const analysis = points.find(({name}) => name === 'reasoning.processor.analysis.duration')
    expect(analysis?.count).toBe(5)
    expect(analysis?.value).toBeGreaterThan(0)
    expect(valueOf(points, 'reasoning.processor.pending')).toBe(0)
  })

  test('has the names, units and labels of the table, and no others', async () => {
    const {provider: meterProvider, collect} = createMeterProvider()
    const {call, processor} = setUp({meterProvider, checks: CHECKS, maxSpansPerSecond: 8})
    for (let i = 0; i < 5; i += 1) call()
    await processor.forceFlush()
    const points = await collect()
    expect(points.length).toBeGreaterThan(10)
    for (const {name, unit, attributes} of points) {
      const known = METRICS.find((metric) => metric.name === name)
      expect(known, name).toBeDefined()
      expect(unit).toBe(known?.unit)
      for (const key of Object.keys(attributes)) expect(known?.attributes).toContain(key)
    }
    expect(
      valueOf(points, 'reasoning.processor.drops', {'reasoning.drop.reason': 'span_budget'}),
    ).toBe(processor.getStats().stepsOverBudget)
    expect(processor.getStats().stepsOverBudget).toBeGreaterThan(0)
  })

  test('are faults and losses, by what took them', async () => {
    const {provider: meterProvider, collect} = createMeterProvider()
    const {call, processor} = setUp({
      meterProvider,
      classifier: () => {
        throw new Error('no')
      },
    })
    call()
    await processor.shutdown()
    processor.onEnd(chatSpan(THOUGHT))
    const points = await collect()
    expect(valueOf(points, 'reasoning.processor.errors')).toBe(processor.getStats().errors)
    expect(processor.getStats().errors).toBe(1)
    expect(
      valueOf(points, 'reasoning.processor.drops', {'reasoning.drop.reason': 'shutdown'}),
    ).toBe(1)
  })

  test('are requests of ours that an exporter refused', async () => {
    const {provider: meterProvider, collect} = createMeterProvider()
    let requests = 0
    const exporter = new ReasoningSpanExporter({
      meterProvider,
      exporter: {
        export(_spans, callback) {
          requests += 1
          callback({code: requests === 1 ? 0 : 1})
        },
        shutdown: () => Promise.resolve(),
      },
    })
    exporter.export([chatSpan(THOUGHT)], () => {})
    await exporter.forceFlush()
    const points = await collect()
    expect(
      valueOf(points, 'reasoning.processor.drops', {'reasoning.drop.reason': 'export_failed'}),
    ).toBe(exporter.getStats().spansFailed)
    expect(exporter.getStats().spansFailed).toBeGreaterThan(0)
    expect(valueOf(points, 'reasoning.calls')).toBe(1)
  })

  test('are calls that are recorded and not sampled, which nobody exports', async () => {
    const {provider: meterProvider, collect} = createMeterProvider()
    const exporter = new InMemorySpanExporter()
    const processor = new ReasoningSpanProcessor({
      next: createSimpleProcessor(exporter),
      meterProvider,
    })
    const {provider, tracer} = createProvider({
      spanProcessors: [processor],
      // RECORD without SAMPLED
      sampler: {shouldSample: () => ({decision: 1}), toString: () => 'record only'},
    })
    tracer()
      .startSpan('chat', {attributes: chatSpan(THOUGHT).attributes})
      .end()
    await provider.forceFlush()
    const points = await collect()
    expect(valueOf(points, 'reasoning.calls')).toBe(1)
    expect(valueOf(points, 'reasoning.steps')).toBeGreaterThan(2)
    expect(valueOf(points, 'reasoning.processor.pending')).toBe(0)
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})

describe('the global provider', () => {
  test('may come late, and be replaced', async () => {
    const {call, processor} = setUp()
    call()
    for (let round = 0; round < 2; round += 1) {
      const {provider, collect} = createMeterProvider()
      metrics.setGlobalMeterProvider(provider)
      call()
      call()
      await processor.forceFlush()
      expect(valueOf(await collect(), 'reasoning.calls')).toBe(2)
      metrics.disable()
    }
  })

  test('that is not there costs no instrument, and a given one comes before it', async () => {
    const global = createMeterProvider()
    const given = createMeterProvider()
    metrics.setGlobalMeterProvider(global.provider)
    const {call, processor} = setUp({meterProvider: given.provider})
    call()
    await processor.forceFlush()
    expect(valueOf(await given.collect(), 'reasoning.calls')).toBe(1)
    expect(await global.collect()).toEqual([])
  })

  test('whose meters throw costs metrics and no span', async () => {
    const meterProvider = {
      getMeter: () => {
        throw new Error('no meter')
      },
    }
    const {call, processor, exporter} = setUp({meterProvider})
    call()
    await processor.forceFlush()
    expect(exporter.getFinishedSpans().length).toBeGreaterThan(3)
  })
})

test('models and prompts over the limit share one group', async () => {
  const {provider: meterProvider, collect} = createMeterProvider()
  const {call, processor} = setUp({meterProvider, maxSpansPerSecond: Infinity})
  for (let i = 0; i < METRIC_GROUP_LIMIT + 20; i += 1) {
    call({...chatSpan('Let me check.').attributes, 'gen_ai.request.model': `model-${i}`})
  }
  await processor.forceFlush()
  const calls = (await collect()).filter(({name}) => name === 'reasoning.calls')
  expect(calls).toHaveLength(METRIC_GROUP_LIMIT + 1)
  expect(valueOf(calls, 'reasoning.calls', {'reasoning.request.model': 'other'})).toBe(20)
})

test('a wrong provider is refused with a reason', () => {
  const next = createSimpleProcessor(new InMemorySpanExporter())
  expect(() => new ReasoningSpanProcessor({next, meterProvider: {} as never})).toThrow(
    'expected `meterProvider` to have `getMeter`',
  )
})
