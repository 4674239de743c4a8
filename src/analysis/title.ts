/** Which words of a step say what it is about. */
import type {Sentence} from '../model.ts'
import {COLON, HASH, STAR, codesOf, isHighSurrogate, isSpace} from './characters.ts'
import type {TextRange} from './sentences.ts'

/** Longest title in UTF-16 code units; what writes it cuts again, in bytes. */
const MAX_TITLE_LENGTH = 240
/** A shorter sentence (`Wait.`, `Good.`) says little about its step. */
const MIN_TITLE_LENGTH = 12

// `- `, `2. `, `> `, `## `: any of them, several times over in a quoted list.
const MARKS = /(?:[-*+•>]\s+|#\s*|\(?\d{1,3}[.)]\s+)+/y
// `Wait, `, `Hmm, okay, `, `But wait: `. Only with a mark after it: `So the window` keeps its `So`.
const INTERJECTION = new RegExp(
  '(?:(?:but|oh|no|ok|okay|hmm+|so|and|well|alright|right)[, ]+)?' +
    '(?:wait|hmm+|okay|ok|oh|well|alright|all right|right|hold on|so|now|ah|uh|sure|yes)' +
    String.raw`(?:[,.:;!…—–]|\.{2,3})\s+`,
  'iy',
)

const BEFORE_MARKS = codesOf('-*+•>#(0123456789')
const BEFORE_INTERJECTIONS = codesOf('abhnorswuy')

/** Whether a sentence is a Markdown heading, or a line that is bold from end to end. */
export function isHeading(text: string, {start, end}: TextRange): boolean {
  if (text.charCodeAt(start) === HASH) return true
  if (!text.startsWith('**', start)) return false
  // `**Title**`, `**Title:**`, `**Title**:`
  const close = text.charCodeAt(end - 1) === COLON ? end - 1 : end
  return close - start > 4 && text.indexOf('**', start + 2) === close - 2
}

/**
 * The words that say what the step of sentences `from` to `last` is about: its heading, or the
 * first sentence of its kind that says something, without marks and interjections before it.
 *
 * @param first the first sentence that is not introduction; its kind is the step's
 */
export function findTitle(
  text: string,
  sentences: readonly Sentence[],
  from: number,
  first: number,
  last: number,
): TextRange {
  for (let index = from; index < first; index += 1) {
    const sentence = sentences[index]!
    if (isHeading(text, sentence)) return trimTitle(text, sentence)
  }
  const {kind} = sentences[first]!
  for (let index = first; index <= last && index < first + 4; index += 1) {
    const sentence = sentences[index]!
    if (sentence.kind !== kind) continue
    const title = trimTitle(text, sentence)
    if (title.end - title.start >= MIN_TITLE_LENGTH) return title
  }
  return trimTitle(text, sentences[first]!)
}

/** `sentence` on one line, without what stands before its words. */
function trimTitle(text: string, sentence: TextRange): TextRange {
  let {start, end} = sentence
  // A code block is about its first line of code.
  if (text.startsWith('```', start)) {
    const line = text.indexOf('\n', start)
    if (line > 0 && line + 1 < end) start = line + 1
  }
  // Most sentences begin with neither; a look at the first letter is cheaper than the regex.
  if (BEFORE_MARKS.has(text.charCodeAt(start))) start = skip(MARKS, text, start, end)
  for (let round = 0; round < 3; round += 1) {
    if (!BEFORE_INTERJECTIONS.has(text.charCodeAt(start) | 32)) break
    const next = skip(INTERJECTION, text, start, end)
    if (next === start) break
    start = next
  }
  end = Math.min(end, start + MAX_TITLE_LENGTH)
  // Not `text.indexOf`, which would search the whole text where there is no line break.
  const line = text.slice(start, end).indexOf('\n')
  if (line > 0) end = start + line
  if (end < sentence.end) end = trimEnd(text, start, end)
  // `**Title:**` to `Title`.
  if (isHeading(text, {start, end}) && text.charCodeAt(start) === STAR) {
    start += 2
    while (
      end > start + 1 &&
      (text.charCodeAt(end - 1) === STAR || text.charCodeAt(end - 1) === COLON)
    ) {
      end -= 1
    }
  }
  return start < end ? {start, end} : {start: sentence.start, end: sentence.end}
}

/** Where `pattern` (sticky) ends, if anything is left of the sentence after it. */
function skip(pattern: RegExp, text: string, start: number, end: number): number {
  pattern.lastIndex = start
  return pattern.test(text) && pattern.lastIndex < end ? pattern.lastIndex : start
}

/** No white space at the end, and no half of a surrogate pair. */
function trimEnd(text: string, start: number, end: number): number {
  const code = text.charCodeAt(end - 1)
  if (isHighSurrogate(code)) end -= 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return end
}
