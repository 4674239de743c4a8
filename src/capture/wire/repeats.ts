/**
 * A stream's events are mostly one event over and over, with another short text in one place. Such
 * a one need not be parsed: it says what the event before it said, and one more piece of its text.
 */
import type {AnyEntry, Transcript} from './transcript.ts'

export interface Repeats {
  /**
   * Appends what this event brings, if it is the one that was learnt but for a text.
   *
   * @returns whether it was; otherwise it has to be parsed
   */
  read(text: string, event: string): boolean
  /** Before an event is parsed: what was learnt holds for events that follow each other only. */
  begin(): void
  /** After it was parsed. */
  learn(text: string, event: string): void
}

/**
 * Code units of a piece. Readers tell a whole thought that is sent once more by its length, which
 * is more than this.
 */
const MAX_PIECE = 32
/** Code units of an event that is learnt. */
const MAX_EVENT = 2048

/** What does not stand for itself in JSON text: a quote, an escape, a control character. */
function isPlain(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22 || code === 0x5c || code < 0x20) return false
  }
  return true
}

export function createRepeats(transcript: Transcript): Repeats {
  const {appended, facts} = transcript
  let prefix = ''
  let suffix = ''
  let name = ''
  let entry: AnyEntry | undefined
  let count = 0
  let opened = 0

  return {
    read(text, event) {
      if (entry === undefined || event !== name) return false
      const end = text.length - suffix.length
      const length = end - prefix.length
      if (length < 1 || length > MAX_PIECE) return false
      // Cut and compared as a whole: `startsWith` goes character by character.
      if (text.slice(0, prefix.length) !== prefix || text.slice(end) !== suffix) return false
      if (!isPlain(text, prefix.length, end)) return false
      transcript.append(entry, text.slice(prefix.length, end))
      return true
    },
    begin() {
      entry = undefined
      count = appended.count
      opened = transcript.entries.length
    },
    learn(text, event) {
      // One text in one item that was there before, and nothing else.
      const {entry: found, text: piece} = appended
      if (appended.count !== count + 1 || transcript.entries.length !== opened) return
      if (found === undefined || found.type === 'tool_call' || facts.errorType !== '') return
      if (text.length > MAX_EVENT || piece.length > MAX_PIECE || text.includes('\\')) return
      const literal = `"${piece}"`
      const at = text.indexOf(literal)
      if (at === -1 || text.includes(literal, at + 1) || !isPlain(piece, 0, piece.length)) return
      entry = found
      name = event
      prefix = text.slice(0, at + 1)
      suffix = text.slice(at + 1 + piece.length)
    },
  }
}
