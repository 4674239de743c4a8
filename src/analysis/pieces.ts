/** Stretches of text, and how one that is too long is cut. */
import {isHighSurrogate, isSpace} from './characters.ts'

/** A stretch of text, in UTF-16 code units. @public */
export interface TextRange {
  start: number
  end: number
}

/**
 * Longest segment in UTF-16 code units. Code on one line, base64 or a table dump has no stops; a
 * segment without end would make one step of everything and defeat slicing. It is cut at the last
 * line break in the second half of this length, else at the last space, else between code points.
 */
export const MAX_SEGMENT_LENGTH = 4096

/** Longest run of white space in UTF-16 code units that is part of a sentence, or of a step. */
export const MAX_GAP_LENGTH = 4096

/** The first offset from `at` on that is no white space. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1
  return at
}

/** Emits `start` to `end` without the white space at its end. */
export function push(text: string, start: number, end: number, out: TextRange[]): void {
  while (isSpace(text.charCodeAt(end - 1))) end -= 1
  out.push({start, end})
}

/** Emits as much of a segment that is too long as may be, and returns where the rest begins. */
export function pushPiece(text: string, start: number, out: TextRange[]): number {
  const half = start + MAX_SEGMENT_LENGTH / 2
  const window = text.slice(half, start + MAX_SEGMENT_LENGTH)
  let size = window.lastIndexOf('\n')
  if (size < 0) size = window.lastIndexOf(' ')
  if (size < 0) {
    const last = window.charCodeAt(window.length - 1)
    size = isHighSurrogate(last) ? window.length - 1 : window.length
  }
  push(text, start, half + size, out)
  return skipSpace(text, half + size)
}
