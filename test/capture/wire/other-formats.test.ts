import {describe, expect, test} from 'vitest'
import {awsFrame, sse} from './made-responses.ts'
import {blocksOf, callsOf, orderOf, readResponse, textsOf, visibilitiesOf} from './read-response.ts'

const json = JSON.stringify

describe('Gemini', () => {
  const response = (parts: readonly unknown[], rest: Record<string, unknown> = {}) => ({
    candidates: [{content: {role: 'model', parts}, finishReason: 'STOP', index: 0}],
    modelVersion: 'gemini-3-pro',
    responseId: 'r1',
    ...rest,
  })
  const read = (value: unknown) => readResponse('gemini', json(value))

  test('thoughts are summaries, and one block where only the provider’s tools stand between them', () => {
    const call = read(
      response([
        {text: '**Plan**\n\nA.', thought: true},
        {toolCall: {toolType: 'GOOGLE_SEARCH_WEB'}, thoughtSignature: 'x'},
        {toolResponse: {}},
        {text: '**Check**\n\nB.', thought: true},
        {text: 'Yes.', thoughtSignature: 'x'},
      ]),
    )
    expect(textsOf(call)).toEqual(['**Plan**\n\nA.**Check**\n\nB.'])
    expect(visibilitiesOf(call)).toEqual(['summary'])
    expect(call).toMatchObject({
      answer: 'Yes.',
      model: 'gemini-3-pro',
      responseId: 'r1',
      finishReasons: ['STOP'],
    })
  })

  test('a thought behind an answer or a call is a block of its own', () => {
    const call = read(
      response([
        {text: 'A', thought: true},
        {functionCall: {name: 'a', args: {x: 1}}, thoughtSignature: 'x'},
        {text: 'B', thought: true},
        {text: 'Yes.'},
      ]),
    )
    expect(orderOf(call)).toBe('RCRT')
    expect(callsOf(call)).toEqual([{name: 'a', arguments: '{"x":1}'}])
  })

  test('a signature or a count without a thought is hidden', () => {
    const signed = read(response([{text: 'Yes.', thoughtSignature: 'x'}]))
    expect(visibilitiesOf(signed)).toEqual(['hidden'])
    const counted = read(
      response([{text: 'Yes.'}], {usageMetadata: {thoughtsTokenCount: 5, candidatesTokenCount: 3}}),
    )
    expect(visibilitiesOf(counted)).toEqual(['hidden'])
    expect(counted).toMatchObject({reasoningTokens: 5, outputTokens: 8})
    expect(blocksOf(read(response([{text: 'Yes.'}])))).toEqual([])
  })

  test('the last count of a stream counts', () => {
    const chunk = (thoughtsTokenCount: number, finishReason?: string) => ({
      candidates: [{content: {parts: [{text: 'x'}]}, finishReason}],
      usageMetadata: {promptTokenCount: 1, thoughtsTokenCount},
    })
    const body = sse(
      [
        ['', chunk(101)],
        ['', chunk(67)],
        ['', chunk(168, 'STOP')],
      ],
      '\r\n',
    )
    expect(readResponse('gemini', body).reasoningTokens).toBe(168)
  })

  test('candidates are alternatives', () => {
    const candidate = (index: number) => ({
      content: {parts: [{text: `T${index}`, thought: true}, {text: `A${index}`}]},
      finishReason: 'STOP',
      index,
    })
    const call = read({candidates: [candidate(1), candidate(0)]})
    expect(blocksOf(call)).toMatchObject([
      {text: 'T0', choiceIndex: 0},
      {text: 'T1', choiceIndex: 1},
    ])
    expect(call.answer).toBe('A0')
  })

  test('a blocked prompt and an error have ended', () => {
    expect(read({promptFeedback: {blockReason: 'SAFETY'}})).toMatchObject({
      finishReasons: ['SAFETY'],
      ended: true,
    })
    expect(read([{error: {code: 429, status: 'RESOURCE_EXHAUSTED'}}])).toMatchObject({
      errorType: 'RESOURCE_EXHAUSTED',
      incomplete: false,
    })
  })

  test('Code Assist wraps each response', () => {
    const body = sse([['', {response: response([{text: 'A', thought: true}, {text: 'Yes.'}])}]])
    expect(textsOf(readResponse('gemini', body))).toEqual(['A'])
  })

  test('an array that was cut keeps its elements, and what is known to be a thought of the last', () => {
    const cut = (...last: unknown[]) => {
      const body = json([response([{text: 'First, ', thought: true}]), response(last)])
      return readResponse('gemini', body.slice(0, body.indexOf('of things') + 3))
    }
    const known = cut({thought: true, text: 'the order of things'})
    expect(textsOf(known)).toEqual(['First, the order of '])
    expect(known).toMatchObject({incomplete: true, ended: false})
    expect(blocksOf(known)[0]?.incomplete).toBe(true)
    // It was cut before it said that it is one.
    const unknown = cut({text: 'the order of things', thought: true})
    expect(unknown.items).toMatchObject([{type: 'reasoning', block: {text: 'First, '}}])
  })
})

