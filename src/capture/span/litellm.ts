/** LiteLLM's raw span: the fields of the provider's own response, as Python prints them. */
import {IGNORED, MARK, ofCall} from './dialect.ts'
import type {Dialect} from './dialect.ts'

/** Fields of a response that hold its output. */
const OUTPUT_FIELDS = /^(?:choices|content|candidates|output|message|outputs|generations|response)$/
/** What other dialects have under `llm.`. */
const TAKEN =
  /^llm\.(?:request|response|input_messages|output_messages|token_count|tools|usage|prompts|completions|prompt_template|invocation_parameters|function_call|is_streaming)\b/

export const litellm: Dialect = {
  name: 'litellm',
  role(key) {
    if (key.startsWith('litellm.')) return key === 'litellm.call_id' ? MARK : IGNORED
    if (key === 'hidden_params' || key.startsWith('metadata.')) return IGNORED
    if (!key.startsWith('llm.') || TAKEN.test(key)) return undefined
    const field = /^llm\.[\w-]{1,40}\.(\w{1,60})$/.exec(key)?.[1]
    if (field === undefined) return undefined
    if (OUTPUT_FIELDS.test(field)) return ofCall('output', 3, field)
    if (/^(?:usage|usageMetadata|usage_metadata)$/.test(field)) return ofCall('usage', 6)
    if (field === 'model' || field === 'modelVersion') return ofCall('responseModel', 4)
    return /^(?:stop_reason|finish_reason)$/.test(field) ? ofCall('finish', 5) : IGNORED
  },
}
