/**
 * Cuts reasoning text into sentences. One regex finds the places where a sentence could end, in
 * native code; everything else looks at a few characters around such a place. Linear in the length
 * of the text, in one pass, and resumable at any cut, so that long text can be done in slices and
 * text that is still coming as it comes.
 */
import {pushBlocks} from './blocks.ts'
import {NEWLINE, isSpace} from './characters.ts'
import {
  MAX_GAP_LENGTH,
  MAX_SEGMENT_LENGTH,
  push,
  pushPiece,
  skipSpace,
  type TextRange,
} from './pieces.ts'
import {
  CLOSERS,
  STOPS,
  breaksLine,
  completes,
  endsSentence,
  forgotSpace,
  isStop,
  staysFormula,
} from './sentence-ends.ts'

export {MAX_SEGMENT_LENGTH, type TextRange} from './pieces.ts'

/** Code units after a place that are looked at to tell whether a sentence ends there. */
const LOOK_AHEAD = 24

/** Code units before the place to go on from that are looked at again. */
export const LOOK_BEHIND = 40

const FIRST_WIDE_STOP = 0x3002
const CANDIDATE = new RegExp(`[\\n${STOPS}]`, 'g')

/**
 * Cuts `text` into sentences, headings, list items, tables and code blocks.
 *
 * The ranges are in order, do not overlap, hold all that is not white space, and neither begin nor
 * end with white space. A list mark belongs to its item; a closed code fence and a table are one
 * range; a display formula belongs to the words that it completes, else a blank line outside a
 * fence always cuts; no range is longer than `MAX_SEGMENT_LENGTH`.
 */
export function splitSentences(text: string): TextRange[] {
  const ranges: TextRange[] = []
  scanSentences(text, 0, text.length, ranges)
  return ranges
}

/**
 * The same from offset `from`, which must be 0 or what an earlier call gave back, up to the first
 * sentence that starts at `until` or later. Appends to `out` and returns the offset to go on from:
 * `text.length` at the end.
 *
 * @param isWhole where not, more text may follow: only those sentences are appended that it cannot
 * change. They are at most a fence, or a sentence with what follows it, behind the end of `text`.
 * To go on, only the text from `LOOK_BEHIND` before the returned offset on is needed.
 */
export function scanSentences(
  text: string,
  from: number,
  until: number,
  out: TextRange[],
  isWhole = true,
): number {
  const length = text.length
  // Where a look at what follows would look beyond what has come.
  const sure = isWhole ? Infinity : length - LOOK_AHEAD
  let start = pushBlocks(text, skipSpace(text, from), out, isWhole)
  if (start < 0) return ~start
  if (start > sure) return start
  // The start of the last line of this segment, which decides what a line break after it means.
  let line = start
  // Whether that line stands in a display formula that is still open.
  let isFormula = false
  CANDIDATE.lastIndex = start
  while (start < until) {
    const found = CANDIDATE.test(text)
    let end = found ? CANDIDATE.lastIndex : length
    const code = found ? text.charCodeAt(end - 1) : NEWLINE
    if (found && code === NEWLINE) end -= 1
    let next: number
    if (end - start > MAX_SEGMENT_LENGTH) {
      next = pushPiece(text, start, out)
    } else if (!found) {
      break
    } else {
      next = end
      let cut: boolean
      if (code === NEWLINE) {
        let blank = false
        while (next - end <= MAX_GAP_LENGTH && isSpace(text.charCodeAt(next))) {
          blank ||= text.charCodeAt(next) === NEWLINE && next > end
          next += 1
        }
        if (next > sure && next - end <= MAX_GAP_LENGTH) return start
        isFormula = staysFormula(text, line, end, isFormula)
        cut =
          next - end > MAX_GAP_LENGTH ||
          (blank
            ? !completes(text, end, next)
            : !isFormula && breaksLine(text, start, line, end, next))
        line = next
      } else {
        const limit = start + MAX_SEGMENT_LENGTH
        let after = text.charCodeAt(end)
        while (isStop(after) && end < limit) after = text.charCodeAt((end += 1))
        const stop = end
        while (CLOSERS.has(after) && end < limit) after = text.charCodeAt((end += 1))
        if (end > sure && !isSpace(after)) return start
        if (end < length && !isSpace(after)) {
          // `3.5`, `file.ts`, `e.g.,` go on. Scripts with wide stops set no space after them, and
          // now and then a model forgets it.
          if (code < FIRST_WIDE_STOP && !forgotSpace(text, stop, end)) {
            CANDIDATE.lastIndex = stop
            continue
          }
          next = end
          cut = true
        } else {
          next = end
          while (isSpace(after) && after !== NEWLINE && next - end <= MAX_GAP_LENGTH) {
            after = text.charCodeAt((next += 1))
          }
          // Left to the branch above, which sees the whole break.
          if (after === NEWLINE && next - end <= MAX_GAP_LENGTH) {
            CANDIDATE.lastIndex = next
            continue
          }
          const isGap = next - end > MAX_GAP_LENGTH
          if (next > sure && !isGap) return start
          cut = isGap || (next < length && !isFormula && endsSentence(text, start, stop, next))
        }
      }
      if (!cut || next >= length) {
        // A long gap at the end of what has come: nothing that follows belongs to it.
        if (cut && !isWhole) {
          push(text, start, end, out)
          return next
        }
        CANDIDATE.lastIndex = next
        continue
      }
      push(text, start, end, out)
    }
    start = line = pushBlocks(text, skipSpace(text, next), out, isWhole)
    if (start < 0) return ~start
    if (start > sure) return start
    isFormula = false
    CANDIDATE.lastIndex = start
  }
  if (!isWhole || start >= until || start >= length) return start
  push(text, start, length, out)
  return length
}
