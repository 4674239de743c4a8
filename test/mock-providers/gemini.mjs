// Google Gemini generateContent / streamGenerateContent: parts with thought:true, thoughtSignature, thoughtsTokenCount.
import {pieces, THOUGHT_SIGNATURE, nextId} from './scenario.mjs'

export function gemini(body, turn, {model, stream}) {
  const responseId = `mock-response-${nextId()}`
  const thoughtSignature = THOUGHT_SIGNATURE
  const calls = turn.calls.map((call) => ({
    functionCall: {name: call.name, args: call.arguments},
    thoughtSignature,
  }))
  const usageMetadata = {
    promptTokenCount: turn.usage.input,
    candidatesTokenCount: turn.usage.answer,
    thoughtsTokenCount: turn.usage.reasoning,
    totalTokenCount: turn.usage.input + turn.usage.output,
    promptTokensDetails: [{modality: 'TEXT', tokenCount: turn.usage.input}],
  }
  const frame = (parts, finishReason) => ({
    candidates: [{content: {parts, role: 'model'}, ...(finishReason && {finishReason}), index: 0}],
    usageMetadata,
    modelVersion: model,
    responseId,
  })
  if (!stream) {
    const tail = calls.length > 0 ? calls : [{text: turn.answer, thoughtSignature}]
    return {json: frame([{text: turn.thought, thought: true}, ...tail], 'STOP')}
  }
  const events = pieces(turn.thought, 160).map((text) => ({data: frame([{text, thought: true}])}))
  if (calls.length > 0) events.push({data: frame(calls, 'STOP')})
  else {
    for (const text of pieces(turn.answer)) events.push({data: frame([{text}])})
    events.push({data: frame([{text: '', thoughtSignature}], 'STOP')})
  }
  return {events}
}
