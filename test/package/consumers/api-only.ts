// Somebody with the API and nothing else: no SDK, not even the types of Node.
import {
  analyzeReasoning,
  expandSpan,
  ReasoningRecorder,
  type ReadableSpanLike,
  type ReasoningBlock,
} from 'otel-reasoning'
import {ATTR_STEP_KIND, ATTRIBUTES} from 'otel-reasoning/semconv'

const recorder = new ReasoningRecorder({})
recorder.text('First, check the purchase date.')
recorder.step('verify', 'It was 40 days ago.')
recorder.end()

export const kinds: string[] = analyzeReasoning('First, check the date.', {
  answer: 'No.',
}).steps.map((step) => step.kind)

export function kindsOf(span: ReadableSpanLike, blocks: readonly ReasoningBlock[]): unknown[] {
  return expandSpan(span, blocks, {maxSteps: 8}).map((each) => each.attributes[ATTR_STEP_KIND])
}

export const keys: string[] = ATTRIBUTES.map(({key}) => key)
