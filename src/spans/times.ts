/**
 * When each block and step began and ended: from arrival times where somebody measured, otherwise
 * by sharing the call's window over its text in the model's order.
 */
import type {HrTime} from '@opentelemetry/api'
import type {Arrival, Timing} from '../model.ts'
import {addNanos, isAfter, nanosBetween} from './hr-time.ts'

const MILLISECOND = 1_000_000
const MICROSECOND = 1_000

export interface Interval {
  start: HrTime
  end: HrTime
}

/** One stretch of the call's output: a step, a block without steps, or text that is not reasoning. */
export interface Segment {
  /** Share of the window: characters, or what stands for them. */
  weight: number
  /** Whether it becomes a span, so that its start must be told apart from the next one's. */
  isSpan: boolean
}

/**
 * Shares `window` over the segments by weight, in order. Spans start at least 1 ms apart, or an
 * equal share of the window where it is shorter than that; a window too short for even that gives
 * ties, and the index tells the order. Nothing ever leaves the window.
 *
 * @returns one interval a segment; each ends where the next begins
 */
export function shareWindow(window: Interval, segments: readonly Segment[]): Interval[] {
  const length = nanosBetween(window.start, window.end)
  let total = 0
  let spans = 0
  for (const segment of segments) {
    total += segment.weight
    if (segment.isSpan) spans += 1
  }
  const gap = spans === 0 ? 0 : Math.min(MILLISECOND, Math.floor(length / spans))
  const intervals: Interval[] = []
  let passed = 0
  let earliest = 0
  let spansLeft = spans
  let last: Interval | undefined
  for (const segment of segments) {
    const ideal = total === 0 ? 0 : Math.floor((length * passed) / total)
    const latest = length - spansLeft * gap
    const nanos = Math.min(Math.max(ideal, earliest), latest)
    const start = addNanos(window.start, nanos)
    // Ends where the next begins: the very same value, since there are 64 a call.
    if (last !== undefined) last.end = start
    last = {start, end: window.end}
    intervals.push(last)
    passed += segment.weight
    earliest = nanos + (segment.isSpan ? gap : 0)
    if (segment.isSpan) spansLeft -= 1
  }
  return intervals
}

/** Estimated windows begin with the first chunk, where it is known, and end with the call. */
export function callWindow(
  start: HrTime,
  end: HrTime,
  timeToFirstChunk: number | undefined,
): Interval {
  const length = nanosBetween(start, end)
  const silence =
    timeToFirstChunk !== undefined && timeToFirstChunk > 0
      ? Math.min(Math.round(timeToFirstChunk * 1e9), length)
      : 0
  return {start: addNanos(start, silence), end: addNanos(start, length)}
}

/**
 * `measured` needs at least two moments: text that came all at once (a buffering proxy) says
 * nothing of when its steps were written.
 */
export function timingOf(
  arrivals: readonly Arrival[] | undefined,
  endTime: HrTime | undefined,
): Timing {
  const first = arrivals?.[0]
  const last = arrivals?.at(-1)
  if (first === undefined || last === undefined || last === first) return 'estimated'
  return isAfter(last.time, first.time) || (endTime !== undefined && isAfter(endTime, first.time))
    ? 'measured'
    : 'estimated'
}

/** When the character at `offset` was delivered: the last arrival at or before it. */
function arrivalAt(arrivals: readonly Arrival[], offset: number): HrTime {
  let low = 0
  let high = arrivals.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((arrivals[middle] as Arrival).offset <= offset) low = middle
    else high = middle - 1
  }
  return (arrivals[low] as Arrival).time
}

/**
 * Times of a measured block and its steps. Starts that tie are told apart by 1 µs; nothing starts
 * before `earliest`, the call's own start. The block covers its steps.
 *
 * @param starts offsets at which the steps begin; none for a block without steps
 */
export function measuredTimes(
  arrivals: readonly Arrival[],
  endTime: HrTime | undefined,
  starts: readonly number[],
  earliest: HrTime,
): {block: Interval; steps: Interval[]} {
  const notBefore = (time: HrTime): HrTime => (isAfter(earliest, time) ? earliest : time)
  const blockStart = notBefore((arrivals[0] as Arrival).time)
  const lastArrival = (arrivals.at(-1) as Arrival).time
  let blockEnd = notBefore(
    endTime !== undefined && isAfter(endTime, lastArrival) ? endTime : lastArrival,
  )
  const stepStarts: HrTime[] = []
  for (const offset of starts) {
    const previous = stepStarts.at(-1)
    let start = notBefore(arrivalAt(arrivals, offset))
    if (previous !== undefined && !isAfter(start, previous)) start = addNanos(previous, MICROSECOND)
    stepStarts.push(start)
  }
  const lastStart = stepStarts.at(-1)
  if (lastStart !== undefined && isAfter(lastStart, blockEnd)) blockEnd = lastStart
  const steps = stepStarts.map((start, i) => ({start, end: stepStarts[i + 1] ?? blockEnd}))
  return {block: {start: blockStart, end: blockEnd}, steps}
}
