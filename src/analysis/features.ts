/**
 * What can be seen of a sentence without reading its words: how it begins and ends, its length, its
 * place in the text, and what came before it.
 */
import {STEP_KINDS, type StepKind} from '../model.ts'
import {
  BACKTICK,
  BANG,
  BULLET,
  COLON,
  DASH,
  DOT,
  HASH,
  LEFT_DOUBLE_QUOTE,
  NEWLINE,
  PIPE,
  PLUS,
  QUESTION,
  QUOTE,
  RIGHT_DOUBLE_QUOTE,
  RIGHT_PAREN,
  SPACE,
  STAR,
  UNDERSCORE,
  isDigit,
  isLower,
  isSpace,
} from './characters.ts'
import type {SentenceShape} from './cue-scanner.ts'
import type {TextRange} from './sentences.ts'

const PLAIN_FEATURES = [
  'any',
  'bullet',
  'numbered',
  'heading',
  'all-bold',
  'bold-label',
  'quote-first',
  'code-fence',
  'table',
  'ends-question',
  'ends-colon',
  'ends-bang',
  'no-stop',
  'label-colon',
  'words-0-3',
  'words-4-7',
  'words-8-14',
  'words-25-up',
  'number',
  'numbers-3-up',
  'equals',
  'equals-2-up',
  'backtick',
  'quotation',
  'first',
  'second',
  'early',
  'last',
  'paragraph',
  'after-colon',
  'item-again',
  'short-before',
  'names-tool',
  'before-call',
  'capital-less',
] as const

/** A feature; those that hold a kind are about the sentence before, or what introduced a list. */
export type FeatureName =
  | (typeof PLAIN_FEATURES)[number]
  | `after-${StepKind}`
  | `paragraph-after-${StepKind}`
  | `item-under-${StepKind}`

/** The features, in the order of their numbers. */
export const FEATURE_NAMES: readonly FeatureName[] = [
  ...PLAIN_FEATURES,
  ...STEP_KINDS.map((kind) => `after-${kind}` as const),
  ...STEP_KINDS.map((kind) => `paragraph-after-${kind}` as const),
  ...STEP_KINDS.map((kind) => `item-under-${kind}` as const),
]

const numberOf = (name: FeatureName): number => FEATURE_NAMES.indexOf(name)
const ANY = numberOf('any')
const BULLETED = numberOf('bullet')
const NUMBERED = numberOf('numbered')
const HEADING = numberOf('heading')
const ALL_BOLD = numberOf('all-bold')
const BOLD_LABEL = numberOf('bold-label')
const QUOTE_FIRST = numberOf('quote-first')
const CODE_FENCE = numberOf('code-fence')
const TABLE = numberOf('table')
const ENDS_QUESTION = numberOf('ends-question')
const ENDS_COLON = numberOf('ends-colon')
const ENDS_BANG = numberOf('ends-bang')
const NO_STOP = numberOf('no-stop')
const LABEL_COLON = numberOf('label-colon')
const WORDS_0 = numberOf('words-0-3')
const WORDS_4 = numberOf('words-4-7')
const WORDS_8 = numberOf('words-8-14')
const WORDS_25 = numberOf('words-25-up')
const NUMBER = numberOf('number')
const NUMBERS_3 = numberOf('numbers-3-up')
const EQUALITY = numberOf('equals')
const EQUALS_2 = numberOf('equals-2-up')
const BACKTICKED = numberOf('backtick')
const QUOTATION = numberOf('quotation')
const FIRST = numberOf('first')
const SECOND = numberOf('second')
const EARLY = numberOf('early')
const LAST = numberOf('last')
const PARAGRAPH = numberOf('paragraph')
const AFTER_COLON = numberOf('after-colon')
const ITEM_AGAIN = numberOf('item-again')
const SHORT_BEFORE = numberOf('short-before')
const NAMES_TOOL = numberOf('names-tool')
const BEFORE_CALL = numberOf('before-call')
const CAPITAL_LESS = numberOf('capital-less')
const AFTER = numberOf('after-setup')
const PARAGRAPH_AFTER = numberOf('paragraph-after-setup')
const ITEM_UNDER = numberOf('item-under-setup')

/** What is carried from one sentence to the next. */
export interface Trail {
  /** Kind of the sentence before, as its place in `STEP_KINDS`; -1 at the start. */
  kind: number
  /** Kind of what introduced the list that we are in; -1 outside. */
  intro: number
  item: boolean
  colon: boolean
  short: boolean
  /** How many of the tool mentions lie behind. */
  mention: number
}

export const startTrail = (): Trail => ({
  kind: -1,
  intro: -1,
  item: false,
  colon: false,
  short: false,
  mention: 0,
})

/** What is the same for every sentence of a text. */
export interface TextFacts {
  text: string
  ranges: readonly TextRange[]
  /** Where the names of the called tools stand, ascending. */
  mentions: readonly number[]
  /** A tool call follows the text. */
  callFollows: boolean
}

/**
 * Writes the numbers of the features of sentence `index` to `found` from `count` on, each plus
 * `base`, and returns the new count. Updates `trail` but for `trail.kind`.
 */
