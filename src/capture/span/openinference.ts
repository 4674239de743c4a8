/** OpenInference (Arize Phoenix): messages flattened over indexed keys beside `output.value`. */
import {readWholeOutput} from '../output.ts'
import {IGNORED, MARK, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'
import {unflatten} from './unflatten.ts'
import type {Nested} from './unflatten.ts'

const MESSAGES = 'llm.output_messages.'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'output.value': ofAny('output', 1),
    'output.mime_type': ofAny('mime'),
    'openinference.span.kind': ofAny('kind', 1),
    'llm.model_name': ofCall('model', 2),
    'llm.request.model_name': ofCall('model', 1),
    'llm.response.model_name': ofCall('responseModel', 1),
    'llm.provider': ofAny('provider', 2),
    'llm.system': ofAny('provider', 3),
    'llm.finish_reason': ofCall('finish', 2),
    'llm.token_count.completion_details.reasoning': ofCall('tokens', 3),
    'llm.invocation_parameters': ofCall('tools', 5),
    'llm.prompt_template.version': ofAny('promptVersion', 3),
    metadata: IGNORED,
  }),
)

const isObject = (value: unknown): value is Nested =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `{message: {contents: [{message_content: {…}}, {tool_call: {…}}]}}` without the inner names. */
function asMessage(entry: unknown): unknown {
  const outer = isObject(entry) ? entry : {}
  const message = isObject(outer['message']) ? outer['message'] : outer
  const {contents} = message
  const parts = Array.isArray(contents)
    ? contents.map((part: unknown) =>
        isObject(part) && isObject(part['message_content']) ? part['message_content'] : part,
      )
    : undefined
  const name = message['function_call_name']
  const call =
    typeof name === 'string' && message['tool_calls'] === undefined
      ? {function_call: {name, arguments: message['function_call_arguments_json']}}
      : {}
  // A text is told twice where both stand; the parts have its order.
  const content = parts ?? message['content']
  return {...message, ...call, contents: undefined, content, role: 'assistant'}
}

export const openInference: Dialect = {
  name: 'openinference',
  role(key) {
    if (key.startsWith(MESSAGES)) return ofCall('part')
    const role = ROLES.get(key)
    if (role !== undefined) return role
    if (key.startsWith('llm.token_count.')) return MARK
    if (key.startsWith('llm.tools.')) return ofAny('tools', 4)
    if (/^(?:input|llm\.input_messages|llm\.prompts?|llm\.prompt_template)\b/.test(key)) {
      return IGNORED
    }
    if (/^(?:tool|document|embedding|retrieval|reranker|tag)\./.test(key)) return IGNORED
    return key.startsWith('openinference.') ? IGNORED : undefined
  },
  readParts(parts, hints) {
    const messages = unflatten(parts, MESSAGES)
    const list = Array.isArray(messages) ? messages : []
    return readWholeOutput(list.map(asMessage), hints)
  },
}
