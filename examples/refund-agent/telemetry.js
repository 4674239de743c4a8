import {register} from 'node:module'
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {registerInstrumentations} from '@opentelemetry/instrumentation'
import {OpenAIInstrumentation} from '@opentelemetry/instrumentation-openai'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {LoggerProvider} from '@opentelemetry/sdk-logs'
import {BasicTracerProvider, BatchSpanProcessor} from '@opentelemetry/sdk-trace-base'
import {ReasoningLogRecordProcessor, ReasoningSpanProcessor} from 'otel-reasoning'
import {REFUND_CHECKS} from './checks.js'

// Lets the instrumentation see ES modules that are imported from here on.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

// One switch for both: the instrumentation puts content into its log events, and the reasoning
// that is found there may go onto spans.
process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT ??= 'true'

/** Sets OpenTelemetry up to trace OpenAI calls, with the model's reasoning as spans of its own. */
export function startTelemetry({exporters}) {
  const resource = resourceFromAttributes({'service.name': 'refund-agent'})
  const tracerProvider = new BasicTracerProvider({
    resource,
    spanProcessors: exporters.map(
      (exporter) =>
        new ReasoningSpanProcessor({
          next: new BatchSpanProcessor(exporter),
          checks: REFUND_CHECKS,
        }),
    ),
  })
  // This instrumentation reports content as log events: here they are joined with their spans.
  const loggerProvider = new LoggerProvider({
    resource,
    processors: [new ReasoningLogRecordProcessor()],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(tracerProvider)
  registerInstrumentations({
    tracerProvider,
    loggerProvider,
    instrumentations: [new OpenAIInstrumentation()],
  })
  return {
    async shutdown() {
      await loggerProvider.shutdown()
      await tracerProvider.shutdown()
    },
  }
}
