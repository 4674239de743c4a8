/** OpenTelemetry's GenAI conventions, old and new: most instrumentations' keys, wherever they stand. */
import {IGNORED, MARK, NAMED_THOUGHT, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'gen_ai.output.messages': ofCall('output', 0),
    'gen_ai.completion': ofCall('output', 1),
    'gen_ai.choice': ofCall('output', 1),
    'gen_ai.output': ofCall('output', 1),
    'gen_ai.response': ofCall('output', 1),
    'gen_ai.response.choices': ofCall('output', 1, 'choices'),
    'gen_ai.response.message': ofCall('output', 1),
    'gen_ai.response.messages': ofCall('output', 1),
    'gen_ai.response.content': ofCall('output', 1),
    'gen_ai.response.text': ofCall('output', 1),
    'gen_ai.output.text': ofCall('output', 1),
    // OpenLIT's.
    'gen_ai.content.reasoning': NAMED_THOUGHT,
    'gen_ai.response.tool_calls': ofCall('calls', 1),
    'gen_ai.operation.name': ofAny('kind', 0),
    'gen_ai.provider.name': ofAny('provider', 0),
    'gen_ai.system': ofAny('provider', 1),
    'gen_ai.request.model': ofCall('model', 0),
    'gen_ai.response.model': ofCall('responseModel', 0),
    'gen_ai.response.finish_reasons': ofCall('finish', 0),
    'gen_ai.response.finish_reason': ofCall('finish', 1),
    'gen_ai.response.stop_reason': ofCall('finish', 6),
    'gen_ai.usage.reasoning.output_tokens': ofCall('tokens', 0),
    'gen_ai.usage.reasoning_tokens': ofCall('tokens', 1),
    'gen_ai.usage.output_tokens.reasoning': ofCall('tokens', 2),
    'gen_ai.usage.output_token_details': ofCall('usage', 6),
    'gen_ai.usage': ofCall('usage', 7),
    'gen_ai.response.time_to_first_chunk': ofCall('firstChunkSeconds', 0),
    'gen_ai.client.operation.time_to_first_chunk': ofCall('firstChunkSeconds', 1),
    'gen_ai.client.inference.time_to_first_chunk': ofCall('firstChunkSeconds', 2),
    'gen_ai.server.time_to_first_token': ofCall('firstChunkSeconds', 3),
    'gen_ai.server.ttft': ofCall('firstChunkSeconds', 4),
    'gen_ai.prompt.name': ofAny('promptName', 0),
    'gen_ai.prompt.version': ofAny('promptVersion', 0),
    'gen_ai.tool.definitions': ofAny('tools', 0),
    'gen_ai.request.tools': ofAny('tools', 1),
    'gen_ai.agent.tools': IGNORED,
  }),
)

/** What went into the call, or describes it: never a source. */
const INPUT = /^gen_ai\.(?:input|prompt|system_instructions|tool|request|agent|cost|conversation)\b/

/** pydantic-ai's `gen_ai.usage.details.reasoning_tokens`, `…thoughts_tokens`, and others' likes. */
const TOKENS = /^gen_ai\.usage\.[\w.]{0,40}(?:reasoning|thought|thoughts|thinking)[\w.]{0,20}$/

export const genAi: Dialect = {
  name: 'gen_ai',
  role(key) {
    if (!key.startsWith('gen_ai.')) return undefined
    const role = ROLES.get(key)
    if (role !== undefined) return role
    if (INPUT.test(key)) return IGNORED
    if (key.startsWith('gen_ai.usage.')) return TOKENS.test(key) ? ofCall('tokens', 3) : MARK
    return undefined
  },
}
