/** Which words of a step say what it is about. */
import type {Sentence, StepKind} from '../model.ts'
import {
  BACKSLASH,
  COLON,
  HASH,
  STAR,
  codesOf,
  isDigit,
  isHighSurrogate,
  isLower,
  isSpace,
} from './characters.ts'
import type {TextRange} from './sentences.ts'

/** Longest title in UTF-16 code units; what writes it cuts again, in bytes. */
const MAX_TITLE_LENGTH = 240

// `- `, `2. `, `> `, `## `: any of them, several times over in a quoted list.
const MARKS = /(?:[-*+•>]\s+|#\s*|\(?\d{1,3}[.)]\s+)+/y
// `Wait, `, `Hmm, okay, `, `But wait: `. Only with a mark after it: `So the window` keeps its `So`.
const INTERJECTION = new RegExp(
  '(?:(?:but|oh|no|ok|okay|hmm+|so|and|well|alright|right)[, ]+)?' +
    '(?:wait|hmm+|okay|ok|oh|well|alright|all right|right|hold on|so|now|ah|uh|sure|yes)' +
    String.raw`(?:[,.:;!…—–]|\.{2,3})\s+(?:(?:but|so|and)\s+(?=\w))?`,
  'iy',
)

const BEFORE_MARKS = codesOf('-*+•>#(0123456789')
const BEFORE_INTERJECTIONS = codesOf('abhnorswuy')

/** Whether a sentence is a Markdown heading, or a line that is bold from end to end. */
export function isHeading(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) === HASH) return true
  if (text.charCodeAt(start) !== STAR || text.charCodeAt(start + 1) !== STAR) return false
  // `**Title**`, `**Title:**`, `**Title**:`
  const close = text.charCodeAt(end - 1) === COLON ? end - 1 : end
  return close - start > 4 && text.indexOf('**', start + 2) === close - 2
}

const MAX_CANDIDATES = 3
/** Sentences after the first ones seldom say what a step is about. */
const MAX_SEEN = 6
/** A sentence of this many words that mean something says all that a title can. */
const ENOUGH_WORDS = 5
const OWN_KIND = 2
const ANNOUNCES = 1.5
const HEADING = 6
const FIRST = 1
/** How much less each later sentence is worth. */
const LATER = 0.75
/** `Set them equal:` says it after the colon. */
const LEAVES_OUT = 1.5

/** The sentences of a step that could be its title, and how good each would be. */
export interface TitleChoice {
  readonly kinds: StepKind[]
  readonly scores: number[]
  readonly starts: number[]
  readonly ends: number[]
  /** How many there are. */
  count: number
  /** Sentences that were seen. */
  seen: number
}

export const newTitleChoice = (): TitleChoice => ({
  kinds: [],
  scores: [],
  starts: [],
  ends: [],
  count: 0,
  seen: 0,
})

/** Begins the choice for the next step. */
export function beginTitle(choice: TitleChoice): void {
  choice.count = 0
  choice.seen = 0
}

/**
 * Weighs the next sentence of a step.
 *
 * @param offset where `text` begins in the whole, which the sentence's offsets are into
 * @param isFirst whether it is the first that is not chatter
 */
export function considerTitle(
  choice: TitleChoice,
  text: string,
  offset: number,
  sentence: Sentence,
  heading: boolean,
  isFirst: boolean,
): void {
  const at = choice.count
  choice.seen += 1
  if (at >= MAX_CANDIDATES || choice.seen > MAX_SEEN) return
  if (!heading && hasGood(choice, sentence.kind)) return
  const {start, end} = trimTitle(text, sentence.start - offset, sentence.end - offset)
  const words = meaningfulWords(text, start, end)
  if (words < 2 && at > 0 && !isFirst) return
  let score = Math.min(words, ENOUGH_WORDS) - at * LATER
  if (isFirst) score += FIRST
  if (heading && words > 0) score += HEADING
  if (words < 2) score -= 2
  if (text.charCodeAt(end - 1) === COLON) score -= LEAVES_OUT
  if (sentence.kind === 'plan') score += ANNOUNCES
  choice.kinds[at] = sentence.kind
  choice.scores[at] = score
  choice.starts[at] = start + offset
  choice.ends[at] = end + offset
  choice.count = at + 1
}

/** Whether no later sentence of this kind can be better. */
function hasGood({kinds, scores, count}: TitleChoice, kind: StepKind): boolean {
  for (let i = 0; i < count; i += 1) {
    if (kinds[i] === kind && scores[i]! >= ENOUGH_WORDS - LATER) return true
  }
  return false
}

