/** Google's `generateContent` and its stream, of the Gemini API and of Vertex. Thoughts are summaries. */
import {tokenCount} from '../usage.ts'
import {asIndex, asJson, asList, asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {FormatReader} from './formats.ts'
import {asName, noteError, noteIdentity, noteUsage} from './message-facts.ts'
import type {Transcript} from './transcript.ts'

/** Whether nothing came behind a property. */
const endsWith = (value: Fields, key: string): boolean => Object.keys(value).at(-1) === key

export function readGemini(transcript: Transcript): FormatReader {
  const {facts} = transcript

  const readPart = (choice: number, part: Fields, isOpen: boolean): void => {
    const text = asText(part['text'])
    // What a text is stands behind it: a thought must not become the answer.
    if (isOpen && part['thought'] === undefined) return
    if (text !== '') {
      const isThought = part['thought'] === true
      const entry = isThought
        ? transcript.continueReasoning(choice, 'summary')
        : transcript.continueText(choice)
      transcript.append(entry, text)
    }
    const call = part['functionCall']
    if (isObject(call)) {
      const name = asName(call['name'])
      if (name !== '') {
        const entry = transcript.openTool(choice, asName(call['id']), name)
        transcript.append(entry, asJson(call['args']))
      }
    }
    if (asText(part['thoughtSignature']) !== '') facts.hasProof = true
  }

  const readCandidate = (candidate: Fields, position: number, isPartial: boolean): void => {
    const choice = asIndex(candidate['index'], position)
    const content = asObject(candidate['content'])
    const isOpen = isPartial && endsWith(candidate, 'content') && endsWith(content, 'parts')
    const parts = asList(content['parts'])
    for (const part of parts) {
      if (isObject(part)) readPart(choice, part, isOpen && part === parts.at(-1))
    }
    const reason = asText(candidate['finishReason'])
    if (reason !== '') {
      transcript.finish(choice, reason)
      facts.ended = true
    }
  }

  return {
    read(value, _event, isPartial = false) {
      // Code Assist wraps each response.
      const response = isObject(value['response']) ? value['response'] : value
      if (response['error'] !== undefined) {
        noteError(facts, response['error'], transcript.entries.length > 0)
      }
      noteIdentity(facts, response['modelVersion'], response['responseId'])
      const usage = response['usageMetadata']
      noteUsage(facts, usage)
      const candidatesTokens = tokenCount(asObject(usage)['candidatesTokenCount'])
      if (candidatesTokens !== undefined) {
        // Elsewhere reasoning is part of the output.
        const thoughts = tokenCount(asObject(usage)['thoughtsTokenCount']) ?? 0
        facts.outputTokens = candidatesTokens + thoughts
      }
      const candidates = asList(response['candidates'])
      for (let at = 0; at < candidates.length; at++) {
        const candidate = candidates[at]
        if (isObject(candidate)) readCandidate(candidate, at, isPartial)
      }
      const blocked = asText(asObject(response['promptFeedback'])['blockReason'])
      if (blocked !== '') {
        transcript.finish(0, blocked)
        facts.ended = true
      }
    },
  }
}
