/**
 * OpenAI's Responses and those who speak it. Each part of a summary is a block; the final item and
 * the final response repeat what was streamed, and fill in what a resumed stream did not carry.
 */
import {asIndex, asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteError, noteIdentity, noteUsage} from './message-facts.ts'
import type {AnyEntry, Transcript} from './transcript.ts'

/** Keys, and so places, of what one output item can hold. */
const ITEM = 65_536
const MARK = 0
const SUMMARY = 1
const THOUGHT = 20_000
const TEXT = 40_000
const CALL = 60_000
/** Parts of one kind in one item that are told apart. */
const MAX_PARTS = 19_999

type PartKind = typeof SUMMARY | typeof THOUGHT | typeof TEXT

/** Items that are calls of the application's tools; others are the provider's own. */
const CALLS: Readonly<Record<string, string>> = {
  function_call: 'arguments',
  custom_tool_call: 'input',
}

/** States in which a response stays. */
const FINAL = new Set(['completed', 'incomplete', 'failed', 'cancelled'])

export function readOpenAiResponses(transcript: Transcript): FormatReader {
  const {facts} = transcript
  // Not every server says `output_index`.
  const places = new Map<string, number>()
  let currentItem = 0
  // Items that the final response has repeated so far; `undefined` while the stream runs.
  let claimed: Set<AnyEntry> | undefined
  // Items before it, by what they hold.
  let alike: Map<string, AnyEntry[]> | undefined

  const itemIndex = (event: Fields): number => {
    const given = event['output_index']
    const id = asName(event['item_id']) || asName(asObject(event['item'])['id'])
    if (typeof given === 'number') currentItem = asIndex(given, currentItem)
    else if (id !== '') {
      let known = places.get(id)
      if (known === undefined) {
        known = places.size
        if (places.size < 1024) places.set(id, known)
      }
      currentItem = known
    }
    return currentItem
  }

  const partEntry = (item: number, kind: PartKind, part: unknown): AnyEntry => {
    const key = item * ITEM + kind + Math.min(asIndex(part, 0), MAX_PARTS)
    const known = transcript.find(key)
    if (known !== undefined) return known
    const opening = {key, order: key, group: item}
    if (kind === TEXT) return transcript.openText(0, opening)
    return transcript.openReasoning(0, {
      ...opening,
      visibility: kind === SUMMARY ? 'summary' : 'full',
    })
  }

  const likeness = (entry: AnyEntry): string =>
    `${entry.type} ${entry.type === 'tool_call' ? entry.id : entry.text}`

  /**
   * The item that a final response repeats: the one under its key, or one that was streamed under
   * another index (some servers count on their own) and that nothing else in it has claimed.
   */
  const repeated = (key: number, type: AnyEntry['type'], mark: string): AnyEntry | undefined => {
    const known = transcript.find(key)
    if (claimed === undefined) return known
    if (known !== undefined) {
      claimed.add(known)
      return known
    }
    if (alike === undefined) {
      alike = new Map()
      for (const entry of transcript.entries) {
        const list = alike.get(likeness(entry))
        if (list === undefined) alike.set(likeness(entry), [entry])
        else list.push(entry)
      }
    }
    const list = alike.get(`${type} ${mark}`)
    let entry = list?.shift()
    while (entry !== undefined && claimed.has(entry)) entry = list?.shift()
    if (entry !== undefined) claimed.add(entry)
    return entry
  }

  const settlePart = (item: number, kind: PartKind, part: number, text: string): void => {
    if (text === '') return
    const key = item * ITEM + kind + Math.min(part, MAX_PARTS)
    const type = kind === TEXT ? 'text' : 'reasoning'
    const known = repeated(key, type, text)
    const entry = known ?? partEntry(item, kind, part)
    claimed?.add(entry)
    transcript.settle(entry, text)
  }

  const markReasoning = (item: number, isEncrypted: boolean): void => {
    const key = item * ITEM + MARK
    const known = transcript.find(key)
    if (known?.type === 'reasoning') {
      if (isEncrypted) known.opaque = 'encrypted'
      return
    }
    const opaque = isEncrypted ? 'encrypted' : 'hidden'
    transcript.openReasoning(0, {key, order: key, group: item, opaque, isCopy: true})
  }

  /** A part's text, wherever its type keeps it. */
  const textOf = (part: unknown): string =>
    asText(asObject(part)['text']) || asText(asObject(part)['refusal'])

  const readCall = (item: number, fields: Fields, isDone: boolean): void => {
    const key = item * ITEM + CALL
    const id = asName(fields['call_id']) || asName(fields['id'])
    let entry = repeated(key, 'tool_call', id)
    if (entry?.type !== 'tool_call') {
      const name = asName(fields['name'])
      if (name === '') return
      entry = transcript.openTool(0, id, name, {key, order: key})
      claimed?.add(entry)
    }
    const text = asJson(fields[CALLS[asText(fields['type'])] ?? 'arguments'])
    if (isDone) transcript.settle(entry, text)
    else transcript.append(entry, text)
  }

  const readItem = (item: number, fields: Fields, isDone: boolean): void => {
    const type = asText(fields['type'])
    if (type === 'reasoning') {
      markReasoning(item, asText(fields['encrypted_content']) !== '')
      if (!isDone) return
      const summary = asList(fields['summary'])
      for (let at = 0; at < summary.length; at++) settlePart(item, SUMMARY, at, textOf(summary[at]))
      const content = asList(fields['content'])
      for (let at = 0; at < content.length; at++) settlePart(item, THOUGHT, at, textOf(content[at]))
    } else if (type === 'message') {
      if (!isDone) return
      const content = asList(fields['content'])
      for (let at = 0; at < content.length; at++) settlePart(item, TEXT, at, textOf(content[at]))
    } else if (CALLS[type] !== undefined) readCall(item, fields, isDone)
  }

  const readResponse = (response: Fields): void => {
    noteIdentity(facts, response['model'], response['id'])
    noteUsage(facts, response['usage'])
    const output = asList(response['output'])
    const status = asText(response['status'])
    const isFinal = FINAL.has(status)
    claimed = new Set()
    for (let at = 0; at < output.length; at++) {
      const item = output[at]
      if (isObject(item)) readItem(at, item, true)
    }
    claimed = undefined
    alike = undefined
    if (!isFinal) return
    facts.ended = true
    transcript.finish(0, status)
    const reason = asText(asObject(response['incomplete_details'])['reason'])
    if (reason !== '') transcript.finish(0, reason)
    if (status === 'failed') noteError(facts, response['error'], transcript.entries.length > 0)
  }

  const appendDelta = (event: Fields, kind: PartKind, part: unknown): void => {
    const {delta} = event
    const text = typeof delta === 'string' ? delta : textOf(delta)
    if (text !== '') transcript.append(partEntry(itemIndex(event), kind, part), text)
  }

  const settleEvent = (event: Fields, kind: PartKind, part: unknown, text: string): void =>
    settlePart(itemIndex(event), kind, asIndex(part, 0), text)

  const readPart = (event: Fields): void => {
    const {part} = event
    const isThought = asObject(part)['type'] === 'reasoning_text'
    settleEvent(event, isThought ? THOUGHT : TEXT, event['content_index'], textOf(part))
  }

  return {
    read(value, event) {
      const type = asText(value['type']) || event
      switch (type) {
        case 'response.output_text.delta':
        case 'response.refusal.delta':
          appendDelta(value, TEXT, value['content_index'])
          break
        case 'response.reasoning_summary_text.delta':
        case 'response.reasoning_summary.delta':
          appendDelta(value, SUMMARY, value['summary_index'])
          break
        case 'response.reasoning_text.delta':
        case 'response.reasoning.delta':
          appendDelta(value, THOUGHT, value['content_index'])
          break
        case 'response.function_call_arguments.delta':
        case 'response.custom_tool_call_input.delta': {
          const entry = transcript.find(itemIndex(value) * ITEM + CALL)
          if (entry !== undefined) transcript.append(entry, asText(value['delta']))
          break
        }
        case 'response.output_text.done':
        case 'response.refusal.done':
          settleEvent(value, TEXT, value['content_index'], textOf(value))
          break
        case 'response.reasoning_summary_text.done':
        case 'response.reasoning_summary.done':
          settleEvent(value, SUMMARY, value['summary_index'], textOf(value))
          break
        case 'response.reasoning_summary_part.done':
          settleEvent(value, SUMMARY, value['summary_index'], textOf(value['part']))
          break
        case 'response.reasoning_text.done':
        case 'response.reasoning.done':
          settleEvent(value, THOUGHT, value['content_index'], textOf(value))
          break
        case 'response.content_part.done':
          readPart(value)
          break
        case 'response.function_call_arguments.done':
        case 'response.custom_tool_call_input.done': {
          const entry = transcript.find(itemIndex(value) * ITEM + CALL)
          const text = asText(value['arguments']) || asText(value['input'])
          if (entry !== undefined) transcript.settle(entry, text)
          break
        }
        case 'response.output_item.added':
        case 'response.output_item.done':
          readItem(itemIndex(value), asObject(value['item']), type.endsWith('done'))
          break
        case 'error':
          noteError(facts, value['error'] ?? {code: value['code']}, transcript.entries.length > 0)
          break
        default:
          if (isObject(value['response'])) readResponse(value['response'])
          else if (Array.isArray(value['output'])) readResponse(value)
          else if (value['error'] !== undefined && value['error'] !== null) {
            noteError(facts, value['error'], transcript.entries.length > 0)
          }
      }
    },
    end() {
      facts.incomplete ||= !facts.ended
    },
  }
}
