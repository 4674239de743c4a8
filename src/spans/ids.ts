/**
 * Span ids that derive from where a span stands, so that every pipeline, a replay of a file and the
 * live steps of a stream make the very same spans.
 */

/** Two 32-bit halves, mixed from trace id and span id once per call. */
export interface IdSeed {
  high: number
  low: number
}

// Finaliser of MurmurHash3 (public domain): every input bit reaches every output bit, so that
// neighbouring positions do not give neighbouring ids.
const mix = (value: number): number => {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Mixes a call's ids; any string works, valid ids are hex. */
export function idSeed(traceId: string, spanId: string): IdSeed {
  let high = 0x9e3779b9
  let low = 0x243f6a88
  for (const id of [traceId, spanId]) {
    for (let i = 0; i < id.length; i += 1) {
      const code = id.charCodeAt(i)
      high = Math.imul(high ^ code, 0x01000193)
      low = Math.imul(low ^ code, 0x5bd1e995) ^ (low >>> 15)
    }
  }
  return {high: mix(high), low: mix(low)}
}

const digit = (nibble: number): number => (nibble < 10 ? 48 : 87) + nibble

/** 16 hex digits. One call makes one string: joining parts takes twice the time and memory, 64 times a call. */
const hex16 = (high: number, low: number): string =>
  String.fromCharCode(
    digit(high >>> 28),
    digit((high >>> 24) & 15),
    digit((high >>> 20) & 15),
    digit((high >>> 16) & 15),
    digit((high >>> 12) & 15),
    digit((high >>> 8) & 15),
    digit((high >>> 4) & 15),
    digit(high & 15),
    digit(low >>> 28),
    digit((low >>> 24) & 15),
    digit((low >>> 20) & 15),
    digit((low >>> 16) & 15),
    digit((low >>> 12) & 15),
    digit((low >>> 8) & 15),
    digit((low >>> 4) & 15),
    digit(low & 15),
  )

/**
 * The id of a block's span (`step` -1) or of a step's span.
 *
 * @param block position among all blocks of the call, from 0
 * @param step position among the block's steps, from 0; -1 for the block itself
 */
export function derivedSpanId(seed: IdSeed, block: number, step: number): string {
  const position = Math.imul(block + 1, 0x9e3779b1) ^ Math.imul(step + 2, 0x85ebca77)
  const high = mix(seed.high ^ position)
  const low = mix(seed.low ^ Math.imul(position, 0xc2b2ae3d) ^ high)
  // All zeros is the one id that the specification forbids.
  return high === 0 && low === 0 ? '0000000000000001' : hex16(high, low)
}
