/**
 * Cuts reasoning text into sentences. One regex finds the places where a sentence could end, in
 * native code; everything else looks at a few characters around such a place. Linear in the length
 * of the text, in one pass, and resumable at any cut, so that long text can be done in slices.
 */
import {
  BACKSLASH,
  BACKTICK,
  BANG,
  BULLET,
  COLON,
  DASH,
  DOT,
  ELLIPSIS,
  GREATER,
  HASH,
  LEFT_BRACKET,
  LEFT_PAREN,
  NEWLINE,
  PIPE,
  PLUS,
  QUESTION,
  RIGHT_BRACKET,
  RIGHT_PAREN,
  SEMICOLON,
  SPACE,
  STAR,
  TILDE,
  codesOf,
  isDigit,
  isHighSurrogate,
  isLower,
  isSpace,
  isUpper,
} from './characters.ts'

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

const FIRST_WIDE_STOP = 0x3002

/** A line this long may have been broken for its width, not for its sense. */
const WRAP_WIDTH = 60

// The ASCII stops, the ellipsis, and those of Arabic, Devanagari, Burmese, Ethiopic, Tibetan and
// of scripts with wide stops.
const STOPS = '.!?…؟۔।॥။።༎。！？｡．'
const CANDIDATE = new RegExp(`[\\n${STOPS}]`, 'g')
const RARE_STOPS = codesOf(STOPS.slice(3))

// What may stand between a stop and the space that ends the sentence: `."`, `.)`, `.**`.
const CLOSERS = codesOf('"\')]}*_`”’»›」』）】》')
const OPERATORS = codesOf('*/+-=<>^×·,)')
const MARK_PUNCTUATION = codesOf('.)(#*-_ ')

// Never the end of a sentence, whatever follows.
const TITLES = words(
  'e.g i.e eg ie cf vs viz resp dr mr mrs ms prof st approx ca incl z.b d.h u.a bzw p.ex p.ej sra',
)
// Not the end of a sentence before a number.
const BEFORE_NUMBERS = words(
  'no nos nr fig figs eq eqs sec ch pp vol art est min max avg jan feb mar apr jun jul aug sep ' +
    'sept oct nov dec',
)
// The end of a sentence only if the next word looks like the start of one.
const ABBREVIATIONS = words('inc ltd co corp bros al jr sr dept a.m p.m')
const OPENERS = words(
  'The This That These Those There So But And Or If It We I You He She They Now Then Thus Since ' +
    'Because As At In On For From However Therefore Hence Also Wait Let Next First Maybe Perhaps ' +
    'Actually Okay OK Yes No Not Alternatively When What Which Why How Is Are Can Could Should My ' +
    'Our Their His Its A An To Given Both Each After Before While With Check Call Use',
)

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '))
}

/** Length, first and last letter: most words are no abbreviation, and this tells cheaply. */
const outline = (size: number, first: number, last: number): number =>
  (size << 16) | ((first | 32) << 8) | (last | 32)
const OUTLINES: ReadonlySet<number> = new Set(
  [...TITLES, ...BEFORE_NUMBERS, ...ABBREVIATIONS].map((word) =>
    outline(word.length, word.charCodeAt(0), word.charCodeAt(word.length - 1)),
  ),
)

const isStop = (code: number): boolean =>
  code === DOT || code === BANG || code === QUESTION || (code >= 128 && RARE_STOPS.has(code))
const isLetter = (code: number): boolean => isLower(code | 32) || code >= 0xaa

/** The first offset from `at` on that is no white space. */
function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1
  return at
}

/**
 * Cuts `text` into sentences, headings, list items, tables and code blocks.
 *
 * The ranges are in order, do not overlap, hold all that is not white space, and neither begin nor
 * end with white space. A list mark belongs to its item; a closed code fence and a table are one
 * range; a blank line outside a fence always cuts; no range is longer than `MAX_SEGMENT_LENGTH`.
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
 */
