/** LiveKit Agents: the answer as plain text. */
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'lk.response.text': ofCall('answer', 3),
    'lk.response.reasoning': ofCall('thought', 3),
    'lk.response.function_calls': ofCall('calls', 3),
    'lk.response.ttft': ofCall('firstChunkSeconds', 6),
    'lk.function_tools': ofAny('tools', 6),
  }),
)

export const livekit: Dialect = {
  name: 'livekit',
  role: (key) => ROLES.get(key) ?? (key.startsWith('lk.') ? IGNORED : undefined),
}