describe('Ollama', () => {
  test('generate gives a thought and a response', () => {
    const lines = [
      {model: 'qwen3', thinking: 'Fir', response: '', done: false},
      {model: 'qwen3', thinking: 'st.', response: '', done: false},
      {model: 'qwen3', response: 'Yes.', done: false},
      {model: 'qwen3', response: '', done: true, done_reason: 'length', eval_count: 5},
    ]
    const call = readResponse('ollama', lines.map((line) => `${json(line)}\n`).join(''))
    expect([textsOf(call), call.answer]).toEqual([['First.'], 'Yes.'])
    expect(call).toMatchObject({
      model: 'qwen3',
      finishReasons: ['length'],
      outputTokens: 5,
      ended: true,
    })
  })

  test('an answer may hold tags, and a document is read as lines are', () => {
    const message = {role: 'assistant', content: '<think>First.</think>\n\nYes.'}
    const call = readResponse(
      'ollama',
      json({model: 'deepseek-r1', message, done: true, done_reason: 'stop'}),
    )
    expect([textsOf(call), call.answer]).toEqual([['First.'], '\n\nYes.'])
  })

  test('a line that was broken off is left out', () => {
    const line = (thinking: string, done = false) =>
      json({model: 'm', message: {thinking, content: ''}, done})
    const body = `${line('A')}\n${line('B').slice(0, 30)}\n${line('C', true)}\n`
    const call = readResponse('ollama', body)
    expect(textsOf(call)).toEqual(['AC'])
    expect(call.incomplete).toBe(true)
  })

  test('an error is one', () => {
    expect(readResponse('ollama', json({error: 'model "x" not found'}))).toMatchObject({
      errorType: 'error',
      recognised: false,
    })
  })
})

