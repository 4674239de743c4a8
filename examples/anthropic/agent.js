// An agent on Anthropic's own client. The client makes the spans of its calls; the tap gives them what the model thought.
import {parseArgs} from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {tapFetch} from 'otel-reasoning/fetch'

const {values} = parseArgs({options: {mock: {type: 'boolean', default: false}}})

// Text that came from the wire is not put on spans unless somebody says so.
process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT ??= 'true'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({
  spanProcessors: [new ReasoningSpanProcessor({next: new SimpleSpanProcessor(exporter)})],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(provider)
const tracer = trace.getTracer('example')

let mock
if (values.mock) {
  const {startMockProviders} = await import('../../test/mock-providers/server.mjs')
  mock = await startMockProviders({delayMs: 15})
}
const client = new Anthropic({
  fetch: tapFetch(fetch),
  ...(mock && {baseURL: mock.url, apiKey: 'none'}),
})

/** What a shop would look up. */
const lookUp = ({order_id}, id) =>
  tracer.startActiveSpan(
    'execute_tool lookup_order',
    {
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'lookup_order',
        ...(id && {'gen_ai.tool.call.id': id}),
      },
    },
    (span) => {
      span.end()
      return {order_id, category: 'audio', delivered: '2026-03-06'}
    },
  )

const tools = [
  {
    name: 'lookup_order',
    description: 'Looks an order up by its number',
    input_schema: {type: 'object', properties: {order_id: {type: 'string'}}},
  },
]
const messages = [{role: 'user', content: 'May I return order A-1042?'}]

await tracer.startActiveSpan('invoke_agent refunds', async (agent) => {
  for (;;) {
    const stream = client.messages.stream({
      model: process.env.ANTHROPIC_MODEL ?? 'claude-sonnet-4-6',
      max_tokens: 4000,
      thinking: {type: 'enabled', budget_tokens: 2000},
      tools,
      messages,
    })
    stream.on('text', (text) => process.stdout.write(text))
    const {content, stop_reason} = await stream.finalMessage()
    // Thinking goes back with its signature, or the next call is refused.
    messages.push({role: 'assistant', content})
    if (stop_reason !== 'tool_use') break
    messages.push({
      role: 'user',
      content: content
        .filter(({type}) => type === 'tool_use')
        .map(({id, input}) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: JSON.stringify(lookUp(input, id)),
        })),
    })
    process.stdout.write('\n')
  }
  process.stdout.write('\n\n')
  agent.end()
})
await provider.forceFlush()
await mock?.close()

const spans = exporter.getFinishedSpans()
const millis = ([seconds, nanos]) => seconds * 1000 + nanos / 1e6
const start = Math.min(...spans.map((span) => millis(span.startTime)))

function print(parentId, depth) {
  for (const span of spans.toSorted((a, b) => millis(a.startTime) - millis(b.startTime))) {
    if (span.parentSpanContext?.spanId !== parentId) continue
    const {'reasoning.step.title': title = '', 'reasoning.timing': timing = ''} = span.attributes
    const at = `${(millis(span.startTime) - start).toFixed(0)} ms`.padStart(7)
    console.log(`${at}  ${'  '.repeat(depth)}${span.name}  ${title || timing}`)
    print(span.spanContext().spanId, depth + 1)
  }
}
print(undefined, 0)
