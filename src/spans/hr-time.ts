/** Integer arithmetic on `[seconds, nanoseconds]`: a double of nanoseconds since 1970 would lose digits. */
import type {HrTime} from '@opentelemetry/api'

const NANOS = 1_000_000_000

/** `end - start` in nanoseconds, 0 where `end` is earlier. Exact up to 104 days. */
export function nanosBetween(start: HrTime, end: HrTime): number {
  const nanos = (end[0] - start[0]) * NANOS + (end[1] - start[1])
  return nanos > 0 ? nanos : 0
}

/** `time` plus whole nanoseconds. */
export function addNanos(time: HrTime, nanos: number): HrTime {
  const sum = time[1] + nanos
  return sum < NANOS ? [time[0], sum] : [time[0] + Math.floor(sum / NANOS), sum % NANOS]
}

/** A length of time as `HrTime`. */
export const durationOf = (nanos: number): HrTime => [Math.floor(nanos / NANOS), nanos % NANOS]

export const isAfter = (a: HrTime, b: HrTime): boolean =>
  a[0] > b[0] || (a[0] === b[0] && a[1] > b[1])
