/** OpenTelemetry's own instrumentation of OpenAI's client beside the tap. */
import {metrics} from '@opentelemetry/api'
import {OpenAIInstrumentation} from '@opentelemetry/instrumentation-openai'
import OpenAI from 'openai'
import {describeInstrumentation} from './instrumentation-suite.ts'
import {CHAT_DIALECTS} from './instrumented-openai.ts'

interface Definition {
  patch(module: object): void
  unpatch(module: object): void
}

describeInstrumentation({
  scope: /opentelemetry\/instrumentation-openai/,
  start(hasContent) {
    const instrumentation = new OpenAIInstrumentation({captureMessageContent: hasContent})
    instrumentation.setMeterProvider(metrics.getMeterProvider())
    // What its hook would do at import.
    const definition = (): Definition => (instrumentation as any).init()[0]
    const module = {OpenAI, default: OpenAI}
    definition().patch(module)
    return () => definition().unpatch(module)
  },
  dialects: CHAT_DIALECTS,
})
