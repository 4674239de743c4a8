/** What a parser holds of one response, at most. Over a limit the call is `incomplete`. */

/** Each has a default; all are in UTF-16 code units or counts. */
export interface WireLimits {
  /**
   * One event or JSON document (code units). A longer one is read as far as `maxPartialLength`.
   *
   * @defaultValue 4,194,304
   */
  maxDocumentLength: number
  /**
   * What is read of a document that is too long or was cut (code units).
   *
   * @defaultValue 1,048,576
   */
  maxPartialLength: number
  /**
   * One block of reasoning, one piece of the answer, one call's arguments (code units). The rest is
   * dropped.
   *
   * @defaultValue 1,048,576
   */
  maxTextLength: number
  /**
   * All texts of a response together (code units). The rest is dropped.
   *
   * @defaultValue 4,194,304
   */
  maxTotalLength: number
  /**
   * Blocks, pieces of answer and tool calls of a response. Those that follow are dropped.
   *
   * @defaultValue 4,096
   */
  maxItems: number
  /**
   * Arrival times of one text. Where there are more, every second one is forgotten, from the oldest.
   *
   * @defaultValue 16,384
   */
  maxArrivals: number
}

export const DEFAULT_LIMITS: Readonly<WireLimits> = Object.freeze({
  maxDocumentLength: 4 * 1024 * 1024,
  maxPartialLength: 1024 * 1024,
  maxTextLength: 1024 * 1024,
  maxTotalLength: 4 * 1024 * 1024,
  maxItems: 4096,
  maxArrivals: 16_384,
})

/** @throws RangeError where a limit is not a number from 1 up */
export function makeLimits(given: Partial<WireLimits> | undefined): Readonly<WireLimits> {
  if (given === undefined) return DEFAULT_LIMITS
  const limits = {...DEFAULT_LIMITS}
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof WireLimits)[]) {
    const value = given[key]
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= 1)) {
      throw new RangeError(`\`limits.${key}\` must be a number from 1 up, got ${String(value)}`)
    }
    limits[key] = value
  }
  return limits
}
