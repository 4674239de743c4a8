import {context, trace, TraceFlags} from '@opentelemetry/api'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {getHub} from '../src/hub.ts'
import {ReasoningLogRecordProcessor} from '../src/logs.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {
  createLoggerProvider,
  createProvider,
  createSimpleLogProcessor,
  InMemoryLogRecordExporter,
  type Provider,
} from './setup/sdk.ts'

const THOUGHT =
  'First I look at the order. Wait, let me check the date again. Therefore it is approved.'

let next: InvariantSpanProcessor
let created: Provider

beforeEach(() => {
  next = new InvariantSpanProcessor()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await created.provider.shutdown()
  next.assertSound()
})

const details = (text: string): object => ({
  'gen_ai.provider.name': 'openai',
  'gen_ai.output.messages': [
    {
      role: 'assistant',
      parts: [
        {type: 'reasoning', text},
        {type: 'text', content: 'Approved.'},
      ],
    },
  ],
})

function callWithLog(
  logs: ReturnType<typeof createLoggerProvider>,
  {emitLate = false}: {emitLate?: boolean} = {},
): void {
  const span = created.tracer().startSpan('chat gpt-oss-120b', {
    attributes: {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-oss-120b'},
  })
  const emit = (): void =>
    logs.logger().emit({
      eventName: 'gen_ai.client.inference.operation.details',
      attributes: details(THOUGHT) as never,
      context: trace.setSpan(context.active(), span),
    })
  if (!emitLate) emit()
  span.end()
  if (emitLate) emit()
}

function setUp(options: ConstructorParameters<typeof ReasoningLogRecordProcessor>[0] = {}): {
  logs: ReturnType<typeof createLoggerProvider>
  processor: ReasoningSpanProcessor
} {
  const processor = new ReasoningSpanProcessor({next})
  created = createProvider({spanProcessors: [processor]})
  const logs = createLoggerProvider({
    processors: [new ReasoningLogRecordProcessor(options) as never],
  })
  return {logs, processor}
}

test('joins reasoning in a log event to its span, structure only by default', () => {
  const {logs} = setUp()
  callWithLog(logs)
  expect(next.spans.map((span) => span.name).slice(0, 2)).toEqual([
    'chat gpt-oss-120b',
    'reasoning',
  ])
  expect(next.reasoning.length).toBeGreaterThan(2)
  expect(JSON.stringify(next.spans.map((span) => span.attributes))).not.toContain('the order')
  expect(next.reasoning[0]?.attributes).toMatchObject({
    'reasoning.text_policy': 'length',
    'reasoning.text_length': THOUGHT.length,
  })
})

test.each(['true', 'SPAN_ONLY', 'span_and_event'])(
  'shows the text where OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is %s',
  (value) => {
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', value)
    const {logs} = setUp()
    callWithLog(logs)
    const text = next.reasoning.map((span) => span.attributes['reasoning.text'] ?? '').join(' ')
    expect(text.trim()).toBe(THOUGHT)
  },
)

test('takes events that come after their span has ended', async () => {
  const {logs, processor} = setUp()
  callWithLog(logs, {emitLate: true})
  await processor.forceFlush()
  expect(next.reasoning[0]?.attributes['reasoning.late']).toBe(true)
})

test('hands records on as they are, or without their reasoning', async () => {
  const plain = new InMemoryLogRecordExporter()
  const exporter = new InMemoryLogRecordExporter()
  const {logs: untouched} = setUp({next: createSimpleLogProcessor(plain) as never})
  callWithLog(untouched)
  await created.provider.shutdown()
  const {logs} = setUp({next: createSimpleLogProcessor(exporter) as never, content: 'drop'})
  callWithLog(logs)
  const textOf = (log: InstanceType<typeof InMemoryLogRecordExporter>): string =>
    JSON.stringify(log.getFinishedLogRecords().map(({attributes, body}) => [attributes, body]))
  expect(textOf(plain)).toContain('the order')
  expect(textOf(exporter)).not.toContain('the order')
  expect(textOf(exporter)).toContain('Approved.')
  expect(exporter.getFinishedLogRecords()[0]?.eventName).toBe(
    'gen_ai.client.inference.operation.details',
  )
})

test('other log processors keep the original', () => {
  const before = new InMemoryLogRecordExporter()
  const processor = new ReasoningSpanProcessor({next})
  created = createProvider({spanProcessors: [processor]})
  const logs = createLoggerProvider({
    processors: [
      new ReasoningLogRecordProcessor({content: 'drop'}) as never,
      createSimpleLogProcessor(before),
    ],
  })
  callWithLog(logs)
  expect(JSON.stringify(before.getFinishedLogRecords()[0]?.attributes)).toContain('the order')
})

test('flushes and shuts next down once, and never throws', async () => {
  const broken = {
    onEmit: () => {
      throw new Error('broken')
    },
    forceFlush: vi.fn(async () => {}),
    shutdown: vi.fn(async () => {}),
  }
  const onError = vi.fn()
  const {logs} = setUp({next: broken, onError})
  callWithLog(logs)
  expect(onError).toHaveBeenCalledOnce()
  const own = new ReasoningLogRecordProcessor({next: broken})
  await own.forceFlush()
  expect(own.shutdown()).toBe(own.shutdown())
  await own.shutdown()
  expect(broken.shutdown).toHaveBeenCalledOnce()
  expect(() => new ReasoningLogRecordProcessor({next: {} as never})).toThrow(/without `onEmit`/)
})

test('finds a thought that it dropped where a later record quotes it, with a trace or without', () => {
  const exporter = new InMemoryLogRecordExporter()
  const {logs} = setUp({next: createSimpleLogProcessor(exporter) as never, content: 'drop'})
  const span = created.tracer().startSpan('chat')
  for (const active of [context.active(), trace.setSpan(context.active(), span)]) {
    logs.logger().emit({
      eventName: 'gen_ai.choice',
      body: {message: {role: 'assistant', reasoning_content: THOUGHT, content: 'ok'}},
      context: active,
    })
    logs.logger().emit({
      eventName: 'gen_ai.user.message',
      body: {content: `You thought: ${THOUGHT} Is that so?`},
      context: active,
    })
  }
  span.end()
  const bodies = exporter.getFinishedLogRecords().map(({body}) => JSON.stringify(body))
  expect(bodies).toHaveLength(4)
  expect(bodies.join(' ')).not.toContain('the order')
  expect(bodies[1]).toContain('Is that so?')
  expect(bodies[3]).toContain('You thought')
})

test('processors that follow may write on the copy, and the original stays as it was', () => {
  const exporter = new InMemoryLogRecordExporter()
  const inner = createSimpleLogProcessor(exporter)
  const original = new InMemoryLogRecordExporter()
  const enriching = {
    onEmit: (record: {
      body: object
      setBody(body: object): void
      setAttribute(key: string, value: string): void
    }) => {
      record.setBody({...record.body, team: 'blue'})
      record.setAttribute('team', 'blue')
      inner.onEmit(record as never)
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const onError = vi.fn()
  created = createProvider({spanProcessors: [new ReasoningSpanProcessor({next})]})
  const logs = createLoggerProvider({
    processors: [
      new ReasoningLogRecordProcessor({
        next: enriching as never,
        content: 'drop',
        onError,
      }) as never,
      createSimpleLogProcessor(original),
    ],
  })
  logs.logger().emit({
    eventName: 'gen_ai.choice',
    body: {message: {role: 'assistant', reasoning_content: THOUGHT, content: 'ok'}},
  })
  expect(onError).not.toHaveBeenCalled()
  const [sent] = exporter.getFinishedLogRecords()
  expect(sent?.body).toMatchObject({team: 'blue'})
  expect(sent?.attributes).toMatchObject({team: 'blue'})
  expect(original.getFinishedLogRecords()[0]?.body).not.toHaveProperty('team')
  expect(original.getFinishedLogRecords()[0]?.attributes).not.toHaveProperty('team')
})

test('a next that throws at once rejects the shutdown, and is enabled', async () => {
  const {logs: _} = setUp()
  const broken = {
    onEmit: () => {},
    forceFlush: async () => {},
    enabled: (): boolean => {
      throw new Error('enabled')
    },
    shutdown: (): Promise<void> => {
      throw new Error('shutdown')
    },
  }
  const onError = vi.fn()
  const own = new ReasoningLogRecordProcessor({next: broken, onError})
  expect(own.enabled({})).toBe(true)
  expect(onError).toHaveBeenCalledOnce()
  await expect(own.shutdown()).rejects.toThrow('shutdown')
})

test('leaves nothing for a span that is not sampled', () => {
  const {logs} = setUp()
  const before = getHub().length()
  const unsampled = trace.wrapSpanContext({
    traceId: 'e'.repeat(32),
    spanId: 'e'.repeat(16),
    traceFlags: TraceFlags.NONE,
  })
  logs.logger().emit({
    eventName: 'gen_ai.client.inference.operation.details',
    attributes: details(THOUGHT) as never,
    context: trace.setSpan(context.active(), unsampled),
  })
  expect(getHub().length()).toBe(before)
})
