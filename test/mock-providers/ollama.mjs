// Ollama /api/chat: message.thinking, newline-delimited JSON when streaming (the default).
import {pieces} from './scenario.mjs'

export function ollamaChat(body, turn) {
  const head = {model: body.model, created_at: '2026-03-29T10:00:00.000000Z'}
  const tool_calls = turn.calls.map((call) => ({
    function: {name: call.name, arguments: call.arguments},
  }))
  const calls = tool_calls.length > 0
  const totals = {
    done: true,
    done_reason: 'stop',
    total_duration: 2_100_000_000,
    load_duration: 40_000_000,
    prompt_eval_count: turn.usage.input,
    prompt_eval_duration: 120_000_000,
    eval_count: turn.usage.output,
    eval_duration: 1_900_000_000,
  }
  if (body.stream === false) {
    const message = {
      role: 'assistant',
      content: turn.answer,
      thinking: turn.thought,
      ...(calls && {tool_calls}),
    }
    return {json: {...head, message, ...totals}}
  }
  const line = (message) => ({...head, message: {role: 'assistant', ...message}, done: false})
  const lines = pieces(turn.thought).map((thinking) => line({content: '', thinking}))
  if (calls) lines.push(line({content: '', tool_calls}))
  else for (const content of pieces(turn.answer)) lines.push(line({content}))
  lines.push({...head, message: {role: 'assistant', content: ''}, ...totals})
  return {lines}
}
