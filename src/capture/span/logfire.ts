/** Logfire and pydantic-ai: what they write beside the GenAI keys, and their event lists. */
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    response_data: ofAny('output', 2),
    events: ofAny('output', 3),
    all_messages_events: ofAny('output', 4),
    'pydantic_ai.all_messages': ofAny('output', 4),
    model_request_parameters: ofCall('tools', 3),
    model_name: ofAny('model', 6),
    'gen_ai.usage.raw': ofCall('usage', 5),
    request_data: IGNORED,
    final_result: IGNORED,
    'pydantic_ai.final_result': IGNORED,
  }),
)

export const logfire: Dialect = {
  name: 'logfire',
  role: (key) => ROLES.get(key) ?? (key.startsWith('logfire.') ? IGNORED : undefined),
}
