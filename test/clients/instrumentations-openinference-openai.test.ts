/** OpenInference's instrumentation of OpenAI's client beside the tap. */
import {OpenAIInstrumentation} from '@arizeai/openinference-instrumentation-openai'
import * as openai from 'openai'
import {describeInstrumentation} from './instrumentation-suite.ts'
import {CHAT_DIALECTS, RESPONSES_DIALECT} from './instrumented-openai.ts'

describeInstrumentation({
  scope: /openinference-instrumentation-openai/,
  start(hasContent) {
    const instrumentation = new OpenAIInstrumentation({
      traceConfig: {hideInputs: !hasContent, hideOutputs: !hasContent},
    })
    // Its undo forgets the Responses.
    const responses = openai.OpenAI.Responses.prototype
    const {create} = responses
    instrumentation.manuallyInstrument(openai as never)
    return () => {
      instrumentation.disable()
      responses.create = create
    }
  },
  dialects: [...CHAT_DIALECTS, RESPONSES_DIALECT],
})
