/** Ollama's own `chat` and `generate`: JSON lines, or one document. */
import {tokenCount} from '../usage.ts'
import {asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteError, noteIdentity} from './message-facts.ts'
import type {Transcript} from './transcript.ts'

export function readOllama(transcript: Transcript): FormatReader {
  const {facts} = transcript
  return {
    read(value) {
      if (value['error'] !== undefined)
        noteError(facts, value['error'], transcript.entries.length > 0)
      noteIdentity(facts, value['model'], undefined)
      const isChat = isObject(value['message'])
      const message = isChat ? asObject(value['message']) : value
      const thinking = asText(message['thinking'])
      if (thinking !== '') transcript.append(transcript.continueReasoning(0, undefined), thinking)
      const text = asText(message[isChat ? 'content' : 'response'])
      if (text !== '') transcript.append(transcript.continueText(0), text)
      for (const call of asList(message['tool_calls'])) {
        const definition = asObject(asObject(call)['function'])
        const name = asName(definition['name'])
        if (name === '') continue
        const entry = transcript.openTool(0, asName(asObject(call)['id']), name)
        transcript.append(entry, asJson(definition['arguments']))
      }
      if (value['done'] !== true) return
      facts.ended = true
      facts.inputTokens = tokenCount(value['prompt_eval_count']) ?? facts.inputTokens
      facts.outputTokens = tokenCount(value['eval_count']) ?? facts.outputTokens
      const reason = asText(value['done_reason'])
      if (reason !== '') transcript.finish(0, reason)
    },
  }
}
