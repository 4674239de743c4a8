/**
 * Responses made after the providers' public formats, from a script of what the model does. They give
 * the suite its teeth where the recordings are absent.
 */
import type {WireFormat} from '../../../src/capture/wire/index.ts'

export type Act =
  | {do: 'think'; text: string}
  | {do: 'say'; text: string}
  | {do: 'call'; id: string; name: string; args: Record<string, unknown>}

/** How a stream cuts a text into deltas. */
export type Cut = (text: string) => readonly string[]

export interface Made {
  format: WireFormat
  name: string
  url: string
  contentType: string
  body: Uint8Array
}

const encoder = new TextEncoder()
const json = JSON.stringify

/** Reasoning tokens that every made response reports. */
export const TOKENS = 187
export const MODEL = 'made-model-1'

const made = (
  format: WireFormat,
  name: string,
  path: string,
  contentType: string,
  body: string | Uint8Array,
): Made => ({
  format,
  name,
  url: `https://proxy.example/some/prefix${path}`,
  contentType,
  body: typeof body === 'string' ? encoder.encode(body) : body,
})

export type LineEnd = '\n' | '\r\n' | '\r'

/** Events as server-sent events; a comment stands among them. */
export function sse(
  events: readonly (readonly [event: string, data: unknown])[],
  lineEnd: LineEnd = '\n',
  done = false,
): string {
  const lines = [': keep-alive', '']
  for (const [event, data] of events) {
    if (event !== '') lines.push(`event: ${event}`)
    lines.push(`data: ${json(data)}`, '')
  }
  if (done) lines.push('data: [DONE]', '')
  return lines.join(lineEnd) + lineEnd
}

const each = <T>(cut: Cut, text: string, make: (piece: string) => T): T[] => cut(text).map(make)

// --- Chat Completions -------------------------------------------------------------------------

export type ChatDialect = 'reasoning_content' | 'reasoning' | 'details' | 'tags' | 'parts'

const thoughtFields = (dialect: ChatDialect, text: string): Record<string, unknown> => {
  if (dialect === 'details') {
    const detail = {type: 'reasoning.text', text, format: 'unknown', index: 0}
    return {reasoning: text, reasoning_details: [detail]}
  }
  if (dialect === 'parts') {
    return {content: [{type: 'thinking', thinking: [{type: 'text', text}]}]}
  }
  return {[dialect === 'tags' ? 'content' : dialect]: text}
}

const chatUsage = {
  prompt_tokens: 412,
  completion_tokens: 263,
  completion_tokens_details: {reasoning_tokens: TOKENS},
}

const chatCall = (act: Extract<Act, {do: 'call'}>, index: number) => ({
  index,
  id: act.id,
  type: 'function',
  function: {name: act.name, arguments: json(act.args)},
})

export function chatStream(
  script: readonly Act[],
  dialect: ChatDialect,
  cut: Cut,
  lineEnd: LineEnd = '\n',
  choice = 0,
): Made {
  const events: (readonly [string, unknown])[] = []
  const head = {id: 'chatcmpl-made', object: 'chat.completion.chunk', model: MODEL}
  const send = (delta: unknown, reason: string | null = null): void => {
    events.push(['', {...head, choices: [{index: choice, delta, finish_reason: reason}]}])
  }
  send({role: 'assistant', content: ''})
  let calls = 0
  for (const act of script) {
    if (act.do === 'think') {
      const text = dialect === 'tags' ? `<think>\n${act.text}\n</think>` : act.text
      for (const piece of cut(text)) send(thoughtFields(dialect, piece))
    } else if (act.do === 'say') for (const piece of cut(act.text)) send({content: piece})
    else {
      const call = chatCall(act, calls++)
      send({tool_calls: [{...call, function: {name: act.name, arguments: ''}}]})
      for (const piece of cut(call.function.arguments)) {
        send({tool_calls: [{index: call.index, function: {arguments: piece}}]})
      }
    }
  }
  send({}, 'stop')
  events.push(['', {...head, choices: [], usage: chatUsage}])
  return made(
    'openai-chat',
    `chat stream, ${dialect}`,
    '/v1/chat/completions',
    'text/event-stream',
    sse(events, lineEnd, true),
  )
}

