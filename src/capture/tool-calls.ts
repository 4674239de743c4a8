/** Tool calls that a model made, and the tools it could have called, in every known shape. */
import type {ToolCall} from '../model.ts'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nonEmpty = (...values: unknown[]): string | undefined => {
  for (const value of values) if (typeof value === 'string' && value !== '') return value
  return undefined
}

/** Arguments as JSON text; an object that cannot be written as JSON has none. */
function asJsonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return undefined
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** Types of parts that are a call of the application's tools; the provider's own tools are not. */
const CALL_TYPES: ReadonlySet<string> = new Set([
  'custom_tool_call',
  'function_call',
  'tool-call',
  'tool_call',
  'tool_use',
  'toolCall',
  'tool_call_chunk',
  'FunctionCall',
])

const isCallType = (type: unknown): boolean => typeof type === 'string' && CALL_TYPES.has(type)

/** Wrappers of a call: `{function: {…}}`, Gemini's `functionCall`, Bedrock's `toolUse`. */
const WRAPPERS = [
  'function',
  'functionCall',
  'function_call',
  'toolUse',
  'tool_call',
  'toolCall',
] as const

const ARGUMENT_KEYS = ['arguments', 'args', 'input', 'parameters'] as const

function fromFields(outer: Fields, inner: Fields): ToolCall | undefined {
  const name = nonEmpty(inner['name'], inner['tool_name'], inner['toolName'], outer['name'])
  if (name === undefined) return undefined
  // A definition of a tool has the same outer shape.
  if (inner['description'] !== undefined && inner['arguments'] === undefined) return undefined
  const id = nonEmpty(
    // A Responses item has both: results refer to `call_id`.
    outer['call_id'],
    inner['call_id'],
    outer['toolCallId'],
    outer['tool_call_id'],
    inner['tool_call_id'],
    inner['toolCallId'],
    inner['toolUseId'],
    outer['id'],
    inner['id'],
  )
  let text: string | undefined
  for (const key of ARGUMENT_KEYS) {
    text ??= asJsonText(inner[key])
  }
  // LangChain leaves `input` empty while it streams and keeps the text beside it.
  const partial = inner['partial_json']
  if (typeof partial === 'string' && (text === undefined || text === '{}')) text = partial
  const call: ToolCall = {name}
  if (id !== undefined) call.id = id
  if (text !== undefined) call.arguments = text
  return call
}

/**
 * Reads one tool call from a part, or from an element of a list that is known to hold calls.
 *
 * @param listed the object stood in a list of calls, so that a name is enough
 */
export function readToolCall(object: Fields, listed = false): ToolCall | undefined {
  const {type} = object
  const kind = object['part_kind']
  if (isCallType(type) || isCallType(kind)) {
    const inner = isObject(object['function']) ? object['function'] : object
    return fromFields(object, inner)
  }
  for (const key of WRAPPERS) {
    const inner = object[key]
    if (isObject(inner)) {
      // `{tool_call: {id, function: {…}}}`, as openinference nests it.
      const deeper = inner['function']
      return isObject(deeper) ? fromFields(inner, deeper) : fromFields(object, inner)
    }
  }
  return listed ? fromFields(object, object) : undefined
}

/** Types of parts that carry what a tool gave back. */
const RESULT_TYPE = /[_-](?:result|return|output)$|tool[\w-]{0,40}response$|^retry-prompt$/

/** Whether a part is a tool's result: never a source. */
export function isToolResult(object: Fields): boolean {
  const {type} = object
  if (typeof type === 'string' && type.length < 50 && RESULT_TYPE.test(type)) return true
  const kind = object['part_kind']
  if (typeof kind === 'string' && RESULT_TYPE.test(kind)) return true
  return (
    isObject(object['functionResponse']) ||
    isObject(object['function_response']) ||
    isObject(object['toolResult'])
  )
}

/**
 * Names of the tools in a definition, or in a list of them: OpenAI's `{function: {name}}`,
 * Anthropic's `{name}`, Bedrock's `{toolSpec: {name}}`, Gemini's `{functionDeclarations: […]}`,
 * pydantic-ai's `{function_tools: […]}`.
 */
export function toolNames(value: unknown, into: string[], depth = 0): void {
  if (depth > 4) return
  if (Array.isArray(value)) {
    for (const item of value) toolNames(item, into, depth + 1)
    return
  }
  if (!isObject(value)) return
  for (const key of LISTS) {
    if (Array.isArray(value[key])) toolNames(value[key], into, depth + 1)
  }
  const inner = value['function'] ?? value['toolSpec'] ?? value['tool_spec']
  const name = nonEmpty(isObject(inner) ? inner['name'] : undefined, value['name'])
  if (name !== undefined && !into.includes(name)) into.push(name)
}

const LISTS = ['functionDeclarations', 'function_declarations', 'function_tools', 'tools'] as const
