import fc from 'fast-check'
import {expect, test} from 'vitest'
import {addNanos, isAfter, nanosBetween} from '../../src/spans/hr-time.ts'
import {callWindow, measuredTimes, shareWindow, timingOf} from '../../src/spans/times.ts'

const segments = fc.array(
  fc.record({weight: fc.integer({min: 0, max: 100_000}), isSpan: fc.boolean()}),
  {minLength: 1, maxLength: 100},
)
const start: [number, number] = [1_700_000_000, 999_000_000]

test('shares a window in order, without gaps, and never leaves it', () => {
  fc.assert(
    fc.property(segments, fc.integer({min: 0, max: 600_000_000_000}), (list, length) => {
      const window = {start, end: addNanos(start, length)}
      const intervals = shareWindow(window, list)
      expect(intervals).toHaveLength(list.length)
      intervals.forEach((interval, i) => {
        expect(isAfter(window.start, interval.start)).toBe(false)
        expect(isAfter(interval.end, window.end)).toBe(false)
        expect(isAfter(interval.start, interval.end)).toBe(false)
        expect(interval.end).toEqual(intervals[i + 1]?.start ?? window.end)
      })
    }),
  )
})

test('starts spans at least 1 ms apart, or an equal share of a shorter window', () => {
  fc.assert(
    fc.property(segments, fc.integer({min: 0, max: 600_000_000_000}), (list, length) => {
      const intervals = shareWindow({start, end: addNanos(start, length)}, list)
      const spans = list.flatMap((segment, i) => (segment.isSpan ? [i] : []))
      const gap = Math.min(1_000_000, Math.floor(length / Math.max(spans.length, 1)))
      spans.slice(1).forEach((index, i) => {
        const before = intervals[spans[i] as number]?.start as [number, number]
        const own = intervals[index]?.start as [number, number]
        expect(nanosBetween(before, own)).toBeGreaterThanOrEqual(gap)
      })
    }),
  )
})

test('gives text its share of the window by length', () => {
  const intervals = shareWindow({start: [10, 0], end: [14, 0]}, [
    {weight: 300, isSpan: true},
    {weight: 100, isSpan: false},
  ])
  expect(intervals).toEqual([
    {start: [10, 0], end: [13, 0]},
    {start: [13, 0], end: [14, 0]},
  ])
})

test('begins the window with the first chunk, where it is known', () => {
  expect(callWindow([5, 0], [9, 0], 1.5)).toEqual({start: [6, 500_000_000], end: [9, 0]})
  expect(callWindow([5, 0], [9, 0], undefined)).toEqual({start: [5, 0], end: [9, 0]})
  expect(callWindow([5, 0], [9, 0], 60)).toEqual({start: [9, 0], end: [9, 0]})
  expect(callWindow([9, 0], [5, 0], undefined)).toEqual({start: [9, 0], end: [9, 0]})
})

test('takes measured steps from the chunk that brought their first character', () => {
  const arrivals = [
    {offset: 0, time: [100, 0] as [number, number]},
    {offset: 10, time: [101, 0] as [number, number]},
    {offset: 25, time: [103, 0] as [number, number]},
  ]
  const {block, steps} = measuredTimes(arrivals, [104, 0], [0, 12, 25], [99, 0])
  expect(block).toEqual({start: [100, 0], end: [104, 0]})
  expect(steps.map((step) => step.start)).toEqual([
    [100, 0],
    [101, 0],
    [103, 0],
  ])
  expect(steps.at(-1)?.end).toEqual([104, 0])
})

test('tells measured steps of one chunk apart by a microsecond', () => {
  const arrivals = [
    {offset: 0, time: [100, 0] as [number, number]},
    {offset: 90, time: [101, 0] as [number, number]},
  ]
  const {steps} = measuredTimes(arrivals, undefined, [0, 20, 40], [99, 0])
  expect(steps.map((step) => step.start)).toEqual([
    [100, 0],
    [100, 1000],
    [100, 2000],
  ])
})

test('does not call text measured that came all at once', () => {
  expect(timingOf(undefined, undefined)).toBe('estimated')
  expect(timingOf([], [2, 0])).toBe('estimated')
  expect(timingOf([{offset: 0, time: [1, 0]}], [2, 0])).toBe('estimated')
  const atOnce = [
    {offset: 0, time: [1, 0] as [number, number]},
    {offset: 9, time: [1, 0] as [number, number]},
  ]
  expect(timingOf(atOnce, undefined)).toBe('estimated')
  expect(timingOf(atOnce, [2, 0])).toBe('measured')
})