/** Thoughts, answer and calls of a message; the order among them is the format's. */
export function chatDocument(script: readonly Act[], dialect: ChatDialect): Made {
  const text = (kind: 'think' | 'say'): string =>
    script.flatMap((act) => (act.do === kind ? [act.text] : [])).join('')
  const thought = text('think')
  const said = text('say')
  const calls = script.flatMap((act) => (act.do === 'call' ? [act] : []))
  const fields = thought === '' || dialect === 'tags' ? {} : thoughtFields(dialect, thought)
  let content: unknown = said
  if (dialect === 'tags' && thought !== '') content = `<think>\n${thought}\n</think>${said}`
  if (dialect === 'parts') {
    const parts = (fields['content'] as unknown[] | undefined) ?? []
    content = [...parts, ...(said === '' ? [] : [{type: 'text', text: said}])]
  }
  const message = {role: 'assistant', ...fields, content, tool_calls: calls.map(chatCall)}
  const body = {
    id: 'chatcmpl-made',
    object: 'chat.completion',
    model: MODEL,
    choices: [{index: 0, message, finish_reason: 'stop'}],
    usage: chatUsage,
  }
  return made(
    'openai-chat',
    `chat document, ${dialect}`,
    '/openai/deployments/my-deployment/chat/completions?api-version=2025-01-01',
    'application/json',
    json(body),
  )
}

// --- Responses --------------------------------------------------------------------------------

const responsesItem = (act: Act, index: number) => {
  if (act.do === 'think') {
    const content = [{type: 'reasoning_text', text: act.text}]
    return {
      type: 'reasoning',
      id: `rs_${index}`,
      summary: [],
      content,
      encrypted_content: 'gAAAAmade',
    }
  }
  if (act.do === 'say') {
    const content = [{type: 'output_text', text: act.text, annotations: []}]
    return {type: 'message', id: `msg_${index}`, role: 'assistant', status: 'completed', content}
  }
  return {
    type: 'function_call',
    id: `fc_${index}`,
    call_id: act.id,
    name: act.name,
    arguments: json(act.args),
    status: 'completed',
  }
}

const responseOf = (output: readonly unknown[], status: string) => ({
  id: 'resp_made',
  object: 'response',
  model: MODEL,
  status,
  output,
  usage:
    status === 'completed'
      ? {input_tokens: 412, output_tokens: 263, output_tokens_details: {reasoning_tokens: TOKENS}}
      : null,
})

const responsesDocument = (script: readonly Act[]): Made =>
  made(
    'openai-responses',
    'responses document',
    '/v1/responses',
    'application/json; charset=utf-8',
    json(responseOf(script.map(responsesItem), 'completed')),
  )

function responsesStream(script: readonly Act[], cut: Cut, lineEnd: LineEnd = '\n'): Made {
  const events: (readonly [string, unknown])[] = []
  const send = (type: string, fields: Record<string, unknown>): void => {
    events.push([type, {type, sequence_number: events.length, ...fields}])
  }
  send('response.created', {response: responseOf([], 'in_progress')})
  script.forEach((act, output_index) => {
    const item = responsesItem(act, output_index)
    const place = {output_index, item_id: item.id}
    if (act.do === 'call') {
      send('response.output_item.added', {output_index, item: {...item, arguments: ''}})
      const prefix = 'response.function_call_arguments'
      for (const delta of cut(json(act.args))) send(`${prefix}.delta`, {...place, delta})
      send(`${prefix}.done`, {...place, arguments: json(act.args)})
    } else {
      send('response.output_item.added', {output_index, item: {...item, content: []}})
      const isThought = act.do === 'think'
      const prefix = isThought ? 'response.reasoning_text' : 'response.output_text'
      const part = {...place, content_index: 0}
      const type = isThought ? 'reasoning_text' : 'output_text'
      send('response.content_part.added', {...part, part: {type, text: ''}})
      for (const delta of cut(act.text)) send(`${prefix}.delta`, {...part, delta})
      send(`${prefix}.done`, {...part, text: act.text})
      send('response.content_part.done', {...part, part: {type, text: act.text}})
    }
    send('response.output_item.done', {output_index, item})
  })
  send('response.completed', {response: responseOf(script.map(responsesItem), 'completed')})
  return made(
    'openai-responses',
    'responses stream',
    '/openai/v1/responses',
    'text/event-stream; charset=utf-8',
    sse(events, lineEnd),
  )
}

