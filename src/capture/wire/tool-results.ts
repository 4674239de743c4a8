/**
 * Results of tool calls that a request brings along, in whatever format: read by their shape, since
 * a proxy's address says little about it.
 */
import {asJson, asList, asObject, asText, type Fields, isObject, partText} from './fields.ts'
import {asName} from './message-facts.ts'

export interface ToolResult {
  /** The provider's id of the call. */
  id: string | undefined
  /** The tool; empty where only the id is said. */
  name: string
  /** Of a call without an id: its arguments as the request repeats them, as `canonicalJson` has them. */
  arguments: string | undefined
  /** `undefined` unless it was asked for. */
  text: string | undefined
  isError: boolean
}

export interface CarriedResults {
  /** With an id: all of the conversation; without: those behind the model's last turn. */
  results: readonly ToolResult[]
  /** Id of the response that this request goes on from. */
  previousResponseId: string | undefined
}

/** Results that are looked at, the last ones. */
const MAX_RESULTS = 1_024
/** Code units of a result's text that are kept. */
const MAX_TEXT = 8 * 1024

/** JSON text without what writers differ in: white space. Text that is no JSON stays as it is. */
export function canonicalJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text || '{}'))
  } catch {
    return text
  }
}

interface Reading {
  readonly withText: boolean
  /** In the order of the conversation. */
  readonly named: ToolResult[]
  /** Without an id, behind the model's last turn. */
  trailing: ToolResult[]
  /** Calls without an id in the model's last turn that no result was found for. */
  calls: {name: string; arguments: string}[]
}

function addResult(
  reading: Reading,
  id: unknown,
  name: unknown,
  value: unknown,
  isError = false,
): void {
  const text = reading.withText ? (partText(value) || asJson(value)).slice(0, MAX_TEXT) : undefined
  const result: ToolResult = {
    id: asName(id) || undefined,
    name: asName(name),
    arguments: undefined,
    text,
    isError,
  }
  if (result.id !== undefined) {
    reading.named.push(result)
    return
  }
  const at = reading.calls.findIndex((call) => result.name === '' || call.name === result.name)
  const call = at === -1 ? undefined : reading.calls.splice(at, 1)[0]
  reading.trailing.push({...result, name: call?.name ?? result.name, arguments: call?.arguments})
}

function addCall(reading: Reading, name: unknown, args: unknown): void {
  reading.calls.push({name: asName(name), arguments: canonicalJson(asJson(args))})
}

/** The model speaks: what it asked for before is over. */
function beginModelTurn(reading: Reading): void {
  reading.trailing = []
  reading.calls = []
}

function readParts(reading: Reading, parts: unknown): void {
  for (const part of asList(parts)) {
    if (!isObject(part)) continue
    if (part['type'] === 'tool_result') {
      addResult(reading, part['tool_use_id'], '', part['content'], part['is_error'] === true)
    }
    const bedrock = part['toolResult']
    if (isObject(bedrock)) {
      const isError = bedrock['status'] === 'error'
      addResult(reading, bedrock['toolUseId'], '', unwrapped(bedrock['content']), isError)
    }
    const gemini = part['functionResponse'] ?? part['function_response']
    if (isObject(gemini)) addResult(reading, gemini['id'], gemini['name'], gemini['response'])
    const call = part['functionCall'] ?? part['function_call']
    if (isObject(call) && asText(call['id']) === '') addCall(reading, call['name'], call['args'])
  }
}

function readMessage(reading: Reading, message: Fields): void {
  const {role, content} = message as {role?: unknown; content?: unknown}
  if (role === 'assistant' || role === 'model') {
    beginModelTurn(reading)
    for (const call of asList(message['tool_calls'])) {
      const {id, function: called} = asObject(call)
      if (asText(id) === '') {
        addCall(reading, asObject(called)['name'], asObject(called)['arguments'])
      }
    }
  }
  const isTool = (role === 'tool' || role === 'function') && message['parts'] === undefined
  if (isTool && !hasResultPart(content)) {
    addResult(reading, message['tool_call_id'], message['tool_name'] ?? message['name'], content)
    return
  }
  readParts(reading, content)
  readParts(reading, message['parts'])
}

/** Bedrock wraps a result that is one value in a list. */
function unwrapped(content: unknown): unknown {
  const [only, ...more] = asList(content)
  return more.length === 0 && isObject(only) && 'json' in only ? only['json'] : content
}

const hasResultPart = (content: unknown): boolean =>
  asList(content).some(
    (part) => isObject(part) && ('toolResult' in part || part['type'] === 'tool_result'),
  )

/** Never throws. @param withText keeps the results' text too */
export function readToolResults(body: Fields, withText: boolean): CarriedResults {
  const reading: Reading = {withText, named: [], trailing: [], calls: []}
  for (const message of asList(body['messages'] ?? body['contents'])) {
    if (isObject(message)) readMessage(reading, message)
  }
  for (const item of asList(body['input'])) {
    if (!isObject(item)) continue
    if (asText(item['type']).endsWith('_call_output')) {
      addResult(reading, item['call_id'], '', item['output'])
    } else if (item['role'] !== undefined) readMessage(reading, item)
  }
  return {
    results: [...reading.named.slice(-MAX_RESULTS), ...reading.trailing.slice(0, MAX_RESULTS)],
    previousResponseId: asName(body['previous_response_id']) || undefined,
  }
}
