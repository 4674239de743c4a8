// A local server that speaks Chat Completions (vLLM, SGLang, llama.cpp, LM Studio, LiteLLM), asked with plain `fetch`.
import {parseArgs} from 'node:util'
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
const baseUrl = mock
  ? `${mock.url}/v1`
  : (process.env.OPENAI_BASE_URL ?? 'http://127.0.0.1:8000/v1')

/** The answer, piece by piece. */
async function* ask(question) {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({
      model: process.env.OPENAI_MODEL ?? (mock ? 'vllm-qwen3' : 'qwen3'),
      stream: true,
      messages: [{role: 'user', content: question}],
    }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const data = line.startsWith('data: ') ? line.slice(6).trim() : '[DONE]'
      if (data !== '[DONE]') yield JSON.parse(data).choices[0]?.delta?.content ?? ''
    }
  }
}

await tracer.startActiveSpan('answer a question', async (span) => {
  for await (const piece of ask('May I return order A-1042?')) process.stdout.write(piece)
  process.stdout.write('\n\n')
  span.end()
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
