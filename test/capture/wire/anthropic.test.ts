import {describe, expect, test} from 'vitest'
import {awsFrame, sse} from './made-responses.ts'
import {
  blocksOf,
  BYTE_BY_BYTE,
  callsOf,
  orderOf,
  readResponse,
  textsOf,
  visibilitiesOf,
  WHOLE,
} from './read-response.ts'

const message = (content: readonly unknown[], rest: Record<string, unknown> = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content,
  stop_reason: 'end_turn',
  ...rest,
})

const read = (content: readonly unknown[], rest: Record<string, unknown> = {}) =>
  readResponse('anthropic', JSON.stringify(message(content, rest)))

const stream = (events: readonly Record<string, unknown>[]) =>
  readResponse('anthropic', sse(events.map((event) => [String(event['type']), event] as const)))

const start = (index: number, content_block: unknown) => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, fields: Record<string, unknown>) => ({
  type: 'content_block_delta',
  index,
  delta: fields,
})
const stop = (index: number) => ({type: 'content_block_stop', index})

describe('thinking of Anthropic', () => {
  test('interleaved with tools and text it keeps its order', () => {
    const call = read([
      {type: 'thinking', thinking: 'A', signature: 's'},
      {type: 'text', text: 'One moment.'},
      {type: 'tool_use', id: 'toolu_1', name: 'a', input: {x: 1}},
      {type: 'thinking', thinking: 'B', signature: 's'},
      {type: 'tool_use', id: 'toolu_2', name: 'b', input: {}},
      {type: 'text', text: 'Yes.'},
    ])
    expect(orderOf(call)).toBe('RTCRCT')
    expect(textsOf(call)).toEqual(['A', 'B'])
    expect(callsOf(call)).toEqual([
      {id: 'toolu_1', name: 'a', arguments: '{"x":1}'},
      {id: 'toolu_2', name: 'b', arguments: '{}'},
    ])
  })

  test('with a signature and no text it is encrypted, without either it is nothing', () => {
    const thinking = (signature: string) => ({type: 'thinking', thinking: '', signature})
    expect(visibilitiesOf(read([thinking('Eq'), {type: 'text', text: 'Yes.'}]))).toEqual([
      'encrypted',
    ])
    expect(blocksOf(read([thinking(''), {type: 'text', text: 'Yes.'}]))).toEqual([])
  })

  test('redacted it is a block each', () => {
    const redacted = {type: 'redacted_thinking', data: 'EqQB'}
    const call = read([redacted, redacted, {type: 'text', text: 'Yes.'}])
    expect(visibilitiesOf(call)).toEqual(['redacted', 'redacted'])
    expect(JSON.stringify(call)).not.toContain('EqQB')
  })

  test('counted but not shown it is hidden', () => {
    const usage = {output_tokens: 9, output_tokens_details: {thinking_tokens: 7}}
    const call = read([{type: 'text', text: 'Yes.'}], {usage})
    expect(visibilitiesOf(call)).toEqual(['hidden'])
    expect(call.reasoningTokens).toBe(7)
  })

  test('tools that the provider runs are no calls, and text around them is one answer', () => {
    const call = read([
      {type: 'text', text: 'Let me search. '},
      {type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {query: 'x'}},
      {type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [{encrypted_content: 'x'}]},
      {type: 'mcp_tool_use', id: 'mcp_1', name: 'ask', input: {}},
      {type: 'text', text: 'Yes.'},
    ])
    expect(orderOf(call)).toBe('T')
    expect(call.answer).toBe('Let me search. Yes.')
  })
})

describe('streams of Anthropic', () => {
  const begin = {type: 'message_start', message: message([], {stop_reason: null})}

  test('a redacted block comes whole, an empty thought with its signature', () => {
    const call = stream([
      begin,
      start(0, {type: 'redacted_thinking', data: 'EqQB'}),
      stop(0),
      start(1, {type: 'thinking', thinking: '', signature: ''}),
      {type: 'ping'},
      delta(1, {type: 'signature_delta', signature: 'Eq'}),
      stop(1),
      start(2, {type: 'text', text: ''}),
      delta(2, {type: 'text_delta', text: 'Yes.'}),
      delta(2, {type: 'citations_delta', citation: {}}),
      stop(2),
      {type: 'message_delta', delta: {stop_reason: 'end_turn'}, usage: {output_tokens: 9}},
      {type: 'message_stop'},
    ])
    expect(visibilitiesOf(call)).toEqual(['redacted', 'encrypted'])
    expect(call).toMatchObject({
      answer: 'Yes.',
      finishReasons: ['end_turn'],
      responseId: 'msg_1',
      outputTokens: 9,
      ended: true,
    })
  })

  test('one that was cut in mid-thought keeps it, incomplete', () => {
    const call = stream([
      begin,
      start(0, {type: 'thinking', thinking: '', signature: ''}),
      delta(0, {type: 'thinking_delta', thinking: 'First, the'}),
    ])
    expect(blocksOf(call)).toMatchObject([{text: 'First, the', incomplete: true}])
    expect(call).toMatchObject({ended: false, incomplete: true})
  })

  test('a thought that was closed is complete in a stream that was cut', () => {
    const call = stream([
      begin,
      start(0, {type: 'thinking', thinking: '', signature: ''}),
      delta(0, {type: 'thinking_delta', thinking: 'First.'}),
      stop(0),
    ])
    expect(blocksOf(call)[0]).not.toHaveProperty('incomplete')
    expect(call.incomplete).toBe(true)
  })

  test('an overloaded provider is named', () => {
    const error = {type: 'error', error: {type: 'overloaded_error', message: 'm'}}
    expect(stream([begin, error])).toMatchObject({errorType: 'overloaded_error'})
    const alone = readResponse('anthropic', JSON.stringify(error))
    expect(alone).toMatchObject({
      recognised: false,
      errorType: 'overloaded_error',
      incomplete: false,
    })
  })

  test('deltas whose beginning was lost are read all the same', () => {
    const call = stream([
      delta(3, {type: 'thinking_delta', thinking: 'First.'}),
      delta(4, {type: 'text_delta', text: 'Yes.'}),
      {type: 'message_stop'},
    ])
    expect([textsOf(call), call.answer]).toEqual([['First.'], 'Yes.'])
  })

  test('Bedrock’s InvokeModel wraps each event in a frame', () => {
    const events = [
      begin,
      start(0, {type: 'thinking', thinking: '', signature: ''}),
      delta(0, {type: 'thinking_delta', thinking: 'Zuerst die Prüfung. 😀'}),
      stop(0),
      {type: 'message_delta', delta: {stop_reason: 'end_turn'}},
      {type: 'message_stop', 'amazon-bedrock-invocationMetrics': {inputTokenCount: 1}},
    ]
    const frames = events.map((event) =>
      awsFrame('chunk', {bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc'}),
    )
    for (const chunking of [WHOLE, BYTE_BY_BYTE]) {
      const call = readResponse('anthropic', Buffer.concat(frames), chunking)
      expect(textsOf(call)).toEqual(['Zuerst die Prüfung. 😀'])
      expect(call).toMatchObject({
        dialect: 'anthropic',
        finishReasons: ['end_turn'],
        incomplete: false,
      })
    }
  })
})
