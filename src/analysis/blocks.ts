/** Code fences and tables, which are one sentence each, whatever stops they hold. */
import {BACKTICK, NEWLINE, PIPE, SPACE, TILDE, isSpace} from './characters.ts'
import {MAX_SEGMENT_LENGTH, push, pushPiece, skipSpace, type TextRange} from './pieces.ts'

/**
 * Longest code fence in UTF-16 code units, both its lines included. One that is not closed within
 * this length counts as not closed at all: what closes it may be the next fence.
 */
const MAX_FENCE_LENGTH = 16_384

const NO_BLOCK = -1
const NOT_YET = -2

/**
 * Emits the code fences and tables that begin at `at`, which only a line can. Returns the offset
 * after them; its complement, which is below 0, where what is there may be a block that has not
 * come whole.
 */
export function pushBlocks(text: string, at: number, out: TextRange[], isWhole: boolean): number {
  while (at < text.length) {
    const code = text.charCodeAt(at)
    let end: number
    if (code === BACKTICK || code === TILDE) end = fenceEnd(text, at, code, isWhole)
    else if (code === PIPE) end = tableEnd(text, at, isWhole)
    else return at
    if (end === NO_BLOCK) return at
    if (end === NOT_YET) return ~at
    while (end - at > MAX_SEGMENT_LENGTH) at = pushPiece(text, at, out)
    if (at < end) push(text, at, end, out)
    at = skipSpace(text, Math.max(at, end))
  }
  return at
}

/**
 * The end of the line that closes the fence at `at`. Without a closing line the fence ends at the
 * first blank line: text that was cut off must not swallow what follows.
 */
function fenceEnd(text: string, at: number, mark: number, isWhole: boolean): number {
  const {length} = text
  if (text.charCodeAt(at + 1) !== mark || text.charCodeAt(at + 2) !== mark) {
    return !isWhole && at + 2 >= length ? NOT_YET : NO_BLOCK
  }
  if (!beginsLine(text, at)) return NO_BLOCK
  const limit = at + MAX_FENCE_LENGTH
  const close = text.indexOf(mark === BACKTICK ? '```' : '~~~', at + 3)
  if (close >= 0 && close < limit) {
    const end = text.indexOf('\n', close)
    if (end >= 0 && end <= limit) return end
    if (length > limit) return limit
    return isWhole ? length : NOT_YET
  }
  if (length <= limit && !isWhole) return NOT_YET
  const blank = text.indexOf('\n\n', at)
  if (blank >= 0 && blank < limit) return blank
  return length <= limit ? length : NO_BLOCK
}

/** The end of the last of the rows from `at` on that begin with `|`. */
function tableEnd(text: string, at: number, isWhole: boolean): number {
  if (!beginsLine(text, at)) return NO_BLOCK
  const {length} = text
  const limit = at + MAX_SEGMENT_LENGTH
  let end = NO_BLOCK
  let row = at
  while (text.charCodeAt(row) === PIPE) {
    const to = text.indexOf('\n', row)
    if (to < 0 || to > limit) {
      if (length > limit) return end
      return isWhole ? length : NOT_YET
    }
    end = to
    row = end + 1
    while (text.charCodeAt(row) === SPACE && row < limit) row += 1
  }
  return row >= length && !isWhole ? NOT_YET : end
}

function beginsLine(text: string, at: number): boolean {
  const least = at - 32
  while (at > 0 && at > least && text.charCodeAt(at - 1) !== NEWLINE) {
    if (!isSpace(text.charCodeAt(at - 1))) return false
    at -= 1
  }
  return true
}