describe('Bedrock Converse', () => {
  const frames = (...list: readonly (readonly [string, unknown])[]) =>
    Buffer.concat(list.map(([event, payload]) => awsFrame(event, payload)))
  const delta = (contentBlockIndex: number, fields: unknown) =>
    ['contentBlockDelta', {contentBlockIndex, delta: fields}] as const
  const stop = (contentBlockIndex: number) => ['contentBlockStop', {contentBlockIndex}] as const

  test('redacted thoughts are a block each, signed ones without text are encrypted', () => {
    const call = readResponse(
      'bedrock',
      frames(
        delta(0, {reasoningContent: {redactedContent: 'RXE='}}),
        stop(0),
        delta(1, {reasoningContent: {redactedContent: 'RXE='}}),
        delta(1, {reasoningContent: {redactedContent: 'RXE='}}),
        stop(1),
        delta(2, {reasoningContent: {signature: 'Eq'}}),
        stop(2),
        delta(3, {text: 'Yes.'}),
        ['messageStop', {stopReason: 'end_turn'}],
      ),
    )
    expect(visibilitiesOf(call)).toEqual(['redacted', 'redacted', 'encrypted'])
    expect(call).toMatchObject({answer: 'Yes.', finishReasons: ['end_turn'], ended: true})
  })

  test('an exception in mid-stream is named and leaves what came before', () => {
    const body = Buffer.concat([
      frames(delta(0, {reasoningContent: {text: 'First, the'}})),
      awsFrame('throttlingException', {message: 'm'}, 'exception'),
    ])
    const call = readResponse('bedrock', body)
    expect(blocksOf(call)).toMatchObject([{text: 'First, the', incomplete: true}])
    expect(call).toMatchObject({errorType: 'throttlingException', incomplete: true})
  })

  test('a call without arguments has empty ones, a tool of the provider is no call', () => {
    const start = (contentBlockIndex: number, toolUse: unknown) =>
      ['contentBlockStart', {contentBlockIndex, start: {toolUse}}] as const
    const call = readResponse(
      'bedrock',
      frames(
        start(0, {toolUseId: 't1', name: 'a'}),
        stop(0),
        start(1, {toolUseId: 't2', name: 'search', type: 'server_tool_use'}),
        delta(1, {toolUse: {input: '{}'}}),
        stop(1),
        ['messageStop', {stopReason: 'tool_use'}],
      ),
    )
    expect(callsOf(call)).toEqual([{id: 't1', name: 'a', arguments: '{}'}])
  })

  test('a proxy that makes JSON of the frames is read', () => {
    const events = [
      {contentBlockDelta: {contentBlockIndex: 0, delta: {reasoningContent: {text: 'First.'}}}},
      {contentBlockDelta: {contentBlockIndex: 1, delta: {text: 'Yes.'}}},
      {messageStop: {stopReason: 'end_turn'}},
    ]
    const call = readResponse('bedrock', events.map((event) => `${json(event)}\n`).join(''))
    expect([textsOf(call), call.answer, call.ended]).toEqual([['First.'], 'Yes.', true])
  })
})

describe('Cohere', () => {
  test('a plan before calls is reasoning', () => {
    const message = {
      role: 'assistant',
      tool_plan: 'I will look up the order.',
      tool_calls: [{id: 'a1', type: 'function', function: {name: 'lookup_order', arguments: '{}'}}],
    }
    const call = readResponse('cohere', json({id: 'c1', message, finish_reason: 'TOOL_CALL'}))
    expect([textsOf(call), orderOf(call)]).toEqual([['I will look up the order.'], 'RC'])
    const events = [
      ['message-start', {type: 'message-start', id: 'c1', delta: {message: {role: 'assistant'}}}],
      ['', {type: 'tool-plan-delta', delta: {message: {tool_plan: 'I will '}}}],
      ['', {type: 'tool-plan-delta', delta: {message: {tool_plan: 'look.'}}}],
      ['', {type: 'message-end', delta: {finish_reason: 'TOOL_CALL'}}],
    ] as const
    const streamed = readResponse('cohere', sse(events))
    expect(textsOf(streamed)).toEqual(['I will look.'])
    expect(streamed).toMatchObject({responseId: 'c1', finishReasons: ['TOOL_CALL'], ended: true})
  })

  test('a content block may begin with its first words', () => {
    const content = {type: 'thinking', thinking: 'Fir'}
    const events = [
      ['', {type: 'content-start', index: 0, delta: {message: {content}}}],
      ['', {type: 'content-delta', index: 0, delta: {message: {content: {thinking: 'st.'}}}}],
      ['', {type: 'content-end', index: 0}],
      [
        '',
        {
          type: 'content-start',
          index: 1,
          delta: {message: {content: {type: 'text', text: 'Yes.'}}},
        },
      ],
      ['', {type: 'message-end', delta: {finish_reason: 'COMPLETE'}}],
    ] as const
    const call = readResponse('cohere', sse(events))
    expect([textsOf(call), call.answer]).toEqual([['First.'], 'Yes.'])
  })
})
