/** How many step spans may be made a second, so that ours never crowd out the user's in a shared queue. */

/**
 * A token bucket that holds one second's worth.
 *
 * @param now milliseconds, monotonic
 */
export function createSpanBudget(
  maxSpansPerSecond: number,
  now: () => number = () => performance.now(),
): (count: number) => boolean {
  if (maxSpansPerSecond === Infinity) return () => true
  let available = maxSpansPerSecond
  let last = now()
  return (count) => {
    const time = now()
    available = Math.min(maxSpansPerSecond, available + ((time - last) / 1000) * maxSpansPerSecond)
    last = time
    if (count > available) return false
    available -= count
    return true
  }
}
