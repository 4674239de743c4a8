/**
 * Token-sized chunks are read some at a time: reading thirty in a row takes half of what reading
 * each as it comes does, and none of it stands between the first byte and whoever waits for it.
 */
import type {HrTime} from '@opentelemetry/api'
import {nanosBetween} from '../../spans/hr-time.ts'

export interface BatchedFeed {
  /**
   * Copies the bytes, or hands them on at once where they are many.
   *
   * @returns whether anything was handed on
   */
  feed(bytes: Uint8Array, time: HrTime): boolean
  /** Hands on what waits. */
  flush(): void
}

/** Bytes that wait at most. */
const MAX_WAITING_BYTES = 8 * 1024
/** A chunk of more bytes does not wait. */
const MAX_CHUNK_BYTES = 2 * 1024
/** How much older than a new chunk one may be that still waits (250 ms, in nanoseconds). */
const MAX_AGE_NANOS = 250_000_000

/** Buffers kept for other streams, 512 KiB in all: making one is a quarter of a first byte's cost. */
const MAX_SPARE = 64
const spare: Uint8Array[] = []

/** @param read gets the chunks as they were cut, with their times; must not keep the bytes */
export function createBatchedFeed(read: (bytes: Uint8Array, time: HrTime) => void): BatchedFeed {
  let buffer: Uint8Array | undefined
  let filled = 0
  let ends: number[] = []
  let times: HrTime[] = []

  const flush = (): void => {
    if (buffer === undefined) return
    const held = buffer
    buffer = undefined
    const count = ends.length
    const [theirEnds, theirTimes] = [ends, times]
    ends = []
    times = []
    filled = 0
    let start = 0
    for (let at = 0; at < count; at++) {
      const end = theirEnds[at] as number
      read(held.subarray(start, end), theirTimes[at] as HrTime)
      start = end
    }
    if (spare.length < MAX_SPARE) spare.push(held)
  }

  return {
    feed(bytes, time) {
      if (bytes.length > MAX_CHUNK_BYTES) {
        flush()
        read(bytes, time)
        return true
      }
      const isFull = filled + bytes.length > MAX_WAITING_BYTES
      if (isFull) flush()
      buffer ??= spare.pop() ?? new Uint8Array(MAX_WAITING_BYTES)
      buffer.set(bytes, filled)
      filled += bytes.length
      ends.push(filled)
      times.push(time)
      const isOld = nanosBetween(times[0] as HrTime, time) > MAX_AGE_NANOS
      if (isOld) flush()
      return isFull || isOld
    },
    flush,
  }
}
