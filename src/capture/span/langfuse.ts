/** Langfuse's SDKs: one JSON text for the observation's output. */
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'langfuse.observation.output': ofAny('output', 2),
    'langfuse.observation.type': ofAny('kind', 2),
    'langfuse.observation.model.name': ofCall('model', 2),
    'langfuse.observation.usage_details': ofCall('usage', 6),
    'langfuse.observation.usage': ofCall('usage', 7),
    'langfuse.observation.prompt.name': ofAny('promptName', 1),
    'langfuse.observation.prompt.version': ofAny('promptVersion', 1),
    'langfuse.prompt.name': ofAny('promptName', 2),
    'langfuse.prompt.version': ofAny('promptVersion', 2),
    'langfuse.observation.completion_start_time': ofCall('firstChunkTime', 5),
  }),
)

export const langfuse: Dialect = {
  name: 'langfuse',
  // Traces repeat the output of their last observation; metadata and input are no output.
  role: (key) => ROLES.get(key) ?? (key.startsWith('langfuse.') ? IGNORED : undefined),
}
