import {context, diag, trace, TraceFlags} from '@opentelemetry/api'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import {ReasoningSpanProcessor, type ReasoningSpanProcessorOptions} from '../src/processor.ts'
import type {KindLabel} from '../src/model.ts'
import {getHub} from '../src/hub.ts'
import {logContribution} from './setup/contribution.ts'
import {damagedSpans} from './setup/damaged-spans.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {chatSpan, makeSpan} from './setup/make-span.ts'
import {
  createContextManager,
  createBatchProcessor,
  createProvider,
  createSimpleProcessor,
  InMemorySpanExporter,
  JsonTraceSerializer,
  type Provider,
} from './setup/sdk.ts'

const THOUGHT =
  'The customer asks for a refund of order A-1042. First I need to find which policy applies. ' +
  'The order holds headphones, which are electronics. So the 30-day window applies. ' +
  'Wait, I should check the delivery date again. It was March 6, so 23 days have passed. ' +
  'Therefore the refund is approved.'

const output = (reasoning: string | readonly string[], answer = 'Approved.'): string =>
  JSON.stringify([
    {
      role: 'assistant',
      parts: [
        ...[reasoning].flat().map((content) => ({type: 'reasoning', content})),
        {type: 'text', content: answer},
      ],
      finish_reason: 'stop',
    },
  ])

const chat = (reasoning: string | readonly string[]): Record<string, string> => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.output.messages': output(reasoning),
})

let next: InvariantSpanProcessor
let providers: Provider[] = []

beforeEach(() => {
  next = new InvariantSpanProcessor()
})

afterEach(async () => {
  next.assertSound()
  await Promise.all(providers.map(({provider}) => provider.shutdown()))
  providers = []
})

function setUp(
  options: Omit<ReasoningSpanProcessorOptions, 'next'> = {},
  limits?: object,
): {
  processor: ReasoningSpanProcessor
  tracer: ReturnType<Provider['tracer']>
} {
  const processor = new ReasoningSpanProcessor({next, ...options})
  const created = createProvider({spanProcessors: [processor], limits})
  providers.push(created)
  return {processor, tracer: created.tracer()}
}

const names = (): string[] => next.spans.map((span) => span.name)

test('hands on the call, then its block, then its steps', () => {
  const {tracer} = setUp()
  tracer.startSpan('chat claude', {attributes: chat(THOUGHT)}).end()
  expect(names().slice(0, 2)).toEqual(['chat claude', 'reasoning'])
  expect(next.reasoning.length).toBeGreaterThan(3)
  const [call, block, ...steps] = next.spans
  expect(call?.attributes).toMatchObject({
    'reasoning.block.count': 1,
    'reasoning.visibility': 'full',
    'reasoning.step.count': steps.length,
  })
  expect(block?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId)
  for (const step of steps) {
    expect(step.parentSpanContext?.spanId).toBe(block?.spanContext().spanId)
  }
  const text = steps.map((step) => step.attributes['reasoning.text']).join('')
  expect(text.replace(/\s+/g, '')).toBe(THOUGHT.replace(/\s+/g, ''))
})

test('leaves the span that other processors see as it was', () => {
  const exporter = new InMemorySpanExporter()
  const processor = new ReasoningSpanProcessor({next, content: 'drop'})
  const created = createProvider({spanProcessors: [processor, createSimpleProcessor(exporter)]})
  providers.push(created)
  created
    .tracer()
    .startSpan('chat', {attributes: chat(THOUGHT)})
    .end()
  const [original] = exporter.getFinishedSpans()
  expect(original?.attributes).toEqual(chat(THOUGHT))
  expect(JSON.stringify(next.users[0]?.attributes)).not.toContain('headphones')
})

test('hands on a span without reasoning as the very object', () => {
  const {tracer} = setUp()
  const span = tracer.startSpan('GET /orders', {attributes: {'http.request.method': 'GET'}})
  span.end()
  expect(next.spans).toHaveLength(1)
  expect(next.spans[0]).toBe(span)
})

