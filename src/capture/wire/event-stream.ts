/**
 * AWS's binary event stream, pushed in as bytes in any chunking. Checksums are not verified: the
 * client that we listen in on does so, and a frame that does not fit ends the reading here.
 */

/** One message: `event` is `:event-type`, or `:exception-type` where it is an exception. */
export interface EventStreamMessage {
  event: string
  isException: boolean
  payload: Uint8Array
}

export interface EventStreamParser {
  feed(bytes: Uint8Array): void
  /** Whether the bytes ended with a whole message, and none was malformed. */
  end(): boolean
}

export interface EventStreamCallbacks {
  onMessage(message: EventStreamMessage): void
  /** A message was longer than the limit and is left out. */
  onOverflow(): void
}

/** Total length, length of headers, checksum of the two. */
const PRELUDE = 12
/** Checksum of the message. */
const TRAILER = 4
/** Longest message that the format knows (bytes): 24 MiB of payload and 128 KiB of headers. */
const MAX_FRAME = 24 * 1024 * 1024 + 128 * 1024 + PRELUDE + TRAILER

/** Bytes of a header's value by its type; -1: two bytes of length come first. */
const VALUE_LENGTHS = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16] as const

const STRING_TYPE = 7
/** Longest value of a header that is read (bytes). */
const MAX_VALUE = 256

/** Headers hold ASCII; a call of `TextDecoder` for each takes longer than all the rest. */
function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}

function readHeaders(bytes: Uint8Array): Map<string, string> | undefined {
  const headers = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] as number)
    if (nameEnd >= bytes.length) return undefined
    const name = asciiText(bytes, at + 1, nameEnd)
    const type = bytes[nameEnd] as number
    let length: number | undefined = VALUE_LENGTHS[type]
    at = nameEnd + 1
    if (length === undefined) return undefined
    if (length === -1) {
      if (at + 2 > bytes.length) return undefined
      length = (bytes[at] as number) * 256 + (bytes[at + 1] as number)
      at += 2
    }
    if (at + length > bytes.length) return undefined
    if (type === STRING_TYPE && length <= MAX_VALUE) {
      headers.set(name, asciiText(bytes, at, at + length))
    }
    at += length
  }
  return headers
}

/** @param maxLength bytes of one message that are held */
export function createEventStreamParser(
  callbacks: EventStreamCallbacks,
  maxLength: number,
): EventStreamParser {
  const prelude = new Uint8Array(PRELUDE)
  const preludeView = new DataView(prelude.buffer)
  // Bytes of the prelude or, once that is whole, of the frame behind it that have come.
  let filled = 0
  // The frame behind its prelude; `undefined` while the prelude is read or the frame is skipped.
  let frame: Uint8Array | undefined
  // Bytes behind the prelude; 0 while the prelude is read.
  let needed = 0
  let headersLength = 0
  let broken = false

  const take = (): void => {
    const whole = frame
    frame = undefined
    filled = 0
    needed = 0
    if (whole === undefined) {
      callbacks.onOverflow()
      return
    }
    const headers = readHeaders(whole.subarray(0, headersLength))
    if (headers === undefined) {
      broken = true
      return
    }
    const isException = headers.get(':message-type') !== 'event' && headers.has(':message-type')
    const event =
      headers.get(isException ? ':exception-type' : ':event-type') ??
      headers.get(':error-code') ??
      ''
    const payload = whole.subarray(headersLength, whole.length - TRAILER)
    callbacks.onMessage({event, isException, payload})
  }

  return {
    feed(bytes) {
      let at = 0
      while (!broken && at < bytes.length) {
        if (needed === 0) {
          const part = bytes.subarray(at, at + PRELUDE - filled)
          prelude.set(part, filled)
          filled += part.length
          at += part.length
          if (filled < PRELUDE) return
          const total = preludeView.getUint32(0)
          headersLength = preludeView.getUint32(4)
          if (total > MAX_FRAME || total < PRELUDE + headersLength + TRAILER) {
            broken = true
            return
          }
          filled = 0
          needed = total - PRELUDE
          if (total <= maxLength) frame = new Uint8Array(needed)
        }
        const part = bytes.subarray(at, at + needed - filled)
        frame?.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === needed) take()
      }
    },
    end: () => !broken && filled === 0 && needed === 0,
  }
}
