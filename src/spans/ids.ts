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

const HEX = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, '0'))

// Four look-ups: `toString(16)` and padding take five times as long, 64 times a call.
const hex8 = (value: number): string =>
  `${HEX[value >>> 24]}${HEX[(value >>> 16) & 255]}${HEX[(value >>> 8) & 255]}${HEX[value & 255]}`

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
  return high === 0 && low === 0 ? '0000000000000001' : hex8(high) + hex8(low)
}
