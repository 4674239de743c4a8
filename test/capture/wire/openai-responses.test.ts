import {describe, expect, test} from 'vitest'
import {createWireParser} from '../../../src/capture/wire/index.ts'
import {sse} from './made-responses.ts'
import {blocksOf, callsOf, orderOf, readResponse, textsOf, visibilitiesOf} from './read-response.ts'

const response = (output: readonly unknown[], rest: Record<string, unknown> = {}) => ({
  id: 'resp_1',
  object: 'response',
  model: 'gpt-5-2025-08-07',
  status: 'completed',
  output,
  ...rest,
})

const usage = (reasoning_tokens: number) => ({
  usage: {input_tokens: 1, output_tokens: 2, output_tokens_details: {reasoning_tokens}},
})

const message = (text: string) => ({
  type: 'message',
  role: 'assistant',
  content: [{type: 'output_text', text, annotations: []}],
})

const summary = (...texts: string[]) => texts.map((text) => ({type: 'summary_text', text}))

const read = (body: unknown) => readResponse('openai-responses', JSON.stringify(body))

const stream = (events: readonly Record<string, unknown>[]) =>
  readResponse(
    'openai-responses',
    sse(events.map((event) => [String(event['type']), event] as const)),
  )

describe('reasoning items of Responses', () => {
  test('each part of a summary is a block', () => {
    const item = {
      type: 'reasoning',
      summary: summary('**A**\n\nOne.', '**B**\n\nTwo.'),
      encrypted_content: 'gAAA',
    }
    const call = read(response([item, message('Yes.')]))
    expect(textsOf(call)).toEqual(['**A**\n\nOne.', '**B**\n\nTwo.'])
    expect(visibilitiesOf(call)).toEqual(['summary', 'summary'])
    expect(orderOf(call)).toBe('RRT')
    expect(call).toMatchObject({
      responseId: 'resp_1',
      model: 'gpt-5-2025-08-07',
      finishReasons: ['completed'],
    })
  })

  test('reasoning text is the model’s own', () => {
    const content = [{type: 'reasoning_text', text: 'We need to answer.'}]
    const call = read(response([{type: 'reasoning', summary: [], content}, message('Yes.')]))
    expect([textsOf(call), visibilitiesOf(call)]).toEqual([['We need to answer.'], ['full']])
  })

  test('encrypted content alone is a block each, in its place among the items', () => {
    const item = {type: 'reasoning', summary: [], encrypted_content: 'gAAA'}
    const call = {type: 'function_call', call_id: 'call_1', name: 'a', arguments: '{}'}
    const read1 = read(response([item, call, item, message('Yes.')], usage(0)))
    expect(visibilitiesOf(read1)).toEqual(['encrypted', 'encrypted'])
    expect(orderOf(read1)).toBe('RCRT')
  })

  test('an item without anything in it is hidden where tokens were billed for it', () => {
    const search = {type: 'web_search_call', status: 'completed'}
    const items = [message('A.'), {type: 'reasoning', summary: []}, search, message('B.')]
    const hidden = read(response(items, usage(128)))
    expect(visibilitiesOf(hidden)).toEqual(['hidden'])
    expect(orderOf(hidden)).toBe('TRT')
    expect(blocksOf(read(response(items, usage(0))))).toEqual([])
    // Without a word on tokens there was one all the same.
    expect(visibilitiesOf(read(response(items)))).toEqual(['hidden'])
    expect(visibilitiesOf(read(response([message('A.')], usage(21))))).toEqual(['hidden'])
  })

  test('equal items of one response are as many as there are', () => {
    const item = {type: 'reasoning', summary: summary('Same.')}
    const call = read(response([item, message('x'), item, message('x')]))
    expect(orderOf(call)).toBe('RTRT')
  })

  test('calls of the application are read, the provider’s own are not', () => {
    const call = read(
      response([
        {type: 'web_search_call', id: 'ws_1'},
        {type: 'code_interpreter_call', id: 'ci_1'},
        {type: 'mcp_call', id: 'mcp_1', name: 'ask', arguments: '{}'},
        {type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'a', arguments: '{"x":1}'},
        {type: 'custom_tool_call', id: 'ct_1', call_id: 'call_2', name: 'sql', input: 'select 1'},
      ]),
    )
    expect(callsOf(call)).toEqual([
      {id: 'call_1', name: 'a', arguments: '{"x":1}'},
      {id: 'call_2', name: 'sql', arguments: 'select 1'},
    ])
  })

  test('a refusal is the answer', () => {
    const item = {type: 'message', content: [{type: 'refusal', refusal: 'I cannot.'}]}
    expect(read(response([item])).answer).toBe('I cannot.')
  })
})

describe('states of a response', () => {
  test('one that was cut short says why', () => {
    const rest = {status: 'incomplete', incomplete_details: {reason: 'max_output_tokens'}}
    const call = read(response([{type: 'reasoning', summary: summary('One.')}], rest))
    expect(call.finishReasons).toEqual(['incomplete', 'max_output_tokens'])
    expect([call.ended, call.incomplete]).toEqual([true, false])
    expect(textsOf(call)).toEqual(['One.'])
  })

  test('one that is still made in the background is not "no reasoning"', () => {
    for (const status of ['queued', 'in_progress']) {
      expect(read(response([], {status}))).toMatchObject({
        ended: false,
        incomplete: true,
        items: [],
      })
    }
  })

  test('one that failed names its error', () => {
    const error = {code: 'server_error', message: 'secret words'}
    const call = read(response([], {status: 'failed', error}))
    expect(call).toMatchObject({finishReasons: ['failed'], errorType: 'server_error', ended: true})
    expect(JSON.stringify(call)).not.toContain('secret')
  })
})

