/** Amazon Bedrock's Converse: a document, or messages in AWS's event stream named by their frame. */
import {asIndex, asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteUsage} from './message-facts.ts'
import type {AnyEntry, Transcript} from './transcript.ts'

/** Messages of a stream; proxies that turn it into JSON keep the name as the only key. */
const EVENTS = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
] as const

export function readBedrock(transcript: Transcript): FormatReader {
  const {facts} = transcript

  const readReasoning = (index: number, content: Fields): void => {
    const whole = content['reasoningText']
    const part = isObject(whole) ? whole : content
    const entry =
      transcript.find(index) ?? transcript.openReasoning(0, {key: index, visibility: 'full'})
    if (entry.type !== 'reasoning') return
    transcript.append(entry, asText(part['text']))
    if (asText(part['signature']) !== '') entry.opaque ??= 'encrypted'
    if (asText(content['redactedContent']) !== '') entry.opaque = 'redacted'
  }

  const openTool = (index: number, use: Fields): AnyEntry | undefined => {
    const name = asName(use['name'])
    // A tool that the provider runs itself is no call of ours.
    if (name === '' || use['type'] === 'server_tool_use') return undefined
    return transcript.openTool(0, asName(use['toolUseId']), name, {key: index})
  }

  /** A block of content, or a part of one. */
  const readContent = (index: number, content: Fields): void => {
    if (isObject(content['reasoningContent'])) readReasoning(index, content['reasoningContent'])
    const text = asText(content['text'])
    if (text !== '') {
      const entry = transcript.find(index) ?? transcript.openText(0, {key: index})
      if (entry.type === 'text') transcript.append(entry, text)
    }
    const use = content['toolUse']
    if (isObject(use)) {
      const entry = transcript.find(index) ?? openTool(index, use)
      if (entry?.type === 'tool_call') transcript.append(entry, asJson(use['input']))
    }
  }

  const close = (index: number): void => {
    const entry = transcript.find(index)
    if (entry !== undefined) entry.open = false
    if (entry?.type === 'tool_call' && entry.text === '') transcript.append(entry, '{}')
  }

  const finish = (reason: unknown): void => {
    facts.ended = true
    if (typeof reason === 'string' && reason !== '') transcript.finish(0, reason)
  }

  const readEvent = (event: string, value: Fields): void => {
    const index = asIndex(value['contentBlockIndex'], 0)
    switch (event) {
      case 'contentBlockDelta':
        readContent(index, asObject(value['delta']))
        break
      case 'contentBlockStart': {
        const use = asObject(value['start'])['toolUse']
        if (isObject(use)) openTool(index, use)
        break
      }
      case 'contentBlockStop':
        close(index)
        break
      case 'messageStop':
        finish(value['stopReason'])
        break
      case 'metadata':
        noteUsage(facts, value['usage'])
        break
      default:
    }
  }

  const readDocument = (value: Fields): void => {
    const content = asList(asObject(asObject(value['output'])['message'])['content'])
    for (let index = 0; index < content.length; index++) {
      const block = content[index]
      if (!isObject(block)) continue
      readContent(index, block)
      close(index)
    }
    noteUsage(facts, value['usage'])
    finish(value['stopReason'])
  }

  return {
    read(value, event) {
      if (isObject(value['output'])) {
        readDocument(value)
        return
      }
      const wrapped = event === '' ? EVENTS.find((name) => isObject(value[name])) : undefined
      if (wrapped === undefined) readEvent(event, value)
      else readEvent(wrapped, asObject(value[wrapped]))
    },
  }
}
