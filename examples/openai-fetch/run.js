// A program that nobody instrumented: the tap gives its model calls spans, and their reasoning too.
import {parseArgs} from 'node:util'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {instrumentFetch} from 'otel-reasoning/fetch'

const {values} = parseArgs({options: {mock: {type: 'boolean', default: false}}})

// Text that came from the wire is not put on spans unless somebody says so.
process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT ??= 'true'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({
  spanProcessors: [new ReasoningSpanProcessor({next: new SimpleSpanProcessor(exporter)})],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(provider)
instrumentFetch()

let mock
if (values.mock) {
  const {startMockProviders} = await import('../../test/mock-providers/server.mjs')
  mock = await startMockProviders({delayMs: 15})
}
const client = new OpenAI(mock ? {baseURL: `${mock.url}/v1`, apiKey: 'none'} : {})

await trace.getTracer('example').startActiveSpan('answer a question', async (span) => {
  const stream = await client.chat.completions.create({
    model: process.env.OPENAI_MODEL ?? 'deepseek-reasoner',
    stream: true,
    messages: [{role: 'user', content: 'May I return order A-1042?'}],
  })
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')
  process.stdout.write('\n\n')
  span.end()
})
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
