import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {describe, expect, test} from 'vitest'
import type {HrTime} from '@opentelemetry/api'
import {
  createWireParser,
  DEFAULT_LIMITS,
  UNSUPPORTED_WIRE,
  WIRE_FORMATS,
} from '../../../src/capture/wire/index.ts'
import type {WireLimits} from '../../../src/capture/wire/index.ts'
import {
  anthropicStream,
  awsFrame,
  chatDocument,
  chatStream,
  madeResponses,
  sse,
} from './made-responses.ts'
import type {Act} from './made-responses.ts'
import {blocksOf, callsOf, chunksOf, readResponse, textsOf, WHOLE} from './read-response.ts'
import {cpuNow} from '../../setup/cpu-time.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const SCRIPT: readonly Act[] = [
  {do: 'think', text: 'First, the order.'},
  {do: 'say', text: 'Yes.'},
]

describe('what a response is, its first message decides', () => {
  test('whatever the address made of it', () => {
    const body = anthropicStream(SCRIPT, (text) => [text]).body
    for (const format of WIRE_FORMATS) {
      const call = readResponse(format, body)
      expect(call).toMatchObject({dialect: 'anthropic', recognised: true, answer: 'Yes.'})
      expect(blocksOf(call)[0]?.source).toBe('anthropic')
    }
  })

  test('whatever its content type, and with white space before it', () => {
    const document = chatDocument(SCRIPT, 'reasoning').body
    const call = readResponse('anthropic', Buffer.concat([encode('\ufeff\n  \n'), document]))
    expect(textsOf(call)).toEqual(['First, the order.'])
    expect(call.incomplete).toBe(false)
  })

  test.each([
    '',
    'plain words',
    '<html></html>',
    '{"a":1}',
    '[1,2]',
    'data: {"a":1}\n\n',
    '\0\0\0\0',
    '{"a":',
  ])('%j is no model’s response', (body) => {
    const call = readResponse(['openai-chat', 'ollama'], body)
    expect(call).toMatchObject({recognised: false, items: [], answer: '', ended: false})
    expect(call.incomplete).toBe(true)
  })

  test('a format that nobody knows is a wrong call', () => {
    expect(() => createWireParser('openai' as 'openai-chat')).toThrow(
      /among openai-chat, .* got `openai`/,
    )
    expect(() => createWireParser([])).toThrow(/got none/)
    const limits = {maxItems: 0}
    expect(() => createWireParser('gemini', {limits})).toThrow(
      '`limits.maxItems` must be a number from 1 up, got 0',
    )
  })
})

describe('results', () => {
  test('grow while the response comes, and stay when it has ended', () => {
    const parser = createWireParser('openai-chat')
    const {body} = chatStream(SCRIPT, 'reasoning', (text) => [...text])
    let longest = 0
    for (const chunk of chunksOf(body, [300])) {
      parser.feed(chunk)
      const call = parser.result()
      const length = textsOf(call).join('').length
      expect(length).toBeGreaterThanOrEqual(longest)
      expect('First, the order.'.startsWith(textsOf(call).join(''))).toBe(true)
      longest = length
    }
    const call = parser.end()
    parser.feed(encode('data: {"choices":[{"delta":{"content":"more"}}]}\n\n'))
    expect(parser.end()).toBe(call)
    expect(parser.abort()).toBe(call)
    expect(parser.result()).toBe(call)
    expect(parser.format).toBe('openai-chat')
  })

  test('do not change when the response goes on', () => {
    const parser = createWireParser('openai-chat')
    const event = (reasoning: string) => encode(sse([['', {choices: [{delta: {reasoning}}]}]]))
    parser.feed(event('A'), [1, 0])
    const before = parser.result()
    const copy = structuredClone(before)
    parser.feed(event('B'), [2, 0])
    expect(before).toEqual(copy)
  })

  test('thoughts can be watched while they are written', () => {
    const parser = createWireParser('anthropic')
    const {body} = anthropicStream(SCRIPT, (text) => [...text])
    const lengths: number[] = []
    chunksOf(body, [120]).forEach((chunk, index) => {
      parser.feed(chunk, [1, index])
      const [thought] = parser.thoughts()
      if (thought?.open) lengths.push(thought.text.length)
    })
    expect(lengths.length).toBeGreaterThan(5)
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
    const [thought] = parser.thoughts()
    expect(thought).toMatchObject({open: false, text: 'First, the order.', choice: 0})
    expect(thought?.offsets[0]).toBe(0)
    expect(thought?.times).toHaveLength(thought?.offsets.length ?? -1)
  })
})

