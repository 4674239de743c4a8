import {describe, expect, test} from 'vitest'
import {sse} from './made-responses.ts'
import {createWireParser} from '../../../src/capture/wire/index.ts'
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

const head = {id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'open-model'}

type Choice = Record<string, unknown>

const choice = (delta: unknown, finish_reason: string | null = null, index = 0): Choice => ({
  index,
  delta,
  finish_reason,
})

const stream = (choices: readonly Choice[], extra: Record<string, unknown> = {}): string =>
  sse(
    choices.map((one) => ['', {...head, ...extra, choices: [one]}] as const),
    '\n',
    true,
  )

const document = (message: unknown, rest: Record<string, unknown> = {}, reason = 'stop'): string =>
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    choices: [{index: 0, message, finish_reason: reason}],
    ...rest,
  })

const read = (body: string) => readResponse('openai-chat', body)

describe('reasoning in Chat Completions', () => {
  test.each(['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'])(
    'stands in %s',
    (key) => {
      const call = read(document({[key]: 'First, the order.', content: 'Yes.'}))
      expect(textsOf(call)).toEqual(['First, the order.'])
      expect(call.answer).toBe('Yes.')
      expect(orderOf(call)).toBe('RT')
    },
  )

  test('one thought under several names is one block', () => {
    const text = 'First, the order.'
    const call = read(
      document({
        reasoning_content: text,
        reasoning: text,
        reasoning_details: [{type: 'reasoning.text', text, index: 0}],
        thinking_blocks: [{type: 'thinking', thinking: text, signature: 'sig'}],
        content: 'Yes.',
      }),
    )
    expect(textsOf(call)).toEqual([text])
  })

  test('one thought streamed under several names is one block', () => {
    const pieces = ['First, ', 'the ', 'order.']
    const call = read(
      stream([
        ...pieces.map((text) =>
          choice({
            content: '',
            reasoning: text,
            reasoning_content: text,
            reasoning_details: [{type: 'reasoning.text', text, index: 0}],
          }),
        ),
        choice({reasoning_details: [{type: 'reasoning.text', text: '', signature: 'sig'}]}),
        choice({content: 'Yes.'}, 'stop'),
      ]),
    )
    expect(textsOf(call)).toEqual(['First, the order.'])
    expect(call.answer).toBe('Yes.')
  })

  test('a thought that is sent whole once more at its end is one block', () => {
    const pieces = ['First, the order is needed, ', 'then the window of thirty days.']
    const details = [{type: 'reasoning.summary', summary: pieces.join('')}]
    const call = read(
      stream([
        ...pieces.map((reasoning) => choice({reasoning})),
        choice({content: 'Yes.', reasoning_details: details}, 'stop'),
      ]),
    )
    expect(textsOf(call)).toEqual([pieces.join('')])
  })

  test('details say whether they are text, summary or encrypted', () => {
    const details = (...list: unknown[]) =>
      read(document({reasoning_details: list, content: 'Yes.'}))
    const encrypted = {type: 'reasoning.encrypted', data: 'gAAA', format: 'openai-responses-v1'}
    const summary = {type: 'reasoning.summary', summary: 'Checked it.'}
    expect(visibilitiesOf(details(summary))).toEqual(['summary'])
    expect(visibilitiesOf(details(encrypted))).toEqual(['encrypted'])
    expect(visibilitiesOf(details(encrypted, encrypted))).toEqual(['encrypted'])
    // Beside a readable thought it is that thought, for the provider.
    expect(visibilitiesOf(details(summary, encrypted))).toEqual(['summary'])
    expect(visibilitiesOf(details(encrypted, summary))).toEqual(['summary'])
    // Anthropic withholds thoughts of their own.
    const own = {type: 'reasoning.encrypted', data: 'EqQB', format: 'anthropic-claude-v1'}
    const text = {type: 'reasoning.text', text: 'Then this.'}
    expect(visibilitiesOf(details(text, own))).toEqual(['full', 'encrypted'])
  })

  test('a redacted thought of LiteLLM is a block of its own', () => {
    const thinking_blocks = [
      {type: 'thinking', thinking: 'First.', signature: 's'},
      {type: 'redacted_thinking', data: 'EqQB'},
    ]
    expect(visibilitiesOf(read(document({thinking_blocks, content: 'Yes.'})))).toEqual([
      'full',
      'redacted',
    ])
  })

  test('the opaque form of Copilot is encrypted, and nothing beside its text', () => {
    expect(visibilitiesOf(read(document({reasoning_opaque: 'abc', content: 'Yes.'})))).toEqual([
      'encrypted',
    ])
    const both = {reasoning_opaque: 'abc', reasoning_text: 'First.', content: 'Yes.'}
    expect(visibilitiesOf(read(document(both)))).toEqual(['full'])
  })

  test('thinking parts of Mistral keep their place among the parts of the content', () => {
    const think = (text: string) => ({type: 'thinking', thinking: [{type: 'text', text}]})
    const content = [
      think('First.'),
      {type: 'text', text: 'A '},
      {type: 'reference', reference_ids: [1]},
      {type: 'text', text: 'B'},
      think('Then.'),
      {type: 'text', text: 'C'},
    ]
    const call = read(document({content}))
    expect(orderOf(call)).toBe('RTRT')
    expect(textsOf(call)).toEqual(['First.', 'Then.'])
    expect(call.answer).toBe('A BC')
  })

  test('reasoning parts with a summary are summaries', () => {
    const content = [
      {type: 'reasoning', summary: [{type: 'summary_text', text: 'Checked it.'}]},
      {type: 'text', text: 'Yes.'},
    ]
    const call = read(document({content}))
    expect([textsOf(call), visibilitiesOf(call)]).toEqual([['Checked it.'], ['summary']])
  })

  test('text of a model that never shows its own is a summary', () => {
    const body = (model: string) =>
      document({reasoning_content: 'Checked.', content: 'Yes.'}, {model})
    expect(visibilitiesOf(read(body('openai/gpt-5-mini')))).toEqual(['summary'])
    expect(visibilitiesOf(read(body('google/gemini-3-pro')))).toEqual(['summary'])
    expect(visibilitiesOf(read(body('openai/gpt-oss-120b')))).toEqual(['full'])
    const {items} = readResponse('openai-chat', body(''), WHOLE, {requestModel: 'o4-mini'})
    expect(items[0]).toMatchObject({block: {visibility: 'summary'}})
  })

  test('white space alone is no thought', () => {
    const call = read(document({reasoning_content: '\n\n', content: 'Yes.'}))
    expect(call.items).toEqual([{type: 'text', text: 'Yes.'}])
  })

  test('tokens that were billed for nothing shown are a hidden block, and none for none', () => {
    const usage = (reasoning_tokens: number) => ({
      usage: {completion_tokens: 9, completion_tokens_details: {reasoning_tokens}},
    })
    const hidden = read(document({content: 'Yes.'}, usage(64)))
    expect(visibilitiesOf(hidden)).toEqual(['hidden'])
    expect(orderOf(hidden)).toBe('RT')
    expect(hidden.reasoningTokens).toBe(64)
    expect(blocksOf(read(document({content: 'Yes.'}, usage(0))))).toEqual([])
    expect(blocksOf(read(document({content: 'Yes.'})))).toEqual([])
  })

  test('a signature beside an answer is no thought', () => {
    const extra_content = {google: {thought: true, thought_signature: 'AVSo'}}
    expect(orderOf(read(document({content: 'Noon.', extra_content})))).toBe('T')
  })

  test('a thought behind a piece of the answer is a block of its own', () => {
    const call = read(
      stream([
        choice({reasoning: 'A'}),
        choice({content: 'One moment.'}),
        choice({reasoning: 'B'}),
        choice({content: 'Yes.'}, 'stop'),
      ]),
    )
    expect(orderOf(call)).toBe('RTRT')
    expect(textsOf(call)).toEqual(['A', 'B'])
  })
})