test('passes on what starts, flushes and shuts down, the last once', async () => {
  const {processor, tracer} = setUp()
  const span = tracer.startSpan('work')
  expect(next.starts).toEqual([span])
  await processor.forceFlush()
  expect(next.flushes).toBe(1)
  const first = processor.shutdown()
  expect(processor.shutdown()).toBe(first)
  await first
  await processor.forceFlush()
  expect(next.shutdowns).toBe(1)
  expect(next.flushes).toBe(1)
  span.end()
  expect(next.spans).toEqual([])
})

test('gives no ancestor a thought that was told below it, and siblings each their own', () => {
  const {tracer} = setUp()
  const agent = tracer.startSpan('invoke_agent')
  const below = trace.setSpan(context.active(), agent)
  const step = tracer.startSpan('step 1', {}, below)
  const inStep = trace.setSpan(context.active(), step)
  tracer.startSpan('chat a', {attributes: chat('The very same words. Nothing else.')}, inStep).end()
  tracer.startSpan('chat b', {attributes: chat('The very same words. Nothing else.')}, inStep).end()
  step.end()
  agent.setAttributes({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.output.messages': output('The very same words. Nothing else.'),
  })
  agent.end()
  const blocks = next.reasoning.filter((span) => span.name === 'reasoning')
  expect(blocks).toHaveLength(2)
  const left = next.users.find((span) => span.name === 'invoke_agent')
  expect(left?.attributes).not.toHaveProperty('reasoning.block.count')
})

test('passes a span that was expanded already, and one of ours, unchanged', () => {
  const {processor, tracer} = setUp()
  tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
  const once = [...next.spans]
  const second = new InvariantSpanProcessor()
  const again = new ReasoningSpanProcessor({next: second})
  for (const span of once) again.onEnd(span)
  expect(second.spans).toEqual(once)
  second.spans.forEach((span, i) => expect(span).toBe(once[i]))
  expect(processor.getStats().calls).toBe(1)
})

test('leaves unsampled spans alone', () => {
  const {processor} = setUp()
  const {tracer} = setUp()
  const span = tracer.startSpan('chat', {attributes: chat(THOUGHT)})
  const unsampled = Object.create(span, {
    spanContext: {value: () => ({...span.spanContext(), traceFlags: TraceFlags.NONE})},
  })
  processor.onEnd(unsampled)
  expect(next.spans).toEqual([unsampled])
  next.spans.length = 0
})

test('takes a long text up in later turns and returns from end() at once', async () => {
  const long = `${THOUGHT} `.repeat(500)
  const {processor, tracer} = setUp()
  const span = tracer.startSpan('chat', {attributes: chat(long)})
  span.end()
  expect(next.spans).toEqual([])
  expect(processor.getStats().pendingSpans).toBe(1)
  await processor.forceFlush()
  expect(processor.getStats()).toMatchObject({pendingSpans: 0, pendingLength: 0, calls: 1})
  expect(names().slice(0, 2)).toEqual(['chat', 'reasoning'])
  expect(next.reasoning).toHaveLength(65)
  const last = next.spans.at(-1)
  expect(last?.attributes['reasoning.steps_merged']).toBeGreaterThan(1)
})

test('keeps what a long span held when it ended, whatever others write on it later', async () => {
  const long = `${THOUGHT} `.repeat(100)
  const {processor, tracer} = setUp()
  const span = tracer.startSpan('chat', {attributes: chat(long)})
  span.end()
  const {attributes} = span as unknown as {attributes: Record<string, unknown>}
  attributes['gen_ai.output.messages'] = 'scrubbed'
  await processor.forceFlush()
  expect(next.reasoning.length).toBeGreaterThan(1)
})

test('keeps the order of a trace in which a long call is still waiting', async () => {
  const long = `${THOUGHT} `.repeat(100).trim()
  const {processor, tracer} = setUp()
  const agent = tracer.startSpan('invoke_agent')
  tracer.startSpan('chat', {attributes: chat(long)}, trace.setSpan(context.active(), agent)).end()
  agent.setAttribute('gen_ai.operation.name', 'invoke_agent')
  agent.setAttribute('gen_ai.output.messages', output(long))
  agent.end()
  tracer.startSpan('unrelated').end()
  expect(names()).toEqual(['unrelated'])
  await processor.forceFlush()
  expect(next.reasoning.filter((span) => span.name === 'reasoning')).toHaveLength(1)
})

