/**
 * JSON values one after the other, pushed in as text in any chunking: JSON lines, the elements of
 * an array that is streamed, or one document. Each object is given as soon as its last brace came.
 */

export interface JsonValuesParser {
  feed(text: string): void
  /** Gives what stands there of a value that was cut, as `partial`. */
  end(): void
}

export interface JsonValuesCallbacks {
  /** The text of one object, whole. */
  onValue(text: string): void
  /** The beginning of an object that is too long, or that the stream's end cut off. */
  onPartial(text: string): void
  /** A value ended where it cannot end; it is left out. */
  onMalformed(): void
}

const LINE_FEED = 10
const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * @param maxLength code units of one value
 * @param maxPartial code units that are given of a value that is longer than `maxLength` or was cut
 */
export function createJsonValuesParser(
  callbacks: JsonValuesCallbacks,
  maxLength: number,
  maxPartial: number,
): JsonValuesParser {
  // Pieces of the value that is open. Depth 0 is outside of any object; the brackets of arrays
  // around the objects are not counted.
  let pieces: string[] = []
  let held = 0
  let depth = 0
  let inString = false
  let escaped = false
  let overflowed = false
  // The last line of the open value ended with a brace that closed something inside of it.
  let mayBeBroken = false
  let significant = 0

  const hold = (piece: string): void => {
    held += piece.length
    if (overflowed) return
    if (held <= maxLength) {
      if (piece !== '') pieces.push(piece)
      return
    }
    overflowed = true
    pieces.push(piece.slice(0, maxPartial))
    pieces = [pieces.join('').slice(0, maxPartial)]
  }

  const reset = (): void => {
    pieces = []
    held = 0
    depth = 0
    inString = false
    escaped = false
    overflowed = false
    mayBeBroken = false
    significant = 0
  }

  const give = (last: string): void => {
    hold(last)
    const text = pieces.join('')
    const whole = !overflowed
    reset()
    if (whole) callbacks.onValue(text)
    else callbacks.onPartial(text)
  }

  return {
    feed(text) {
      const end = text.length
      // Where the open value's part of this chunk begins.
      let from = 0
      let at = 0
      while (at < end) {
        if (depth === 0) {
          const open = text.indexOf('{', at)
          if (open === -1) return
          from = open
          at = open + 1
          depth = 1
          continue
        }
        const code = text.charCodeAt(at++)
        if (inString) {
          if (escaped) escaped = false
          else if (code === QUOTE) inString = false
          else if (code === BACKSLASH) escaped = true
          else if (code === LINE_FEED) {
            // Strings hold no bare line break: this is a line that was broken off.
            reset()
            callbacks.onMalformed()
          }
          continue
        }
        if (code <= SPACE) {
          if (code === LINE_FEED) mayBeBroken = significant === CLOSE_BRACE
          continue
        }
        significant = code
        if (code === OPEN_BRACE && mayBeBroken) {
          // Nothing can begin there: a brace is missing in the lines before, and this is the next one.
          reset()
          callbacks.onMalformed()
          from = at - 1
          depth = 1
          continue
        }
        mayBeBroken = false
        if (code === QUOTE) inString = true
        else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
        else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) {
          give(text.slice(from, at))
        }
      }
      if (depth > 0) hold(text.slice(from))
    },
    end() {
      if (depth === 0) return
      const text = pieces.join('').slice(0, maxPartial)
      reset()
      callbacks.onPartial(text)
    },
  }
}
