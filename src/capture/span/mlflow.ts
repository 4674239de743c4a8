/** MLflow Tracing: every value is JSON text, strings included. */
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'mlflow.spanOutputs': ofAny('output', 3),
    'mlflow.spanType': ofAny('kind', 2),
    'mlflow.llm.model': ofCall('model', 4),
    'mlflow.llm.provider': ofCall('provider', 4),
    'mlflow.chat.tokenUsage': ofCall('usage', 7),
    'mlflow.chat.tools': ofAny('tools', 4),
  }),
)

export const mlflow: Dialect = {
  name: 'mlflow',
  role: (key) => ROLES.get(key) ?? (key.startsWith('mlflow.') ? IGNORED : undefined),
}
