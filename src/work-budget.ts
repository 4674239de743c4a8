/** How long the built-in network may work: labels are worth some of a core, never all of it. */

export interface WorkBudget {
  /** Whether anything is left now. */
  allows(): boolean
  /** @param millis of work that was done */
  spend(millis: number): void
}

/**
 * A bucket that holds two seconds' worth. Work that was begun is finished, and may leave it in debt.
 *
 * @param millisPerSecond 0 allows none, ever
 * @param now milliseconds, monotonic
 */
export function createWorkBudget(
  millisPerSecond: number,
  now: () => number = () => performance.now(),
): WorkBudget {
  const most = 2 * millisPerSecond
  let available = most
  let last = now()
  const refill = (): void => {
    const time = now()
    available = Math.min(most, available + ((time - last) / 1000) * millisPerSecond)
    last = time
  }
  return {
    allows() {
      if (millisPerSecond === 0) return false
      refill()
      return available > 0
    },
    spend(millis) {
      available -= millis
    },
  }
}
