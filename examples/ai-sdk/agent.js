// An agent of AI SDK 7: its own telemetry makes the spans, ours adds what the model thought and when.
import {parseArgs} from 'node:util'
import {createOpenAICompatible} from '@ai-sdk/openai-compatible'
import {OpenTelemetry} from '@ai-sdk/otel'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {isStepCount, jsonSchema, registerTelemetry, streamText, tool} from 'ai'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {createReasoningTelemetry} from 'otel-reasoning/ai-sdk'

const {values} = parseArgs({options: {mock: {type: 'boolean', default: false}}})

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({
  spanProcessors: [new ReasoningSpanProcessor({next: new SimpleSpanProcessor(exporter)})],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(provider)
registerTelemetry(createReasoningTelemetry(), new OpenTelemetry())

let mock
if (values.mock) {
  const {startMockProviders} = await import('../../test/mock-providers/server.mjs')
  mock = await startMockProviders({delayMs: 15})
}
const local = createOpenAICompatible({
  name: 'local',
  baseURL: mock ? `${mock.url}/v1` : (process.env.OPENAI_BASE_URL ?? 'http://127.0.0.1:8000/v1'),
  apiKey: process.env.OPENAI_API_KEY ?? 'none',
  includeUsage: true,
})

const {textStream} = streamText({
  model: local(process.env.OPENAI_MODEL ?? 'deepseek-reasoner'),
  prompt: 'May I return order A-1042?',
  stopWhen: isStepCount(5),
  tools: {
    lookup_order: tool({
      description: 'Looks an order up by its number',
      inputSchema: jsonSchema({type: 'object', properties: {order_id: {type: 'string'}}}),
      execute: async () => ({category: 'audio', purchased: '2026-11-01', delivered: true}),
    }),
  },
})
for await (const piece of textStream) process.stdout.write(piece)
process.stdout.write('\n\n')
await provider.forceFlush()
await mock?.close()

const spans = exporter.getFinishedSpans()
const millis = ([seconds, nanos]) => seconds * 1000 + nanos / 1e6
const start = Math.min(...spans.map((span) => millis(span.startTime)))

function print(parentId, depth) {
  for (const span of spans) {
    if (span.parentSpanContext?.spanId !== parentId) continue
    const {'reasoning.step.title': title = '', 'reasoning.timing': timing = ''} = span.attributes
    const at = `${(millis(span.startTime) - start).toFixed(0)} ms`.padStart(7)
    console.log(`${at}  ${'  '.repeat(depth)}${span.name}  ${title || timing}`)
    print(span.spanContext().spanId, depth + 1)
  }
}
print(undefined, 0)
