/** The hooks by themselves, on both SDK lines: the AI SDK itself is in `test/clients`. */
import {context, trace} from '@opentelemetry/api'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {createReasoningTelemetry, reasoningMiddleware} from '../../../src/ai-sdk.ts'
import {ReasoningSpanExporter} from '../../../src/exporter.ts'
import {getHub} from '../../../src/hub.ts'
import {ReasoningSpanProcessor} from '../../../src/processor.ts'
import {InvariantSpanProcessor} from '../../setup/invariants.ts'
import {
  createContextManager,
  createProvider,
  createSimpleProcessor,
  InMemorySpanExporter,
} from '../../setup/sdk.ts'

const THOUGHT = 'First I look at the order. Wait, let me check it again.'
const RESULT = {
  content: [
    {type: 'reasoning', text: THOUGHT},
    {type: 'text', text: 'Yes.'},
  ],
  finishReason: 'stop',
  usage: {inputTokens: 4, outputTokens: 30, reasoningTokens: 20},
  response: {id: 'r1', modelId: 'deepseek-r1'},
}
const MODEL = {provider: 'local.chat', modelId: 'deepseek-r1'}

const streamOf = (parts: readonly unknown[]): ReadableStream<unknown> =>
  new ReadableStream<unknown>({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })

const PARTS = [
  {type: 'reasoning-start', id: '0'},
  {type: 'reasoning-delta', id: '0', delta: THOUGHT},
  {type: 'reasoning-end', id: '0'},
  {type: 'finish', finishReason: 'stop', usage: {}},
]

