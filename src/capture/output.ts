/**
 * Reads an output that is already parsed, whoever shaped it: GenAI messages, Chat and Responses of
 * OpenAI, Anthropic, Gemini, Bedrock, Cohere and Ollama responses, LangChain generations, agents' lists.
 */
import type {OutputItem} from '../model.ts'
import {combine} from './combine.ts'
import {fieldRole, readFieldSources} from './message-fields.ts'
import {readReasoningPart} from './reasoning-blocks.ts'
import {isReasoningName, reasoningType} from './reasoning-part.ts'
import {isResponseDelta, tellingEvents} from './response-events.ts'
import {isInputRole, messageRole, ownMessages} from './roles.ts'
import {extendsLast, isBareThought, isChunk} from './stream-pieces.ts'
import {hasStrongHint, looksLikeRepr, parseStructured} from './structured.ts'
import {isToolResult, readToolCall} from './tool-calls.ts'
import {reasoningTokensOf, USAGE_KEYS} from './usage.ts'
import {addText, createWalk, hasStopped, MAX_NODES, MAX_WALK_DEPTH} from './walk.ts'
import type {OutputHints, Walk} from './walk.ts'

export type {OutputHints} from './walk.ts'

type Fields = Record<string, unknown>

/** What a value held. */
export interface Output {
  items: OutputItem[]
  finishReasons: string[]
  reasoningTokens?: number | undefined
  /** The model that the response names. */
  model?: string | undefined
  /** More stood there than could be read. */
  incomplete: boolean
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const FINISH_KEYS = [
  'finish_reason',
  'finishReason',
  'stop_reason',
  'stopReason',
  'done_reason',
] as const
const MODEL_KEYS = ['model', 'model_name', 'modelVersion', 'model_version', 'modelId'] as const

function noteFinish(walk: Walk, object: Fields): void {
  for (const key of FINISH_KEYS) {
    const reason = object[key]
    if (typeof reason !== 'string' || reason === '') continue
    if (!walk.finishReasons.includes(reason)) walk.finishReasons.push(reason)
    if (hasStopped([reason])) walk.stopped = true
    return
  }
  // A Responses response has a status instead, and a reason where it was cut short.
  const {status, incomplete_details: details} = object
  if (status === 'completed') walk.stopped = true
  const reason = isObject(details) ? details['reason'] : undefined
  if (typeof reason === 'string') walk.finishReasons.push(reason)
}

/** Where LangChain and Genkit keep what the response said of itself beside the message. */
const METADATA_KEYS = ['response_metadata', 'responseMetadata', 'raw', 'custom'] as const

function noteFacts(walk: Walk, object: Fields): void {
  noteOwnFacts(walk, object)
  for (const key of METADATA_KEYS) {
    const metadata = object[key]
    if (!isObject(metadata)) continue
    noteOwnFacts(walk, metadata)
    const provider = metadata['model_provider']
    if (typeof provider === 'string') walk.provider ??= provider
  }
}

function noteOwnFacts(walk: Walk, object: Fields): void {
  noteFinish(walk, object)
  if (walk.responseModel === undefined) {
    for (const key of MODEL_KEYS) {
      const model = object[key]
      if (typeof model === 'string' && model !== '' && model.length < 200) {
        walk.responseModel = model
        break
      }
    }
  }
  if (walk.reasoningTokens === undefined) {
    for (const key of USAGE_KEYS) {
      if (!isObject(object[key])) continue
      walk.reasoningTokens = reasoningTokensOf(object[key])
      if (walk.reasoningTokens !== undefined) break
    }
  }
}

/** Alternatives of one call; a single one has no index. */
function readChoices(
  walk: Walk,
  items: OutputItem[],
  choices: readonly unknown[],
  depth: number,
): void {
  const outer = walk.choiceIndex
  const indexes = choices.map((choice, position) => {
    const index = isObject(choice) ? choice['index'] : undefined
    return typeof index === 'number' ? index : position
  })
  // Several events of one alternative have one index.
  const several = new Set(indexes).size > 1
  choices.forEach((choice, position) => {
    const own = indexes[position] as number
    if (several || own > 0) walk.choiceIndex = own
    const finished = walk.stopped
    if (isObject(choice)) noteFinish(walk, choice)
    readValue(walk, items, choice, depth + 1)
    walk.stopped = finished
  })
  walk.choiceIndex = outer
}

/** LangChain's `generations`: a list a prompt, of a list of alternatives. */
function readGenerations(
  walk: Walk,
  items: OutputItem[],
  generations: readonly unknown[],
  depth: number,
): void {
  for (const alternatives of generations) {
    if (Array.isArray(alternatives)) readChoices(walk, items, alternatives, depth + 1)
    else readChoices(walk, items, [alternatives], depth + 1)
  }
}

/** Puts reasoning in front where all of it was listed behind an answer that the model had ended. */
function inModelOrder(walk: Walk, items: OutputItem[]): OutputItem[] {
  const first = items.findIndex((item) => item.type === 'reasoning')
  if (first <= 0 || !walk.stopped) return items
  const isLast = items.slice(first).every((item) => item.type === 'reasoning')
  return isLast ? [...items.slice(first), ...items.slice(0, first)] : items
}

function readArray(walk: Walk, items: OutputItem[], list: readonly unknown[], depth: number): void {
  const messages = ownMessages(tellingEvents(list))
  const isGenAi =
    messages.length > 1 &&
    messages.every(
      (item) =>
        isObject(item) &&
        item['role'] === 'assistant' &&
        typeof item['finish_reason'] === 'string' &&
        Array.isArray(item['parts']),
    )
  if (isGenAi) {
    // The convention: one message an alternative, each with its own end.
    readChoices(walk, items, messages, depth)
    return
  }
  const areChunks =
    messages.length > 1 &&
    messages.every((item) => isObject(item) && (isChunk(item) || isResponseDelta(item)))
  const outer = walk.inPieces
  walk.inPieces = outer || areChunks
  const found: OutputItem[] = []
  let afterThought = false
  for (const item of messages) {
    const before = found.length
    if (typeof item === 'string') readString(walk, found, item, depth)
    else readValue(walk, found, item, depth + 1)
    const isThought = isObject(item) && isBareThought(item)
    if (isThought && afterThought && found.length === before + 1) {
      const [piece] = found.splice(before) as [OutputItem]
      if (!extendsLast(found, piece)) found.push(piece)
    }
    afterThought = isThought
  }
  walk.inPieces = outer
  if (!areChunks) {
    for (const item of found) items.push(item)
    return
  }
  const joined: OutputItem[] = []
  for (const item of found) if (!extendsLast(joined, item)) joined.push(item)
  for (const item of joined) {
    if (item.type === 'text') addText(walk, items, item.text)
    else items.push(item)
  }
}

function readString(
  walk: Walk,
  items: OutputItem[],
  text: string,
  depth: number,
  isAnswer = true,
): void {
  if (depth <= MAX_WALK_DEPTH && hasStrongHint(text)) {
    const reading = parseStructured(text)
    if (isObject(reading?.value) || Array.isArray(reading?.value)) {
      const outer = walk.cut
      if (!reading.complete) walk.incomplete = true
      walk.cut = reading.cut
      const found: OutputItem[] = []
      readValue(walk, found, reading.value, depth + 1)
      walk.cut = outer
      if (found.length > 0) {
        items.push(...found)
        return
      }
    }
  }
  if (!isAnswer) return
  // Tags in a repr would give an escaped text; who wrote it mostly tells the text elsewhere too.
  if (looksLikeRepr(text)) items.push({type: 'text', text})
  else addText(walk, items, text)
}

function readCalls(items: OutputItem[], value: unknown): void {
  const list = Array.isArray(value) ? value : isObject(value) ? [value] : []
  for (const entry of list) {
    const call = isObject(entry) ? readToolCall(entry, true) : undefined
    if (call !== undefined) items.push({type: 'tool_call', call})
  }
}

/** A message, or whatever leads to one: its fields, its content, its calls. */
function readHolder(walk: Walk, items: OutputItem[], object: Fields, depth: number): void {
  const contents: OutputItem[][] = []
  const others: OutputItem[][] = []
  for (const key in object) {
    const value = object[key]
    if (value === null || value === undefined || value === '') continue
    const role = fieldRole(key)
    if (role === 'input') continue
    const found: OutputItem[] = []
    if (role === undefined) {
      if (typeof value !== 'object' || isReasoningName(key)) continue
      readValue(walk, found, value, depth + 1)
      if (found.some(({type}) => type === 'reasoning')) others.push(found)
      continue
    }
    if (role === 'calls') readCalls(found, value)
    else if (role === 'side') {
      for (const name in value as Fields) {
        if (fieldRole(name) === 'calls') readCalls(found, (value as Fields)[name])
      }
    } else if (typeof value === 'object') {
      const outer = walk.inContent
      walk.inContent = outer || (role === 'text' && Array.isArray(value))
      readValue(walk, found, value, depth + 1)
      walk.inContent = outer
    } else if (typeof value === 'string') {
      if (role === 'text') addText(walk, found, value)
      else readString(walk, found, value, depth, role === 'nested')
    }
    if (found.length > 0) contents.push(found)
  }
  const fields = readFieldSources(walk, object)
  // Below names that nobody knows only reasoning counts, wherever there is another answer.
  const nameless =
    contents.length === 0
      ? others
      : others.map((found) => found.filter(({type}) => type === 'reasoning'))
  const told = combine([
    ...fields.filter((source) => source.length > 1),
    ...contents,
    ...fields.filter((source) => source.length <= 1),
    ...nameless,
  ])
  for (const item of inModelOrder(walk, told)) items.push(item)
}

/** A provider's part of reasoning as JSON in the text of another: a converter did not know it. */
const WRAPPED_PART =
  /^\{\s{0,4}"(?:reasoningContent"\s{0,4}:\s{0,4}\{|type"\s{0,4}:\s{0,4}"(?:redacted_)?thinking")/

function readValue(walk: Walk, items: OutputItem[], value: unknown, depth: number): void {
  if (depth > MAX_WALK_DEPTH || ++walk.nodes > MAX_NODES) {
    walk.incomplete = true
    return
  }
  if (Array.isArray(value)) {
    readArray(walk, items, value, depth)
    return
  }
  if (!isObject(value)) return
  const {type} = value
  if (type === 'text' || type === 'output_text') {
    // The commonest part of all; whatever else it has (annotations, a signature) is no output.
    const text = value['text'] ?? value['content']
    if (typeof text === 'string' && value['thought'] !== true) {
      if (WRAPPED_PART.test(text)) readString(walk, items, text, depth)
      else addText(walk, items, text)
      return
    }
  }
  const isThought = value['thought'] === true && typeof value['text'] === 'string'
  if (isThought || reasoningType(value) !== undefined) {
    for (const item of readReasoningPart(walk, value)) items.push(item)
    return
  }
  if (isToolResult(value) || isOtherPart(value)) return
  if (isInputRole(messageRole(value))) return
  noteFacts(walk, value)
  if (Array.isArray(value['choices'])) readChoices(walk, items, value['choices'], depth)
  else if (Array.isArray(value['candidates'])) readChoices(walk, items, value['candidates'], depth)
  else if (Array.isArray(value['generations'])) {
    readGenerations(walk, items, value['generations'], depth)
    noteUsageOf(walk, value['llm_output'])
  } else {
    const call = readToolCall(value)
    if (call !== undefined && !hasContent(value)) {
      items.push({type: 'tool_call', call})
      return
    }
    readHolder(walk, items, value, depth)
  }
}

/** Parts that are neither text nor reasoning nor a call of the application's tools. */
const OTHER_PART =
  /_call$|^(?:image|audio|video|file|blob|uri|document|source|compaction|usage|input_\w+)/

const isOtherPart = (object: Fields): boolean => {
  const {type} = object
  return typeof type === 'string' && OTHER_PART.test(type) && readToolCall(object) === undefined
}

const hasContent = (object: Fields): boolean =>
  object['role'] !== undefined || object['content'] !== undefined || object['parts'] !== undefined

function noteUsageOf(walk: Walk, holder: unknown): void {
  if (isObject(holder)) noteFacts(walk, holder)
}

/** Keeps one `hidden` marker, and only where nothing else of the reasoning was seen. */
function withoutNeedlessMarkers(items: OutputItem[]): OutputItem[] {
  let kept = !items.some((item) => item.type === 'reasoning' && item.block.visibility !== 'hidden')
  return items.filter((item) => {
    if (item.type !== 'reasoning' || item.block.visibility !== 'hidden') return true
    const keep = kept
    kept = false
    return keep
  })
}

/**
 * Reads an output in full: its items in the model's order, and what the response says of itself.
 *
 * @param value a parsed JSON value; a string is an answer
 * @param cut the string in which the JSON text was cut, if it was
 */
export function readWholeOutput(
  value: unknown,
  hints: OutputHints,
  cut?: string | undefined,
): Output {
  const walk = createWalk(hints)
  walk.cut = cut
  const items: OutputItem[] = []
  if (typeof value === 'string') readString(walk, items, value, 0)
  else readValue(walk, items, value, 0)
  return {
    items: withoutNeedlessMarkers(items),
    finishReasons: walk.finishReasons,
    reasoningTokens: walk.reasoningTokens,
    model: walk.responseModel,
    incomplete: walk.incomplete,
  }
}

/** Reasoning, answer and tool calls of a parsed output, in the model's order. */
export const readOutput = (value: unknown, hints: OutputHints): OutputItem[] =>
  readWholeOutput(value, hints).items