test('lets spans leave unexpanded when too many wait, and counts them', async () => {
  const long = `${THOUGHT} `.repeat(100)
  const {processor, tracer} = setUp({maxPendingSpans: 1})
  for (let i = 0; i < 3; i += 1) tracer.startSpan(`chat ${i}`, {attributes: chat(long)}).end()
  expect(names()).toEqual(['chat 1', 'chat 2'])
  await processor.forceFlush()
  expect(processor.getStats()).toMatchObject({unexpandedOverload: 2, calls: 1})
  expect(next.users).toHaveLength(3)
})

test('holds the policy on spans that leave unexpanded', () => {
  const long = `${THOUGHT} `.repeat(100)
  const {tracer} = setUp({maxPendingLength: 1, content: 'drop'})
  tracer.startSpan('chat', {attributes: {...chat(long), 'http.status': 200}}).end()
  const [span] = next.users
  expect(JSON.stringify(span?.attributes)).not.toContain('headphones')
  expect(span?.attributes).toMatchObject({
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'http.status': 200,
  })
})

test('gives calls over the span budget their block with its text, without steps', () => {
  const {processor, tracer} = setUp({maxSpansPerSecond: 5})
  for (let i = 0; i < 3; i += 1) tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
  const blocks = next.reasoning.filter((span) => span.name === 'reasoning')
  expect(blocks).toHaveLength(3)
  expect(blocks[2]?.attributes['reasoning.text']).toBe(THOUGHT)
  expect(blocks[2]?.attributes['reasoning.step.count']).toBeGreaterThan(1)
  expect(processor.getStats().stepsOverBudget).toBeGreaterThan(0)
})

test('sends only ours under forward: reasoning', async () => {
  const {processor, tracer} = setUp({forward: 'reasoning'})
  tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
  tracer.startSpan('other').end()
  await processor.forceFlush()
  expect(next.users).toEqual([])
  expect(next.starts).toEqual([])
  expect(names()[0]).toBe('reasoning')
})

test('copies session, user and tenant, or what it is told to', () => {
  const {tracer} = setUp({copyAttributes: ['session.id', 'team']})
  const attributes = {...chat(THOUGHT), 'session.id': 's-1', team: 'blue', 'user.id': 'u-1'}
  tracer.startSpan('chat', {attributes}).end()
  for (const span of next.reasoning) {
    expect(span.attributes).toMatchObject({'session.id': 's-1', team: 'blue'})
    expect(span.attributes).not.toHaveProperty('user.id')
  }
})

test("obeys the SDK's limit on the length of values", () => {
  const {tracer} = setUp({}, {attributeValueLengthLimit: 500})
  tracer
    .startSpan('chat', {
      attributes: {...chat('x'), 'gen_ai.output.messages': output(`${'long '.repeat(300)}.`)},
    })
    .end()
  expect(next.reasoning.length).toBeGreaterThan(0)
  for (const span of next.reasoning) {
    const text = span.attributes['reasoning.text']
    if (typeof text === 'string') expect(text.length).toBeLessThanOrEqual(500)
  }
  expect(next.reasoning[0]?.attributes['reasoning.text_incomplete']).toBe(true)
})

test('gives a window of no length spans of no length, in the order of their index', () => {
  const {tracer} = setUp()
  tracer
    .startSpan('chat', {startTime: [1_700_000_000, 5], attributes: chat(THOUGHT)})
    .end([1_700_000_000, 5])
  const steps = next.reasoning.slice(1)
  expect(steps.map((span) => span.attributes['reasoning.step.index'])).toEqual(
    steps.map((_, i) => i),
  )
  for (const span of next.reasoning) expect(span.duration).toEqual([0, 0])
})

