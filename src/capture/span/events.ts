/** Outputs that instrumentations put into span events, and the moment of the first chunk. */
import type {HrTime} from '@opentelemetry/api'
import type {TimedEventLike} from '../../readable-span.ts'
import type {OutputHints} from '../output.ts'
import {isChunk} from '../stream-pieces.ts'
import {parseStructured} from '../structured.ts'
import {readOutputValue} from './read-entries.ts'
import type {Telling} from './dialect.ts'

/** What an event's name says of it. */
type EventRole =
  | 'choice'
  | 'completion'
  | 'assistant'
  | 'input'
  | 'firstChunk'
  | 'chunk'
  | 'thought'
  | 'none'

/** MLflow's pieces of a stream, one event each; Bedrock's by their own names. */
const CHUNK = /^(?:mlflow\.chunk\.item\.\d{1,9}|contentBlock(?:Start|Delta))$/

const roles = new Map<string, EventRole>()
const MAX_NAMES = 1024

/** The role of an event, remembered by name. */
export function eventRole(name: string): EventRole {
  let role = roles.get(name)
  if (role === undefined) {
    role = learnRole(name)
    if (roles.size >= MAX_NAMES) roles.clear()
    roles.set(name, role)
  }
  return role
}

function learnRole(name: string): EventRole {
  if (name === 'gen_ai.choice') return 'choice'
  if (name === 'gen_ai.assistant.message') return 'assistant'
  if (/^gen_ai\.(?:user|system|tool)\.message$/.test(name)) return 'input'
  if (name === 'gen_ai.content.prompt') return 'input'
  if (/^gen_ai\.(?:content\.completion|client\.inference\.operation\.details)$/.test(name)) {
    return 'completion'
  }
  if (/first.{0,3}(?:token|chunk)/i.test(name) || name === 'gen_ai.content.completion.chunk') {
    return 'firstChunk'
  }
  if (CHUNK.test(name)) return 'chunk'
  return /(?:^|[._\- ])(?:reasoning|thinking|thought)/i.test(name) ? 'thought' : 'none'
}

const structured = (value: unknown): unknown =>
  typeof value === 'string' ? (parseStructured(value)?.value ?? value) : value

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An event's attributes (or a log record's body) as the choice that they describe. */
export function asChoice(fields: Record<string, unknown>): unknown {
  const whole = structured(fields['gen_ai.event.content'])
  if (isObject(whole)) return whole
  let message = structured(fields['message'])
  // Strands writes the content of the message where the message should be.
  if (Array.isArray(message)) message = {content: message}
  if (message === undefined) {
    message = {
      content: structured(fields['content'] ?? fields['gen_ai.completion']),
      reasoning_content: fields['reasoning_content'] ?? fields['gen_ai.reasoning_content'],
      reasoning: fields['reasoning'] ?? fields['thinking'],
      tool_calls: structured(fields['tool_calls']),
    }
  }
  // Who numbers nothing has one alternative.
  return {index: fields['index'] ?? 0, finish_reason: fields['finish_reason'], message}
}

const COMPLETION_KEYS = [
  'gen_ai.output.messages',
  'gen_ai.completion',
  'gen_ai.event.content',
] as const

/** The attribute of a `reasoning` event that holds its text, by its last segment. */
const THOUGHT_KEY =
  /(?:^|\.)(?:content|text|reasoning|thinking|thought|delta|message|reasoning_content|thinking_content)$/

function thoughtOf(fields: Record<string, unknown>): string | undefined {
  for (const key in fields) {
    const text = fields[key]
    if (typeof text === 'string' && text !== '' && THOUGHT_KEY.test(key)) return text
  }
  return undefined
}

/** The piece of a stream that an event carries as JSON under whatever key. */
function pieceOf(fields: Record<string, unknown>): unknown {
  for (const key in fields) {
    const piece = structured(fields[key])
    // The events of Responses tell the same text several times, and the response has it whole.
    if (isObject(piece) && isChunk(piece)) return piece
  }
  return undefined
}

const attributesOf = (event: TimedEventLike): Record<string, unknown> => event.attributes ?? {}

/** Tellings of the output in a span's events. */
export function readEvents(events: readonly TimedEventLike[], hints: OutputHints): Telling[] {
  const choices: unknown[] = []
  const tellings: Telling[] = []
  const thoughts: string[] = []
  const pieces: unknown[] = []
  let inPieces = false
  let assistant: Record<string, unknown> | undefined
  for (const event of events) {
    const role = eventRole(event.name)
    const fields = attributesOf(event)
    if (role === 'choice') choices.push(asChoice(fields))
    else if (role === 'assistant') assistant = fields
    // What came before a prompt or a tool's result is an earlier turn.
    else if (role === 'input') assistant = undefined
    else if (role === 'chunk') {
      const piece = pieceOf(fields)
      if (piece !== undefined) pieces.push(piece)
    } else if (role === 'completion') {
      for (const key of COMPLETION_KEYS) {
        if (fields[key] !== undefined) tellings.push(readOutputValue(fields[key], hints))
      }
    } else if (role === 'thought') {
      const text = thoughtOf(fields)
      if (text === undefined) continue
      // One event a chunk: their texts are one thought.
      const isPiece = /delta|chunk/i.test(event.name)
      if (isPiece && inPieces) thoughts[thoughts.length - 1] += text
      else thoughts.push(text)
      inPieces = isPiece
    }
  }
  if (choices.length > 0) tellings.push(readOutputValue({choices}, hints))
  else if (assistant !== undefined) {
    tellings.push(readOutputValue({choices: [asChoice(assistant)]}, hints))
  }
  // One piece alone would not be taken for a stream's.
  if (pieces.length > 1) tellings.push(readOutputValue(pieces, hints))
  if (thoughts.length > 0) tellings.push(readOutputValue({reasoning_content: thoughts}, hints))
  return tellings
}

/** Seconds from the span's start to the first event that says that a chunk came. */
export function firstChunkOf(
  events: readonly TimedEventLike[],
  startTime: HrTime | undefined,
): number | undefined {
  for (const event of events) {
    if (eventRole(event.name) !== 'firstChunk') continue
    const millis = event.attributes?.['ai.response.msToFirstChunk']
    if (typeof millis === 'number') return millis / 1000
    if (startTime === undefined) return undefined
    const seconds = event.time[0] - startTime[0] + (event.time[1] - startTime[1]) / 1e9
    return seconds >= 0 ? seconds : undefined
  }
  return undefined
}