describe('reasoning tags in an answer', () => {
  const inContent = (content: string, reason = 'stop') => read(document({content}, {}, reason))

  const streamed = (content: string, length: number, reason = 'stop') =>
    read(
      stream([
        ...(content.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? []).map((piece) =>
          choice({content: piece}),
        ),
        choice({}, reason),
      ]),
    )

  test.each([
    ['<think>\nFirst.\n</think>\nYes.', 'First.', '\nYes.'],
    ['<thinking>First.</thinking>\n\nYes.', 'First.', '\n\nYes.'],
    ['[THINK]First.[/THINK]Yes.', 'First.', 'Yes.'],
    ['◁think▷First.◁/think▷Yes.', 'First.', 'Yes.'],
    ['First.\n</think>\n\nYes.', 'First.', '\n\nYes.'],
    ['<think></think>\n<think>First <b>this</b>.</think>Yes.', 'First <b>this</b>.', 'Yes.'],
    [
      '<|channel|>analysis<|message|>First.<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>',
      'First.',
      'Yes.',
    ],
  ])('%j is a thought and an answer, whole and cut anywhere', (content, thought, answer) => {
    const call = inContent(content)
    expect(textsOf(call)).toEqual([thought])
    expect(call.answer).toBe(answer)
    expect(orderOf(call)).toBe('RT')
    for (const length of [1, 2, 3, 5, 8]) {
      const again = streamed(content, length)
      expect([textsOf(again), again.answer]).toEqual([[thought], answer])
    }
  })

  test('a tag that was never closed holds a thought that was cut', () => {
    for (const call of [
      inContent('<think>\nFirst,', 'length'),
      streamed('<think>\nFirst,', 2, 'length'),
    ]) {
      expect(blocksOf(call)).toMatchObject([{text: 'First,', incomplete: true}])
      expect(call.answer).toBe('')
      expect(call.finishReasons).toEqual(['length'])
    }
  })

  test('a tag that was never closed holds nothing where the model came to its end', () => {
    const call = inContent(' <think> It is 30 degrees.')
    expect([textsOf(call), call.answer]).toEqual([[], ' <think> It is 30 degrees.'])
  })

  test.each([
    'Use `<think>` and `</think>` around it.',
    '```html\n<think>\nsome words that are an example here\n</think>\n```\nThat is how.',
    'The tag </think> ends it.',
  ])('%j only talks about tags', (content) => {
    for (const call of [inContent(content), streamed(content, 3)]) {
      expect([textsOf(call), call.answer]).toEqual([[], content])
    }
  })

  test('the moments of a thought between tags are those of its own characters', () => {
    const parser = stream([
      choice({content: '<think>\nFi'}),
      choice({content: 'rst.'}),
      choice({content: '\n</thi'}),
      choice({content: 'nk>\nYes.'}, 'stop'),
    ])
    const call = readTimed(parser)
    expect(blocksOf(call)).toMatchObject([
      {
        text: 'First.',
        arrivals: [
          {offset: 0, time: [0, 1]},
          {offset: 2, time: [0, 2]},
        ],
        endTime: [0, 2],
      },
    ])
  })
})