describe('streams of Responses', () => {
  const created = {type: 'response.created', response: response([], {status: 'in_progress'})}
  const added = (output_index: number, item: unknown) => ({
    type: 'response.output_item.added',
    output_index,
    item,
  })
  const done = (output_index: number, item: unknown) => ({
    type: 'response.output_item.done',
    output_index,
    item,
  })
  const delta = (summary_index: number, text: string) => ({
    type: 'response.reasoning_summary_text.delta',
    item_id: 'rs_1',
    output_index: 0,
    summary_index,
    delta: text,
  })
  const item = (...texts: string[]) => ({type: 'reasoning', id: 'rs_1', summary: summary(...texts)})

  test('parts of a summary that come in turns are joined by index', () => {
    const call = stream([
      created,
      added(0, item()),
      delta(0, 'On'),
      delta(0, 'e.'),
      delta(1, 'Two.'),
      done(0, item('One.', 'Two.')),
      {
        type: 'response.completed',
        response: response([item('One.', 'Two.'), message('Yes.')], usage(9)),
      },
    ])
    expect(textsOf(call)).toEqual(['One.', 'Two.'])
    expect(call.answer).toBe('Yes.')
    expect(call).toMatchObject({ended: true, incomplete: false, reasoningTokens: 9})
  })

  test('a stream that was cut keeps the part that was being written', () => {
    const call = stream([created, added(0, item()), delta(0, 'One.'), delta(1, 'Tw')])
    expect(blocksOf(call)).toMatchObject([{text: 'One.'}, {text: 'Tw', incomplete: true}])
    expect(blocksOf(call)[0]).not.toHaveProperty('incomplete')
    expect(call.incomplete).toBe(true)
  })

  test('a resumed stream is completed from its final response, in the order of the items', () => {
    const call = stream([
      delta(1, 'o.'),
      {type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'es.'},
      {type: 'response.completed', response: response([item('One.', 'Two.'), message('Yes.')])},
    ])
    expect(textsOf(call)).toEqual(['One.', 'Two.'])
    expect(call.answer).toBe('Yes.')
    expect(orderOf(call)).toBe('RRT')
  })

  test('a server that counts its items otherwise has each only once', () => {
    const call = stream([
      created,
      {type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'First.'},
      {type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Yes.'},
      added(0, {type: 'function_call', call_id: 'call_1', name: 'a', arguments: ''}),
      {type: 'response.function_call_arguments.done', output_index: 0, arguments: '{}'},
      {
        type: 'response.completed',
        response: response([
          {type: 'reasoning', content: [{type: 'reasoning_text', text: 'First.'}]},
          message('Yes.'),
          {type: 'function_call', call_id: 'call_1', name: 'a', arguments: '{}'},
        ]),
      },
    ])
    expect(orderOf(call)).toBe('RTC')
    expect(call.answer).toBe('Yes.')
  })

  test('a server that gives no index is read by item id', () => {
    const call = stream([
      {type: 'response.output_item.added', item: {type: 'reasoning', id: 'rs_1'}},
      {type: 'response.reasoning_text.delta', item_id: 'rs_1', delta: 'First.'},
      {type: 'response.output_item.added', item: {type: 'message', id: 'msg_1'}},
      {type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Yes.'},
      {type: 'response.completed', response: response([])},
    ])
    expect([textsOf(call), call.answer]).toEqual([['First.'], 'Yes.'])
  })

  test('events are known by their frame where the data do not name them', () => {
    const body = sse([
      ['response.reasoning_text.delta', {output_index: 0, delta: 'First.'}],
      ['response.completed', {response: response([])}],
    ])
    expect(textsOf(readResponse('openai-responses', body))).toEqual(['First.'])
  })

  test('an error event ends it', () => {
    const call = stream([
      created,
      delta(0, 'One.'),
      {type: 'error', code: 'rate_limit_exceeded', message: 'm'},
    ])
    expect(call).toMatchObject({errorType: 'rate_limit_exceeded', incomplete: true})
    expect(textsOf(call)).toEqual(['One.'])
  })

  test('moments are those of the deltas, whatever repeats the text later', () => {
    const parser = createWireParser('openai-responses')
    const events = [
      created,
      added(0, item()),
      delta(0, 'On'),
      delta(0, 'e.'),
      done(0, item('One.')),
      {type: 'response.completed', response: response([item('One.')])},
    ]
    events.forEach((event, index) => {
      parser.feed(new TextEncoder().encode(sse([['', event]])), [7, index])
    })
    expect(blocksOf(parser.end())).toMatchObject([
      {
        text: 'One.',
        arrivals: [
          {offset: 0, time: [7, 2]},
          {offset: 2, time: [7, 3]},
        ],
        endTime: [7, 3],
      },
    ])
  })
})
