// An agent on Google's own client, which nobody instrumented: the tap gives its calls spans, and their thoughts too.
import {parseArgs} from 'node:util'
import {GoogleGenAI} from '@google/genai'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
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
const tracer = trace.getTracer('example')
instrumentFetch()

let mock
if (values.mock) {
  const {startMockProviders} = await import('../../test/mock-providers/server.mjs')
  mock = await startMockProviders({delayMs: 15})
}
const client = new GoogleGenAI({
  apiKey: mock ? 'none' : process.env.GEMINI_API_KEY,
  ...(mock && {httpOptions: {baseUrl: mock.url}}),
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

const config = {
  // Without it the model thinks and shows nothing.
  thinkingConfig: {includeThoughts: true},
  tools: [
    {
      functionDeclarations: [
        {
          name: 'lookup_order',
          description: 'Looks an order up by its number',
          parametersJsonSchema: {type: 'object', properties: {order_id: {type: 'string'}}},
        },
      ],
    },
  ],
}
const contents = [{role: 'user', parts: [{text: 'May I return order A-1042?'}]}]

await tracer.startActiveSpan('invoke_agent refunds', async (agent) => {
  for (;;) {
    const model = process.env.GEMINI_MODEL ?? 'gemini-2.5-pro'
    const parts = []
    for await (const chunk of await client.models.generateContentStream({
      model,
      contents,
      config,
    })) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        parts.push(part)
        if (part.text && !part.thought) process.stdout.write(part.text)
      }
    }
    contents.push({role: 'model', parts})
    const calls = parts.flatMap(({functionCall}) => functionCall ?? [])
    if (calls.length === 0) break
    contents.push({
      role: 'user',
      parts: calls.map(({id, name, args}) => ({
        functionResponse: {id, name, response: lookUp(args, id)},
      })),
    })
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
