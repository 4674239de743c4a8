/** What a failure is called, and whether its client tries again. */

/** Failures after which clients try again. */
const isRetried = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || status >= 500

/** Milliseconds in which a client has tried again, where nothing asks it to wait. */
export const RETRY_WAIT_MILLIS = 10_000
const MAX_RETRY_WAIT_MILLIS = 60_000

/**
 * Milliseconds until a client will have tried again, by the header that asks it to wait; 0 where
 * it does not try.
 */
export function retryWait(status: number, headers: {get(name: string): string | null}): number {
  if (!isRetried(status)) return 0
  const millis = Number(headers.get('retry-after-ms') ?? Number.NaN)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const asked = Number.isFinite(millis) ? millis : Number.isFinite(seconds) ? seconds * 1000 : 0
  return Math.min(Math.max(asked, 0) + RETRY_WAIT_MILLIS, MAX_RETRY_WAIT_MILLIS)
}

/** The value of `error.type`; never an error's message, which may quote content. */
export const nameOfError = (error: unknown): string =>
  error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'error'
