import {describe, expect, test} from 'vitest'
import {reasoningFields, reasoningType} from '../../src/capture/reasoning-part.ts'

type Row = [object, [key: string, kind: string, visibility?: string][]]

const rows: Row[] = [
  [{type: 'reasoning', content: 'x'}, [['content', 'text', 'full']]],
  [{type: 'reasoning', text: 'x'}, [['text', 'text', 'full']]],
  [
    {type: 'thinking', thinking: 'x', signature: 's'},
    [
      ['thinking', 'text', 'full'],
      ['signature', 'opaque'],
    ],
  ],
  [{type: 'redacted_thinking', data: 'd'}, [['data', 'opaque', 'redacted']]],
  [{type: 'redacted_thinking'}, []],
  [{type: 'reasoning', data: 'd'}, [['data', 'opaque', 'redacted']]],
  [
    {type: 'reasoning', encrypted_content: 'e', summary: []},
    [['encrypted_content', 'opaque', 'encrypted']],
  ],
  [{type: 'reasoning.encrypted', data: 'd', id: 'rs_1'}, [['data', 'opaque', 'encrypted']]],
  [{type: 'reasoning.text', text: 'x', index: 0}, [['text', 'text', 'full']]],
  [{type: 'reasoning.summary', summary: 'x'}, [['summary', 'text', 'summary']]],
  [{type: 'summary_text', text: 'x'}, [['text', 'text', 'summary']]],
  [{type: 'reasoning_text', text: 'x'}, [['text', 'text', 'full']]],
  [
    {type: 'reasoning', summary: [{type: 'summary_text', text: 'x'}], content: null},
    [['summary', 'parts', 'summary']],
  ],
  [{type: 'thinking', thinking: [{type: 'text', text: 'x'}]}, [['thinking', 'parts', 'full']]],
  [{part_kind: 'thinking', content: 'x'}, [['content', 'text', 'full']]],
  [{$type: 'reasoning', text: 'x'}, [['text', 'text', 'full']]],
  [{block_type: 'thinking', content: 'x'}, [['content', 'text', 'full']]],
  [
    {text: 'x', thought: true, thoughtSignature: 's'},
    [
      ['text', 'text', 'summary'],
      ['thoughtSignature', 'opaque'],
    ],
  ],
  [
    {role: 'assistant', content: 'a', reasoning_content: 'x'},
    [['reasoning_content', 'text', 'full']],
  ],
  [{role: 'assistant', content: 'a', reasoning: 'x'}, [['reasoning', 'text', 'full']]],
  [{role: 'assistant', content: '', thinking: 'high'}, [['thinking', 'text', 'full']]],
  [
    {reasoning_details: [{type: 'reasoning.text', text: 'x'}]},
    [['reasoning_details', 'parts', 'full']],
  ],
  [
    {reasoningContent: {reasoningText: {text: 'x', signature: 's'}}},
    [['reasoningContent', 'parts', 'full']],
  ],
  [{reasoningContent: {redactedContent: 'd'}}, [['reasoningContent', 'parts', 'full']]],
  [{redactedContent: 'd'}, [['redactedContent', 'opaque', 'redacted']]],
  [{thinking_blocks: [{type: 'thinking', thinking: 'x'}]}, [['thinking_blocks', 'parts', 'full']]],
  [{reasoning: ['x', 'y']}, [['reasoning', 'text', 'full']]],
  [{reasoning: {id: 'rs', summary: [{text: 'x'}]}}, [['reasoning', 'parts', 'full']]],
]

describe('properties that hold reasoning', () => {
  test.each(rows)('%j', (object, expected) => {
    const fields = reasoningFields(object as Record<string, unknown>)
    expect(
      fields.map(({key, kind, visibility}) => (visibility ? [key, kind, visibility] : [key, kind])),
    ).toEqual(expected)
  })
})

describe('what is not reasoning', () => {
  test.each([
    {reasoning: {effort: 'high'}},
    {reasoning: {effort: 'medium', summary: 'auto'}},
    {reasoning: {max_tokens: 2000, exclude: false}},
    {reasoning: {enabled: true}},
    {reasoning: 'high'},
    {reasoning: ''},
    {reasoning: null},
    {reasoning: true},
    {reasoning: 512},
    {reasoning: []},
    {reasoning: {}},
    {thinking: {type: 'enabled', budget_tokens: 1024}},
    {thinking: {type: 'adaptive'}},
    {thinking: 'enabled'},
    {thinking: false},
    {thinkingConfig: {includeThoughts: true, thinkingBudget: 1024}},
    {reasoning_effort: 'low'},
    {reasoning_tokens: 187},
    {type: 'text', text: 'reasoning about it'},
    {type: 'text', text: 'x', signature: 's'},
    {type: 'reasoning', id: 'rs_1', status: null},
    {thought: false, text: 'x'},
    {properties: {reasoning: {type: 'string', description: 'why'}}},
    {reasoning: {type: 'string', description: 'why'}},
  ])('%j', (object) => {
    expect(reasoningFields(object as Record<string, unknown>)).toEqual([])
  })

  test('a type that is not reasoning, and none', () => {
    expect(reasoningType({type: 'text'})).toBeUndefined()
    expect(reasoningType({type: 'tool_use', kind: 'thinking-budget'})).toBeUndefined()
    expect(reasoningType({})).toBeUndefined()
    expect(reasoningType({type: 'constructor'})).toBeUndefined()
  })
})
