import fc from 'fast-check'
import {expect, test} from 'vitest'
import {DETECTORS} from '../../../src/analysis/signals/index.ts'
import {detect} from './detect.ts'
import {cpuNow} from '../../setup/cpu-time.ts'

test('any text is fine, and what is found lies within it', () => {
  const piece = fc.oneof(
    fc.string({unit: 'binary', maxLength: 60}),
    fc.constantFrom(
      'So the answer is 54. ',
      "I'll tell the user that ",
      'even though it is not. ',
      '\\boxed{',
      '}',
      '"',
      '`',
      '\n- ',
      'the problem doesn’t specify ',
      'Wait, ',
      '1/2',
      '测试。',
      '𝒙',
      '\ud800',
      '(',
      '| ',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, {maxLength: 40}), fc.string({maxLength: 30}), (pieces, answer) => {
      const text = pieces.join('')
      for (const {start, end, confidence} of detect(text, {
        answer,
        toolCalls: [{name: 'a_b', arguments: answer}],
      })) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(text.length)
        expect(start).toBeLessThanOrEqual(end)
        expect(confidence).toBeGreaterThan(0)
        expect(confidence).toBeLessThanOrEqual(1)
      }
    }),
    {numRuns: 300},
  )
})

test('a signal that is turned off is not looked for', () => {
  const text = "I'll tell the customer it was sent, even though it never was."
  expect(detect(text).map(({name}) => name)).toEqual(['stated_deception'])
  expect(detect(text, {signals: {stated_deception: false}})).toEqual([])
  expect(new Set(DETECTORS.map(([name]) => name)).size).toBe(DETECTORS.length)
})

const WORST = {
  'a loop of prose':
    'Wait, let me check again whether the customer can return the boxes, even though nobody said so. The answer is 54. ',
  'one word without end': 'a',
  'open brackets': '\\boxed{',
  'commas and dots': 'I’ll tell the user , . ; ',
  digits: '1234567890',
  quotes: '"\'`',
  identifiers: 'a_b-c_d-e_f-',
}

test.each(Object.entries(WORST))('%s of 256 KB takes linear time', (_, unit) => {
  const make = (length: number): string =>
    unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
  const facts = {
    answer: 'The answer is 7.',
    toolCalls: [{name: 'get_order', arguments: make(20_000)}],
  }
  const time = (text: string): number => {
    let best = Infinity
    for (let round = 0; round < 3; round += 1) {
      const start = cpuNow()
      detect(text, facts)
      best = Math.min(best, cpuNow() - start)
    }
    return best
  }
  time(make(32_000))
  const [short, long] = [time(make(32_000)), time(make(256_000))]
  // Eight times the text: quadratic work would take sixty-four times as long.
  expect(long).toBeLessThan(Math.max(short, 2) * 28)
})