describe('arrival times', () => {
  const read = (
    texts: readonly string[],
    times: readonly (HrTime | undefined)[],
    limits?: Partial<WireLimits>,
  ) => {
    const parser = createWireParser('openai-chat', {limits})
    texts.forEach((reasoning, index) => {
      parser.feed(encode(sse([['', {choices: [{index: 0, delta: {reasoning}}]}]])), times[index])
    })
    return blocksOf(parser.end())[0]
  }

  test('are the moments at which the characters came, once for each chunk', () => {
    const block = read(
      ['ab', 'c', 'def'],
      [
        [1, 0],
        [1, 500],
        [2, 0],
      ],
    )
    expect(block?.arrivals).toEqual([
      {offset: 0, time: [1, 0]},
      {offset: 2, time: [1, 500]},
      {offset: 3, time: [2, 0]},
    ])
    expect(block?.endTime).toEqual([2, 0])
  })

  test('of texts in one chunk are one', () => {
    const parser = createWireParser('openai-chat')
    const events = ['a', 'b', 'c'].map(
      (reasoning) => ['', {choices: [{delta: {reasoning}}]}] as const,
    )
    parser.feed(encode(sse(events)), [1, 0])
    expect(blocksOf(parser.end())[0]).toMatchObject({
      arrivals: [{offset: 0, time: [1, 0]}],
      endTime: [1, 0],
    })
    expect(
      read(
        ['a', 'b'],
        [
          [1, 0],
          [1, 0],
        ],
      )?.arrivals,
    ).toHaveLength(1)
  })

  test('are absent where nobody measured, also for a part', () => {
    for (const times of [
      [undefined, undefined],
      [undefined, [1, 0] as HrTime],
    ]) {
      const block = read(['a', 'b'], times)
      expect(block).not.toHaveProperty('arrivals')
      expect(block).not.toHaveProperty('endTime')
    }
  })

  test('are thinned where there are too many, and keep their ends', () => {
    const texts = Array.from({length: 1000}, () => 'x')
    const times = texts.map((_, index): HrTime => [1, index])
    const block = read(texts, times, {maxArrivals: 64})
    const arrivals = block?.arrivals ?? []
    expect(arrivals.length).toBeLessThanOrEqual(64)
    expect(arrivals.length).toBeGreaterThan(16)
    expect(arrivals[0]).toEqual({offset: 0, time: [1, 0]})
    for (const {offset, time} of arrivals) expect(time).toEqual([1, offset])
    expect(block?.endTime).toEqual([1, 999])
  })
})

