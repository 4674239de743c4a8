// Google Gemini generateContent / streamGenerateContent: parts with thought:true, thoughtSignature, thoughtsTokenCount.
import {pieces, THOUGHT_SIGNATURE, nextId} from './scenario.mjs'

export function gemini(body, turn, {model, stream}) {
  const responseId = `mock-response-${nextId()}`
  const thoughtSignature = THOUGHT_SIGNATURE
  // Of calls made side by side the first one has the signature.
  const calls = turn.calls.map((call, index) => ({
    functionCall: {name: call.name, args: call.arguments},
    ...(index === 0 && {thoughtSignature}),
  }))
  const candidates = Math.max(1, body.generationConfig?.candidateCount ?? 1)
  const usageOf = (hasAnswer) => ({
    promptTokenCount: turn.usage.input,
    ...(hasAnswer && {candidatesTokenCount: turn.usage.answer * candidates}),
    totalTokenCount:
      turn.usage.input + (turn.usage.reasoning + (hasAnswer ? turn.usage.answer : 0)) * candidates,
    promptTokensDetails: [{modality: 'TEXT', tokenCount: turn.usage.input}],
    thoughtsTokenCount: turn.usage.reasoning * candidates,
  })
  const candidate = (index, parts, finishReason) => ({
    content: {parts, role: 'model'},
    ...(finishReason && {finishReason}),
    index,
  })
  const frame = (all, hasAnswer) => ({
    candidates: all,
    usageMetadata: usageOf(hasAnswer),
    modelVersion: model,
    responseId,
  })
  /** The alternatives differ by one sentence at the start, so that they can be told apart. */
  const thoughtOf = (index) =>
    index === 0 ? turn.thought : `This is alternative ${index + 1}. ${turn.thought}`
  const all = Array.from({length: candidates}, (_, index) => index)
  if (!stream) {
    const tail = calls.length > 0 ? calls : [{text: turn.answer, thoughtSignature}]
    const whole = (index) => [{text: thoughtOf(index), thought: true}, ...tail]
    return {
      json: frame(
        all.map((index) => candidate(index, whole(index), 'STOP')),
        true,
      ),
    }
  }
  const events = []
  const send = (index, parts, hasAnswer, finishReason) =>
    events.push({data: frame([candidate(index, parts, finishReason)], hasAnswer)})
  for (const index of all) {
    for (const text of pieces(thoughtOf(index), 160)) send(index, [{text, thought: true}], false)
  }
  for (const index of all) {
    if (calls.length > 0) send(index, calls, true, 'STOP')
    else {
      for (const text of pieces(turn.answer)) send(index, [{text}], true)
      send(index, [{text: '', thoughtSignature}], true, 'STOP')
    }
  }
  return {events, lineEnd: '\r\n'}
}
