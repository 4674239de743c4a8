import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {combine} from '../../src/capture/combine.ts'
import {readOutput, readWholeOutput} from '../../src/capture/output.ts'
import type {OutputItem, ReasoningBlock, Visibility} from '../../src/model.ts'
import {loadRecordings} from './recordings.ts'

const HINTS = {source: 'test'}

const told = (items: readonly OutputItem[]): string[] =>
  items.map((item) => {
    if (item.type === 'text') return `text: ${item.text}`
    if (item.type === 'tool_call') return `call: ${item.call.name} ${item.call.id ?? '-'}`
    const choice = item.block.choiceIndex === undefined ? '' : `[${item.block.choiceIndex}]`
    return `${item.block.visibility}${choice}: ${item.block.text}`
  })

const read = (value: unknown): string[] => told(readOutput(value, HINTS))

describe('responses of providers', () => {
  test('Chat, with alternatives', () => {
    expect(
      read({
        choices: [
          {index: 1, message: {role: 'assistant', content: 'B', reasoning_content: 'b first'}},
          {index: 0, message: {role: 'assistant', content: 'A', reasoning_content: 'a first'}},
        ],
      }),
    ).toEqual(['full[1]: b first', 'text: B', 'full[0]: a first', 'text: A'])
  })

  test('Chat: one thought under reasoning, reasoning_content and reasoning_details is one block', () => {
    const message = {
      role: 'assistant',
      content: 'A',
      reasoning: 'one\ntwo',
      reasoning_content: 'one\ntwo',
      reasoning_details: [
        {type: 'reasoning.summary', summary: 'one\ntwo', index: 0},
        {type: 'reasoning.encrypted', data: 'x', index: 0},
      ],
    }
    expect(read({choices: [{message}]})).toEqual(['summary: one\ntwo', 'text: A'])
  })

  test('OpenRouter: fragments of one streamed part are one block', () => {
    const detail = (text: string, index: number) => ({type: 'reasoning.text', text, index})
    expect(
      read({
        choices: [
          {
            message: {
              role: 'assistant',
              reasoning_details: [detail('on', 0), detail('e', 0), detail('two', 1)],
            },
          },
        ],
      }),
    ).toEqual(['full: one', 'full: two'])
  })

  test('Responses: summary parts are blocks, calls keep their call id, order is kept', () => {
    const part = (text: string) => ({type: 'summary_text', text})
    expect(
      read({
        object: 'response',
        model: 'gpt-5',
        status: 'completed',
        output: [
          {
            type: 'reasoning',
            id: 'rs_1',
            summary: [part('one'), part('two')],
            encrypted_content: 'x',
          },
          {type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}'},
          {type: 'web_search_call', id: 'ws_1', status: 'completed'},
          {type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'y'},
          {type: 'reasoning', id: 'rs_3', summary: []},
          {type: 'message', role: 'assistant', content: [{type: 'output_text', text: 'A'}]},
        ],
      }),
    ).toEqual(['summary: one', 'summary: two', 'call: f call_1', 'encrypted: ', 'text: A'])
  })

  test('Responses: a reasoning item that shows nothing is hidden, one cut short says why', () => {
    const output = readWholeOutput(
      {
        output: [
          {type: 'reasoning', summary: []},
          {type: 'reasoning', summary: []},
        ],
        status: 'incomplete',
        incomplete_details: {reason: 'max_output_tokens'},
      },
      HINTS,
    )
    expect(told(output.items)).toEqual(['hidden: '])
    expect(output.finishReasons).toEqual(['max_output_tokens'])
  })

  test('Responses: of a whole text and its summary the text is taken', () => {
    expect(
      read({
        output: [
          {
            type: 'reasoning',
            content: [{type: 'reasoning_text', text: 'whole'}],
            summary: [{type: 'summary_text', text: 'short'}],
          },
        ],
      }),
    ).toEqual(['full: whole'])
  })

  test('Anthropic: thinking interleaved with text and calls, redacted and empty thoughts', () => {
    expect(
      read({
        role: 'assistant',
        content: [
          {type: 'thinking', thinking: 'one', signature: 's'},
          {type: 'tool_use', id: 't1', name: 'f', input: {}},
          {type: 'redacted_thinking', data: 'd'},
          {type: 'thinking', thinking: '', signature: 's'},
          {type: 'server_tool_use', id: 's1', name: 'web_search', input: {query: 'x'}},
          {type: 'web_search_tool_result', content: [{text: 'a result'}]},
          {type: 'thinking', thinking: 'two', signature: 's'},
          {type: 'text', text: 'A'},
        ],
      }),
    ).toEqual(['full: one', 'call: f t1', 'redacted: ', 'encrypted: ', 'full: two', 'text: A'])
  })

  test('Gemini, in both spellings', () => {
    expect(
      read({
        candidates: [
          {
            content: {
              role: 'model',
              parts: [
                {text: 'one', thought: true},
                {functionCall: {name: 'f', args: {}}, thoughtSignature: 's'},
                {text: 'A', thoughtSignature: 's'},
              ],
            },
            finishReason: 'STOP',
          },
        ],
      }),
    ).toEqual(['summary: one', 'call: f -', 'text: A'])
  })

  test('Bedrock, Cohere, Ollama and Mistral', () => {
    expect(
      read({
        output: {
          message: {
            role: 'assistant',
            content: [
              {reasoningContent: {reasoningText: {text: 'one', signature: 's'}}},
              {reasoningContent: {redactedContent: 'd'}},
              {text: 'A'},
              {toolUse: {toolUseId: 't1', name: 'f', input: {}}},
            ],
          },
        },
      }),
    ).toEqual(['full: one', 'redacted: ', 'text: A', 'call: f t1'])
    expect(
      read({
        message: {
          role: 'assistant',
          content: [
            {type: 'thinking', thinking: 'one'},
            {type: 'text', text: 'A'},
          ],
        },
      }),
    ).toEqual(['full: one', 'text: A'])
    expect(read({message: {role: 'assistant', content: 'A', thinking: 'one'}, done: true})).toEqual(
      ['full: one', 'text: A'],
    )
    expect(
      read({
        role: 'assistant',
        content: [
          {
            type: 'thinking',
            thinking: [
              {type: 'text', text: 'one '},
              {type: 'text', text: 'two'},
            ],
          },
          {type: 'text', text: 'A'},
        ],
      }),
    ).toEqual(['full: one two', 'text: A'])
  })

  test('chunks that were recorded as they came are put together', () => {
    const chunk = (delta: object) => ({choices: [{index: 0, delta}]})
    expect(
      read([
        chunk({role: 'assistant', reasoning_content: 'on'}),
        chunk({reasoning_content: 'e'}),
        chunk({reasoning_content: ' on'}),
        chunk({content: 'A'}),
        chunk({content: 'B'}),
      ]),
    ).toEqual(['full: one on', 'text: AB'])
    expect(
      read([
        {type: 'content_block_start', content_block: {type: 'thinking', thinking: ''}},
        {type: 'content_block_delta', delta: {type: 'thinking_delta', thinking: 'on'}},
        {type: 'content_block_delta', delta: {type: 'thinking_delta', thinking: 'e'}},
        {type: 'content_block_delta', delta: {type: 'text_delta', text: 'A'}},
      ]).filter((line) => !line.startsWith('hidden')),
    ).toEqual(['full: one', 'text: A'])
  })
})