describe('an async classifier', () => {
  const everythingIs = (sentences: readonly string[]): KindLabel[] =>
    sentences.map(() => ({kind: 'verify', confidence: 0.9}))

  test('is awaited by forceFlush', async () => {
    const {processor, tracer} = setUp({
      classifier: async (sentences) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return everythingIs(sentences)
      },
    })
    tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
    expect(next.spans).toEqual([])
    await processor.forceFlush()
    expect(names()).toEqual(['chat', 'reasoning', 'reasoning verify'])
  })

  test('is not waited for longer than maxHoldMillis', async () => {
    const {processor, tracer} = setUp({
      maxHoldMillis: 10,
      classifier: () => new Promise(() => {}),
    })
    tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
    await processor.forceFlush()
    expect(next.reasoning.length).toBeGreaterThan(3)
    expect(processor.getStats().heldTooLong).toBe(1)
  })

  test('that fails, or answers nonsense, costs its labels and nothing else', async () => {
    const onError = vi.fn()
    const {processor, tracer} = setUp({
      onError,
      classifier: (sentences) =>
        sentences.length > 4
          ? Promise.reject(new Error('no model'))
          : ([{kind: 'nonsense'}] as never),
    })
    tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
    tracer.startSpan('chat', {attributes: chat('One sentence here. And two.')}).end()
    await processor.forceFlush()
    expect(next.reasoning.filter((span) => span.name === 'reasoning')).toHaveLength(2)
    expect(onError).toHaveBeenCalledTimes(2)
    expect(processor.getStats().errors).toBe(2)
  })

  test('that is sync labels at once', () => {
    const {tracer} = setUp({classifier: everythingIs})
    tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
    expect(names()).toEqual(['chat', 'reasoning', 'reasoning verify'])
  })
})