// --- Anthropic --------------------------------------------------------------------------------

const anthropicBlock = (act: Act) => {
  if (act.do === 'think') return {type: 'thinking', thinking: act.text, signature: 'EqMade'}
  if (act.do === 'say') return {type: 'text', text: act.text}
  return {type: 'tool_use', id: act.id, name: act.name, input: act.args}
}

const anthropicUsage = {
  input_tokens: 412,
  output_tokens: 263,
  output_tokens_details: {thinking_tokens: TOKENS},
}
const anthropicMessage = {id: 'msg_made', type: 'message', role: 'assistant', model: MODEL}

const anthropicDocument = (script: readonly Act[]): Made =>
  made(
    'anthropic',
    'anthropic document',
    '/v1/messages?beta=true',
    'application/json',
    json({
      ...anthropicMessage,
      content: script.map(anthropicBlock),
      stop_reason: 'end_turn',
      usage: anthropicUsage,
    }),
  )

export function anthropicStream(script: readonly Act[], cut: Cut, lineEnd: LineEnd = '\n'): Made {
  const events: (readonly [string, unknown])[] = []
  const send = (type: string, fields: Record<string, unknown>): void => {
    events.push([type, {type, ...fields}])
  }
  send('message_start', {message: {...anthropicMessage, content: [], stop_reason: null}})
  script.forEach((act, index) => {
    const delta = (fields: Record<string, unknown>) =>
      send('content_block_delta', {index, delta: fields})
    if (act.do === 'think') {
      const content_block = {type: 'thinking', thinking: '', signature: ''}
      send('content_block_start', {index, content_block})
      for (const thinking of cut(act.text)) delta({type: 'thinking_delta', thinking})
      delta({type: 'signature_delta', signature: 'EqMade'})
    } else if (act.do === 'say') {
      send('content_block_start', {index, content_block: {type: 'text', text: ''}})
      for (const text of cut(act.text)) delta({type: 'text_delta', text})
    } else {
      const content_block = {type: 'tool_use', id: act.id, name: act.name, input: {}}
      send('content_block_start', {index, content_block})
      if (Object.keys(act.args).length > 0) {
        for (const partial_json of cut(json(act.args)))
          delta({type: 'input_json_delta', partial_json})
      }
    }
    send('ping', {})
    send('content_block_stop', {index})
  })
  send('message_delta', {delta: {stop_reason: 'end_turn'}, usage: anthropicUsage})
  send('message_stop', {})
  const body = sse(events, lineEnd)
  return made('anthropic', 'anthropic stream', '/v1/messages', 'text/event-stream', body)
}

// --- Gemini -----------------------------------------------------------------------------------

const geminiPart = (act: Act) => {
  if (act.do === 'think') return {text: act.text, thought: true}
  if (act.do === 'say') return {text: act.text}
  return {functionCall: {id: act.id, name: act.name, args: act.args}, thoughtSignature: 'CtMade'}
}

const geminiResponse = (parts: readonly unknown[], finishReason?: string) => ({
  candidates: [
    {content: {role: 'model', parts}, index: 0, ...(finishReason ? {finishReason} : {})},
  ],
  usageMetadata: {promptTokenCount: 412, candidatesTokenCount: 76, thoughtsTokenCount: TOKENS},
  modelVersion: MODEL,
  responseId: 'made-response',
})

const geminiChunks = (script: readonly Act[], cut: Cut): readonly unknown[] => [
  ...script.flatMap((act) =>
    act.do === 'call'
      ? [geminiResponse([geminiPart(act)])]
      : each(cut, act.text, (text) => geminiResponse([geminiPart({...act, text})])),
  ),
  geminiResponse([{text: ''}], 'STOP'),
]

const geminiDocument = (script: readonly Act[]): Made =>
  made(
    'gemini',
    'gemini document',
    '/v1beta/models/made-model-1:generateContent',
    'application/json; charset=UTF-8',
    JSON.stringify(geminiResponse(script.map(geminiPart), 'STOP'), null, 2),
  )

