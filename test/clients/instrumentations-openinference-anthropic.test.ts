/** OpenInference's instrumentation of Anthropic's client beside the tap. */
import * as anthropic from '@anthropic-ai/sdk'
import {AnthropicInstrumentation} from '@arizeai/openinference-instrumentation-anthropic'
import {describeInstrumentation} from './instrumentation-suite.ts'
import {ANTHROPIC_DIALECTS} from './instrumented-anthropic.ts'

describeInstrumentation({
  scope: /openinference-instrumentation-anthropic/,
  clientScope: /^com\.anthropic\.sdk/,
  start(hasContent) {
    const instrumentation = new AnthropicInstrumentation({
      traceConfig: {hideInputs: !hasContent, hideOutputs: !hasContent},
    })
    instrumentation.manuallyInstrument(anthropic as never)
    return () => instrumentation.disable()
  },
  dialects: ANTHROPIC_DIALECTS,
})
