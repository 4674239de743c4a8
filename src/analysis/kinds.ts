/**
 * Labels sentences by rules: what phrases they hold, how they begin and end, where they stand and
 * what came before. English only; elsewhere the marks still tell questions, headings, lists and
 * code, and the confidence says how little that is.
 */
import {type ClassifierContext, type KindLabel, STEP_KINDS, type ToolCall} from '../model.ts'
import {allCues, type Votes} from './cues/index.ts'
import {type CueIndex, indexCues} from './cue-scanner.ts'
import {featureVotes} from './feature-votes.ts'
import {FEATURE_NAMES, findFeatures, startTrail, type TextFacts, type Trail} from './features.ts'
import type {KindStream} from './network/labels.ts'
import type {TextRange} from './sentences.ts'
import {findMentions} from './tool-mentions.ts'

const KIND_COUNT = STEP_KINDS.length

/** Confidence where the words are not ones that the rules know. */
const FOREIGN_CONFIDENCE = 0.25

// How often a label was right by its lead over the second best, in cross-validation over the
// labelled sets: a logistic curve through 39 % at no lead, 61 % at 1, 79 % at 2, 95 % at 4.
const CONFIDENCE_AT_NO_LEAD = -0.632
const CONFIDENCE_BY_LEAD = 0.686
const LEAD_STEPS = 8
/** A lead of 6 and more is as sure as it gets. */
const MAX_STEP = 6 * LEAD_STEPS
/** Stands for any lead where the words are not ones that the rules know. */
const FOREIGN_STEP = MAX_STEP + 1
const MAX_CONFIDENCE = 0.99

interface Rules {
  readonly index: CueIndex
  /**
   * Votes of cues, then of features, in tenths: `LANES` numbers each, of which every one holds the
   * votes for two kinds, so that one addition adds both. `BIAS` keeps them above 0.
   */
  readonly votes: Int32Array
  /**
   * Labels by kind and by lead in steps, made as they are needed: they are few, and sharing them
   * spares an object a sentence.
   */
  readonly labels: (KindLabel | undefined)[][]
  /** Cues and features of the sentence at hand. */
  readonly found: Uint16Array
  /** Its votes, one a kind. */
  readonly totals: Int32Array
}

const LANES = KIND_COUNT / 2
const TENTHS = 10
/** Above any vote against a kind, and so small that a sentence full of votes fits into 16 bits. */
const BIAS = 128

let rules: Rules | undefined

/**
 * Makes the rules ready, which takes a few milliseconds in a process that has just begun. They are
 * made at first use otherwise: importing the package costs those nothing who never see reasoning.
 */
export function prepareRules(): void {
  loadRules()
}

function loadRules(): Rules {
  if (rules !== undefined) return rules
  const cues = allCues()
  const rows = cues.length + FEATURE_NAMES.length
  const votes = new Int32Array(rows * LANES)
  const setRow = (row: number, given: Votes): void => {
    const biased = (k: number): number => Math.round((given[STEP_KINDS[k]!] ?? 0) * TENTHS) + BIAS
    for (let lane = 0; lane < LANES; lane += 1) {
      votes[row * LANES + lane] = biased(lane * 2) | (biased(lane * 2 + 1) << 16)
    }
  }
  const ofFeatures = featureVotes()
  cues.forEach(([, given], row) => setRow(row, given))
  FEATURE_NAMES.forEach((name, i) => setRow(cues.length + i, ofFeatures[name]))
  rules = {
    index: indexCues(cues.map(([, , phrases]) => phrases.split(' | '))),
    votes,
    labels: STEP_KINDS.map(() => []),
    found: new Uint16Array(rows),
    totals: new Int32Array(KIND_COUNT),
  }
  return rules
}

function labelOf({labels}: Rules, kind: number, step: number): KindLabel {
  const ofKind = labels[kind]!
  return (ofKind[step] ??= Object.freeze({
    kind: STEP_KINDS[kind]!,
    confidence: step === FOREIGN_STEP ? FOREIGN_CONFIDENCE : confidenceOf(step / LEAD_STEPS),
  }))
}

function confidenceOf(lead: number): number {
  const odds = Math.exp(CONFIDENCE_AT_NO_LEAD + CONFIDENCE_BY_LEAD * lead)
  return Math.min(Math.round((odds / (1 + odds)) * 100) / 100, MAX_CONFIDENCE)
}

/**
 * Begins to label the sentences of `text`. Each call of the function that comes back appends the
 * labels of the next sentences, up to index `until`, so that long text can be done in slices.
 *
 * @param ranges all sentences of the text, as `splitSentences` gives them
 * @param toolCalls the calls that follow the text
 */
export function beginLabels(
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[] = [],
): (until: number, labels: KindLabel[]) => void {
  const ours = loadRules()
  const facts: TextFacts = {
    text,
    ranges,
    mentions: [],
    callFollows: toolCalls.length > 0,
  }
  const trail = startTrail()
  let next = 0
  return (until, labels) => {
    for (; next < until; next += 1) {
      facts.mentions = mentionsIn(text, ranges[next]!, toolCalls)
      labels.push(labelSentence(ours, facts, next, trail))
    }
  }
}

const NO_MENTIONS: readonly number[] = []