describe('tool calls of Chat Completions', () => {
  test('arguments that come in pieces are joined by index', () => {
    const call = read(
      stream([
        choice({tool_calls: [{index: 0, id: 'c0', function: {name: 'a', arguments: ''}}]}),
        choice({tool_calls: [{index: 1, id: 'c1', function: {name: 'b', arguments: '{"y":'}}]}),
        choice({
          tool_calls: [
            {index: 0, function: {arguments: '{"x":1}'}},
            {index: 1, function: {arguments: '2}'}},
          ],
        }),
        choice({}, 'tool_calls'),
      ]),
    )
    expect(callsOf(call)).toEqual([
      {id: 'c0', name: 'a', arguments: '{"x":1}'},
      {id: 'c1', name: 'b', arguments: '{"y":2}'},
    ])
    expect(call.finishReasons).toEqual(['tool_calls'])
  })

  test('calls that all say index 0 are told apart by their ids', () => {
    const one = (id: string, name: string) =>
      choice({tool_calls: [{index: 0, id, function: {name, arguments: '{}'}}]})
    const call = read(stream([one('c0', 'a'), one('c1', 'a'), choice({}, 'tool_calls')]))
    expect(callsOf(call).map(({id}) => id)).toEqual(['c0', 'c1'])
  })

  test('calls without index or id, custom tools and the old form are read', () => {
    const call = read(
      document({
        content: null,
        tool_calls: [
          {function: {name: 'a', arguments: {x: 1}}},
          {type: 'custom', id: 'c1', custom: {name: 'sql', input: 'select 1'}},
          {function: {name: ''}},
        ],
      }),
    )
    expect(callsOf(call)).toEqual([
      {name: 'a', arguments: '{"x":1}'},
      {id: 'c1', name: 'sql', arguments: 'select 1'},
    ])
    const old = read(document({content: null, function_call: {name: 'a', arguments: '{}'}}))
    expect(callsOf(old)).toEqual([{name: 'a', arguments: '{}'}])
    const empty = read(document({content: 'x', function_call: {name: '', arguments: ''}}))
    expect(callsOf(empty)).toEqual([])
  })
})

describe('alternatives', () => {
  test('each choice has its blocks, and the answer is the first one’s', () => {
    const call = read(
      stream([
        choice({reasoning: 'B1'}, null, 1),
        choice({reasoning: 'A1'}, null, 0),
        choice({reasoning: ' B2'}, null, 1),
        choice({content: 'a'}, null, 0),
        choice({content: 'b'}, 'stop', 1),
        choice({}, 'length', 0),
      ]),
    )
    expect(blocksOf(call)).toMatchObject([
      {text: 'A1', choiceIndex: 0},
      {text: 'B1 B2', choiceIndex: 1},
    ])
    expect(call.answer).toBe('a')
    expect(call.finishReasons).toEqual(['length', 'stop'])
    expect(call.incomplete).toBe(false)
  })

  test('a single choice has no index', () => {
    const [block] = blocksOf(read(document({reasoning: 'A', content: 'a'})))
    expect(block).not.toHaveProperty('choiceIndex')
  })

  test('texts of two choices are not one', () => {
    const call = read(
      JSON.stringify({
        ...head,
        choices: ['a', 'b'].map((content, index) => ({
          index,
          message: {content},
          finish_reason: 'stop',
        })),
      }),
    )
    expect(call.items).toEqual([
      {type: 'text', text: 'a', choiceIndex: 0},
      {type: 'text', text: 'b', choiceIndex: 1},
    ])
    expect(call.answer).toBe('a')
  })
})

