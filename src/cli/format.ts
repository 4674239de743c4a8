/** Numbers and times as people read them. */
import type {HrTime} from '@opentelemetry/api'

/** Three digits and a unit: `840 µs`, `380 ms`, `3.10 s`, `2m 05s`. */
export const formatDuration = (nanos: number): string => {
  if (nanos === 0) return '0 µs'
  if (nanos < 999_500) return `${Math.max(1, Math.round(nanos / 1e3))} µs`
  if (nanos < 999_500_000) {
    const millis = nanos / 1e6
    return `${millis < 9.95 ? millis.toFixed(1) : Math.round(millis)} ms`
  }
  const seconds = nanos / 1e9
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  const two = (n: number): string => String(n).padStart(2, '0')
  return minutes < 60
    ? `${minutes}m ${two(whole % 60)}s`
    : `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** `1,234`. */
export const formatCount = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')

/** `1 step`, `5 steps`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(count)} ${count === 1 ? noun : plural}`

/** `2026-11-24 13:58:01 UTC`, or nothing for a time that is none. */
export const formatTime = (time: HrTime): string => {
  const date = new Date(time[0] * 1000)
  return time[0] <= 0 || Number.isNaN(date.getTime())
    ? ''
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