const geminiStream = (script: readonly Act[], cut: Cut, lineEnd: LineEnd = '\r\n'): Made =>
  made(
    'gemini',
    'gemini stream',
    '/v1/projects/p/locations/global/publishers/google/models/made-model-1:streamGenerateContent?alt=sse',
    'text/event-stream',
    sse(
      geminiChunks(script, cut).map((chunk) => ['', chunk] as const),
      lineEnd,
    ),
  )

const geminiArray = (script: readonly Act[], cut: Cut): Made =>
  made(
    'gemini',
    'gemini array',
    '/v1beta/models/made-model-1:streamGenerateContent',
    'application/json; charset=UTF-8',
    `[${geminiChunks(script, cut)
      .map((chunk) => JSON.stringify(chunk, null, 2))
      .join(',\r\n')}\n]\n`,
  )

// --- Ollama -----------------------------------------------------------------------------------

const ollamaCall = (act: Extract<Act, {do: 'call'}>) => ({
  id: act.id,
  function: {name: act.name, arguments: act.args},
})

function ollamaStream(script: readonly Act[], cut: Cut): Made {
  const lines: string[] = []
  const send = (message: Record<string, unknown>, rest: Record<string, unknown> = {}): void => {
    lines.push(
      json({
        model: MODEL,
        message: {role: 'assistant', content: '', ...message},
        done: false,
        ...rest,
      }),
    )
  }
  for (const act of script) {
    if (act.do === 'think') for (const thinking of cut(act.text)) send({thinking})
    else if (act.do === 'say') for (const content of cut(act.text)) send({content})
    else send({tool_calls: [ollamaCall(act)]})
  }
  send({}, {done: true, done_reason: 'stop', prompt_eval_count: 412, eval_count: 263})
  const body = `${lines.join('\n')}\n`
  return made('ollama', 'ollama stream', '/api/chat', 'application/x-ndjson', body)
}

// --- Bedrock ----------------------------------------------------------------------------------

const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function stringHeader(name: string, value: string): Uint8Array {
  const nameBytes = encoder.encode(name)
  const valueBytes = encoder.encode(value)
  const length = new Uint8Array([valueBytes.length >> 8, valueBytes.length & 255])
  return concat([
    new Uint8Array([nameBytes.length]),
    nameBytes,
    new Uint8Array([7]),
    length,
    valueBytes,
  ])
}

/** One message of AWS's event stream; its checksums are left zero. */
export function awsFrame(event: string, payload: unknown, messageType = 'event'): Uint8Array {
  const nameHeader = messageType === 'event' ? ':event-type' : ':exception-type'
  const headers = concat([
    stringHeader(nameHeader, event),
    stringHeader(':content-type', 'application/json'),
    stringHeader(':message-type', messageType),
  ])
  const body = encoder.encode(json(payload))
  const frame = new Uint8Array(16 + headers.length + body.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, frame.length)
  view.setUint32(4, headers.length)
  frame.set(headers, 12)
  frame.set(body, 12 + headers.length)
  return frame
}

const bedrockBlock = (act: Act) => {
  if (act.do === 'think') {
    return {reasoningContent: {reasoningText: {text: act.text, signature: 'EqMade'}}}
  }
  if (act.do === 'say') return {text: act.text}
  return {toolUse: {toolUseId: act.id, name: act.name, input: act.args}}
}

const bedrockUsage = {inputTokens: 412, outputTokens: 263, totalTokens: 675}

const bedrockDocument = (script: readonly Act[]): Made =>
  made(
    'bedrock',
    'bedrock document',
    '/model/made-model-1/converse',
    'application/json',
    json({
      output: {message: {role: 'assistant', content: script.map(bedrockBlock)}},
      stopReason: 'end_turn',
      usage: bedrockUsage,
    }),
  )

function bedrockStream(script: readonly Act[], cut: Cut): Made {
  const frames = [awsFrame('messageStart', {role: 'assistant', p: 'abc'})]
  script.forEach((act, contentBlockIndex) => {
    const send = (delta: unknown) =>
      frames.push(awsFrame('contentBlockDelta', {contentBlockIndex, delta, p: 'abcdef'}))
    if (act.do === 'think') {
      for (const text of cut(act.text)) send({reasoningContent: {text}})
      send({reasoningContent: {signature: 'EqMade'}})
    } else if (act.do === 'say') for (const text of cut(act.text)) send({text})
    else {
      const start = {toolUse: {toolUseId: act.id, name: act.name}}
      frames.push(awsFrame('contentBlockStart', {contentBlockIndex, start}))
      for (const input of cut(json(act.args))) send({toolUse: {input}})
    }
    frames.push(awsFrame('contentBlockStop', {contentBlockIndex}))
  })
  frames.push(awsFrame('messageStop', {stopReason: 'end_turn'}))
  frames.push(awsFrame('metadata', {usage: bedrockUsage}))
  return made(
    'bedrock',
    'bedrock stream',
    '/model/made-model-1/converse-stream',
    'application/vnd.amazon.eventstream',
    concat(frames),
  )
}

