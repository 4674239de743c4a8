import {expect, test} from 'vitest'
import {spanIdFromOtlp, traceIdFromOtlp} from '../../src/otlp/ids.ts'

test('hex is taken as it is, in lower case', () => {
  expect(traceIdFromOtlp('5B8AA5A2D2C872E8321CF37308D69DF2')).toBe(
    '5b8aa5a2d2c872e8321cf37308d69df2',
  )
  expect(spanIdFromOtlp('051581bf3cb55c13')).toBe('051581bf3cb55c13')
})

test('base64, as Tempo writes it, becomes hex', () => {
  expect(traceIdFromOtlp('W4qlotLIcugyHPNzCNad8g==')).toBe('5b8aa5a2d2c872e8321cf37308d69df2')
  expect(spanIdFromOtlp('BRWBvzy1XBM=')).toBe('051581bf3cb55c13')
})

test('what is no id gives an empty one', () => {
  for (const value of [undefined, null, 5, '', 'x'.repeat(32), '5b8a', {}, 'W4qlotLIcug=']) {
    expect(traceIdFromOtlp(value)).toBe('')
  }
})