export function findFeatures(
  facts: TextFacts,
  index: number,
  shape: SentenceShape,
  trail: Trail,
  found: Uint16Array,
  count: number,
  base: number,
): number {
  const {text, ranges} = facts
  const {start, end} = ranges[index]!
  const add = (feature: number): void => {
    found[count] = base + feature
    count += 1
  }
  add(ANY)

  // Marks at the start.
  let from = start
  let code = text.charCodeAt(from)
  let item = false
  const next = text.charCodeAt(from + 1)
  if (code === HASH) {
    add(HEADING)
    while (from < end && (code === HASH || code === SPACE)) code = text.charCodeAt((from += 1))
  } else if (
    (code === DASH || code === STAR || code === PLUS || code === BULLET) &&
    isSpace(next)
  ) {
    add(BULLETED)
    item = true
    do code = text.charCodeAt((from += 1))
    while (code === SPACE && from < end)
  } else if (isDigit(code)) {
    let to = from
    while (to < end && to - from < 3 && isDigit(code)) code = text.charCodeAt((to += 1))
    if ((code === DOT || code === RIGHT_PAREN) && text.charCodeAt(to + 1) === SPACE) {
      add(NUMBERED)
      item = true
      do code = text.charCodeAt((to += 1))
      while (code === SPACE && to < end)
      from = to
    } else code = text.charCodeAt(from)
  } else if (code === BACKTICK && next === BACKTICK) add(CODE_FENCE)
  else if (code === PIPE) add(TABLE)
  if (code === QUOTE || code === LEFT_DOUBLE_QUOTE) add(QUOTE_FIRST)
  if (isLower(code)) add(CAPITAL_LESS)

  // Marks at the end.
  let to = end - 1
  let last = text.charCodeAt(to)
  const closed = last
  while (
    to > from &&
    (last === STAR ||
      last === UNDERSCORE ||
      last === QUOTE ||
      last === RIGHT_PAREN ||
      last === RIGHT_DOUBLE_QUOTE)
  ) {
    last = text.charCodeAt((to -= 1))
  }
  const colon = last === COLON || last === 0xff1a
  if (code === STAR && text.charCodeAt(from + 1) === STAR) {
    const close = boldEnd(text, from + 2, end)
    if (close >= end - 3) add(ALL_BOLD)
    else if (close > 0) add(BOLD_LABEL)
  }
  if (last === QUESTION || last === 0xff1f || last === 0x61f) add(ENDS_QUESTION)
  else if (colon) add(ENDS_COLON)
  else if (last === BANG) add(ENDS_BANG)
  else if (last !== DOT && closed !== DOT && last !== 0x3002) add(NO_STOP)
  // `Word: …`, `Two words: …`
  if (
    !colon &&
    shape.colon > 0 &&
    shape.colon < from + 30 &&
    text.charCodeAt(shape.colon + 1) === SPACE
  ) {
    add(LABEL_COLON)
  }

  // Scripts without spaces: two characters a word or so.
  const words = shape.words + (shape.foreign >> 1)
  if (words <= 3) add(WORDS_0)
  else if (words <= 7) add(WORDS_4)
  else if (words <= 14) add(WORDS_8)
  else if (words >= 25) add(WORDS_25)
  if (shape.numbers > 0) add(NUMBER)
  if (shape.numbers > 2) add(NUMBERS_3)
  if (shape.equals > 0) add(EQUALITY)
  if (shape.equals > 1) add(EQUALS_2)
  if (shape.backticks > 0) add(BACKTICKED)
  if (shape.quotes > 0) add(QUOTATION)

  // Place.
  const sentences = ranges.length
  if (index === 0) add(FIRST)
  else if (index === 1) add(SECOND)
  // Nothing that depends on how long the text is: it may still be coming.
  else if (index < 5) add(EARLY)
  if (index === sentences - 1) add(LAST)
  let paragraph = index === 0
  if (index > 0) {
    for (let gap = start - 1, lines = 0; gap > start - 12 && gap >= 0; gap -= 1) {
      const space = text.charCodeAt(gap)
      if (space === NEWLINE && (lines += 1) === 2) {
        paragraph = true
        break
      }
      if (!isSpace(space)) break
    }
  }
  if (paragraph) add(PARAGRAPH)

  // What came before.
  if (trail.colon) add(AFTER_COLON)
  if (trail.short) add(SHORT_BEFORE)
  if (item && trail.item) add(ITEM_AGAIN)
  if (item && !trail.item) trail.intro = trail.kind
  else if (!item && paragraph) trail.intro = -1
  if (item && trail.intro >= 0) add(ITEM_UNDER + trail.intro)
  if (trail.kind >= 0) add((paragraph ? PARAGRAPH_AFTER : AFTER) + trail.kind)

  // Tools.
  if (facts.callFollows && index >= sentences - 2) add(BEFORE_CALL)
  const {mentions} = facts
  if (mentions.length > 0) {
    while (mentions[trail.mention]! < start) trail.mention += 1
    if (mentions[trail.mention]! < end) add(NAMES_TOOL)
  }

  trail.colon = colon
  trail.short = words <= 3
  trail.item = item || (trail.item && !paragraph)
  return count
}

/** Where the bold text that began before `from` closes within 80 characters, else -1. */
function boldEnd(text: string, from: number, end: number): number {
  const until = Math.min(end - 1, from + 80)
  for (let at = from; at < until; at += 1) {
    if (text.charCodeAt(at) === STAR && text.charCodeAt(at + 1) === STAR) return at
  }
  return -1
}