// --- Cohere -----------------------------------------------------------------------------------

const cohereUsage = {tokens: {input_tokens: 412, output_tokens: 263}}

function cohereDocument(script: readonly Act[]): Made {
  const content = script.flatMap((act): unknown[] => {
    if (act.do === 'think') return [{type: 'thinking', thinking: act.text}]
    return act.do === 'say' ? [{type: 'text', text: act.text}] : []
  })
  const calls = script.flatMap((act, at) => (act.do === 'call' ? [chatCall(act, at)] : []))
  const message = {role: 'assistant', content, ...(calls.length > 0 ? {tool_calls: calls} : {})}
  return made(
    'cohere',
    'cohere document',
    '/v2/chat',
    'application/json',
    json({id: 'made-cohere', message, finish_reason: 'COMPLETE', usage: cohereUsage}),
  )
}

function cohereStream(script: readonly Act[], cut: Cut, lineEnd: LineEnd = '\n'): Made {
  const events: (readonly [string, unknown])[] = []
  const send = (type: string, fields: Record<string, unknown>): void => {
    events.push([type, {type, ...fields}])
  }
  send('message-start', {id: 'made-cohere', delta: {message: {role: 'assistant', content: []}}})
  script.forEach((act, index) => {
    if (act.do === 'call') {
      const call = chatCall(act, index)
      const start = {...call, function: {...call.function, arguments: ''}}
      send('tool-call-start', {index, delta: {message: {tool_calls: start}}})
      for (const piece of cut(call.function.arguments)) {
        const tool_calls = {function: {arguments: piece}}
        send('tool-call-delta', {index, delta: {message: {tool_calls}}})
      }
      send('tool-call-end', {index})
    } else {
      const key = act.do === 'think' ? 'thinking' : 'text'
      const start = {type: key, [key]: ''}
      send('content-start', {index, delta: {message: {content: start}}})
      for (const piece of cut(act.text)) {
        send('content-delta', {index, delta: {message: {content: {[key]: piece}}}})
      }
      send('content-end', {index})
    }
  })
  send('message-end', {delta: {finish_reason: 'COMPLETE', usage: cohereUsage}})
  return made('cohere', 'cohere stream', '/v2/chat', 'text/event-stream', sse(events, lineEnd))
}

// --- All of them ------------------------------------------------------------------------------

/** Whether a response of this name keeps any order of thoughts, answer and calls. */
export const keepsOrder = (name: string): boolean => !/(?:chat|cohere) document/.test(name)

/** Whether two thoughts in a row stay two. */
export const keepsBlocks = ({format}: Made): boolean =>
  format !== 'openai-chat' && format !== 'gemini' && format !== 'ollama'

/** The script as each format, streamed and not. */
export const madeResponses = (
  script: readonly Act[],
  cut: Cut,
  lineEnd: LineEnd = '\n',
): readonly Made[] => [
  chatStream(script, 'reasoning_content', cut, lineEnd),
  chatStream(script, 'reasoning', cut, lineEnd),
  chatStream(script, 'details', cut, lineEnd),
  chatStream(script, 'parts', cut, lineEnd),
  chatDocument(script, 'reasoning_content'),
  chatDocument(script, 'details'),
  chatDocument(script, 'parts'),
  responsesDocument(script),
  responsesStream(script, cut, lineEnd),
  anthropicDocument(script),
  anthropicStream(script, cut, lineEnd),
  geminiDocument(script),
  geminiStream(script, cut, lineEnd),
  geminiArray(script, cut),
  ollamaStream(script, cut),
  bedrockDocument(script),
  bedrockStream(script, cut),
  cohereDocument(script),
  cohereStream(script, cut, lineEnd),
]
