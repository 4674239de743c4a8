/** How many columns a text takes in a terminal, and cutting it to so many. */

const PLAIN = /^[\x20-\x7e]*$/
// Control characters could move the cursor or recolour the terminal, and the bidirectional ones
// reorder what stands beside them: text from a trace is data, never instructions.
const CONTROLS = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/gu

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
]

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'})

const graphemeWidth = (grapheme: string): number => {
  const code = grapheme.codePointAt(0) ?? 0
  if (/^[\p{M}\p{Cf}]/u.test(grapheme)) return 0
  if (grapheme.includes('\ufe0f') || /^\p{Emoji_Presentation}/u.test(grapheme)) return 2
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

/** One line without anything that a terminal would obey; runs of white space become one space. */
export const oneLine = (text: string): string =>
  text.replace(CONTROLS, ' ').replace(/\s+/g, ' ').trim()

/** Columns that a text takes: two for a wide character, none for a combining mark. */
export const textWidth = (text: string): number => {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const {segment} of segmenter.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text cut to so many columns, with `…` where something was cut off. */
export const cutToWidth = (text: string, columns: number): string => {
  if (columns <= 0) return ''
  // No character is longer than a few code units: a long text need not be measured to its end.
  if (PLAIN.test(text)) {
    return text.length <= columns ? text : `${text.slice(0, columns - 1).trimEnd()}…`
  }
  let width = 0
  let fitting = 0
  for (const {segment, index} of segmenter.segment(text)) {
    width += graphemeWidth(segment)
    if (width <= columns - 1) fitting = index + segment.length
    if (width > columns) return `${text.slice(0, fitting).trimEnd()}…`
  }
  return text
}

/** Pieces of a word that is too wide for a line. */
const broken = (word: string, columns: number): string[] => {
  const pieces: string[] = []
  let piece = ''
  let width = 0
  for (const {segment} of segmenter.segment(word)) {
    const own = graphemeWidth(segment)
    if (width + own > columns && piece !== '') {
      pieces.push(piece)
      piece = ''
      width = 0
    }
    piece += segment
    width += own
  }
  return [...pieces, piece]
}

/** The text in lines of so many columns at most, broken at spaces where there are any. */
export const wrapToWidth = (text: string, columns: number): string[] => {
  const lines: string[] = []
  let line = ''
  let width = 0
  const words = text.split(' ').flatMap((word) =>
    // Text without spaces (Chinese, base64) is broken where the columns end.
    textWidth(word) > columns ? broken(word, columns) : [word],
  )
  for (const word of words) {
    const wordWidth = textWidth(word)
    if (line !== '' && width + 1 + wordWidth <= columns) {
      line += ` ${word}`
      width += 1 + wordWidth
    } else {
      if (line !== '') lines.push(line)
      line = word
      width = wordWidth
    }
  }
  if (line !== '') lines.push(line)
  return lines
}