/** Whether the step has one sentence so far, and that says nothing by itself. */
export const saysNothing = ({scores, count, seen}: TitleChoice): boolean =>
  seen === 1 && count === 1 && scores[0]! < FIRST + 1

/** The title, once it is known what kind the step is of. */
export function endTitle(
  {kinds, scores, starts, ends, count}: TitleChoice,
  kind: StepKind,
): {titleStart: number; titleEnd: number} {
  let best = 0
  let most = -Infinity
  for (let i = 0; i < count; i += 1) {
    const score = scores[i]! + (kinds[i] === kind ? OWN_KIND : 0)
    if (score > most) {
      most = score
      best = i
    }
  }
  return {titleStart: starts[best]!, titleEnd: ends[best]!}
}

const FNV_PRIME = 0x01000193

function hashWord(word: string): number {
  let hash = 0
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), FNV_PRIME)
  }
  return hash
}

/** Words that say nothing by themselves, however many of them a sentence has. */
const EMPTY_WORDS =
  'the and but for not that this these those there then than now here with from into are was were ' +
  'has have had been being can could would should will shall may might must does did doing done let ' +
  'lets see think thinking know look looks like seem seems mean means make makes sure right correct ' +
  'okay yes wait hmm well actually maybe perhaps just also still very really quite again back first ' +
  'next one two way ways thing things something anything what which how why when where who its his ' +
  'her their our your you she they them him all any each both some such only more most much many ' +
  'about because since though although while however therefore thus hence alternatively good great ' +
  'alright true false check double verify step steps answer fine need want going get got try given ' +
  'same other another sense problem question following above below follows simple interesting ' +
  'alternative attempt approach'

/**
 * 1 at the place of each of those words. A word of the same place by chance, one in a hundred, only
 * counts for nothing too.
 */
const isEmptyAt = new Uint8Array(1 << 14)
const placeOf = (hash: number): number => (hash ^ (hash >>> 15)) & (isEmptyAt.length - 1)
for (const word of EMPTY_WORDS.split(' ')) isEmptyAt[placeOf(hashWord(word))] = 1

/** How many words from `start` on mean something: no command of a formula, none that is empty. */
function meaningfulWords(text: string, start: number, end: number): number {
  const to = Math.min(end, start + MAX_TITLE_LENGTH)
  let count = 0
  let wide = 0
  let hasNumber = false
  let at = start
  while (at < to && count < ENOUGH_WORDS) {
    let code = text.charCodeAt(at)
    if (code >= 0x2e80) wide += 1
    if (!isLetter(code)) {
      // `\frac` and its like.
      hasNumber ||= isDigit(code)
      if (code === BACKSLASH) while (at + 1 < to && isLetter(text.charCodeAt(at + 1))) at += 1
      at += 1
      continue
    }
    const from = at
    let hash = 0
    while (at < to && isLetter(code)) {
      hash = Math.imul(hash ^ (code | 32), FNV_PRIME)
      code = text.charCodeAt((at += 1))
    }
    if (at - from > 2 && isEmptyAt[placeOf(hash)] === 0) count += 1
  }
  // Scripts without spaces: two characters a word or so.
  return count + (wide >> 1) + (hasNumber && count > 0 ? 1 : 0)
}

const isLetter = (code: number): boolean =>
  isLower(code | 32) || (code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7)

/** The sentence on one line, without what stands before its words. */
function trimTitle(text: string, from: number, to: number): TextRange {
  let start = from
  let end = to
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
  if (end < to) end = trimEnd(text, start, end)
  // `**Title:**` to `Title`.
  if (isHeading(text, start, end) && text.charCodeAt(start) === STAR) {
    start += 2
    while (
      end > start + 1 &&
      (text.charCodeAt(end - 1) === STAR || text.charCodeAt(end - 1) === COLON)
    ) {
      end -= 1
    }
  }
  return start < end ? {start, end} : {start: from, end: to}
}

/** Where `pattern` (sticky) ends, if anything is left of the sentence after it. */
function skip(pattern: RegExp, text: string, start: number, end: number): number {
  // What follows the sentence must not matter: it may not have come yet.
  const words = text.slice(start, Math.min(end, start + MAX_TITLE_LENGTH))
  pattern.lastIndex = 0
  return pattern.test(words) && pattern.lastIndex < words.length ? start + pattern.lastIndex : start
}

/** No white space at the end, and no half of a surrogate pair. */
function trimEnd(text: string, start: number, end: number): number {
  const code = text.charCodeAt(end - 1)
  if (isHighSurrogate(code)) end -= 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return end
}
