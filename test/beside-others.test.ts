import {context, propagation, trace} from '@opentelemetry/api'
import {BaggageSpanProcessor} from '@opentelemetry/baggage-span-processor'
import {BasicTracerProvider, InMemorySpanExporter} from '@opentelemetry/sdk-trace-base'
import {LangfuseSpanProcessor} from '@langfuse/otel'
import {NodeSDK} from '@opentelemetry/sdk-node'
import {afterEach, expect, test} from 'vitest'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.output.messages': JSON.stringify([
    {
      role: 'assistant',
      parts: [
        {
          type: 'reasoning',
          content: 'Let me look at the policy next. Wait, let me check that again.',
        },
      ],
    },
  ]),
}

const langfuse = (exporter: InMemorySpanExporter): LangfuseSpanProcessor =>
  new LangfuseSpanProcessor({
    exporter,
    exportMode: 'immediate',
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl: 'http://127.0.0.1:1',
  })

afterEach(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})

const namesOf = (exporter: InMemorySpanExporter): string[] =>
  exporter.getFinishedSpans().map((span) => span.name)

test("stands beside Langfuse's and the baggage processor, each with its own spans", async () => {
  const exporter = new InMemorySpanExporter()
  const next = new InvariantSpanProcessor()
  const provider = new BasicTracerProvider({
    spanProcessors: [
      new BaggageSpanProcessor(() => true),
      langfuse(exporter),
      new ReasoningSpanProcessor({next, copyAttributes: ['session.id']}),
    ],
  })
  const baggage = propagation.createBaggage({'session.id': {value: 's-1'}})
  const within = propagation.setBaggage(context.active(), baggage)
  provider.getTracer('app').startSpan('chat', {attributes: CALL}, within).end()
  await provider.forceFlush()
  expect(namesOf(exporter)).toEqual(['chat'])
  expect(next.spans.map((span) => span.name)).toEqual([
    'chat',
    'reasoning',
    'reasoning plan',
    'reasoning verify',
  ])
  for (const span of next.spans) expect(span.attributes['session.id']).toBe('s-1')
  next.assertSound()
  await provider.shutdown()
})

test("wraps Langfuse's processor, whose filter lets our spans through with its compatibility", async () => {
  const bare = new InMemorySpanExporter()
  const compatible = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    spanProcessors: [
      new ReasoningSpanProcessor({next: langfuse(bare)}),
      new ReasoningSpanProcessor({next: langfuse(compatible), compat: 'langfuse'}),
    ],
  })
  provider.getTracer('app').startSpan('chat', {attributes: CALL}).end()
  await provider.forceFlush()
  expect(namesOf(bare)).toEqual(['chat'])
  expect(namesOf(compatible)).toEqual(['chat', 'reasoning', 'reasoning plan', 'reasoning verify'])
  await provider.shutdown()
})

test('works in NodeSDK and in a provider that is not the global one', async () => {
  const next = new InvariantSpanProcessor()
  const sdk = new NodeSDK({
    autoDetectResources: false,
    spanProcessors: [new ReasoningSpanProcessor({next})],
  })
  sdk.start()
  const other = new InvariantSpanProcessor()
  const local = new BasicTracerProvider({
    spanProcessors: [new ReasoningSpanProcessor({next: other})],
  })
  trace.getTracer('app').startSpan('global', {attributes: CALL}).end()
  local.getTracer('app').startSpan('local', {attributes: CALL}).end()
  await sdk.shutdown()
  await local.shutdown()
  expect(next.users.map((span) => span.name)).toEqual(['global'])
  expect(other.users.map((span) => span.name)).toEqual(['local'])
  expect(next.reasoning).toHaveLength(3)
  expect(other.reasoning).toHaveLength(3)
  next.assertSound()
  other.assertSound()
})
