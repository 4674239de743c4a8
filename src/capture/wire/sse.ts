/**
 * Server-sent events, pushed in as text in any chunking. Line ends are LF, CR or CRLF; comments,
 * ids and retry times are skipped; an event that the stream's end cut off is still given.
 */

const LF = 10
const SPACE = 32

export interface SseParser {
  feed(text: string): void
  /** Gives the event that was not closed by an empty line. */
  end(): void
}

export interface SseCallbacks {
  /** `data` has its lines joined by LF; `event` is empty where the stream did not name it. */
  onEvent(data: string, event: string): void
  /** An event was longer than the limit and is left out. */
  onOverflow(): void
}

/** @param maxLength code units of one line and of one event's data */
export function createSseParser(callbacks: SseCallbacks, maxLength: number): SseParser {
  // Pieces of a line whose end has not come, joined only then: adding up strings that are looked
  // into on every feed would be quadratic where one line comes in many chunks.
  let pieces: string[] = []
  let held = 0
  let data: string | undefined
  let event = ''
  // The line or event is too long: everything up to the event's end is dropped.
  let overflowed = false
  // A CR ended the last chunk: a LF that follows belongs to it.
  let skipLineFeed = false
  let atStart = true

  const dispatch = (): void => {
    if (overflowed) callbacks.onOverflow()
    else if (data !== undefined) callbacks.onEvent(data, event)
    data = undefined
    event = ''
    overflowed = false
  }

  const addData = (value: string): void => {
    if (data === undefined) data = value
    else if (data.length + value.length > maxLength) overflowed = true
    else data += `\n${value}`
  }

  const readLine = (line: string): void => {
    if (line === '') {
      dispatch()
      return
    }
    if (line.length > maxLength) {
      overflowed = true
      return
    }
    if (line.startsWith('data')) {
      if (line.charCodeAt(4) === 58) addData(line.slice(line.charCodeAt(5) === SPACE ? 6 : 5))
      else if (line.length === 4) addData('')
    } else if (line.startsWith('event:')) {
      event = line.slice(line.charCodeAt(6) === SPACE ? 7 : 6)
    }
  }

  const hold = (piece: string): void => {
    if (piece === '') return
    held += piece.length
    if (held > maxLength) {
      overflowed = true
      pieces = []
    } else pieces.push(piece)
  }

  const endLine = (last: string): void => {
    if (held === 0) {
      readLine(last)
      return
    }
    const fits = held + last.length <= maxLength
    pieces.push(last)
    const line = fits ? pieces.join('') : ''
    pieces = []
    held = 0
    // A line that was too long is not the empty one that ends an event.
    if (fits) readLine(line)
    else overflowed = true
  }

  return {
    feed(text) {
      let at = 0
      if (atStart && text !== '') {
        atStart = false
        if (text.charCodeAt(0) === 0xfeff) at = 1
      }
      if (skipLineFeed && at < text.length) {
        skipLineFeed = false
        if (text.charCodeAt(at) === LF) at++
      }
      let lineFeed = text.indexOf('\n', at)
      let carriage = text.indexOf('\r', at)
      while (lineFeed !== -1 || carriage !== -1) {
        const isLineFeed = carriage === -1 || (lineFeed !== -1 && lineFeed < carriage)
        const end = isLineFeed ? lineFeed : carriage
        endLine(text.slice(at, end))
        at = end + 1
        if (!isLineFeed) {
          if (at === text.length) skipLineFeed = true
          else if (text.charCodeAt(at) === LF) at++
          carriage = text.indexOf('\r', at)
        }
        if (lineFeed !== -1 && lineFeed < at) lineFeed = text.indexOf('\n', at)
      }
      hold(text.slice(at))
    },
    end() {
      if (held > 0) endLine('')
      dispatch()
    },
  }
}
