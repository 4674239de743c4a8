/**
 * Readers that go away and say nothing: some clients let go of a body when their caller stops early,
 * so that nobody reads or cancels it. What arrived must not be lost with them.
 */

/** How long nobody may ask for the next chunk while the call's span, or the one around it, is open. */
const OPEN_MILLIS = 30_000
/** The same when that span has ended. */
const ENDED_MILLIS = 1_000

export interface IdleWatch {
  /** The reader asks for a chunk: while it waits for one it is there. Never called: nothing is noticed. */
  asked(): void
  /** A chunk is handed on. */
  given(): void
  /** The span has ended: whoever reads now reads on, or never will. */
  spanEnded(): void
  stop(): void
}

/** @param onGone called once, when the reader is taken to be gone */
export function watchIdle(onGone: () => void): IdleWatch {
  let wait = OPEN_MILLIS
  // A body that does not say when it is asked cannot tell who reads it.
  let isWatched = false
  let isWaiting = true
  let given = 0
  let seen = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const stop = (): void => clearTimeout(timer)
  const arm = (): void => {
    seen = given
    timer = setTimeout(check, wait)
    // It must not keep the program alive.
    ;(timer as {unref?: () => void}).unref?.()
  }
  const check = (): void => {
    if (!isWatched || isWaiting || given !== seen) arm()
    else onGone()
  }
  arm()
  return {
    asked() {
      isWatched = true
      isWaiting = true
    },
    given() {
      isWaiting = false
      given += 1
    },
    spanEnded() {
      wait = ENDED_MILLIS
      stop()
      arm()
    },
    stop,
  }
}