describe('limits', () => {
  test('have defaults that nobody can change for everybody', () => {
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true)
    expect(Math.max(...Object.values(DEFAULT_LIMITS))).toBe(4 * 1024 * 1024)
  })

  const event = (delta: unknown) => ['', {choices: [{index: 0, delta}]}] as const

  test('a text over its limit keeps its beginning, between characters', () => {
    const events = ['abcd', 'ef😀', 'gh'].map((reasoning) => event({reasoning}))
    const call = readResponse('openai-chat', sse(events, '\n', true), WHOLE, {
      limits: {maxTextLength: 7},
    })
    expect(blocksOf(call)).toMatchObject([{text: 'abcdef', incomplete: true}])
    expect(call.incomplete).toBe(true)
  })

  test('all texts together have a limit', () => {
    const events = [event({reasoning: 'abcd'}), event({content: 'efgh'})]
    const call = readResponse('openai-chat', sse(events, '\n', true), WHOLE, {
      limits: {maxTotalLength: 6},
    })
    expect([textsOf(call), call.answer, call.incomplete]).toEqual([['abcd'], 'ef', true])
  })

  test('items over the limit are dropped', () => {
    const events = Array.from({length: 20}, (_, index) =>
      event({tool_calls: [{index, id: `c${index}`, function: {name: 'a', arguments: '{}'}}]}),
    )
    const call = readResponse('openai-chat', sse(events, '\n', true), WHOLE, {
      limits: {maxItems: 3},
    })
    expect(callsOf(call)).toHaveLength(3)
    expect(call.incomplete).toBe(true)
  })

  test('an event over the limit is left out, and the stream goes on', () => {
    const long = event({content: 'x'.repeat(500)})
    const events = [event({reasoning: 'First.'}), long, event({content: 'Yes.'})]
    const call = readResponse('openai-chat', sse(events, '\n', true), [100], {
      limits: {maxDocumentLength: 300},
    })
    expect([textsOf(call), call.answer, call.incomplete]).toEqual([['First.'], 'Yes.', true])
  })

  test('of a document over the limit the beginning is read', () => {
    const message = {role: 'assistant', reasoning: 'First.', content: 'x'.repeat(5000)}
    const body = JSON.stringify({choices: [{index: 0, message, finish_reason: 'stop'}]})
    const limits = {maxDocumentLength: 1000, maxPartialLength: 500}
    const call = readResponse('openai-chat', body, [64], {limits})
    expect(textsOf(call)).toEqual(['First.'])
    expect(call.answer).toMatch(/^x{100,500}$/)
    expect(call).toMatchObject({incomplete: true, ended: false})
  })

  test('a frame over the limit is left out', () => {
    const frames = [
      awsFrame('contentBlockDelta', {
        contentBlockIndex: 0,
        delta: {reasoningContent: {text: 'First.'}},
      }),
      awsFrame('contentBlockDelta', {contentBlockIndex: 1, delta: {text: 'x'.repeat(1000)}}),
      awsFrame('messageStop', {stopReason: 'end_turn'}),
    ]
    const limits = {maxDocumentLength: 500}
    const call = readResponse('bedrock', Buffer.concat(frames), [64], {limits})
    expect([textsOf(call), call.answer, call.ended, call.incomplete]).toEqual([
      ['First.'],
      '',
      true,
      true,
    ])
  })

  test('100 MB are not held', () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const held = (): number => {
      gc()
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    }
    const megabyte = encode('x'.repeat(1024 * 1024))
    const bodies: readonly (readonly [string, string])[] = [
      ['{"choices":[{"index":0,"message":{"reasoning":"First.","content":"', 'openai-chat'],
      ['data: {"choices":[{"index":0,"delta":{"content":"', 'openai-chat'],
      [': ', 'openai-chat'],
    ]
    for (const [head] of bodies) {
      const parser = createWireParser('openai-chat')
      const before = held()
      parser.feed(encode(head))
      for (let count = 0; count < 100; count++) parser.feed(megabyte)
      expect(held() - before).toBeLessThan(24 * 1024 * 1024)
      expect(parser.abort().incomplete).toBe(true)
    }
  })
})

describe('time', () => {
  /** Milliseconds for a body of `size` units, the best of three. */
  const measure = (make: (size: number) => Uint8Array, size: number, chunk: number): number => {
    const chunks = chunksOf(make(size), [chunk])
    let best = Number.POSITIVE_INFINITY
    for (let run = 0; run < 3; run++) {
      const parser = createWireParser('openai-chat')
      const started = cpuNow()
      for (const piece of chunks) parser.feed(piece)
      parser.end()
      best = Math.min(best, cpuNow() - started)
    }
    return best
  }

  const event = (delta: unknown): string =>
    `data: ${JSON.stringify({choices: [{index: 0, delta}]})}\n\n`

  test.each<[string, (size: number) => string, number]>([
    ['many deltas', (size) => event({reasoning: 'word '}).repeat(size), 4096],
    ['tags in content', (size) => event({content: '<think>a</think>`b` '}).repeat(size), 4096],
    ['one long line in small pieces', (size) => event({reasoning: 'word '.repeat(size * 20)}), 16],
    [
      'one long document in small pieces',
      (size) => JSON.stringify({choices: [{message: {reasoning: 'word '.repeat(size * 20)}}]}),
      16,
    ],
    [
      'many calls',
      (size) =>
        event({tool_calls: [{index: 0, function: {name: 'a', arguments: '{}'}}]}).repeat(size),
      4096,
    ],
    ['many lines of one event', (size) => `${'data: {\n'.repeat(size)}\n`, 4096],
    ['a document that is nested deeply', (size) => `{"choices":${'['.repeat(size * 20)}`, 4096],
  ])('grows with the length alone: %s', (_, make, chunk) => {
    const of = (size: number) => encode(make(size))
    measure(of, 500, chunk)
    // A busy machine makes single runs lie; the best of a few does not.
    let ratio = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 3 && ratio >= 100; attempt++) {
      const short = Math.max(measure(of, 1000, chunk), 0.5)
      ratio = Math.min(ratio, measure(of, 16_000, chunk) / short)
    }
    // Sixteen times the length; quadratic work would take 256 times as long.
    expect(ratio).toBeLessThan(100)
  })
})

