/**
 * Records the three runs as a plain pipeline sees them, without any reasoning spans, for the
 * `demo` command: `node examples/refund-agent/record.js [FILE]`. The file is an array of OTLP
 * requests, spans and log events in turn; every recording is the same, byte for byte.
 */
import {writeFileSync} from 'node:fs'
import {register} from 'node:module'
import {fileURLToPath} from 'node:url'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {registerInstrumentations} from '@opentelemetry/instrumentation'
import {OpenAIInstrumentation} from '@opentelemetry/instrumentation-openai'
import {JsonLogsSerializer, JsonTraceSerializer} from '@opentelemetry/otlp-transformer'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {normalise} from './normalise.js'
import {playCases} from './play.js'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT = 'true'

const resource = resourceFromAttributes({'service.name': 'refund-agent'})
const spans = new InMemorySpanExporter()
const logs = new InMemoryLogRecordExporter()
const tracerProvider = new BasicTracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor(spans)],
})
const loggerProvider = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({exporter: logs})],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(tracerProvider)
registerInstrumentations({
  tracerProvider,
  loggerProvider,
  instrumentations: [new OpenAIInstrumentation()],
})

const requests = []
await playCases({
  pauses: false,
  async onDone({name}) {
    await Promise.all([tracerProvider.forceFlush(), loggerProvider.forceFlush()])
    const run = {
      spans: toJson(JsonTraceSerializer, spans.getFinishedSpans()),
      logs: toJson(JsonLogsSerializer, logs.getFinishedLogRecords()),
    }
    normalise(run, name)
    requests.push(run.spans, run.logs)
    spans.reset()
    logs.reset()
  },
})

const file =
  process.argv[2] ?? fileURLToPath(new URL('../../src/cli/demo-spans.json', import.meta.url))
writeFileSync(file, `[\n${requests.map((request) => JSON.stringify(request)).join(',\n')}\n]\n`)

function toJson(serializer, records) {
  return JSON.parse(Buffer.from(serializer.serializeRequest(records)).toString())
}
