/** Whether a sentence ends at a place that looks like it, from a few characters around it. */
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
  PIPE,
  PLUS,
  QUESTION,
  RIGHT_BRACKET,
  RIGHT_PAREN,
  SEMICOLON,
  STAR,
  TILDE,
  codesOf,
  isDigit,
  isLower,
  isSpace,
  isUpper,
} from './characters.ts'

/** A line this long may have been broken for its width, not for its sense. */
const WRAP_WIDTH = 60

// The ASCII stops, the ellipsis, and those of Arabic, Devanagari, Burmese, Ethiopic, Tibetan and
// of scripts with wide stops.
export const STOPS = '.!?…؟۔।॥။።༎。！？｡．'
const RARE_STOPS = codesOf(STOPS.slice(3))

// What may stand between a stop and the space that ends the sentence: `."`, `.)`, `.**`.
export const CLOSERS = codesOf('"\')]}*_`”’»›」』）】》')
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

const isLetter = (code: number): boolean => isLower(code | 32) || code >= 0xaa

export const isStop = (code: number): boolean =>
  code === DOT || code === BANG || code === QUESTION || (code >= 128 && RARE_STOPS.has(code))

/** Whether `end`, right after a stop, begins a sentence all the same: `done.Now I can`. */
export function forgotSpace(text: string, stop: number, end: number): boolean {
  return (
    stop === end &&
    isUpper(text.charCodeAt(end)) &&
    isLower(text.charCodeAt(stop - 2)) &&
    isLower(text.charCodeAt(stop - 3)) &&
    beginsSentence(text, end)
  )
}

/** Whether the display formula at `next`, after a blank line, completes the words before it. */
export function completes(text: string, end: number, next: number): boolean {
  if (text.charCodeAt(next) !== BACKSLASH || text.charCodeAt(next + 1) !== LEFT_BRACKET)
    return false
  while (isSpace(text.charCodeAt(end - 1))) end -= 1
  return isLower(text.charCodeAt(end - 1))
}

/** Whether a display formula is open where the line from `line` to `end` ends. */
export function staysFormula(text: string, line: number, end: number, wasOpen: boolean): boolean {
  const begins = text.charCodeAt(line) === BACKSLASH && text.charCodeAt(line + 1) === LEFT_BRACKET
  if (wasOpen || begins) return !text.slice(line, end).includes('\\]')
  return text.charCodeAt(end - 1) === LEFT_BRACKET && text.charCodeAt(end - 2) === BACKSLASH
}

/** Whether a line break (no blank line) at `end` ends the segment; `next` begins the next line. */
export function breaksLine(
  text: string,
  start: number,
  line: number,
  end: number,
  next: number,
): boolean {
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
export function endsSentence(text: string, start: number, stop: number, next: number): boolean {
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
