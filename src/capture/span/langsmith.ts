/** LangSmith's OpenTelemetry mode: the run's outputs as JSON under `gen_ai.completion`. */
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'langsmith.span.kind': ofAny('kind', 2),
    'langsmith.metadata.ls_model_name': ofAny('model', 5),
    'langsmith.metadata.ls_provider': ofAny('provider', 5),
    'langsmith.outputs': ofAny('output', 3),
    'langsmith.metadata.lc_hub_repo': ofAny('promptName', 4),
    'langsmith.metadata.lc_hub_commit_hash': ofAny('promptVersion', 4),
    'langsmith.usage_metadata': ofCall('usage', 6),
  }),
)

export const langsmith: Dialect = {
  name: 'langsmith',
  role: (key) => ROLES.get(key) ?? (key.startsWith('langsmith.') ? IGNORED : undefined),
}