export function scanSentences(text: string, from: number, until: number, out: TextRange[]): number {
  const length = text.length
  let start = pushBlocks(text, skipSpace(text, from), out)
  // The start of the last line of this segment, which decides what a line break after it means.
  let line = start
  CANDIDATE.lastIndex = start
  while (start < until && CANDIDATE.test(text)) {
    let end = CANDIDATE.lastIndex
    const code = text.charCodeAt(end - 1)
    let next = end
    let cut: boolean
    if (code === NEWLINE) {
      end -= 1
      let blank = false
      while (next < length && isSpace(text.charCodeAt(next))) {
        blank ||= text.charCodeAt(next) === NEWLINE
        next += 1
      }
      cut = blank || breaksLine(text, start, line, end, next)
      line = next
    } else {
      let after = text.charCodeAt(end)
      while (isStop(after)) after = text.charCodeAt((end += 1))
      const stop = end
      while (CLOSERS.has(after)) after = text.charCodeAt((end += 1))
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
        while (isSpace(after) && after !== NEWLINE) after = text.charCodeAt((next += 1))
        // Left to the branch above, which sees the whole break.
        if (after === NEWLINE) {
          CANDIDATE.lastIndex = next
          continue
        }
        cut = next < length && endsSentence(text, start, stop, next)
      }
    }
    if (cut && next < length) {
      push(text, start, end, out)
      start = line = next = pushBlocks(text, next, out)
    }
    CANDIDATE.lastIndex = next
  }
  if (start >= until || start >= length) return start
  push(text, start, length, out)
  return length
}

/** Whether `end`, right after a stop, begins a sentence all the same: `done.Now I can`. */
function forgotSpace(text: string, stop: number, end: number): boolean {
  return (
    stop === end &&
    isUpper(text.charCodeAt(end)) &&
    isLower(text.charCodeAt(stop - 2)) &&
    isLower(text.charCodeAt(stop - 3)) &&
    beginsSentence(text, end)
  )
}

/** Whether a line break (no blank line) at `end` ends the segment; `next` begins the next line. */
function breaksLine(text: string, start: number, line: number, end: number, next: number): boolean {
  let last = end - 1
  while (last > line && isSpace(text.charCodeAt(last))) last -= 1
  let code = text.charCodeAt(last)
  const first = text.charCodeAt(next)
  // A display formula is part of the sentence that introduces it.
  if (first === BACKSLASH && text.charCodeAt(next + 1) !== LEFT_PAREN) {
    return text.charCodeAt(next + 1) === LEFT_BRACKET && (isStop(code) || code === RIGHT_BRACKET)
  }
  if (startsBlock(text, next)) return true
  if (text.charCodeAt(start) === HASH) return true
  while (last > line && CLOSERS.has(code)) code = text.charCodeAt((last -= 1))
  if (isStop(code) || code === COLON || code === SEMICOLON) return true
  if (isLower(first) || !isLetter(first)) return false
  // Text wrapped at a fixed width goes on with a capital now and then; a full line says nothing.
  return end - line < WRAP_WIDTH
}

/** Whether a line that begins at `at` begins a list item, heading, quotation, fence or table. */
function startsBlock(text: string, at: number): boolean {
  let code = text.charCodeAt(at)
  if (code === DASH || code === STAR || code === PLUS || code === BULLET) {
    const after = text.charCodeAt(at + 1)
    return isSpace(after) || (code === STAR && after === STAR)
  }
  if (code === HASH || code === PIPE || code === GREATER) return true
  if (code === BACKTICK || code === TILDE) return text.charCodeAt(at + 2) === code
  if (!isDigit(code)) return false
  for (let digits = 0; digits < 3 && isDigit(code); digits += 1) code = text.charCodeAt((at += 1))
  return (code === DOT || code === RIGHT_PAREN) && isSpace(text.charCodeAt(at + 1))
}

/** Whether the stop before offset `stop` ends the sentence that `next` would follow. */
function endsSentence(text: string, start: number, stop: number, next: number): boolean {
  const first = text.charCodeAt(next)
  const code = text.charCodeAt(stop - 1)
  if (code !== DOT) {
    // `Is that so? let me see` ends one; `"Is that so?" he asks`, `5! is` and `5! * 3` do not.
    if (isLower(first)) return code !== ELLIPSIS && code !== BANG && isSpace(text.charCodeAt(stop))
    return code !== BANG || !OPERATORS.has(first) || text.charCodeAt(next + 1) === first
  }
  if (isLower(first)) return false
  if (text.charCodeAt(stop - 2) === DOT) return true
  if (isListMark(text, start, stop)) return false
  let from = stop - 1
  while (from > start && stop - from < 9) {
    const before = text.charCodeAt(from - 1)
    if (!isLetter(before) && before !== DOT) break
    from -= 1
  }
  const size = stop - 1 - from
  if (size < 1 || size > 6) return true
  if (size === 1 && !isUpper(text.charCodeAt(from))) return true
  const isDotted = size > 1 && text.charCodeAt(stop - 3) === DOT
  if (size > 1 && !isDotted) {
    const shape = outline(size, text.charCodeAt(from), text.charCodeAt(stop - 2))
    if (!OUTLINES.has(shape)) return true
  }
  const word = text.slice(from, stop - 1).toLowerCase()
  if (TITLES.has(word)) return false
  if (BEFORE_NUMBERS.has(word)) return !isDigit(first)
  // What is left may be an initial, `U.S.`, `p.m.`, `Inc.`
  if (size > 1 && !isDotted && !ABBREVIATIONS.has(word)) return true
  if (first === LEFT_PAREN || (size > 1 && isDigit(first))) return false
  return !isUpper(first) || beginsSentence(text, next)
}

