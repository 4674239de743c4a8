// Anthropic Messages: thinking block with signature, then redacted_thinking (model names with "redacted"), then text or tool_use.
// Model names with "interleaved" think twice: before and after the sentence that leads to the call or answer, or, where
// there are several calls, before the first and between the first and the second.
// `thinking.display: "omitted"` and model names with "omitted" leave out the text and keep the signature.
import {pieces, halves, callId, SIGNATURE, REDACTED, nextId} from './scenario.mjs'

export function anthropicMessages(body, turn) {
  const n = nextId()
  const model = body.model ?? ''
  const isOmitted = body.thinking?.display === 'omitted' || /omitted/.test(model)
  const thinking = (text) => ({
    type: 'thinking',
    thinking: isOmitted ? '' : text,
    signature: SIGNATURE,
  })
  const calls = turn.calls.map((call, index) => ({
    type: 'tool_use',
    id: callId('toolu', n, index),
    name: call.name,
    input: call.arguments,
  }))
  const lead = {type: 'text', text: turn.lead || 'One moment, please.'}
  const end = calls.length > 0 ? calls : [{type: 'text', text: turn.answer}]
  const content = []
  if (/interleaved/.test(model)) {
    const [before, after] = halves(turn.thought)
    content.push(thinking(before), end.length > 1 ? end.shift() : lead)
    if (after !== undefined) content.push(thinking(after))
  } else {
    content.push(thinking(turn.thought))
    if (/redacted/.test(model)) content.push({type: 'redacted_thinking', data: REDACTED})
    if (calls.length > 0 && turn.lead) content.push(lead)
  }
  content.push(...end)
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn'
  const usage = {
    input_tokens: turn.usage.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: turn.usage.output,
    service_tier: 'standard',
  }
  // Sonnet 4.5 and later say what of the output was thinking.
  const counts = {
    output_tokens: turn.usage.output,
    ...(/-5\b|4-[6-9]/.test(model) && {
      output_tokens_details: {thinking_tokens: turn.usage.reasoning},
    }),
  }
  const message = {id: `msg_mock${n}`, type: 'message', role: 'assistant', model: body.model}
  const stop = {stop_reason, stop_sequence: null, stop_details: null}
  if (!body.stream) return {json: {...message, content, ...stop, usage: {...usage, ...counts}}}

  const events = []
  const send = (type, fields) => events.push({event: type, data: {type, ...fields}})
  send('message_start', {
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: {...usage, output_tokens: 4},
    },
  })
  content.forEach((block, index) => {
    const start = (content_block) => send('content_block_start', {index, content_block})
    const delta = (d) => send('content_block_delta', {index, delta: d})
    if (block.type === 'thinking') {
      start({type: 'thinking', thinking: '', signature: ''})
      // With nothing between two events a proxy would take the connection for dead.
      if (index === 0) send('ping', {})
      for (const p of pieces(block.thinking)) delta({type: 'thinking_delta', thinking: p})
      delta({type: 'signature_delta', signature: block.signature})
    } else if (block.type === 'text') {
      start({type: 'text', text: ''})
      for (const p of pieces(block.text)) delta({type: 'text_delta', text: p})
    } else if (block.type === 'tool_use') {
      start({...block, input: {}})
      for (const p of pieces(JSON.stringify(block.input), 10))
        delta({type: 'input_json_delta', partial_json: p})
    } else start(block)
    send('content_block_stop', {index})
  })
  send('message_delta', {
    delta: stop,
    usage: {...usage, ...counts},
  })
  send('message_stop', {})
  return {events}
}
