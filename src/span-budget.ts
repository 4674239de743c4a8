/** How many step spans may be made a second, so that ours never crowd out the user's in a shared queue. */

/**
 * A token bucket that holds one second's worth. A call that has more steps than that is allowed
 * from a full bucket, which then owes them: it would never be allowed otherwise.
 *
 * @param maxSpansPerSecond 0 allows none, ever
 * @param now milliseconds, monotonic
 */
export function createSpanBudget(
  maxSpansPerSecond: number,
  now: () => number = () => performance.now(),
): (count: number) => boolean {
  if (maxSpansPerSecond === Infinity) return () => true
  if (maxSpansPerSecond === 0) return (count) => count === 0
  let available = maxSpansPerSecond
  let last = now()
  return (count) => {
    const time = now()
    available = Math.min(maxSpansPerSecond, available + ((time - last) / 1000) * maxSpansPerSecond)
    last = time
    if (count > available && available < maxSpansPerSecond) return false
    available -= count
    return true
  }
}
