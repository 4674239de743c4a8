/** Time for one call: the wall clock where it began, the monotonic clock from there on. */
import type {HrTime} from '@opentelemetry/api'

export interface TapClock {
  now(): HrTime
  /** Milliseconds of the monotonic clock at which it was made. */
  readonly madeAt: number
}

/** A clock that is set back in the middle of a call must not turn its steps round. */
export function createTapClock(): TapClock {
  const wall = Date.now()
  const madeAt = performance.now()
  const seconds = Math.floor(wall / 1000)
  const nanos = (wall % 1000) * 1_000_000
  return {
    madeAt,
    now() {
      const passed = nanos + Math.round((performance.now() - madeAt) * 1000) * 1000
      return [seconds + Math.floor(passed / 1_000_000_000), passed % 1_000_000_000]
    },
  }
}
