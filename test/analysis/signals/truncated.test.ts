import {expect, test} from 'vitest'
import {endingOf} from '../../../src/analysis/signals/ending.ts'
import {signal} from './detect.ts'

const BEFORE =
  'The order holds three items. Two of them are in stock. The third comes from the other warehouse and takes four days. Express delivery is possible for the two that are in stock. '.repeat(
    2,
  )

test.each([
  'So the delivery date depends on the',
  'So the customer can choose between express and',
  'The total is 4 + 5 = 9, and adding the fee (which is',
  'So the third item will arr',
  'Let me think about whether the warehouse can send',
  '1. The first item arrives on Monday.\n2. The second item arrives on Tuesday.\n3. The third item arri',
  'She wrote: "please send the third',
])('a text that stops at %j is truncated', (end) => {
  expect(signal('truncated', BEFORE + end)?.confidence).toBeGreaterThan(0.8)
})

test.each([
  'So it arrives on Friday.',
  'So it arrives on Friday!',
  '**Final answer**\n\\boxed{9} boxes',
  '\n- stock\n- warehouse\n- delivery date',
  '\nLet me draft the reply:',
  '\nFinal rating: 7/10',
  '\n```\nsend(order)\n```',
  '所以第二天可以送达。',
  '\n| item | date |\n|---|---|\n| 1 | Monday |',
  '\nTERMINATE',
])('a text that ends with %j is whole', (end) => {
  expect(signal('truncated', BEFORE + end)).toBeUndefined()
})

test.each([
  ['a finish reason says otherwise', {finishReasons: ['stop']}],
  ['an answer follows', {answer: 'On Friday.'}],
  ['a call follows', {toolCalls: [{name: 'send_order'}]}],
  ['another block follows', {isLast: false}],
  ['the provider rewrote the text', {visibility: 'summary' as const}],
])('the text is not judged where %s', (_, facts) => {
  expect(signal('truncated', `${BEFORE}So the delivery date depends on the`, facts)).toBeUndefined()
})

test('a short note says nothing about a cut', () => {
  expect(signal('truncated', 'Looking up the')).toBeUndefined()
  expect(endingOf('')).toBe('whole')
})
