// OpenAI Chat Completions and its dialects. The model name picks the dialect:
//   deepseek* -> reasoning_content | vllm* -> reasoning | openrouter* -> reasoning + reasoning_details
//   think-tags* -> <think>…</think> inside content | mistral* -> content chunks of type "thinking"
//   anything else -> no reasoning text, only usage.completion_tokens_details.reasoning_tokens (what OpenAI itself does)
import {pieces, callId, ENCRYPTED, nextId} from './scenario.mjs'

export function dialectOf(model = '') {
  for (const d of ['openrouter', 'vllm', 'think-tags', 'mistral', 'deepseek'])
    if (model.includes(d)) return d
  return model.includes('magistral') ? 'mistral' : 'openai'
}
const usageOf = ({input, output, reasoning}, n) => ({
  prompt_tokens: input,
  completion_tokens: output * n,
  total_tokens: input + output * n,
  prompt_tokens_details: {cached_tokens: 0},
  completion_tokens_details: {reasoning_tokens: reasoning * n},
})
function thoughtFields(dialect, text) {
  switch (dialect) {
    case 'deepseek':
      return {reasoning_content: text}
    case 'vllm':
      return {reasoning: text}
    case 'openrouter':
      return {
        reasoning: text,
        reasoning_details: [{type: 'reasoning.text', text, format: 'unknown', index: 0}],
      }
    case 'mistral':
      return {content: [{type: 'thinking', thinking: [{type: 'text', text}]}]}
    default:
      return {}
  }
}
const encryptedDetail = {type: 'reasoning.encrypted', data: ENCRYPTED, format: 'unknown', index: 1}

/** The alternatives of `n > 1` differ by one sentence at the start, so that they can be told apart. */
const thoughtOf = (turn, choice) =>
  choice === 0 ? turn.thought : `This is alternative ${choice + 1}. ${turn.thought}`

export function openaiChat(body, turn) {
  const dialect = dialectOf(body.model)
  const n = nextId()
  const choices = Math.max(1, body.n ?? 1)
  const usage = usageOf(turn.usage, choices)
  const head = {id: `chatcmpl-mock${n}`, created: 1_770_000_000, model: body.model}
  const calls = turn.calls.map((call, index) => ({
    id: callId('call', n, index),
    type: 'function',
    function: {name: call.name, arguments: JSON.stringify(call.arguments)},
  }))
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'

  if (!body.stream) {
    const messageOf = (choice) => {
      const thought = thoughtOf(turn, choice)
      const message = {
        role: 'assistant',
        content: calls.length > 0 ? null : turn.answer,
        ...thoughtFields(dialect, thought),
      }
      if (dialect === 'think-tags')
        message.content = `<think>\n${thought}\n</think>\n\n${turn.answer}`
      if (dialect === 'mistral' && calls.length === 0)
        message.content.push({type: 'text', text: turn.answer})
      if (dialect === 'openrouter') message.reasoning_details.push(encryptedDetail)
      if (calls.length > 0) message.tool_calls = calls
      return message
    }
    return {
      json: {
        ...head,
        object: 'chat.completion',
        choices: Array.from({length: choices}, (_, index) => ({
          index,
          message: messageOf(index),
          finish_reason: finish,
          logprobs: null,
        })),
        usage,
      },
    }
  }

  const deltasOf = (choice) => {
    const thought = thoughtOf(turn, choice)
    const deltas = [{role: 'assistant', content: ''}]
    if (dialect === 'think-tags') {
      for (const content of ['<think>', '\n', ...pieces(thought), '\n', '</think>', '\n\n'])
        deltas.push({content})
    } else if (dialect !== 'openai') {
      for (const p of pieces(thought)) deltas.push(thoughtFields(dialect, p))
      if (dialect === 'openrouter') deltas.push({reasoning_details: [encryptedDetail]})
    }
    calls.forEach((call, index) => {
      const {name, arguments: args} = call.function
      // Mistral sends a call whole.
      if (dialect === 'mistral') {
        deltas.push({tool_calls: [{...call, index}]})
        return
      }
      deltas.push({
        tool_calls: [{index, id: call.id, type: 'function', function: {name, arguments: ''}}],
      })
      for (const p of pieces(args, 10))
        deltas.push({tool_calls: [{index, function: {arguments: p}}]})
    })
    if (calls.length === 0) {
      for (const p of pieces(turn.answer))
        deltas.push({content: dialect === 'mistral' ? [{type: 'text', text: p}] : p})
    }
    return deltas
  }
  const events = []
  const chunk = (index, delta, finish_reason = null) =>
    events.push({
      data: {
        ...head,
        object: 'chat.completion.chunk',
        choices: [{index, delta, finish_reason, logprobs: null}],
      },
    })
  // The alternatives take turns, as they do when a provider decodes them side by side.
  const queues = Array.from({length: choices}, (_, index) => deltasOf(index))
  for (let i = 0; queues.some((queue) => i <= queue.length); i++) {
    queues.forEach((queue, index) => {
      if (i < queue.length) chunk(index, queue[i])
      else if (i === queue.length) chunk(index, {}, finish)
    })
  }
  // Mistral has no chunk without choices.
  if (dialect === 'mistral') events.at(-1).data.usage = usage
  else events.push({data: {...head, object: 'chat.completion.chunk', choices: [], usage}})
  events.push({data: '[DONE]'})
  return {events}
}