/** Whether the word at `at` is one that sentences begin with. */
function beginsSentence(text: string, at: number): boolean {
  let to = at + 1
  while (to - at < 15 && isLower(text.charCodeAt(to) | 32)) to += 1
  return OPENERS.has(text.slice(at, to))
}

/** Whether all there is up to the stop is a mark: `2.`, `**3.`, `## 1.2.`, `- B.`. */
function isListMark(text: string, start: number, stop: number): boolean {
  if (stop - start > 10) return false
  let letters = 0
  for (let at = start; at < stop; at += 1) {
    const code = text.charCodeAt(at)
    if (isLetter(code)) letters += 1
    else if (!isDigit(code) && !MARK_PUNCTUATION.has(code)) return false
  }
  return letters < 2
}

/** Emits the code fences and tables that begin at `at`, which only a line can; the offset after. */
function pushBlocks(text: string, at: number, out: TextRange[]): number {
  while (at < text.length) {
    const code = text.charCodeAt(at)
    let end: number
    if (code === BACKTICK || code === TILDE) end = fenceEnd(text, at, code)
    else if (code === PIPE) end = tableEnd(text, at)
    else return at
    if (end < 0) return at
    push(text, at, end, out)
    at = skipSpace(text, end)
  }
  return at
}

/**
 * The end of the line that closes the fence at `at`, or -1 where there is no fence. Without a
 * closing line the fence ends at the first blank line: text that was cut off must not swallow what
 * follows.
 */
function fenceEnd(text: string, at: number, mark: number): number {
  if (text.charCodeAt(at + 1) !== mark || text.charCodeAt(at + 2) !== mark) return -1
  if (!beginsLine(text, at)) return -1
  const close = text.indexOf(mark === BACKTICK ? '```' : '~~~', at + 3)
  if (close < 0) {
    const blank = text.indexOf('\n\n', at)
    return blank < 0 ? text.length : blank
  }
  const end = text.indexOf('\n', close)
  return end < 0 ? text.length : end
}

/** The end of the last of the rows from `at` on that begin with `|`, or -1 where there is none. */
function tableEnd(text: string, at: number): number {
  if (!beginsLine(text, at)) return -1
  let end = -1
  let row = at
  while (text.charCodeAt(row) === PIPE) {
    end = text.indexOf('\n', row)
    if (end < 0) return text.length
    row = end + 1
    while (text.charCodeAt(row) === SPACE) row += 1
  }
  return end
}

function beginsLine(text: string, at: number): boolean {
  const least = at - 32
  while (at > 0 && at > least && text.charCodeAt(at - 1) !== NEWLINE) {
    if (!isSpace(text.charCodeAt(at - 1))) return false
    at -= 1
  }
  return true
}

function push(text: string, start: number, end: number, out: TextRange[]): void {
  while (isSpace(text.charCodeAt(end - 1))) end -= 1
  while (end - start > MAX_SEGMENT_LENGTH) {
    const half = start + MAX_SEGMENT_LENGTH / 2
    const window = text.slice(half, start + MAX_SEGMENT_LENGTH)
    let size = window.lastIndexOf('\n')
    if (size < 0) size = window.lastIndexOf(' ')
    if (size < 0) {
      const last = window.charCodeAt(window.length - 1)
      size = isHighSurrogate(last) ? window.length - 1 : window.length
    }
    let cut = half + size
    const next = skipSpace(text, cut)
    while (isSpace(text.charCodeAt(cut - 1))) cut -= 1
    out.push({start, end: cut})
    start = next
  }
  out.push({start, end})
}