async function drain(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const parts: unknown[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

let next: InvariantSpanProcessor
let provider: ReturnType<typeof createProvider>
beforeEach(() => {
  next = new InvariantSpanProcessor()
  provider = createProvider({spanProcessors: [new ReasoningSpanProcessor({next})]})
  const manager = createContextManager()
  manager.enable()
  context.setGlobalContextManager(manager)
  trace.setGlobalTracerProvider(provider.provider)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await provider.provider.shutdown()
  trace.disable()
  context.disable()
  next.assertSound()
})

const generate = (middleware = reasoningMiddleware()) =>
  middleware.wrapGenerate({doGenerate: async () => RESULT, params: {}, model: MODEL})

describe('content', () => {
  test('is not on spans unless somebody allows it; the structure is', async () => {
    await generate()
    await provider.provider.forceFlush()
    expect(next.reasoning.map(({name}) => name).slice(0, 2)).toEqual([
      'reasoning',
      expect.stringMatching(/^reasoning /),
    ])
    const written = JSON.stringify(next.spans.map(({attributes}) => attributes))
    expect(written).not.toContain('look at the order')
    expect(next.reasoning[0]?.attributes['reasoning.text_policy']).toBe('length')
  })

  test('is, where the conventions’ own switch says so', async () => {
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'SPAN_ONLY')
    const own = new InvariantSpanProcessor()
    const {provider: allowing} = createProvider({
      spanProcessors: [new ReasoningSpanProcessor({next: own})],
    })
    await generate(reasoningMiddleware({tracerProvider: allowing}))
    await allowing.forceFlush()
    expect(JSON.stringify(own.reasoning.map(({attributes}) => attributes))).toContain(
      'look at the order',
    )
    await allowing.shutdown()
  })
})

test('the result is the very object that the model gave', async () => {
  expect(await generate()).toBe(RESULT)
  const result = {stream: streamOf(PARTS), request: {body: '{}'}}
  const given = await reasoningMiddleware().wrapStream({
    doStream: async () => result,
    params: {},
    model: MODEL,
  })
  expect(given).toBe(result)
  const parts = await drain(given.stream)
  expect(parts.every((part, index) => part === PARTS[index])).toBe(true)
  expect(parts).toHaveLength(PARTS.length)
})

test('a result that cannot be changed, or is none of a model, passes all the same', async () => {
  const frozen = Object.freeze({stream: streamOf(PARTS)})
  const middleware = reasoningMiddleware()
  const given = await middleware.wrapStream({
    doStream: async () => frozen,
    params: {},
    model: MODEL,
  })
  expect(await drain(given.stream)).toEqual(PARTS)
  for (const odd of [undefined, null, 'text', {stream: 7}, {content: null}]) {
    const same = await middleware.wrapGenerate({
      doGenerate: async () => odd,
      params: {},
      model: MODEL,
    })
    expect(same).toBe(odd)
  }
  await provider.provider.forceFlush()
  expect(next.users).toHaveLength(6)
})

test('a result that is given twice, as from a cache, is told for each call', async () => {
  await generate()
  await generate()
  await provider.provider.forceFlush()
  expect(next.users).toHaveLength(2)
  expect(next.reasoning.filter(({name}) => name === 'reasoning')).toHaveLength(2)
  expect(
    next.reasoning.every(({attributes}) => attributes['reasoning.visibility'] !== 'hidden'),
  ).toBe(true)
})

test('one middleware around another tells each thought once', async () => {
  const outer = reasoningMiddleware()
  await outer.wrapGenerate({doGenerate: () => generate(), params: {}, model: MODEL})
  await provider.provider.forceFlush()
  expect(next.users).toHaveLength(1)
  expect(next.reasoning.filter(({name}) => name === 'reasoning')).toHaveLength(1)
})

test('what a model throws is thrown, whatever it is', async () => {
  for (const thrown of [new Error('no'), 'no', undefined, Object.freeze({isRetryable: true})]) {
    const call = reasoningMiddleware().wrapGenerate({
      doGenerate: () => Promise.reject(thrown),
      params: {},
      model: MODEL,
    })
    await expect(call.then(undefined, (error: unknown) => ({error}))).resolves.toEqual({
      error: thrown,
    })
  }
})

test('with the middleware each attempt of a retried call is a span of ours', async () => {
  const middleware = reasoningMiddleware()
  const refused = Object.assign(new Error('wait'), {isRetryable: true, statusCode: 429})
  await middleware
    .wrapGenerate({doGenerate: () => Promise.reject(refused), params: {}, model: MODEL})
    .catch(() => {})
  await generate(middleware)
  await provider.provider.forceFlush()
  expect(next.users.map(({attributes}) => attributes['error.type'])).toEqual(['429', undefined])
})

test('an integration whose stream is read past it is told at the call’s end', async () => {
  const integration = createReasoningTelemetry()
  const event = {callId: 'c1', ...MODEL}
  integration.onStepStart(event)
  integration.onLanguageModelCallStart(event)
  const stream = streamOf(PARTS)
  // AI SDK 7 gives the original back where it had to hide credentials in what integrations see.
  await integration.executeLanguageModelCall({...event, execute: async () => ({stream})})
  expect(await drain(stream)).toEqual(PARTS)
  integration.onLanguageModelCallEnd({...event, ...RESULT, responseId: 'r1'})
  integration.onEnd(event)
  await provider.provider.forceFlush()
  expect(next.users.map(({name}) => name)).toEqual(['chat deepseek-r1'])
  expect(next.users[0]?.attributes['gen_ai.response.id']).toBe('r1')
  expect(next.reasoning[0]?.attributes['reasoning.timing']).toBe('estimated')
})

test('an integration that is told of an end twice, or of a call it never saw, does nothing', () => {
  const integration = createReasoningTelemetry()
  for (const event of [{callId: 'x'}, undefined, null, 'x', {callId: 7}]) {
    integration.onError(event)
    integration.onEnd(event as {callId: string})
    integration.onAbort(event as {callId: string})
  }
  expect(next.spans).toEqual([])
})

test('a stream that nobody reads does not keep its span back: the operation’s end does it', async () => {
  const integration = createReasoningTelemetry()
  const event = {callId: 'c1', ...MODEL}
  await integration.executeLanguageModelCall({
    ...event,
    execute: async () => ({stream: streamOf(PARTS)}),
  })
  await provider.provider.forceFlush()
  expect(next.users).toEqual([])
  integration.onEnd(event)
  await provider.provider.forceFlush()
  expect(next.users).toHaveLength(1)
})

test('a call that is not sampled is left alone', async () => {
  const before = getHub().length()
  const remote = {traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0}
  const stream = streamOf(PARTS)
  const given = await context.with(trace.setSpanContext(context.active(), remote), () =>
    reasoningMiddleware().wrapStream({doStream: async () => ({stream}), params: {}, model: MODEL}),
  )
  expect(given.stream).toBe(stream)
  expect(getHub().length()).toBe(before)
  expect(next.spans).toEqual([])
})

test('beside `ReasoningSpanExporter` alone the active span of a model call is found too', async () => {
  const exporter = new InMemorySpanExporter()
  const {provider: exporting, tracer} = createProvider({
    spanProcessors: [createSimpleProcessor(new ReasoningSpanExporter({exporter}) as never)],
  })
  await tracer('app').startActiveSpan(
    'chat deepseek-r1',
    {attributes: {'gen_ai.operation.name': 'chat'}},
    async (span) => {
      await generate(reasoningMiddleware({tracerProvider: exporting}))
      span.end()
    },
  )
  await exporting.forceFlush()
  const names = exporter.getFinishedSpans().map(({name}) => name)
  expect(names.filter((name) => name.startsWith('chat'))).toHaveLength(1)
  expect(names).toContain('reasoning')
  await exporting.shutdown()
})

describe.each([
  ['reasoningMiddleware', reasoningMiddleware],
  ['createReasoningTelemetry', createReasoningTelemetry],
])('options of %s', (owner, create) => {
  test.each([
    [null, 'expected an options object, got null'],
    [{content: 'keep'}, 'unknown option `content`'],
    [{createSpans: 'yes'}, 'expected `createSpans` to be a boolean, got string'],
    [{tracerProvider: {}}, 'expected `tracerProvider` to be a tracer provider'],
    [{onError: 1}, 'expected `onError` to be a function, got number'],
  ])('%j are refused', (options, message) => {
    expect(() => create(options as never)).toThrow(`${owner}: ${message}`)
  })

  test('a limit that is none is refused', () => {
    expect(() => create({limits: {maxItems: 0}})).toThrow(RangeError)
  })
})

test('a tracer provider that fails costs the span, not the call; `onError` hears of it', async () => {
  const errors: Error[] = []
  const tracerProvider = {
    getTracer: () => {
      throw new Error('no tracer')
    },
  }
  const onError = (error: Error): void => {
    errors.push(error)
    throw error
  }
  expect(await generate(reasoningMiddleware({tracerProvider, onError}))).toBe(RESULT)
  expect(errors.map(({message}) => message)).toEqual(['no tracer'])
})

test('where OpenTelemetry is switched off, nothing is followed', async () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true')
  expect(await generate(reasoningMiddleware())).toBe(RESULT)
  const integration = createReasoningTelemetry()
  const event = {callId: 'c', ...MODEL}
  integration.onStepStart(event)
  expect(await integration.executeLanguageModelCall({...event, execute: async () => RESULT})).toBe(
    RESULT,
  )
  await provider.provider.forceFlush()
  expect(next.spans).toEqual([])
})