describe('ends of a stream of Chat Completions', () => {
  const open = [choice({reasoning: 'First, '}), choice({reasoning: 'the order'})]

  test('a stream that was cut in mid-thought keeps it, incomplete', () => {
    const body = stream(open).replace('data: [DONE]\n\n', '')
    const call = read(body)
    expect(blocksOf(call)).toMatchObject([{text: 'First, the order', incomplete: true}])
    expect([call.incomplete, call.ended]).toEqual([true, false])
  })

  test('a thought that the answer had followed is complete in a stream that was cut', () => {
    const call = read(stream([...open, choice({content: 'Ye'})]).replace('data: [DONE]\n\n', ''))
    expect(blocksOf(call)[0]).not.toHaveProperty('incomplete')
    expect(call.incomplete).toBe(true)
  })

  test('a server that does not say [DONE] has ended where it gave a reason', () => {
    const body = stream([...open, choice({content: 'Yes.'}, 'stop')]).replace(
      'data: [DONE]\n\n',
      '',
    )
    expect(read(body)).toMatchObject({ended: true, incomplete: false})
  })

  test('an error in mid-stream is named and leaves what came before', () => {
    const error = {error: {type: 'invalid_request_error', message: 'secret words', code: 'x'}}
    const body = `${stream(open).replace('data: [DONE]\n\n', '')}event: error\ndata: ${JSON.stringify(error)}\n\n`
    const call = read(body)
    expect(textsOf(call)).toEqual(['First, the order'])
    expect(call).toMatchObject({errorType: 'invalid_request_error', incomplete: true})
    expect(JSON.stringify(call)).not.toContain('secret words')
  })

  test('a sentence in the place of a kind or a reason is not told', () => {
    const error = {error: {type: 'secret words', code: 'more secret words', message: 'no'}}
    const broken = `${stream(open).replace('data: [DONE]\n\n', '')}data: ${JSON.stringify(error)}\n\n`
    expect(read(broken)).toMatchObject({errorType: 'error', incomplete: true})
    const call = read(document({content: 'yes'}, {}, 'stopped at secret words'))
    expect(call.finishReasons).toEqual(['other'])
  })

  test('an error in the place of a response is one, and nothing was cut from it', () => {
    const body = JSON.stringify({error: {message: 'no', code: 429}})
    expect(read(body)).toMatchObject({
      recognised: false,
      errorType: '429',
      items: [],
      incomplete: false,
    })
  })

  test('a malformed event is left out and said to be', () => {
    const body = stream([...open, choice({}, 'stop')]).replace('"First, "', '"Fir')
    for (const chunking of [WHOLE, BYTE_BY_BYTE]) {
      const call = readResponse('openai-chat', body, chunking)
      expect(textsOf(call)).toEqual(['the order'])
      expect(call.incomplete).toBe(true)
    }
  })

  test('events with a single line break between them are read one by one', () => {
    const call = read(stream([...open, choice({}, 'stop')]).replaceAll('\n\n', '\n'))
    expect(textsOf(call)).toEqual(['First, the order'])
    expect(call).toMatchObject({ended: true, incomplete: false})
  })

  test('an empty finish reason means nothing in a stream and is kept in a document', () => {
    const call = read(stream([choice({content: 'Yes.'}, '')]))
    expect(call.finishReasons).toEqual([])
    expect(read(document({content: 'Yes.'}, {}, '')).finishReasons).toEqual([''])
  })
})

test('legacy completions are read, with the tags in their text', () => {
  const choices = [{index: 0, text: '<think>First.</think>Yes.', finish_reason: 'stop'}]
  const call = read(JSON.stringify({...head, object: 'text_completion', choices}))
  expect([textsOf(call), call.answer, call.ended]).toEqual([['First.'], 'Yes.', true])
})

function readTimed(body: string) {
  const parser = createWireParser('openai-chat')
  body
    .split('\n\n')
    .filter((event) => event.startsWith('data'))
    .forEach((event, index) =>
      parser.feed(new TextEncoder().encode(`${event}\n\n`), [0, index + 1]),
    )
  return parser.end()
}
