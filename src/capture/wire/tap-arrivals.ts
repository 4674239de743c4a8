/** Whether arrival times say when text was written, or only that it was all there at once. */
import type {HrTime} from '@opentelemetry/api'
import type {OutputItem} from '../../model.ts'
import {isAfter, nanosBetween} from '../../spans/hr-time.ts'

/**
 * Code units a millisecond beyond which nobody writes: some 25,000 tokens a second, ten times the
 * fastest hardware. What comes faster was held back by somebody (a buffering proxy, a reader that
 * came late) and then sent at once.
 */
export const MAX_RATE = 100

const lengthOf = (item: OutputItem): number =>
  item.type === 'reasoning'
    ? item.block.text.length
    : item.type === 'text'
      ? item.text.length
      : (item.call.arguments?.length ?? 0)

/** When the first of the reasoning arrived; `undefined` where nothing was timed. */
export function firstArrival(items: readonly OutputItem[]): HrTime | undefined {
  let first: HrTime | undefined
  for (const item of items) {
    const time = item.type === 'reasoning' ? item.block.arrivals?.[0]?.time : undefined
    if (time !== undefined && (first === undefined || isAfter(first, time))) first = time
  }
  return first
}

/**
 * Whether what was timed came at once. Without anything timed it did not.
 *
 * @param end when the last of the body arrived
 */
export function cameAtOnce(items: readonly OutputItem[], end: HrTime | undefined): boolean {
  const first = firstArrival(items)
  if (first === undefined || end === undefined) return false
  const length = items.reduce((sum, item) => sum + lengthOf(item), 0)
  return length > (MAX_RATE * nanosBetween(first, end)) / 1_000_000
}

/** The items without times: the call's window is then shared over them. */
export const withoutArrivals = (items: readonly OutputItem[]): OutputItem[] =>
  items.map((item) => {
    if (item.type !== 'reasoning' || item.block.arrivals === undefined) return item
    const {arrivals: _arrivals, endTime: _endTime, ...block} = item.block
    return {type: 'reasoning', block}
  })
