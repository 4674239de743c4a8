import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {canonicalJson, readToolResults} from '../../src/capture/wire/tool-results.ts'

const namesOf = (body: object): string[] =>
  readToolResults(body as never, true).results.map(
    ({id, name, arguments: args, text}) => `${id ?? '-'} ${name} ${args ?? '-'} ${text}`,
  )

describe('results with an id', () => {
  test('are those of the whole conversation', () => {
    const messages = [
      {role: 'assistant', tool_calls: [{id: 'a', function: {name: 'f', arguments: '{}'}}]},
      {role: 'tool', tool_call_id: 'a', content: 'one'},
      {role: 'assistant', tool_calls: [{id: 'b', function: {name: 'f', arguments: '{}'}}]},
      {role: 'tool', tool_call_id: 'b', content: [{type: 'text', text: 'two'}]},
      {role: 'user', content: 'And?'},
    ]
    expect(namesOf({messages})).toEqual(['a  - one', 'b  - two'])
  })

  test('of every item of Responses that ends a call', () => {
    const input = [
      {type: 'function_call_output', call_id: 'a', output: 'one'},
      {type: 'custom_tool_call_output', call_id: 'b', output: [{type: 'input_text', text: 'two'}]},
      {type: 'function_call', call_id: 'c', name: 'f', arguments: '{}'},
    ]
    expect(namesOf({input})).toEqual(['a  - one', 'b  - two'])
    expect(readToolResults({input: 'Hi', previous_response_id: 'r1'}, false)).toEqual({
      results: [],
      previousResponseId: 'r1',
    })
  })

  test('have no text where it may not be shown', () => {
    const messages = [{role: 'tool', tool_call_id: 'a', content: 'secret'}]
    expect(JSON.stringify(readToolResults({messages}, false))).not.toContain('secret')
  })
})

describe('results without an id', () => {
  const call = (name: string, order: string) => ({functionCall: {name, args: {order}}})
  const result = (name: string, ok: number) => ({functionResponse: {name, response: {ok}}})

  test('are those behind the model’s last turn, with the arguments of their calls', () => {
    const contents = [
      {role: 'model', parts: [call('f', 'A-1')]},
      {role: 'user', parts: [result('f', 1)]},
      {role: 'model', parts: [call('f', 'A-2'), call('g', 'A-3'), call('f', 'A-4')]},
      {role: 'user', parts: [result('f', 2), result('f', 4), result('g', 3)]},
    ]
    expect(namesOf({contents})).toEqual([
      '- f {"order":"A-2"} {"ok":2}',
      '- f {"order":"A-4"} {"ok":4}',
      '- g {"order":"A-3"} {"ok":3}',
    ])
  })

  test('are none where the model spoke last', () => {
    const contents = [
      {role: 'model', parts: [call('f', 'A-1')]},
      {role: 'function', parts: [result('f', 1)]},
      {role: 'model', parts: [{text: 'Done.'}]},
      {role: 'user', parts: [{text: 'Thanks.'}]},
    ]
    expect(namesOf({contents})).toEqual([])
  })
})

test('arguments are compared without their white space', () => {
  expect(canonicalJson('{ "a": 1 }')).toBe(canonicalJson('{"a":1}'))
  expect(canonicalJson('')).toBe('{}')
  expect(canonicalJson('{"a":')).toBe('{"a":')
})

test('nothing that a request may hold makes it throw', () => {
  const part = fc.record(
    {
      type: fc.constantFrom('tool_result', 'function_call_output', 'text', 1),
      role: fc.constantFrom('tool', 'assistant', 'model', 'user', 'function', null),
      content: fc.anything(),
      parts: fc.anything(),
      tool_calls: fc.anything(),
      tool_call_id: fc.anything(),
      functionResponse: fc.anything(),
      functionCall: fc.anything(),
      toolResult: fc.anything(),
      call_id: fc.anything(),
    },
    {requiredKeys: []},
  )
  const list = fc.oneof(fc.array(fc.oneof(part, fc.anything())), fc.anything())
  fc.assert(
    fc.property(fc.record({messages: list, contents: list, input: list}), (body) => {
      expect(() => readToolResults(JSON.parse(JSON.stringify(body) ?? '{}'), true)).not.toThrow()
    }),
    {numRuns: 500},
  )
})
