/** Vercel AI SDK: `ai.*` keys of v4 to v6 and of v7's legacy telemetry. v5 writes no reasoning. */
import {IGNORED, MARK, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'ai.response.reasoning': ofCall('thought'),
    'ai.response.reasoningText': ofCall('thought'),
    'ai.response.text': ofCall('answer'),
    'ai.response.toolCalls': ofCall('calls'),
    'ai.result.text': ofCall('answer', 1),
    'ai.result.toolCalls': ofCall('calls', 1),
    'ai.operationId': ofAny('kind', 1),
    'ai.model.id': ofCall('model', 1),
    'ai.model.provider': ofCall('provider', -1),
    'ai.response.model': ofCall('responseModel', 1),
    'ai.response.finishReason': ofCall('finish', 1),
    'ai.finishReason': ofCall('finish', 2),
    'ai.usage.outputTokenDetails.reasoningTokens': ofCall('tokens', 4),
    'ai.usage.reasoningTokens': ofCall('tokens', 5),
    'ai.response.providerMetadata': ofCall('usage', 8),
    'ai.response.msToFirstChunk': ofCall('firstChunkMillis', 3),
    'ai.stream.msToFirstChunk': ofCall('firstChunkMillis', 4),
    'ai.prompt.tools': ofAny('tools', 2),
    'ai.telemetry.metadata.langfusePrompt': ofAny('prompt', 2),
    'ai.telemetry.metadata.promptName': ofAny('promptName', 2),
    'ai.telemetry.metadata.promptVersion': ofAny('promptVersion', 2),
  }),
)

export const aiSdk: Dialect = {
  name: 'ai-sdk',
  role(key) {
    if (!key.startsWith('ai.')) return undefined
    const role = ROLES.get(key)
    if (role !== undefined) return role
    if (key.startsWith('ai.usage.')) return MARK
    // Prompts hold the reasoning of earlier steps: an echo, which another span tells.
    return IGNORED
  },
}
