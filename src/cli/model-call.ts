/** Which spans are calls of a model, by the marks that instrumentations leave. */
import type {ReadableSpanLike} from '../readable-span.ts'

const OPERATIONS = new Set(['chat', 'text_completion', 'generate_content', 'completion'])

/** Whether this span is a single call of a model (not an agent's turn, a chain or a tool). */
export const isModelCall = ({attributes, name}: ReadableSpanLike): boolean => {
  const kind = attributes['openinference.span.kind']
  if (kind !== undefined) return kind === 'LLM'
  const operation = attributes['gen_ai.operation.name']
  const aiSdk = attributes['ai.operationId'] ?? attributes['operation.name']
  if (typeof aiSdk === 'string' && aiSdk.startsWith('ai.')) return /\.do[A-Z]/.test(aiSdk)
  if (typeof operation === 'string') return OPERATIONS.has(operation)
  const request = attributes['llm.request.type']
  if (typeof request === 'string') return OPERATIONS.has(request)
  return (
    attributes['gen_ai.request.model'] !== undefined &&
    (attributes['gen_ai.usage.output_tokens'] !== undefined ||
      attributes['gen_ai.output.messages'] !== undefined ||
      /^(?:chat|message|completion|anthropic\.messages)/.test(name))
  )
}
