import {describe, expect, test} from 'vitest'
import fc from 'fast-check'
import type {WireCall} from '../../../src/capture/wire/index.ts'
import {keepsBlocks, keepsOrder, madeResponses, MODEL, TOKENS} from './made-responses.ts'
import type {Act, Cut, LineEnd, Made} from './made-responses.ts'
import {BYTE_BY_BYTE, recogniseAndRead, WHOLE} from './read-response.ts'

type Line = readonly [type: string, ...rest: string[]]

const lineOf = (act: Act): Line =>
  act.do === 'call' ? ['tool_call', act.id, act.name, JSON.stringify(act.args)] : [act.do, act.text]

/** What a reading of the script must give in this format. */
function expected(script: readonly Act[], response: Made): Line[] {
  let acts = [...script]
  if (!keepsOrder(response.name)) {
    // A message has its thoughts, its answer and its calls in one place each.
    const rank = response.format === 'cohere' ? {think: 0, say: 0, call: 1} : RANKS
    acts = acts.sort((a, b) => rank[a.do] - rank[b.do])
  }
  const lines: Line[] = []
  for (const act of acts) {
    const before = lines.at(-1)
    const joins =
      act.do === 'say' || (act.do === 'think' && !keepsBlocks(response))
        ? before?.[0] === act.do
        : false
    if (joins && act.do !== 'call') lines[lines.length - 1] = [act.do, `${before?.[1]}${act.text}`]
    else lines.push(lineOf(act))
  }
  return lines
}

const RANKS = {think: 0, say: 1, call: 2}

const given = (call: WireCall): Line[] =>
  call.items.map((item): Line => {
    if (item.type === 'reasoning') return ['think', item.block.text]
    if (item.type === 'text') return ['say', item.text]
    return ['tool_call', item.call.id ?? '', item.call.name, item.call.arguments ?? '']
  })

const VISIBILITY = {gemini: 'summary'} as const

function expectScript(script: readonly Act[], response: Made, chunking: readonly number[]): void {
  const {call, format} = recogniseAndRead(response, response.body, chunking)
  expect(format, response.name).toBe(response.format)
  expect(given(call), response.name).toEqual(expected(script, response))
  expect(call.incomplete, response.name).toBe(false)
  expect(call.ended, response.name).toBe(true)
  expect(call.finishReasons, response.name).toHaveLength(1)
  if (response.format !== 'bedrock' && response.format !== 'cohere') {
    expect(call.model, response.name).toBe(MODEL)
  }
  if (!['bedrock', 'cohere', 'ollama'].includes(response.format)) {
    expect(call.reasoningTokens, response.name).toBe(TOKENS)
  }
  expect([call.inputTokens, call.outputTokens], response.name).toEqual([412, 263])
  for (const item of call.items) {
    if (item.type !== 'reasoning') continue
    const visibility = VISIBILITY[response.format as 'gemini'] ?? 'full'
    expect(item.block).toMatchObject({source: response.format, visibility})
    expect(item.block.incomplete ?? false).toBe(false)
  }
}

const piecesOf = (length: number): Cut => {
  const cut = (text: string): string[] =>
    text === '' ? [] : [text.slice(0, length), ...cut(text.slice(length))]
  return cut
}

const SCRIPT: readonly Act[] = [
  {
    do: 'think',
    text: 'The order is needed first. 注文を確認します。 😀 data: {"a":1}\n\n```ts\nx\n```',
  },
  {do: 'say', text: 'One moment, please.\n'},
  {do: 'call', id: 'call_1', name: 'lookup_order', args: {order_id: 'B-7', note: '"quoted" 😀'}},
  {do: 'call', id: 'call_2', name: 'list_policies', args: {}},
  {do: 'think', text: 'It was delivered yesterday, so the window is open.'},
  {do: 'say', text: 'Yes, you can return it.\r\nIt was delivered yesterday.'},
]

describe('made responses', () => {
  for (const response of madeResponses(SCRIPT, piecesOf(5))) {
    test(`a ${response.name} gives the script whole, byte by byte and in odd chunks`, () => {
      for (const chunking of [WHOLE, BYTE_BY_BYTE, [2], [3], [7], [64], [1, 1000, 1]]) {
        expectScript(SCRIPT, response, chunking)
      }
    })
  }

  test('whatever a model does is read the same from every format in any chunking', () => {
    // Nothing here makes a reasoning tag, and each text has something that is not white space.
    const text = fc
      .array(
        fc.constantFrom(
          'I ',
          'so ',
          '\n\n',
          '\r',
          '😀',
          'ü',
          '\u2028',
          '"',
          '\\',
          'data: ',
          '{',
          '[',
          '0',
        ),
        {maxLength: 12},
      )
      .map((parts) => `${parts.join('')}x`)
    const act: fc.Arbitrary<Act> = fc.oneof(
      fc.record({do: fc.constant('think' as const), text}),
      fc.record({do: fc.constant('say' as const), text}),
      fc.record({
        do: fc.constant('call' as const),
        id: fc.uuid(),
        name: fc.constantFrom('lookup_order', 'search'),
        args: fc.dictionary(fc.constantFrom('a', 'b'), text),
      }),
    )
    const lineEnds = fc.constantFrom<LineEnd>('\n', '\r\n', '\r')
    const chunkings = fc.array(fc.integer({min: 1, max: 40}), {minLength: 1, maxLength: 20})
    fc.assert(
      fc.property(
        fc.array(act, {minLength: 1, maxLength: 6}),
        fc.integer({min: 1, max: 9}),
        lineEnds,
        chunkings,
        (script, length, lineEnd, chunking) => {
          // Tokens were billed, so a script without a thought would be one that was hidden.
          const whole = [{do: 'think', text: 'First.'} as const, ...script]
          for (const response of madeResponses(whole, piecesOf(length), lineEnd)) {
            expectScript(whole, response, chunking)
          }
        },
      ),
      {numRuns: 150},
    )
  })
})
