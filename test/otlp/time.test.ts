import type {HrTime} from '@opentelemetry/api'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {hrTimeFromNanos, nanosFromHrTime} from '../../src/otlp/time.ts'

test('a time of nanoseconds keeps every digit', () => {
  expect(hrTimeFromNanos('1795474678336000123')).toEqual([1_795_474_678, 336_000_123])
  expect(nanosFromHrTime([1_795_474_678, 336_000_123])).toBe('1795474678336000123')
  expect(hrTimeFromNanos('7')).toEqual([0, 7])
  expect(nanosFromHrTime([0, 7])).toBe('7')
})

test('any 64-bit time comes back as it was', () => {
  fc.assert(
    fc.property(fc.bigInt({min: 0n, max: 2n ** 63n - 1n}), (nanos) => {
      expect(nanosFromHrTime(hrTimeFromNanos(String(nanos)))).toBe(String(nanos))
    }),
  )
})

test('a number is taken for what is left of the time', () => {
  expect(hrTimeFromNanos(1_795_474_678_336_000_000)).toEqual([1_795_474_678, 336_000_000])
  expect(hrTimeFromNanos(5)).toEqual([0, 5])
})

test('what is no time gives zero', () => {
  for (const value of [
    undefined,
    null,
    '',
    'soon',
    '-5',
    -5,
    Number.NaN,
    {},
    [],
    '1e9',
    '9'.repeat(40),
  ]) {
    expect(hrTimeFromNanos(value)).toEqual([0, 0])
  }
  for (const time of [
    [Number.NaN, 0],
    [0, Number.NaN],
    [-5, 0],
    [Infinity, 1],
  ] as HrTime[]) {
    expect(nanosFromHrTime(time)).toBe('0')
  }
})

test('nanoseconds beyond a second are carried', () => {
  expect(nanosFromHrTime([1, 2_500_000_000])).toBe('3500000000')
  expect(nanosFromHrTime([3, -500_000_000])).toBe('2500000000')
})
