/** The fields of a message or response: which lead to its output, and which hold reasoning. */
import type {OutputItem} from '../model.ts'
import {readReasoning} from './reasoning-blocks.ts'
import {isReasoningName, reasoningFields} from './reasoning-part.ts'
import {addMarker} from './walk.ts'
import type {Walk} from './walk.ts'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What a property of a message or response is.
 *
 * - `text`: the answer, or what leads to it; a string is a piece of the answer
 * - `nested`: the same, but a string may also be JSON or a Python repr once more
 * - `opened`: leads to the output; a string counts only where it is structured
 * - `calls`: tool calls
 * - `side`: where frameworks keep what they have no place for
 * - `input`: what went in, settings, facts: never a source
 */
export type FieldRole = 'text' | 'nested' | 'opened' | 'calls' | 'side' | 'input'

const FIELDS = new Map<string, FieldRole>()
const define = (role: FieldRole, names: string): void => {
  for (const name of names.split(' ')) FIELDS.set(name, role)
}
define('text', 'content parts content_blocks contentBlocks _content blocks delta kwargs messages')
define('text', 'text output_text outputText refusal answer completion generated_text steps')
define('text', 'final_output finalOutput')
define('nested', 'response output outputs result message')
define('opened', 'raw raw_response rawResponse responses results data body value')
define('calls', 'tool_calls toolCalls function_call functionCall')
define('side', 'additional_kwargs additionalKwargs provider_specific_fields model_extra')
define('side', 'additional_properties additionalProperties')
define('input', 'input inputs prompt prompts request requests query question arguments args')
define('input', 'parameters tools tool_choice toolChoice functions schema json_schema jsonSchema')
define('input', 'properties config configuration settings options invocation_params model_kwargs')
define('input', 'instructions system system_prompt system_instruction systemInstruction format')
define('input', 'response_format history chat_history examples context documents metadata headers')
define('input', 'logprobs tags tool_results toolResults tool_result toolResult executed_tools')
define('input', 'intermediate_steps usage usage_metadata usageMetadata token_usage tokenUsage')
define('input', 'usage_details sdk_http_response safety_ratings safetyRatings citations grounding')
define('input', 'annotations groundingMetadata grounding_metadata input_messages inputMessages')
define('input', 'contents')

/** The role of a property; `undefined` for one that nobody knows. */
export const fieldRole = (name: string): FieldRole | undefined => FIELDS.get(name)

/** Properties of a message that frameworks use for what they have no place for. */
const SIDE_KEYS = [...FIELDS].filter(([, role]) => role === 'side').map(([name]) => name)

/** Properties that show an object to be a message or response, so that a bare `thinking` is one. */
const MESSAGE_KEYS = [
  ...'role content parts text type part_kind tool_calls toolCalls refusal response'.split(' '),
  ...'finish_reason finishReason stop_reason message done'.split(' '),
]

const hasSide = (object: Fields): boolean => SIDE_KEYS.some((key) => object[key] !== undefined)

function holdersOf(object: Fields): Fields[] {
  if (!hasSide(object)) return [object]
  return [object, ...SIDE_KEYS.map((key) => object[key]).filter(isObject)]
}

/** Items of the reasoning fields of a message and of what stands beside it, richest names first. */
export function readFieldSources(walk: Walk, object: Fields): OutputItem[][] {
  const lists: OutputItem[][] = []
  const texts: OutputItem[][] = []
  // A bare `reasoning` in an object of another kind is the application's own JSON.
  let isMessage: boolean | undefined
  for (const holder of holdersOf(object)) {
    for (const field of reasoningFields(holder)) {
      if (!isReasoningName(field.key)) {
        const stands = field.visibility !== undefined && /reasoning|redacted/i.test(field.key)
        if (!stands) continue
        const marker: OutputItem[] = []
        addMarker(walk, marker, field.visibility ?? 'encrypted')
        lists.push(marker)
        continue
      }
      const weak = WEAK_NAMES.has(field.key)
      isMessage ??= walk.inContent || MESSAGE_KEYS.some((key) => object[key] !== undefined)
      if (weak && !isMessage && field.kind === 'text') continue
      const found: OutputItem[] = []
      readReasoning(walk, found, holder[field.key], {
        visibility: field.visibility ?? 'full',
        typed: false,
      })
      if (field.kind === 'parts') lists.push(found)
      else texts.push(found)
    }
  }
  return [...lists, ...texts]
}

/** Names that are ordinary English words: read in messages only. */
const WEAK_NAMES: ReadonlySet<string> = new Set([
  'reasoning',
  'reasonings',
  'thinking',
  'thought',
  'thoughts',
  'chain_of_thought',
  'chainOfThought',
  'reasoning_steps',
  'reasoning_summary',
  'reasoning_text',
  'reasoning_output',
  'reasoning_trace',
])