describe('messages', () => {
  test('several with an end each are alternatives', () => {
    const message = (content: string) => ({
      role: 'assistant',
      parts: [{type: 'reasoning', content}],
      finish_reason: 'stop',
    })
    expect(read([message('one'), message('two')])).toEqual(['full[0]: one', 'full[1]: two'])
  })

  test('reasoning that is listed behind the answer of a finished call comes first', () => {
    const parts = [
      {type: 'text', content: 'A'},
      {type: 'reasoning', content: 'one'},
    ]
    expect(read([{role: 'assistant', parts, finish_reason: 'stop'}])).toEqual([
      'full: one',
      'text: A',
    ])
    // Cut off while it thought again: that is its order.
    expect(read([{role: 'assistant', parts, finish_reason: 'length'}])).toEqual([
      'text: A',
      'full: one',
    ])
  })

  test('what went in is never read, whoever calls it what', () => {
    expect(
      read([
        {role: 'user', content: 'reasoning'},
        {type: 'human', content: 'x', reasoning_content: 'no'},
        {role: 'tool', content: 'x', reasoning_content: 'no'},
        {role: 'system', content: 'x'},
        {role: 'assistant', content: 'A', reasoning_content: 'one'},
        {role: 'tool', content: 'a result', reasoning_content: 'no'},
      ]),
    ).toEqual(['full: one', 'text: A'])
    expect(read({input: {reasoning_content: 'no'}, prompt: [{reasoning_content: 'no'}]})).toEqual(
      [],
    )
  })

  test('a text that is JSON stays a text; a raw response beside it is opened', () => {
    const raw =
      "ChatCompletion(choices=[Choice(message=Message(content='A', reasoning_content='one'))])"
    expect(read({role: 'assistant', content: '{"reasoning": "x y"}'})).toEqual([
      'text: {"reasoning": "x y"}',
    ])
    expect(read({role: 'assistant', content: 'A', tool_calls: null, raw})).toEqual([
      'full: one',
      'text: A',
    ])
  })
})

