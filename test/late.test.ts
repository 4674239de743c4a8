import {afterEach, beforeEach, expect, test} from 'vitest'
import {getHub} from '../src/hub.ts'
import type {KindLabel} from '../src/model.ts'
import {ReasoningSpanProcessor, type ReasoningSpanProcessorOptions} from '../src/processor.ts'
import type {ReadableSpanLike} from '../src/readable-span.ts'
import {logContribution} from './setup/contribution.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {chatSpan, makeSpan} from './setup/make-span.ts'

const THOUGHT = 'First I plan it. Wait, let me check that again. Therefore it is done.'
const LATER = 'A second, quite different thought that came by log event.'

let next: InvariantSpanProcessor
let processors: ReasoningSpanProcessor[]

beforeEach(() => {
  getHub().announce()
  next = new InvariantSpanProcessor()
  processors = []
})

afterEach(async () => {
  for (const processor of processors) await processor.shutdown()
  next.assertSound()
})

function setUp(options: Partial<ReasoningSpanProcessorOptions> = {}): ReasoningSpanProcessor {
  const processor = new ReasoningSpanProcessor({next, content: 'keep', ...options})
  processors.push(processor)
  return processor
}

function tell(span: ReadableSpanLike, ...told: Parameters<typeof logContribution>): void {
  const {traceId, spanId} = span.spanContext()
  getHub().contribute(traceId, spanId, logContribution(...told))
}

const ignore = {onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {}}

let traces = 0

const newTrace = (): string => (traces += 1).toString(16).padStart(32, 'c')

const blocks = (): ReadableSpanLike[] => next.reasoning.filter(({name}) => name === 'reasoning')

const slowly = async (sentences: readonly string[]): Promise<KindLabel[]> => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return sentences.map(() => ({kind: 'plan', confidence: 1}))
}

test.each(['forceFlush', 'shutdown'] as const)(
  'what is told of a call while its classifier thinks follows it by %s',
  async (end) => {
    const processor = setUp({classifier: slowly})
    const call = chatSpan(THOUGHT, {traceId: newTrace()})
    processor.onEnd(call)
    tell(call, LATER)
    await processor[end]()
    expect(next.spans[0]?.name).toBe('chat gpt-5')
    expect(blocks().map((span) => span.attributes['reasoning.late'])).toEqual([undefined, true])
    expect(blocks()[1]?.attributes['reasoning.block.index']).toBe(1)
    expect(processor.getStats()).toMatchObject({lateBlocks: 1, blocks: 2})
  },
)

test('what is told of a call that waits for its turn is no late reasoning', async () => {
  const processor = setUp()
  const call = chatSpan(`${THOUGHT} `.repeat(200), {traceId: newTrace()})
  processor.onEnd(call)
  tell(call, LATER)
  await processor.forceFlush()
  expect(blocks()).toHaveLength(2)
  expect(processor.getStats().lateBlocks).toBe(0)
})

test('a span that shows no call may still be told of, and is no orphan', async () => {
  const processor = setUp()
  const before = processor.getStats().orphaned
  const span = makeSpan({
    name: 'my model call',
    traceId: newTrace(),
    attributes: {'session.id': 's-1'},
  })
  processor.onEnd(span)
  tell(span, LATER, {model: 'my-model'})
  await processor.forceFlush()
  expect(blocks()[0]?.attributes).toMatchObject({
    'reasoning.late': true,
    'reasoning.request.model': 'my-model',
    'session.id': 's-1',
  })
  expect(blocks()[0]?.parentSpanContext?.spanId).toBe(span.spanContext().spanId)
  expect(processor.getStats().orphaned).toBe(before)
})