describe('a next processor that throws', () => {
  test('never reaches the application', () => {
    const broken = {
      onStart: () => {
        throw new Error('start')
      },
      onEnd: () => {
        throw new Error('end')
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const onError = vi.fn()
    const processor = new ReasoningSpanProcessor({next: broken, onError})
    const created = createProvider({spanProcessors: [processor]})
    providers.push(created)
    created
      .tracer()
      .startSpan('chat', {attributes: chat(THOUGHT)})
      .end()
    expect(onError).toHaveBeenCalled()
    expect(processor.getStats().errors).toBeGreaterThan(0)
  })
})

describe('two processors with two policies', () => {
  test('each send what theirs allows', () => {
    const dropping = new InvariantSpanProcessor()
    const created = createProvider({
      spanProcessors: [
        new ReasoningSpanProcessor({next}),
        new ReasoningSpanProcessor({next: dropping, content: 'drop'}),
      ],
    })
    providers.push(created)
    created
      .tracer()
      .startSpan('chat', {attributes: chat(THOUGHT)})
      .end()
    const ids = (processor: InvariantSpanProcessor): string[] =>
      processor.spans.map((span) => span.spanContext().spanId)
    expect(ids(dropping)).toEqual(ids(next))
    expect(JSON.stringify(next.spans.map((span) => span.attributes))).toContain('headphones')
    expect(JSON.stringify(dropping.spans.map((span) => span.attributes))).not.toContain(
      'headphones',
    )
    for (const span of dropping.reasoning) {
      expect(span.attributes).not.toHaveProperty('reasoning.text_hash')
      expect(span.attributes).not.toHaveProperty('reasoning.text_length')
    }
    dropping.assertSound()
  })
})

describe('wrong calls', () => {
  test('are refused with what was expected and what was got', () => {
    const exporter = new InMemorySpanExporter()
    expect(() => new ReasoningSpanProcessor({next: exporter as never})).toThrow(
      /That is an exporter/,
    )
    expect(() => new ReasoningSpanProcessor(undefined as never)).toThrow(/expected `next`/)
    expect(() => new ReasoningSpanProcessor({next, maxSteps: 0})).toThrow(
      'expected `maxSteps` to be a number from 1 to 1000, got `0` (number)',
    )
    expect(() => new ReasoningSpanProcessor({next, contnet: 'drop'} as never)).toThrow(
      /unknown option `contnet`/,
    )
    expect(() => new ReasoningSpanProcessor({next, forward: 'some' as never})).toThrow(/`forward`/)
    expect(() => new ReasoningSpanProcessor({next, signals: {loops: false} as never})).toThrow(
      /unknown signal `loops`/,
    )
  })
})

describe('where OTEL_SDK_DISABLED is true', () => {
  const disabled = (content?: 'drop'): ReasoningSpanProcessor => {
    vi.stubEnv('OTEL_SDK_DISABLED', 'true')
    const processor = new ReasoningSpanProcessor({next, content})
    vi.unstubAllEnvs()
    return processor
  }

  test('hands on and adds nothing', () => {
    const span = chatSpan(THOUGHT)
    const processor = disabled()
    processor.onEnd(span)
    expect(next.spans).toEqual([span])
    expect(next.spans[0]).toBe(span)
    expect(processor.getStats()).toMatchObject({spans: 1, calls: 0})
  })

  test('still holds the policy', () => {
    disabled('drop').onEnd(chatSpan(THOUGHT, {attributes: {'url.full': 'http://x'}}))
    expect(next.spans).toHaveLength(1)
    expect(JSON.stringify(next.spans[0]?.attributes)).not.toContain('headphones')
    expect(next.spans[0]?.attributes).toMatchObject({'url.full': 'http://x'})
    expect(next.spans[0]?.attributes).not.toHaveProperty(['reasoning.block.count'])
  })
})

test('hands a span that is recorded and not sampled on as it is', () => {
  const {processor} = setUp()
  const span = Object.assign(chatSpan(THOUGHT, {traceFlags: TraceFlags.NONE}), {
    isRecording: () => true,
  })
  processor.onEnd(span)
  expect(next.spans).toEqual([span])
  expect(next.spans[0]).toBe(span)
  expect(processor.getStats().spans).toBe(0)
})

test.each(['keep', 'mask', 'drop'] as const)(
  'hands every damaged span on once, and throws at none, under %s',
  async (content) => {
    const got: unknown[] = []
    const plain = {
      onStart: () => {},
      onEnd: (span: unknown) => got.push(span),
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const processor = new ReasoningSpanProcessor({next: plain, content})
    const spans = damagedSpans(600)
    for (const span of spans) processor.onEnd(span)
    for (const garbage of [null, undefined, 7, {}]) processor.onEnd(garbage as never)
    await processor.forceFlush()
    const isOurs = (span: unknown): boolean =>
      (span as {instrumentationScope?: {name?: string}} | null)?.instrumentationScope?.name ===
      'otel-reasoning'
    expect(got.filter((span) => !isOurs(span))).toHaveLength(604)
    expect(got.filter(isOurs).length).toBeGreaterThan(0)
    expect(processor.getStats()).toMatchObject({pendingSpans: 0, pendingLength: 0})
    if (content === 'drop') {
      const texts = JSON.stringify(got.map((span) => (span as {attributes?: unknown})?.attributes))
      expect(texts).not.toContain('let me check that again')
    }
    await processor.shutdown()
  },
)

test('a long span without events is delivered', async () => {
  const {processor} = setUp()
  const {events: _, ...span} = makeSpan({attributes: {x: 'y'.repeat(9000)}})
  processor.onEnd(span as never)
  await processor.forceFlush()
  expect(next.spans).toHaveLength(1)
})

test('takes a redaction, and not all text, from spans that leave for overload', () => {
  const {processor, tracer} = setUp({maxPendingLength: 1, content: 'drop'})
  const attributes = {...chat(`${THOUGHT} `.repeat(100)), 'db.query.text': 'select 1'}
  const span = tracer.startSpan('chat', {attributes})
  span.addEvent('exception', {'exception.message': 'boom'})
  span.end()
  const [user] = next.users
  expect(user?.attributes['db.query.text']).toBe('select 1')
  expect(user?.attributes['gen_ai.output.messages']).toContain('Approved.')
  expect(JSON.stringify(user?.attributes)).not.toContain('headphones')
  expect(user?.events).toHaveLength(1)
  expect(processor.getStats().unexpandedOverload).toBe(1)
})

test.each([
  [
    'an event',
    () =>
      makeSpan({
        attributes: {'gen_ai.operation.name': 'chat'},
        events: [{name: 'gen_ai.choice', time: [1, 1], attributes: {message: 'x'.repeat(100_000)}}],
      }),
  ],
  ['a list', () => makeSpan({attributes: {list: ['x'.repeat(50_000), 'y'.repeat(50_000)]}})],
  [
    'what others told',
    () => {
      const span = makeSpan({
        traceId: 'd'.repeat(32),
        attributes: {'gen_ai.operation.name': 'chat'},
      })
      const {traceId, spanId} = span.spanContext()
      getHub().contribute(traceId, spanId, logContribution('A long thought. '.repeat(7000)))
      return span
    },
  ],
])('takes a long text in %s up in later turns, too', async (_, make) => {
  const {processor} = setUp()
  processor.onEnd(make())
  expect(next.spans).toEqual([])
  expect(processor.getStats().pendingLength).toBeGreaterThanOrEqual(100_000)
  await processor.forceFlush()
  expect(next.users).toHaveLength(1)
})

test('bounds the calls that wait for a classifier, short ones too', async () => {
  const {processor} = setUp({
    maxPendingSpans: 2,
    maxHoldMillis: 20,
    classifier: () => new Promise(() => {}),
  })
  for (let i = 0; i < 5; i += 1) processor.onEnd(chatSpan(THOUGHT))
  processor.onEnd(makeSpan({name: 'GET'}))
  expect(next.users).toHaveLength(4)
  await processor.forceFlush()
  expect(processor.getStats()).toMatchObject({unexpandedOverload: 3, heldTooLong: 2})
  expect(next.users).toHaveLength(6)
})

test('flushes under steady traffic of an async classifier', async () => {
  const {processor} = setUp({
    classifier: async (sentences) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return sentences.map(() => ({kind: 'plan', confidence: 1}))
    },
  })
  const traffic = setInterval(() => processor.onEnd(chatSpan(THOUGHT)), 5)
  processor.onEnd(chatSpan(THOUGHT))
  const flush = processor.forceFlush().then(() => 'flushed')
  const late = new Promise((resolve) => setTimeout(resolve, 2000, 'too late'))
  const outcome = await Promise.race([flush, late])
  clearInterval(traffic)
  expect(outcome).toBe('flushed')
  await processor.forceFlush()
})

test('never tells what a classifier said: it may quote what it was given', async () => {
  const told: string[] = []
  const onError = (error: Error): void => void told.push(`${error.name} ${error.message}`)
  const throwing = setUp({
    onError,
    classifier: (sentences) => {
      throw new RangeError(`cannot label ${sentences[0]}`)
    },
  })
  throwing.processor.onEnd(chatSpan(THOUGHT))
  const rejecting = setUp({
    onError,
    classifier: (sentences) => Promise.reject(new Error(`cannot label ${sentences[0]}`)),
  })
  rejecting.processor.onEnd(chatSpan(THOUGHT))
  const echoing = setUp({
    onError,
    classifier: (sentences) => sentences.map((kind) => ({kind: kind as never, confidence: 1})),
  })
  echoing.processor.onEnd(chatSpan(THOUGHT))
  await rejecting.processor.forceFlush()
  expect(told).toEqual([
    'Error the classifier threw (RangeError)',
    'TypeError the classifier gave labels that cannot be used',
    'Error the classifier threw',
  ])
})

test('a classifier that calls an instrumented model is not asked about that call', async () => {
  context.setGlobalContextManager(createContextManager().enable())
  try {
    let asked = 0
    let ask = (): void => {}
    const {processor, tracer} = setUp({
      classifier: async (sentences) => {
        asked += 1
        await Promise.resolve()
        if (asked < 10) ask()
        return sentences.map(() => ({kind: 'plan', confidence: 1}))
      },
    })
    ask = () => tracer.startSpan('classifier', {attributes: chat(THOUGHT)}).end()
    tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
    await processor.forceFlush()
    await processor.forceFlush()
    expect(asked).toBe(1)
    expect(next.users).toHaveLength(1)
  } finally {
    context.disable()
  }
})

test('counts spans that end after shutdown', async () => {
  const {processor} = setUp()
  const shutdown = processor.shutdown()
  processor.onEnd(chatSpan(THOUGHT))
  await shutdown
  expect(next.spans).toEqual([])
  expect(processor.getStats().spansAfterShutdown).toBe(1)
})

test('loses none of the user’s spans at 80 calls of 64 steps a second through one shared queue', async () => {
  const exported: string[] = []
  let exporting = 0
  const slowExporter = {
    export: (spans: {name: string}[], done: (result: {code: number}) => void) => {
      exporting += 1
      setTimeout(() => {
        exported.push(...spans.map((span) => span.name))
        exporting -= 1
        done({code: 0})
      }, 100)
    },
    shutdown: async () => {},
    forceFlush: async () => {},
  }
  const processor = new ReasoningSpanProcessor({
    next: createBatchProcessor(slowExporter as never),
    granularity: 'fine',
    classifier: 'rules',
  })
  const created = createProvider({spanProcessors: [processor]})
  const tracer = created.tracer()
  const kinds = ['First I need to plan this.', 'Wait, let me check that again.']
  const steps = Array.from({length: 64}, (_, i) => `${kinds[i % 2]} Number ${i}.`).join(' ')
  let users = 0
  for (let tick = 0; tick < 40; tick += 1) {
    for (let i = 0; i < 4; i += 1) {
      tracer.startSpan('chat', {attributes: chat(steps)}).end()
      tracer.startSpan('user work').end()
      users += 2
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await created.provider.shutdown()
  const own = exported.filter((name) => name === 'chat' || name === 'user work')
  expect(own).toHaveLength(users)
  expect(exported.length).toBeGreaterThan(own.length + 500)
  expect(exporting).toBe(0)
}, 20_000)

describe('behind another of ours', () => {
  test('long spans of ours go on as they are, to a real serializer too', async () => {
    const exported: unknown[] = []
    const exporter = new ReasoningSpanExporter({
      exporter: {
        export: (spans, done) => {
          exported.push(...spans)
          JsonTraceSerializer.serializeRequest(spans as never)
          done({code: 0})
        },
        shutdown: async () => {},
      },
      maxTextBytes: 20_000,
    })
    const outer = new ReasoningSpanProcessor({
      next: createSimpleProcessor(exporter as never) as never,
      maxTextBytes: 20_000,
    })
    const created = createProvider({spanProcessors: [outer]})
    providers.push(created)
    const long = `${'A statement that goes on and on '.repeat(400)}. Wait, let me check that.`
    created
      .tracer()
      .startSpan('chat', {attributes: chat(long)})
      .end()
    await created.provider.forceFlush()
    await exporter.forceFlush()
    expect(exported.length).toBeGreaterThan(2)
    expect(exporter.getStats()).toMatchObject({errors: 0, unexpandedFault: 0})
  })
})

test('an error whose message quotes the thought loses the quotation under the policy', () => {
  const {tracer} = setUp({content: 'drop'})
  const span = tracer.startSpan('chat', {attributes: chat(THOUGHT)})
  span.setStatus({code: 2, message: `bad output: ${THOUGHT}`})
  span.end()
  const [left] = next.users
  expect(left?.status.code).toBe(2)
  expect(left?.status.message).not.toContain('headphones')
  expect((span as unknown as {status: {message: string}}).status.message).toContain('headphones')
})

test('a logger that throws harms nobody', () => {
  const warn = vi.spyOn(diag, 'warn').mockImplementation(() => {
    throw new Error('logger')
  })
  const {tracer} = setUp({
    classifier: () => {
      throw Object.create(null)
    },
  })
  tracer.startSpan('chat', {attributes: chat(THOUGHT)}).end()
  expect(warn).toHaveBeenCalled()
  warn.mockRestore()
  expect(next.reasoning.length).toBeGreaterThan(1)
})

test('a span whose attributes cannot be read is handed on without them under the policy', () => {
  const {processor, tracer} = setUp({content: 'drop'})
  const span = tracer.startSpan('chat', {attributes: chat(THOUGHT)})
  const broken = Object.create(span, {
    attributes: {
      get: () => {
        throw new Error('broken')
      },
    },
  })
  processor.onEnd(broken)
  expect(next.spans).toHaveLength(1)
  expect(next.spans[0]?.attributes).toEqual({})
})
