/** Reasoning tokens inside a response's usage, as every provider and framework spells them. */

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** A count of tokens as a number; OTLP JSON and Python serializers write them as strings too. */
export function tokenCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
  if (typeof count === 'bigint') return Number(count)
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined
}

const COUNT_KEYS = [
  'reasoning_tokens',
  'reasoningTokens',
  'thoughtsTokenCount',
  'thoughts_token_count',
  'thinking_tokens',
  'reasoning',
  'output_reasoning',
  'output_reasoning_tokens',
  'completion_details.reasoning',
  'completion_reasoning_tokens',
  'reasoning_output_tokens',
] as const

/** Where the count is not a usage's own field but stands in one of its details. */
const DETAIL_KEYS = [
  'completion_tokens_details',
  'completionTokensDetails',
  'output_tokens_details',
  'outputTokensDetails',
  'output_token_details',
  'outputTokenDetails',
  'completion_token_details',
  'completion_details',
  'details',
  'token_usage',
  'tokenUsage',
  'usage',
  'usage_metadata',
  'usageMetadata',
  // The AI SDK's provider metadata.
  'google',
  'vertex',
] as const

/** Reads the count from a usage object, looking three levels into its details. */
export function reasoningTokensOf(usage: unknown, depth = 0): number | undefined {
  if (!isObject(usage)) return undefined
  for (const key of COUNT_KEYS) {
    const count = tokenCount(usage[key])
    if (count !== undefined) return count
  }
  if (depth >= 3) return undefined
  for (const key of DETAIL_KEYS) {
    const count = reasoningTokensOf(usage[key], depth + 1)
    if (count !== undefined) return count
  }
  return undefined
}

/** Properties of a response or message that hold its usage. */
export const USAGE_KEYS: readonly string[] = [
  'usage',
  'usage_metadata',
  'usageMetadata',
  'token_usage',
  'tokenUsage',
  'usage_details',
  'totalUsage',
]
