/** Anthropic's Messages, also on Vertex, Bedrock's InvokeModel and whoever speaks it. */
import {asIndex, asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteError, noteIdentity, noteUsage} from './message-facts.ts'
import type {AnyEntry, Transcript} from './transcript.ts'

export function readAnthropic(transcript: Transcript): FormatReader {
  const {facts} = transcript
  // Index of the block that was begun last, for a delta that does not say its own.
  let current = 0

  /** A block of content, whole or as a stream begins it. Tools that the provider runs are no calls. */
  const open = (index: number, block: Fields): void => {
    const key = index
    switch (block['type']) {
      case 'thinking': {
        const opaque = asText(block['signature']) === '' ? undefined : 'encrypted'
        const entry = transcript.openReasoning(0, {key, visibility: 'full', opaque})
        transcript.append(entry, asText(block['thinking']))
        break
      }
      case 'redacted_thinking':
        transcript.openReasoning(0, {key, opaque: 'redacted'})
        break
      case 'text':
        transcript.append(transcript.openText(0, {key}), asText(block['text']))
        break
      case 'tool_use': {
        const name = asName(block['name'])
        if (name === '') break
        const entry = transcript.openTool(0, asName(block['id']), name, {key})
        // A stream begins with empty arguments and sends them as text.
        const {input} = block
        if (!isObject(input) || Object.keys(input).length > 0)
          transcript.append(entry, asJson(input))
        break
      }
      default:
    }
  }

  const close = (entry: AnyEntry): void => {
    entry.open = false
    if (entry.type === 'tool_call' && entry.text === '') transcript.append(entry, '{}')
  }

  const readDelta = (index: number, delta: Fields): void => {
    const entry = transcript.find(index)
    switch (delta['type']) {
      case 'thinking_delta': {
        const known = entry ?? transcript.openReasoning(0, {key: index, visibility: 'full'})
        if (known.type === 'reasoning') transcript.append(known, asText(delta['thinking']))
        break
      }
      case 'signature_delta': {
        const known = entry ?? transcript.openReasoning(0, {key: index, visibility: 'full'})
        if (known.type === 'reasoning' && delta['signature'] !== '') known.opaque ??= 'encrypted'
        break
      }
      case 'text_delta': {
        const known = entry ?? transcript.openText(0, {key: index})
        if (known.type === 'text') transcript.append(known, asText(delta['text']))
        break
      }
      case 'input_json_delta':
        if (entry?.type === 'tool_call') transcript.append(entry, asText(delta['partial_json']))
        break
      default:
    }
  }

  const readMessage = (message: Fields): void => {
    noteIdentity(facts, message['model'], message['id'])
    noteUsage(facts, message['usage'])
    const content = asList(message['content'])
    for (let index = 0; index < content.length; index++) {
      const block = content[index]
      if (!isObject(block)) continue
      open(index, block)
      const entry = transcript.find(index)
      if (entry !== undefined) close(entry)
    }
    finish(message['stop_reason'])
  }

  const finish = (reason: unknown): void => {
    if (typeof reason !== 'string' || reason === '') return
    transcript.finish(0, reason)
    facts.ended = true
  }

  return {
    read(value, event) {
      switch (value['type'] ?? event) {
        case 'content_block_delta':
          readDelta(asIndex(value['index'], current), asObject(value['delta']))
          break
        case 'content_block_start':
          current = asIndex(value['index'], current + 1)
          open(current, asObject(value['content_block']))
          break
        case 'content_block_stop': {
          const entry = transcript.find(asIndex(value['index'], current))
          if (entry !== undefined) close(entry)
          break
        }
        case 'message_start':
          readMessage(asObject(value['message']))
          break
        case 'message_delta':
          noteUsage(facts, value['usage'])
          finish(asObject(value['delta'])['stop_reason'])
          break
        case 'message':
          readMessage(value)
          break
        case 'message_stop':
          facts.ended = true
          break
        case 'error':
          noteError(facts, value['error'], transcript.entries.length > 0)
          break
        default:
      }
    },
  }
}
