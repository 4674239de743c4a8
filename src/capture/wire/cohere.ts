/** Cohere's chat, version 2. A `tool_plan` is the model's own text about what it will do. */
import {asIndex, asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteIdentity, noteUsage} from './message-facts.ts'
import type {Transcript} from './transcript.ts'

/** Keys of tool calls stand behind those of content. */
const TOOL_KEYS = 1 << 20

export function readCohere(transcript: Transcript): FormatReader {
  const {facts} = transcript

  const readContent = (index: number, part: Fields): void => {
    const known = transcript.find(index)
    const thinking = asText(part['thinking'])
    if (thinking !== '' || (part['type'] === 'thinking' && known === undefined)) {
      const entry = known ?? transcript.openReasoning(0, {key: index, visibility: 'full'})
      if (entry.type === 'reasoning') transcript.append(entry, thinking)
    }
    const text = asText(part['text'])
    if (text !== '') {
      const entry = known ?? transcript.openText(0, {key: index})
      transcript.append(entry, text)
    }
  }

  const readPlan = (plan: unknown): void => {
    const text = asText(plan)
    if (text !== '') transcript.append(transcript.continueReasoning(0, 'full'), text)
  }

  const readCall = (index: number, call: Fields): void => {
    const definition = asObject(call['function'])
    const key = TOOL_KEYS + index
    let entry = transcript.find(key)
    if (entry === undefined) {
      const name = asName(definition['name'])
      if (name === '') return
      entry = transcript.openTool(0, asName(call['id']), name, {key})
    }
    transcript.append(entry, asJson(definition['arguments']))
  }

  const finish = (fields: Fields): void => {
    noteUsage(facts, asObject(fields['usage'])['tokens'])
    const reason = asText(fields['finish_reason'])
    if (reason !== '') transcript.finish(0, reason)
    facts.ended = true
    const error = asText(fields['error'])
    if (error !== '') facts.errorType = 'error'
  }

  const readDocument = (value: Fields): void => {
    const message = asObject(value['message'])
    readPlan(message['tool_plan'])
    const content = asList(message['content'])
    for (let index = 0; index < content.length; index++) {
      const part = content[index]
      if (isObject(part)) readContent(index, part)
    }
    const calls = asList(message['tool_calls'])
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index]
      if (isObject(call)) readCall(index, call)
    }
    finish(value)
  }

  return {
    read(value) {
      const {delta} = value
      const message = asObject(asObject(delta)['message'])
      const index = asIndex(value['index'], 0)
      switch (value['type']) {
        case 'message-start':
          noteIdentity(facts, undefined, value['id'])
          break
        case 'content-start':
        case 'content-delta':
          readContent(index, asObject(message['content']))
          break
        case 'tool-plan-delta':
          readPlan(message['tool_plan'])
          break
        case 'tool-call-start':
        case 'tool-call-delta':
          readCall(index, asObject(message['tool_calls']))
          break
        case 'content-end':
        case 'tool-call-end': {
          const entry = transcript.find(value['type'] === 'content-end' ? index : TOOL_KEYS + index)
          if (entry !== undefined) entry.open = false
          break
        }
        case 'message-end':
          finish(asObject(delta))
          break
        default:
          if (!isObject(value['message'])) break
          noteIdentity(facts, undefined, value['id'])
          readDocument(value)
      }
    },
  }
}
