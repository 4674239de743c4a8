/** Retries inside a client: the same request again, under the same span, after it had failed. */
import type {HrTime} from '@opentelemetry/api'

/** A request that failed and may be tried again. */
export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number
  /** When the first attempt began. */
  readonly start: HrTime
  /** The same in milliseconds of the monotonic clock. */
  readonly since: number
  /** Called where nobody tries again; not called where somebody does. */
  readonly giveUp?: (() => void) | undefined
  /** Milliseconds until then. */
  readonly waitMillis: number
}

interface Entry extends FailedAttempt {
  readonly failedAt: number
  timer: ReturnType<typeof setTimeout> | undefined
}

export interface Attempts {
  /** The failed attempt that this request repeats; it is then no longer given up. */
  previous(key: string): FailedAttempt | undefined
  failed(key: string, attempt: FailedAttempt): void
  succeeded(key: string): void
  /** Gives up on this one, or on all: nobody tries again. */
  giveUp(key?: string): void
}

/** Failed requests that are remembered; over it the oldest is given up. */
const MAX_FAILED = 1_000
/** Clients wait a minute at most before they try again. */
const MAX_AGE_MILLIS = 120_000
/** Code units of a long body that are looked at, at its beginning and at its end. */
const MAX_SAMPLE = 4_096

/** FNV-1a. */
function mix(text: string, from: number, hash: number): number {
  let mixed = hash
  for (let at = from; at < text.length; at++) {
    mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  }
  return mixed
}

/** What two requests have in common of which one is the retry of the other. */
export function attemptKey(
  spanId: string,
  method: string,
  url: string,
  body: string | undefined,
): string {
  if (body === undefined) return `${spanId} ${method} ${url}`
  const head = mix(body.length > MAX_SAMPLE ? body.slice(0, MAX_SAMPLE) : body, 0, 0x811c9dc5)
  const hash = mix(body, Math.max(MAX_SAMPLE, body.length - MAX_SAMPLE), head)
  return `${spanId} ${method} ${url} ${body.length} ${hash}`
}

/** @param now milliseconds of the monotonic clock; replaceable for tests */
export function createAttempts(now: () => number = () => performance.now()): Attempts {
  const entries = new Map<string, Entry>()

  const stop = (entry: Entry): void => {
    clearTimeout(entry.timer)
    entry.timer = undefined
  }

  const abandon = (entry: Entry): void => {
    if (entry.timer === undefined) return
    stop(entry)
    entry.giveUp?.()
  }

  return {
    previous(key) {
      const entry = entries.get(key)
      if (entry === undefined || now() - entry.failedAt > MAX_AGE_MILLIS) return undefined
      stop(entry)
      return entry
    },
    failed(key, attempt) {
      // Two at once that are the same: each of them has failed.
      const before = entries.get(key)
      if (before !== undefined) {
        entries.delete(key)
        abandon(before)
      }
      const entry: Entry = {...attempt, failedAt: now(), timer: undefined}
      if (attempt.giveUp !== undefined) {
        const timer = setTimeout(() => abandon(entry), attempt.waitMillis)
        // Waiting for a retry must not keep the program alive.
        ;(timer as {unref?: () => void}).unref?.()
        entry.timer = timer
      }
      entries.set(key, entry)
      const oldest = entries.size > MAX_FAILED ? entries.entries().next().value : undefined
      if (oldest !== undefined) {
        entries.delete(oldest[0])
        abandon(oldest[1])
      }
    },
    succeeded(key) {
      const entry = entries.get(key)
      if (entry === undefined) return
      stop(entry)
      entries.delete(key)
    },
    giveUp(key) {
      for (const entry of key === undefined ? entries.values() : [entries.get(key)]) {
        if (entry !== undefined) abandon(entry)
      }
    },
  }
}
