import {context, trace} from '@opentelemetry/api'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import {ReasoningLogRecordProcessor} from '../src/logs.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {
  createLoggerProvider,
  createProvider,
  createSimpleLogProcessor,
  createSimpleProcessor,
  InMemoryLogRecordExporter,
  JsonTraceSerializer,
} from './setup/sdk.ts'

/** Found by a detector, so that masking has to remove it too. */
const SECRET = 'maria.quispe@example.com'

/** Where instrumentations put reasoning: attributes of the call, and how the next call echoes it. */
const SHAPES: Readonly<Record<string, (thought: string) => [object, object]>> = {
  'gen_ai messages': (thought) => [
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            {type: 'reasoning', content: thought},
            {type: 'text', content: 'Done.'},
          ],
        },
      ]),
    },
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [{type: 'thinking', thinking: thought, signature: base64(thought)}],
        },
      ]),
    },
  ],
  'flattened openinference': (thought) => [
    {
      'openinference.span.kind': 'LLM',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': thought,
      'output.value': JSON.stringify({
        choices: [{message: {content: 'Done.', reasoning_content: thought}}],
      }),
    },
    {
      'openinference.span.kind': 'LLM',
      'llm.input_messages.1.message.contents.0.message_content.type': 'reasoning',
      'llm.input_messages.1.message.contents.0.message_content.text': thought,
      'input.value': JSON.stringify({messages: [{role: 'assistant', reasoning: thought}]}),
    },
  ],
  'AI SDK': (thought) => [
    {
      'operation.name': 'ai.generateText.doGenerate',
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.response.reasoning': thought,
      'ai.response.text': 'Done.',
    },
    {
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.prompt.messages': JSON.stringify([
        {role: 'assistant', content: [{type: 'reasoning', text: thought}]},
      ]),
    },
  ],
  'think tags': (thought) => [
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.completion.0.content': `<think>${thought}</think>Done.`,
    },
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.prompt.1.content': `<think>${thought}</think>Done.`,
    },
  ],
  'a Python literal': (thought) => [
    {
      'gen_ai.operation.name': 'chat',
      'llm.anthropic.content': `[{'type': 'thinking', 'thinking': '${thought.replaceAll("'", String.raw`\'`)}', 'signature': 'abc'}, {'type': 'text', 'text': 'Done.'}]`,
    },
    {
      'gen_ai.operation.name': 'chat',
      'llm.anthropic.messages': `[{'role': 'assistant', 'content': [{'type': 'thinking', 'thinking': '${thought.replaceAll("'", String.raw`\'`)}'}]}]`,
    },
  ],
}

const thoughts = fc
  .tuple(
    fc.constantFrom(
      'First I look at it. ',
      'Wait, let me check: ',
      'Die Größe "M" stimmt. ',
      "It's fine.\n\n",
    ),
    fc.constantFrom('', 'The order holds headphones. ', '退款已批准。'),
    fc.nat(40),
  )
  .map(
    ([before, after, times]) =>
      `${before}The customer is ${SECRET}. ${after.repeat(times)}So it is done.`,
  )

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

/** Plays a call, the next call that echoes it, and an agent that repeats it; returns what left. */
async function leaving(
  shape: (thought: string) => [object, object],
  thought: string,
  create: (next: InvariantSpanProcessor) => {processor: unknown; flush: () => Promise<void>},
): Promise<string> {
  const next = new InvariantSpanProcessor()
  const {processor, flush} = create(next)
  const created = createProvider({spanProcessors: [processor as never]})
  const tracer = created.tracer()
  const agent = tracer.startSpan('invoke_agent')
  const below = trace.setSpan(context.active(), agent)
  const [call, echo] = shape(thought)
  tracer.startSpan('first call', {attributes: call as never}, below).end()
  const chain = tracer.startSpan('chain', {}, below)
  chain.addEvent('gen_ai.content.prompt', {
    'gen_ai.prompt': JSON.stringify([{role: 'assistant', reasoning_content: thought}]),
  })
  chain.setAttribute('output.value', thought)
  chain.end()
  tracer.startSpan('second call', {attributes: echo as never}, below).end()
  agent.setAttributes(call as never)
  agent.setAttribute(
    'traceloop.entity.output',
    JSON.stringify({output: JSON.stringify({text: thought})}),
  )
  agent.end()
  await flush()
  await created.provider.shutdown()
  next.assertSound()
  expect(next.users.length + next.reasoning.length).toBeGreaterThan(4)
  return decode(JsonTraceSerializer.serializeRequest(next.spans as never))
}

const byProcessor =
  (content: 'keep' | 'mask' | 'hash' | 'length' | 'drop') =>
  (next: InvariantSpanProcessor): {processor: unknown; flush: () => Promise<void>} => {
    const processor = new ReasoningSpanProcessor({
      next,
      content,
      hashKey: 'k',
      stepHashes: true,
      longText: true,
    })
    return {processor, flush: () => processor.forceFlush()}
  }

describe.each(Object.entries(SHAPES))('a secret in %s', (_, shape) => {
  test('is there under keep, so that the test means something', async () => {
    const out = await leaving(
      shape,
      `The customer is ${SECRET}. So it is done.`,
      byProcessor('keep'),
    )
    expect(out).toContain(SECRET)
    expect(out).toContain('reasoning.step.kind')
  })

  test.each(['mask', 'hash', 'length', 'drop'] as const)(
    'is in no byte that leaves under %s',
    async (content) => {
      await fc.assert(
        fc.asyncProperty(thoughts, async (thought) => {
          const out = await leaving(shape, thought, byProcessor(content))
          expect(out).toContain('reasoning.step.kind')
          expect(out).not.toContain(SECRET)
          expect(out).not.toContain(base64(thought).slice(0, 40))
          expect(out).not.toContain('quispe')
          if (content !== 'mask') expect(out).not.toContain('headphones')
        }),
        {numRuns: 25},
      )
    },
  )

  test('is in no byte that leaves through the exporter form under drop', async () => {
    const out = await leaving(shape, `The customer is ${SECRET}. So it is done.`, (next) => {
      const exporter = new ReasoningSpanExporter({
        exporter: {
          export: (spans, done) => {
            for (const span of spans) next.onEnd(span)
            done({code: 0})
          },
          shutdown: async () => {},
        },
        content: 'drop',
      })
      return {
        processor: createSimpleProcessor(exporter as never),
        flush: () => exporter.forceFlush(),
      }
    })
    expect(out).not.toContain('quispe')
  })
})

describe('a secret in log events', () => {
  const original = process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']
  beforeAll(() => {
    process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'] = 'true'
  })
  afterAll(() => {
    if (original === undefined)
      delete process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']
    else process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'] = original
  })

  test.each(['mask', 'hash', 'length', 'drop'] as const)(
    'is in no span and no record that leaves under %s',
    async (content) => {
      const next = new InvariantSpanProcessor()
      const records = new InMemoryLogRecordExporter()
      const spans = createProvider({spanProcessors: [new ReasoningSpanProcessor({next, content})]})
      const logs = createLoggerProvider({
        processors: [
          new ReasoningLogRecordProcessor({
            next: createSimpleLogProcessor(records) as never,
            content,
          }) as never,
        ],
      })
      const thought = `The customer is ${SECRET}. Wait, let me check. So it is done.`
      const span = spans.tracer().startSpan('chat', {attributes: {'gen_ai.operation.name': 'chat'}})
      const within = trace.setSpan(context.active(), span)
      logs.logger().emit({
        eventName: 'gen_ai.client.inference.operation.details',
        attributes: {
          'gen_ai.input.messages': [
            {role: 'assistant', parts: [{type: 'reasoning', text: thought}]},
          ],
          'gen_ai.output.messages': [
            {role: 'assistant', parts: [{type: 'reasoning', text: thought}]},
          ],
        } as never,
        context: within,
      })
      logs.logger().emit({
        eventName: 'gen_ai.choice',
        body: {index: 0, message: {content: `<think>${thought}</think>Done.`}} as never,
        context: within,
      })
      span.end()
      await spans.provider.shutdown()
      const out =
        decode(JsonTraceSerializer.serializeRequest(next.spans as never)) +
        JSON.stringify(
          records.getFinishedLogRecords().map(({body, attributes}) => [body, attributes]),
        )
      expect(next.reasoning.length).toBeGreaterThan(1)
      expect(out).not.toContain('quispe')
      expect(out).toContain('Done.')
    },
  )
})

test('a fault costs the text, never the policy', async () => {
  const next = new InvariantSpanProcessor()
  const processor = new ReasoningSpanProcessor({next, content: 'drop'})
  const created = createProvider({spanProcessors: [processor]})
  const span = created.tracer().startSpan('chat', {
    attributes: {'gen_ai.operation.name': 'chat', 'ai.response.reasoning': `Mail ${SECRET}.`},
  })
  // Whatever breaks inside: here, a span whose parent cannot be asked for.
  const broken = Object.create(span, {
    parentSpanContext: {
      get: () => {
        throw new Error('broken')
      },
    },
  })
  ;(processor as unknown as {onEnd(one: unknown): void}).onEnd(broken)
  expect(next.spans).toHaveLength(1)
  expect(JSON.stringify(next.spans[0]?.attributes)).not.toContain('quispe')
  expect(processor.getStats().unexpandedFault).toBe(1)
})
