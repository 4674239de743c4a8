import {describe, expect, test} from 'vitest'
import {joinToolCalls} from '../../src/analysis/tool-join.ts'
import type {Step, StepKind, ToolCall} from '../../src/model.ts'

type Said = readonly [kind: StepKind, text: string]

/** The ids of the calls that each step led to. */
function join(said: readonly Said[], calls: readonly ToolCall[]): (string | undefined)[][] {
  let text = ''
  const steps: Step[] = said.map(([kind, words]) => {
    const start = text.length
    text += `${words}\n`
    const end = start + words.length
    return {kind, start, end, confidence: 1, titleStart: start, titleEnd: end}
  })
  const joined = joinToolCalls(steps, text, calls)
  return steps.map((_, index) => (joined.get(index) ?? []).map(({id}) => id))
}

const LOOKUP = {id: 'call_1', name: 'lookup_order'}
const REFUND = {id: 'call_2', name: 'issue_refund'}

describe('joinToolCalls', () => {
  test('gives a call to the last step that acts and names the tool', () => {
    expect(
      join(
        [
          ['act', 'I call lookup_order.'],
          ['fact', 'lookup_order knows the date.'],
          ['act', 'Then I ask the shop.'],
          ['infer', 'So it goes.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([['call_1'], [], [], []])
  })

  test('gives each of several calls to its own step', () => {
    expect(
      join(
        [
          ['act', 'I call lookup_order.'],
          ['act', 'And issue_refund.'],
        ],
        [REFUND, LOOKUP],
      ),
    ).toEqual([['call_1'], ['call_2']])
  })

  test('gives a call to the last act where no step names the tool', () => {
    expect(
      join(
        [
          ['plan', 'First the order.'],
          ['act', 'I look the order up.'],
          ['infer', 'That will do.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([[], ['call_1'], []])
  })

  test('an act that names another tool does not take the call of one that is named elsewhere', () => {
    expect(
      join(
        [
          ['plan', 'Later issue_refund.'],
          ['act', 'Now lookup_order.'],
        ],
        [LOOKUP, REFUND],
      ),
    ).toEqual([['call_2'], ['call_1']])
  })

  test('gives a call to the step that names it where none acts', () => {
    expect(
      join(
        [
          ['plan', 'I should use lookup_order.'],
          ['infer', 'The date decides.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([['call_1'], []])
  })

  test('else gives it to the last step', () => {
    expect(
      join(
        [
          ['plan', 'First the order.'],
          ['infer', 'The date decides.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([[], ['call_1']])
  })

  test('a name inside a longer word is none', () => {
    expect(
      join(
        [
          ['act', 'my_lookup_orders and lookup_order2'],
          ['infer', 'So lookup_order.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([['call_1'], []])
    expect(
      join(
        [
          ['plan', 'my_lookup_orders and lookup_order2'],
          ['infer', 'The date decides.'],
        ],
        [LOOKUP],
      ),
    ).toEqual([[], ['call_1']])
  })

  test('without steps or calls joins nothing', () => {
    expect(joinToolCalls([], 'text', [LOOKUP]).size).toBe(0)
    expect(join([['act', 'I call lookup_order.']], [])).toEqual([[]])
  })
})