describe('what is not supported', () => {
  const SAMPLES: Readonly<Record<string, string>> = {
    'cohere-v1-chat': '{"is_finished":false,"event_type":"text-generation","text":"Yes."}\n',
    'dashscope-native': sse([
      [
        'result',
        {output: {choices: [{message: {reasoning_content: 'Fir', content: ''}}]}, request_id: 'r'},
      ],
    ]),
    'gemini-interactions': sse([
      [
        'content.delta',
        {event_type: 'content.delta', delta: {type: 'thought_summary', content: {text: 'A'}}},
      ],
    ]),
    'hugging-face-generate': sse([['', {token: {id: 1, text: '<think>'}, generated_text: null}]]),
    'openai-assistants': sse([
      [
        'thread.message.delta',
        {object: 'thread.message.delta', delta: {content: [{text: {value: 'A'}}]}},
      ],
    ]),
    'ai-sdk-ui-stream': sse([['', {type: 'reasoning-delta', id: '1', delta: 'First.'}]]),
  }

  test('each on the list is what the list says it is', () => {
    for (const [name, body] of Object.entries(SAMPLES)) {
      expect(UNSUPPORTED_WIRE.map((entry) => entry.name)).toContain(name)
      const call = readResponse(['openai-chat', 'cohere', 'ollama'], body)
      expect([call.recognised, call.items], name).toEqual([false, []])
    }
    // Those that have no HTTP response of their own to hold against the list.
    const rest = UNSUPPORTED_WIRE.map(({name}) => name).filter(
      (name) => SAMPLES[name] === undefined,
    )
    expect(rest).toEqual([
      'gemini-partial-arguments',
      'openai-provider-tools',
      'realtime',
      'xai-grpc',
      'live-think-tags',
    ])
  })

  test('partial arguments of Gemini leave the call without any', () => {
    const part = (functionCall: unknown) => ({candidates: [{content: {parts: [{functionCall}]}}]})
    const body = sse([
      ['', part({name: 'a', willContinue: true})],
      ['', part({partialArgs: [{jsonPath: '$.x', stringValue: 'y'}], willContinue: true})],
      ['', part({})],
    ])
    expect(callsOf(readResponse('gemini', body))).toEqual([{name: 'a'}])
  })

  test('a search that the provider runs is no call', () => {
    const output = [
      {type: 'web_search_call', id: 'ws_1'},
      {type: 'shell_call', call_id: 'c1'},
    ]
    const body = JSON.stringify({object: 'response', status: 'completed', output})
    expect(readResponse('openai-responses', body)).toMatchObject({items: [], recognised: true})
  })

  test('thoughts between tags are not among the live ones', () => {
    const parser = createWireParser('openai-chat')
    parser.feed(encode(sse([['', {choices: [{delta: {content: '<think>First.</think>Yes.'}}]}]])))
    expect(parser.thoughts()).toEqual([])
    expect(textsOf(parser.end())).toEqual(['First.'])
  })
})

test('a body cut anywhere gives a beginning of what the whole gives', () => {
  for (const {body, format, name} of madeResponses(SCRIPT, (text) => [...text])) {
    for (let length = 0; length < body.length; length += 7) {
      const parser = createWireParser(format)
      parser.feed(body.subarray(0, length))
      const call = parser.abort()
      expect('First, the order.'.startsWith(textsOf(call).join('')), name).toBe(true)
      expect('Yes.'.startsWith(call.answer), name).toBe(true)
      expect(call.incomplete || call.ended, name).toBe(true)
    }
  }
})
