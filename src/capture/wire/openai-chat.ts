/**
 * OpenAI's Chat Completions and everybody who speaks it: DeepSeek, Groq, Cerebras, OpenRouter,
 * Mistral, vLLM, SGLang, llama.cpp, LM Studio, LiteLLM, Azure and more. They differ in where they
 * put reasoning; all of the places are looked at.
 */
import type {Visibility} from '../../model.ts'
import {asIndex, asJson, asList, asObject, asText, isObject, partText} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteError, noteIdentity, noteUsage} from './message-facts.ts'
import type {ReasoningEntry, Transcript} from './transcript.ts'

/** Where a message keeps reasoning as text; one thought may stand under several of them. */
const TEXT_KEYS = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const

/** Length from which a piece that equals all that came before is no coincidence (code units). */
const WHOLE_THOUGHT = 40

/** Indexes of tool calls below this one can be told apart within a choice. */
const MAX_CALLS = 65_536

/** A key for the n-th tool call of a choice. */
const callKey = (choice: number, index: number): number => choice * MAX_CALLS + (index % MAX_CALLS)

/** What OpenRouter marks its copies of Anthropic's `redacted_thinking` with. */
const isOwnThought = (format: unknown): boolean => asText(format).startsWith('anthropic')

export function readOpenAiChat(transcript: Transcript): FormatReader {
  const {facts, reasons} = transcript
  // What only the provider can read, one a choice: beside a readable thought it is that thought.
  const copies = new Map<number, ReasoningEntry>()

  // The thought of each choice that was written to last.
  const latest = new Map<number, ReasoningEntry>()

  const addThought = (
    choice: number,
    visibility: Visibility | undefined,
    text: string,
  ): boolean => {
    if (text === '') return false
    const before = latest.get(choice)
    // Some gateways send the whole thought once more when it has been streamed.
    if (
      before?.text.length === text.length &&
      text.length >= WHOLE_THOUGHT &&
      before.text === text
    ) {
      return true
    }
    const entry = transcript.continueReasoning(choice, visibility)
    if (entry !== before && !entry.cut) latest.set(choice, entry)
    transcript.append(entry, text)
    return true
  }

  const addOpaque = (choice: number, format?: unknown): void => {
    if (isOwnThought(format)) {
      const last = transcript.entries.at(-1)
      // Streamed in pieces it is still one.
      const isSame = last?.type === 'reasoning' && last.choice === choice && !last.isCopy
      if (!isSame || last.text !== '' || last.opaque === undefined) {
        transcript.openReasoning(choice, {opaque: 'encrypted'})
      }
    } else if (!copies.has(choice)) {
      const entry = transcript.openReasoning(choice, {opaque: 'encrypted', isCopy: true})
      if (!entry.cut) copies.set(choice, entry)
    }
  }

  /** OpenRouter's `reasoning_details`, LiteLLM's `thinking_blocks`, Mistral's and Databricks' parts. */
  const readPart = (choice: number, part: Fields): boolean => {
    switch (part['type']) {
      case 'reasoning.text':
        return addThought(choice, undefined, partText(part['text']))
      case 'reasoning.summary':
        return addThought(choice, 'summary', partText(part['summary']))
      case 'reasoning.encrypted':
        if (part['data'] !== '' && part['data'] !== undefined) addOpaque(choice, part['format'])
        return false
      case 'thinking':
        return addThought(choice, undefined, partText(part['thinking']))
      case 'redacted_thinking':
        transcript.openReasoning(choice, {opaque: 'redacted'})
        return false
      case 'reasoning': {
        const summary = partText(part['summary'])
        if (summary !== '') return addThought(choice, 'summary', summary)
        return addThought(choice, undefined, partText(part))
      }
      default:
        return false
    }
  }

  const readParts = (choice: number, parts: unknown): boolean => {
    let found = false
    for (const part of asList(parts)) {
      if (isObject(part) && readPart(choice, part)) found = true
    }
    return found
  }

  const readReasoning = (choice: number, message: Fields): void => {
    if (readParts(choice, message['reasoning_details'])) return
    let found = false
    for (const key of TEXT_KEYS) {
      const value = message[key]
      if (value === undefined || value === null || value === '') continue
      found = addThought(choice, undefined, partText(value))
      if (found) break
    }
    if (!found) readParts(choice, message['thinking_blocks'])
    if (asText(message['reasoning_opaque']) !== '') addOpaque(choice)
  }

  const addText = (choice: number, text: string): void => {
    if (text !== '') transcript.append(transcript.continueText(choice), text)
  }

  const readContent = (choice: number, content: unknown): void => {
    if (typeof content === 'string') {
      addText(choice, content)
      return
    }
    for (const part of asList(content)) {
      if (typeof part === 'string') addText(choice, part)
      else if (isObject(part) && !readPart(choice, part)) addText(choice, asText(part['text']))
    }
  }

  const readCall = (choice: number, call: Fields, position: number): void => {
    const isCustom = isObject(call['custom']) && !isObject(call['function'])
    const definition = asObject(isCustom ? call['custom'] : call['function'])
    const key = callKey(choice, asIndex(call['index'], position))
    const id = asName(call['id'])
    const name = asName(definition['name'])
    let entry = transcript.find(key)
    // Some proxies give every call the index 0; another id is another call.
    const isNew = entry?.type !== 'tool_call' || (id !== '' && entry.id !== '' && id !== entry.id)
    if (entry?.type !== 'tool_call' || isNew) {
      if (name === '') return
      entry = transcript.openTool(choice, id, name, {key})
    } else if (entry.id === '') entry.id = id
    transcript.append(entry, asJson(definition[isCustom ? 'input' : 'arguments']))
  }

  const readChoice = (choice: Fields, position: number, isWhole: boolean): void => {
    const index = asIndex(choice['index'], position)
    const {delta} = choice
    const message = isObject(delta) ? delta : choice['message']
    if (isObject(message)) {
      readReasoning(index, message)
      readContent(index, message['content'])
      readContent(index, message['refusal'])
      const calls = asList(message['tool_calls'])
      for (let at = 0; at < calls.length; at++) {
        const call = calls[at]
        if (isObject(call)) readCall(index, call, at)
      }
      const old = message['function_call']
      if (isObject(old)) readCall(index, {function: old}, 0)
    } else readContent(index, choice['text'])
    const reason = choice['finish_reason']
    // While a stream runs some send an empty reason; in a document it is what the provider says.
    if (typeof reason === 'string' && (reason !== '' || isWhole)) transcript.finish(index, reason)
  }

  return {
    read(value) {
      if (value['error'] !== undefined)
        noteError(facts, value['error'], transcript.entries.length > 0)
      noteIdentity(facts, value['model'], value['id'])
      if (facts.provider === '') facts.provider = asName(value['provider'])
      noteUsage(facts, value['usage'] ?? asObject(value['x_groq'])['usage'])
      const choices = asList(value['choices'])
      for (let at = 0; at < choices.length; at++) {
        const choice = choices[at]
        if (!isObject(choice)) continue
        const isWhole = !isObject(choice['delta']) && isObject(choice['message'])
        readChoice(choice, at, isWhole)
        if (isWhole) facts.ended = true
      }
    },
    end() {
      // Not every server sends `[DONE]`; then each choice has said why it ended.
      if (reasons.size > 0 && transcript.entries.every(({choice}) => reasons.has(choice))) {
        facts.ended = true
      }
    },
  }
}