describe('combining what several keys tell', () => {
  const block = (text: string, visibility: Visibility = 'full'): OutputItem => ({
    type: 'reasoning',
    block: {text, visibility, source: 'x'},
  })
  const text = (value: string): OutputItem => ({type: 'text', text: value})

  test('parts that were kept apart win over the same text joined', () => {
    expect(
      told(
        combine([
          [block('one\n\ntwo'), text('A')],
          [block('one'), block('two')],
        ]),
      ),
    ).toEqual(['full: one', 'full: two', 'text: A'])
  })

  test('a redacted block that only one source has is kept, an encrypted copy is not', () => {
    expect(
      told(
        combine([[block('one')], [block('one'), block('', 'redacted')], [block('', 'encrypted')]]),
      ),
    ).toEqual(['full: one', 'redacted: '])
  })

  test('the same text twice in one source is two blocks', () => {
    expect(
      told(
        combine([
          [block('again'), block('again')],
          [block('again'), block('again')],
        ]),
      ),
    ).toEqual(['full: again', 'full: again'])
  })

  test('thoughts that one source alone has are added behind the others, before the answer', () => {
    expect(
      told(combine([[block('one longer thought'), text('A')], [block('another')], [text('A')]])),
    ).toEqual(['full: one longer thought', 'full: another', 'text: A'])
  })

  test('an answer that repeats the thought is no answer', () => {
    expect(told(combine([[block('one')], [text('one'), text('A')]]))).toEqual([
      'full: one',
      'text: A',
    ])
  })

  test('combining is idempotent: a source beside itself changes nothing', () => {
    const item = fc.oneof(
      fc.string().map((value) => block(value || 'x')),
      fc.string().map((value) => text(value || 'x')),
      fc
        .constantFrom<Visibility>('redacted', 'encrypted')
        .map((visibility) => block('', visibility)),
    )
    fc.assert(
      fc.property(fc.array(item, {minLength: 1, maxLength: 8}), (items) => {
        expect(combine([items, structuredClone(items)])).toEqual(items)
      }),
    )
  })
})

test('any value is read without an error, in linear time', () => {
  const key = fc.constantFrom(
    ...'role content parts type text reasoning reasoning_content thinking choices message delta output'.split(
      ' ',
    ),
    ...'candidates generations kwargs id tool_calls function name summary data signature thought raw'.split(
      ' ',
    ),
  )
  const leaf = fc.oneof(
    fc.constantFrom(
      'assistant',
      'user',
      'reasoning',
      'thinking',
      'text',
      '',
      '[{',
      'null',
      '<think>',
      'tool_use',
    ),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.constant(true),
  )
  const {tree} = fc.letrec((tie) => ({
    tree: fc.oneof(
      {depthSize: 'medium', withCrossShrink: true},
      leaf,
      fc.array(tie('tree'), {maxLength: 4}),
      fc.dictionary(key, tie('tree'), {maxKeys: 5}),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      for (const item of readOutput(value, HINTS)) {
        if (item.type === 'reasoning') expect(typeof item.block.text).toBe('string')
      }
    }),
    {numRuns: 5000},
  )
  let deep: unknown = {reasoning_content: 'too deep'}
  for (let level = 0; level < 5000; level++) deep = {message: deep}
  expect(readWholeOutput(deep, HINTS)).toMatchObject({items: [], incomplete: true})
})

describe('recorded responses of real providers', () => {
  const withoutSpace = (value: string): string => value.replace(/\s+/g, '')
  const loaded = loadRecordings()
  if (loaded === undefined) console.warn('No recordings on this machine: none are compared.')
  test('are read as they are labelled, where they are on this machine', () => {
    const recordings = (loaded ?? []).filter(({stream, body}) => !stream && body !== undefined)
    expect(recordings.length > 100 || loaded === undefined).toBe(true)
    for (const {id, body, expected} of recordings) {
      const output = readWholeOutput(JSON.parse(body as string), HINTS)
      const blocks = output.items.flatMap<Pick<ReasoningBlock, 'text' | 'visibility'>>((item) =>
        item.type === 'reasoning' ? [item.block] : [],
      )
      if (blocks.length === 0 && (output.reasoningTokens ?? 0) > 0) {
        blocks.push({text: '', visibility: 'hidden'})
      }
      // Labelled as an answer; it is a thought that the length limit cut before its closing tag.
      if (id.includes('test_max_completion_tokens')) {
        expect(blocks).toMatchObject([{visibility: 'full', incomplete: true}])
        continue
      }
      const joined = (list: readonly {text: string}[]): string =>
        withoutSpace(list.map(({text}) => text).join(''))
      expect(joined(blocks), id).toBe(joined(expected.blocks))
      expect(new Set(blocks.map(({visibility}) => visibility)), id).toEqual(
        new Set(expected.blocks.map(({visibility}) => visibility)),
      )
      const calls = output.items.flatMap((item) =>
        item.type === 'tool_call' ? [{id: item.call.id ?? null, name: item.call.name}] : [],
      )
      expect(calls, id).toEqual(expected.tool_calls)
      const answer = output.items.map((item) => (item.type === 'text' ? item.text : '')).join('')
      expect(withoutSpace(answer), id).toBe(withoutSpace(expected.answer))
    }
  })
})
