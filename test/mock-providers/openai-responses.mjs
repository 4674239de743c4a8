// OpenAI Responses API: one reasoning item with summary parts (and encrypted_content when asked for), then message or function_call.
import {pieces, callId, ENCRYPTED, nextId} from './scenario.mjs'

export function openaiResponses(body, turn) {
  const n = nextId()
  const wantsEncrypted = (body.include ?? []).includes('reasoning.encrypted_content')
  const wantsSummary = Boolean(body.reasoning?.summary)
  // Open-weight servers send the raw thought as reasoning_text.
  const openWeights = /gpt-oss/.test(body.model ?? '')
  const reasoning = {
    id: `rs_mock${n}`,
    type: 'reasoning',
    summary: wantsSummary ? turn.summary.map((text) => ({type: 'summary_text', text})) : [],
  }
  if (openWeights) reasoning.content = [{type: 'reasoning_text', text: turn.thought}]
  if (wantsEncrypted) reasoning.encrypted_content = ENCRYPTED
  const calls = turn.calls.map((call, index) => ({
    id: callId('fc', n, index),
    type: 'function_call',
    status: 'completed',
    call_id: callId('call', n, index),
    name: call.name,
    arguments: JSON.stringify(call.arguments),
  }))
  const message = {
    id: `msg_mock${n}`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{type: 'output_text', text: turn.answer, annotations: [], logprobs: []}],
  }
  const rest = calls.length > 0 ? calls : [message]
  const response = (status, output, usage) => ({
    id: `resp_mock${n}`,
    object: 'response',
    created_at: 1_770_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: body.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: {
      effort: body.reasoning?.effort ?? 'medium',
      summary: body.reasoning?.summary ?? null,
    },
    store: false,
    temperature: 1,
    text: {format: {type: 'text'}},
    tool_choice: 'auto',
    tools: body.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage,
    user: null,
    service_tier: 'default',
  })
  const usage = {
    input_tokens: turn.usage.input,
    input_tokens_details: {cached_tokens: 0},
    output_tokens: turn.usage.output,
    output_tokens_details: {reasoning_tokens: turn.usage.reasoning},
    total_tokens: turn.usage.input + turn.usage.output,
  }
  const done = response('completed', [reasoning, ...rest], usage)
  if (!body.stream) return {json: done}

  const events = []
  let sequence_number = 0
  const send = (type, fields) =>
    events.push({event: type, data: {type, sequence_number: sequence_number++, ...fields}})
  send('response.created', {response: response('in_progress', [], null)})
  send('response.in_progress', {response: response('in_progress', [], null)})
  const rs = {item_id: reasoning.id, output_index: 0}
  send('response.output_item.added', {
    output_index: 0,
    item: {...reasoning, summary: [], ...(openWeights && {content: []})},
  })
  reasoning.summary.forEach(({text}, summary_index) => {
    const at = {...rs, summary_index}
    send('response.reasoning_summary_part.added', {...at, part: {type: 'summary_text', text: ''}})
    for (const delta of pieces(text)) send('response.reasoning_summary_text.delta', {...at, delta})
    send('response.reasoning_summary_text.done', {...at, text})
    send('response.reasoning_summary_part.done', {...at, part: {type: 'summary_text', text}})
  })
  if (openWeights) {
    const at = {...rs, content_index: 0}
    for (const delta of pieces(turn.thought)) send('response.reasoning_text.delta', {...at, delta})
    send('response.reasoning_text.done', {...at, text: turn.thought})
  }
  send('response.output_item.done', {output_index: 0, item: reasoning})
  rest.forEach((item, index) => {
    const output_index = index + 1
    const at = {item_id: item.id, output_index}
    if (item.type === 'function_call') {
      send('response.output_item.added', {
        output_index,
        item: {...item, status: 'in_progress', arguments: ''},
      })
      for (const delta of pieces(item.arguments, 10))
        send('response.function_call_arguments.delta', {...at, delta})
      send('response.function_call_arguments.done', {
        ...at,
        name: item.name,
        arguments: item.arguments,
      })
    } else {
      const part = {...at, content_index: 0}
      const text = turn.answer
      send('response.output_item.added', {
        output_index,
        item: {...item, status: 'in_progress', content: []},
      })
      send('response.content_part.added', {
        ...part,
        part: {type: 'output_text', text: '', annotations: [], logprobs: []},
      })
      for (const delta of pieces(text))
        send('response.output_text.delta', {...part, delta, logprobs: []})
      send('response.output_text.done', {...part, text, logprobs: []})
      send('response.content_part.done', {...part, part: item.content[0]})
    }
    send('response.output_item.done', {output_index, item})
  })
  send('response.completed', {response: done})
  return {events}
}
