/** UTF-8 in chunks that may be cut inside a character. */

export interface Utf8Decoder {
  /** The text up to the last whole character. */
  decode(bytes: Uint8Array): string
  /** Whether the bytes ended with a whole character; what there was of another is dropped. */
  end(): boolean
}

/** Bytes of a sequence by its first byte; 0 for a byte that only continues one. */
const sequenceLength = (byte: number): number => {
  if (byte < 0x80) return 1
  if (byte < 0xc0) return 0
  if (byte < 0xe0) return 2
  if (byte < 0xf0) return 3
  return byte < 0xf8 ? 4 : 1
}

/**
 * Where the bytes can be cut without changing what they mean: before a sequence at their very end
 * that still lacks bytes. Cutting before a first byte is always safe, also in malformed input.
 */
function lastWhole(bytes: Uint8Array): number {
  const {length} = bytes
  for (let back = 1; back <= 3 && back <= length; back++) {
    const needed = sequenceLength(bytes[length - back] as number)
    if (needed === 0) continue
    return needed > back ? length - back : length
  }
  return length
}

/**
 * `TextDecoder` with `stream: true` leaves Node's fast path; holding the at most three bytes of an
 * open sequence ourselves stays on it.
 */
export function createUtf8Decoder(): Utf8Decoder {
  const decoder = new TextDecoder('utf-8', {ignoreBOM: true})
  let held: Uint8Array | undefined
  return {
    decode(bytes) {
      let all = bytes
      if (held !== undefined) {
        all = new Uint8Array(held.length + bytes.length)
        all.set(held)
        all.set(bytes, held.length)
        held = undefined
      }
      const whole = lastWhole(all)
      if (whole === all.length) return decoder.decode(all)
      held = all.slice(whole)
      return whole === 0 ? '' : decoder.decode(all.subarray(0, whole))
    },
    end: () => held === undefined,
  }
}
