import {expect, test} from 'vitest'
import {counted, formatCount, formatDuration, formatTime} from '../../src/cli/format.ts'

test('durations have three digits at most', () => {
  const written: [number, string][] = [
    [0, '0 µs'],
    [12, '1 µs'],
    [840_000, '840 µs'],
    [1_500_000, '1.5 ms'],
    [9_960_000, '10 ms'],
    [380_000_000, '380 ms'],
    [999_600_000, '1.00 s'],
    [3_100_000_000, '3.10 s'],
    [42_000_000_000, '42.0 s'],
    [59_990_000_000, '1m 00s'],
    [125_000_000_000, '2m 05s'],
    [3_720_000_000_000, '1h 02m'],
    [3_599_900_000_000, '1h 00m'],
  ]
  for (const [nanos, text] of written) expect(formatDuration(nanos)).toBe(text)
})

test('counts are grouped, and nouns follow them', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect(counted(1, 'step')).toBe('1 step')
  expect(counted(0, 'step')).toBe('0 steps')
})

test('a time is shown in UTC, and no time as nothing', () => {
  expect(formatTime([1_795_528_681, 655_000_000])).toBe('2026-11-24 13:58:01 UTC')
  expect(formatTime([0, 0])).toBe('')
  expect(formatTime([1e20, 0])).toBe('')
})