/** Of one sentence only: a text that is still coming has no others to look through. */
function mentionsIn(
  text: string,
  {start, end}: TextRange,
  toolCalls: readonly ToolCall[],
): readonly number[] {
  if (toolCalls.length === 0) return NO_MENTIONS
  return findMentions(text.slice(start, end), toolCalls).map((mention) => mention + start)
}

/** The label of sentence `at`, those before which were labelled with the same `trail`. */
function labelSentence(ours: Rules, facts: TextFacts, at: number, trail: Trail): KindLabel {
  const {index, votes, found, totals} = ours
  const base = index.size
  trail.mention = 0
  const {start, end} = facts.ranges[at]!
  const cues = index.findCues(facts.text, start, end, found)
  const count = findFeatures(facts, at, index.shape, trail, found, cues, base)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let e = 0
  for (let i = 0; i < count; i += 1) {
    const row = found[i]! * LANES
    a += votes[row]!
    b += votes[row + 1]!
    c += votes[row + 2]!
    d += votes[row + 3]!
    e += votes[row + 4]!
  }
  totals[0] = a & 0xffff
  totals[1] = a >>> 16
  totals[2] = b & 0xffff
  totals[3] = b >>> 16
  totals[4] = c & 0xffff
  totals[5] = c >>> 16
  totals[6] = d & 0xffff
  totals[7] = d >>> 16
  totals[8] = e & 0xffff
  totals[9] = e >>> 16
  let best = 0
  let second = 0
  for (let k = 1; k < KIND_COUNT; k += 1) {
    const total = totals[k]!
    if (total > totals[best]!) {
      second = totals[best]!
      best = k
    } else if (total > second) second = total
  }
  const lead = (totals[best]! - second) / TENTHS
  trail.kind = best
  const {words, known, letters, foreign} = index.shape
  const isForeign = foreign > letters || (words > 7 && known * 4 < words + foreign * 2)
  const step = isForeign ? FOREIGN_STEP : Math.min(Math.floor(lead * LEAD_STEPS), MAX_STEP)
  return labelOf(ours, best, step)
}

/** Sentences after one that may change its label. */
const LOOK_AHEAD = 2
/** Sentences whose place in the text is told apart. */
const PLACES = 8

/**
 * Begins to label the sentences of a text that is still coming, by the same rules.
 *
 * @param toolCalls the calls that follow the text, where known
 */
export function startRules(toolCalls: readonly ToolCall[] = []): KindStream {
  const ours = loadRules()
  const trail = startTrail()
  // Only what is asked for is there: the sentence at hand, and how many there are for all we know.
  // Past the first few, its place makes no difference, so that nothing grows with the text.
  const ranges: TextRange[] = []
  const waiting: {text: string; range: TextRange}[] = []
  let next = 0
  const give = (labels: KindLabel[]): void => {
    const {text, range} = waiting.shift()!
    ranges[next] = range
    ranges.length = next + 1 + waiting.length
    const facts: TextFacts = {
      text,
      ranges,
      mentions: mentionsIn(text, range, toolCalls),
      callFollows: toolCalls.length > 0,
    }
    labels.push(labelSentence(ours, facts, next, trail))
    if (next < PLACES) next += 1
  }
  return {
    add(text, range, labels) {
      waiting.push({text, range})
      if (waiting.length > LOOK_AHEAD) give(labels)
    },
    end(labels) {
      while (waiting.length > 0) give(labels)
    },
  }
}

/**
 * Sentences at the start of a text that are looked at to tell its language: no more than a text that
 * is still coming has when its first one is labelled.
 */
export const SAMPLED_SENTENCES = LOOK_AHEAD + 1

/** Whether the words of a text are not ones that the rules, or the network, know. */
export function isForeignText(text: string, ranges: readonly TextRange[]): boolean {
  const {index, found} = loadRules()
  let words = 0
  let known = 0
  let letters = 0
  let foreign = 0
  for (let i = 0; i < ranges.length && i < SAMPLED_SENTENCES; i += 1) {
    index.findCues(text, ranges[i]!.start, ranges[i]!.end, found)
    words += index.shape.words
    known += index.shape.known
    letters += index.shape.letters
    foreign += index.shape.foreign
  }
  return foreign > letters || (words > 7 && known * 5 < words + foreign * 2)
}

/**
 * The built-in classifier: labels sentences by rules.
 *
 * @param sentences in the order in which they stand in `context.text`
 * @returns one label a sentence, in the same order
 */
export function labelByRules(
  sentences: readonly string[],
  context: Partial<ClassifierContext> = {},
): KindLabel[] {
  const {text, ranges} = locate(sentences, context.text ?? '')
  const labels: KindLabel[] = []
  beginLabels(text, ranges, context.toolCalls)(ranges.length, labels)
  return labels
}

/** Where the sentences stand in `text`; in a text made of them, if they do not all stand there. */
function locate(
  sentences: readonly string[],
  text: string,
): {text: string; ranges: readonly TextRange[]} {
  const ranges: TextRange[] = []
  let end = 0
  for (const sentence of sentences) {
    const start = text.indexOf(sentence, end)
    if (start < 0) break
    end = start + sentence.length
    ranges.push({start, end})
  }
  if (ranges.length === sentences.length) return {text, ranges}
  let start = 0
  return {
    text: sentences.join('\n'),
    ranges: sentences.map((sentence) => {
      const range = {start, end: start + sentence.length}
      start = range.end + 1
      return range
    }),
  }
}
