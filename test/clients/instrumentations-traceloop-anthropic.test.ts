/** Traceloop's instrumentation of Anthropic's client beside the tap. */
import * as anthropic from '@anthropic-ai/sdk'
import {AnthropicInstrumentation} from '@traceloop/instrumentation-anthropic'
import {describeInstrumentation} from './instrumentation-suite.ts'
import {ANTHROPIC_DIALECTS} from './instrumented-anthropic.ts'

/** It wraps an API that version 1 of the client has no more, and would fail on that. */
class Completions {
  create(): void {}
}
const {Messages, Beta} = anthropic.Anthropic
const module = {...anthropic, Anthropic: {Messages, Beta, Completions}}

describeInstrumentation({
  scope: /traceloop\/instrumentation-anthropic/,
  clientScope: /^com\.anthropic\.sdk/,
  start(hasContent) {
    const instrumentation = new AnthropicInstrumentation({traceContent: hasContent})
    instrumentation.manuallyInstrument(module as never)
    return () => (instrumentation as any).unpatch(module)
  },
  dialects: ANTHROPIC_DIALECTS,
})