test('remembers the newest 256 spans of each sort', async () => {
  const processor = setUp()
  const calls = Array.from({length: 257}, () => chatSpan(THOUGHT, {traceId: newTrace()}))
  const others = Array.from({length: 257}, () => makeSpan({traceId: newTrace()}))
  for (const span of [...calls, ...others]) processor.onEnd(span)
  for (const span of [calls[0], calls[1], calls[256], others[0], others[1], others[256]]) {
    tell(span as ReadableSpanLike, LATER)
  }
  await processor.forceFlush()
  expect(processor.getStats().lateBlocks).toBe(4)
})

test('bounds what it keeps by its text, late texts and copied attributes too', async () => {
  const processor = setUp({maxSpansPerSecond: Infinity, copyAttributes: ['note']})
  const first = chatSpan(THOUGHT, {traceId: newTrace()})
  processor.onEnd(first)
  const second = chatSpan(THOUGHT, {traceId: newTrace()})
  processor.onEnd(second)
  for (let i = 0; i < 5; i += 1) {
    tell(second, `${i} ${'x'.repeat(1024 * 1024)}`)
    await processor.forceFlush()
  }
  // Any call that leaves now finds the two over the limit together, and the older one goes first.
  processor.onEnd(chatSpan(THOUGHT, {traceId: newTrace()}))
  const {lateBlocks} = processor.getStats()
  tell(first, LATER)
  tell(second, LATER)
  await processor.forceFlush()
  expect(lateBlocks).toBe(5)
  expect(processor.getStats().lateBlocks).toBe(5)
})

test('keeps a few facts of a call, and not its prompt', async () => {
  const processor = setUp({next: ignore})
  const refs: WeakRef<ReadableSpanLike>[] = []
  for (let i = 0; i < 20; i += 1) {
    const call = chatSpan(THOUGHT, {traceId: newTrace()})
    refs.push(new WeakRef(call))
    processor.onEnd(call)
  }
  await processor.forceFlush()
  await collectGarbage()
  expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(3)
})

test('a processor that is dropped without a shutdown is not kept by the hub', async () => {
  const refs = Array.from(
    {length: 20},
    () => new WeakRef(new ReasoningSpanProcessor({next: ignore})),
  )
  await collectGarbage()
  expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(3)
})

test('the call says what model it was; what went with it is not told again', async () => {
  const processor = setUp()
  const call = chatSpan(THOUGHT, {
    traceId: newTrace(),
    attributes: {'gen_ai.usage.reasoning_tokens': 100},
  })
  processor.onEnd(call)
  tell(call, LATER, {model: 'another', reasoningTokens: 100, finishReasons: ['length']})
  await processor.forceFlush()
  const [own, late] = blocks()
  expect(own?.attributes['reasoning.token_count']).toBe(100)
  expect(late?.attributes).not.toHaveProperty(['reasoning.token_count'])
  expect(late?.attributes['reasoning.request.model']).toBe('claude-sonnet-4-5')
  expect(late?.attributes).not.toHaveProperty(['reasoning.signals'])
})

test('the policy of the call’s provider holds for what is told of it late', async () => {
  const processor = setUp({content: ({provider}) => (provider === 'anthropic' ? 'drop' : 'keep')})
  const call = chatSpan(THOUGHT, {traceId: newTrace()})
  processor.onEnd(call)
  tell(call, LATER)
  await processor.forceFlush()
  expect(processor.getStats().lateBlocks).toBe(1)
  expect(JSON.stringify(next.spans.map((span) => span.attributes))).not.toContain('different')
})

test('gives up late reasoning where too much waits, and says so', async () => {
  const processor = setUp({maxPendingLength: 1000})
  const call = chatSpan(THOUGHT, {traceId: newTrace()})
  processor.onEnd(call)
  tell(call, 'x'.repeat(2000))
  await processor.forceFlush()
  expect(processor.getStats()).toMatchObject({lateBlocks: 0, errors: 1, pendingLength: 0})
})

async function collectGarbage(): Promise<void> {
  const {setFlagsFromString} = await import('node:v8')
  const {runInNewContext} = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    collect()
  }
}
