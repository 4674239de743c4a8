/** Nanoseconds since the epoch, as OTLP/JSON writes them, and `HrTime`, as the SDK does. */
import type {HrTime} from '@opentelemetry/api'

const NANOS_PER_SECOND = 1_000_000_000
const DIGITS = /^\d{1,20}$/

/**
 * Reads a `fixed64` of nanoseconds. A decimal string keeps every digit; a JSON number beyond 2^53
 * had lost its last ones before we saw it. What is no time at all gives `[0, 0]`.
 */
export const hrTimeFromNanos = (nanos: unknown): HrTime => {
  if (typeof nanos === 'string' && DIGITS.test(nanos)) {
    // Cut rather than divided: 19 digits do not fit a double, and BigInt costs ten times as much.
    return [Number(nanos.slice(0, -9) || '0'), Number(nanos.slice(-9))]
  }
  if (typeof nanos === 'number' && Number.isFinite(nanos) && nanos > 0) {
    return hrTimeFromNanos(BigInt(Math.trunc(nanos)).toString())
  }
  return [0, 0]
}

/** Writes a `fixed64` of nanoseconds as a decimal string. What is no time at all gives `0`. */
export const nanosFromHrTime = (time: HrTime): string => {
  let seconds = Math.trunc(time[0])
  let nanos = Math.trunc(time[1])
  if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanos)) return '0'
  if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
    const carry = Math.floor(nanos / NANOS_PER_SECOND)
    seconds += carry
    nanos -= carry * NANOS_PER_SECOND
  }
  if (seconds < 0) return '0'
  return seconds === 0 ? String(nanos) : `${seconds}${String(nanos).padStart(9, '0')}`
}
