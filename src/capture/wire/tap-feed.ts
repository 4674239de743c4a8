/**
 * Token-sized chunks are read some at a time: reading thirty in a row takes half of what reading
 * each as it comes does, and none of it stands between the first byte and whoever waits for it.
 */
import type {HrTime} from '@opentelemetry/api'
import {nanosBetween} from '../../spans/hr-time.ts'

export interface BatchedFeed {
  /** Copies the bytes, or hands them on at once where they are many. */
  feed(bytes: Uint8Array, time: HrTime): void
  /** Hands on what waits. */
  flush(): void
}

/** Bytes that wait at most. */
const MAX_WAITING_BYTES = 8 * 1024
/** A chunk of more bytes does not wait. */
const MAX_CHUNK_BYTES = 2 * 1024
/** How much older than a new chunk one may be that still waits (250 ms, in nanoseconds). */
const MAX_AGE_NANOS = 250_000_000

/** @param read gets the chunks as they were cut, with their times; must not keep the bytes */
export function createBatchedFeed(read: (bytes: Uint8Array, time: HrTime) => void): BatchedFeed {
  let buffer: Uint8Array | undefined
  let filled = 0
  let ends: number[] = []
  let times: HrTime[] = []

  const flush = (): void => {
    if (buffer === undefined || filled === 0) return
    const count = ends.length
    const [theirEnds, theirTimes] = [ends, times]
    ends = []
    times = []
    filled = 0
    let start = 0
    for (let at = 0; at < count; at++) {
      const end = theirEnds[at] as number
      read(buffer.subarray(start, end), theirTimes[at] as HrTime)
      start = end
    }
  }

  return {
    feed(bytes, time) {
      if (bytes.length > MAX_CHUNK_BYTES) {
        flush()
        read(bytes, time)
        return
      }
      if (filled + bytes.length > MAX_WAITING_BYTES) flush()
      buffer ??= new Uint8Array(MAX_WAITING_BYTES)
      buffer.set(bytes, filled)
      filled += bytes.length
      ends.push(filled)
      times.push(time)
      if (nanosBetween(times[0] as HrTime, time) > MAX_AGE_NANOS) flush()
    },
    flush,
  }
}
