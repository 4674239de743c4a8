/** Traceloop's instrumentation of OpenAI's client beside the tap. */
import {OpenAIInstrumentation} from '@traceloop/instrumentation-openai'
import OpenAI from 'openai'
import {describeInstrumentation} from './instrumentation-suite.ts'
import {CHAT_DIALECTS, RESPONSES_DIALECT} from './instrumented-openai.ts'

describeInstrumentation({
  scope: /traceloop\/instrumentation-openai/,
  start(hasContent) {
    const instrumentation = new OpenAIInstrumentation({traceContent: hasContent})
    instrumentation.manuallyInstrument(OpenAI)
    return () => (instrumentation as any).unpatch(OpenAI)
  },
  dialects: [...CHAT_DIALECTS, RESPONSES_DIALECT],
})
