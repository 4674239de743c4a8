/** What votes are given to, cue groups and features, and which of them a sentence has. */
import {allCues} from '../../src/analysis/cues/index.ts'
import {type CueIndex, indexCues, type SentenceShape} from '../../src/analysis/cue-scanner.ts'
import {
  FEATURE_NAMES,
  findFeatures,
  startTrail,
  type TextFacts,
} from '../../src/analysis/features.ts'
import type {TextRange} from '../../src/analysis/sentences.ts'
import {findMentions} from '../../src/analysis/tool-mentions.ts'
import {STEP_KINDS, type ToolCall} from '../../src/model.ts'

export const KIND_COUNT = STEP_KINDS.length

const cues = allCues()
const index: CueIndex = indexCues(cues.map(([, , phrases]) => phrases.split(' | ')))

/** Names of the cue groups, then of the features. */
export const VOTER_NAMES: readonly string[] = [...cues.map(([name]) => name), ...FEATURE_NAMES]
export const CUE_COUNT = cues.length

/** One number for each voter and kind: `votes[voter * KIND_COUNT + kind]`. */
export type Votes = Float64Array | Int16Array

/** A text of which all is known that does not depend on votes. */
export interface PreparedText {
  readonly facts: TextFacts
  readonly cues: readonly Uint16Array[]
  readonly shapes: readonly SentenceShape[]
}

const found = new Uint16Array(VOTER_NAMES.length)

export function prepare(
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[],
): PreparedText {
  const shapes: SentenceShape[] = []
  const cuesOf = ranges.map(({start, end}) => {
    const count = index.findCues(text, start, end, found)
    shapes.push({...index.shape})
    return found.slice(0, count)
  })
  const mentions = findMentions(text, toolCalls)
  return {
    facts: {text, ranges, mentions, callFollows: toolCalls.length > 0},
    cues: cuesOf,
    shapes,
  }
}

/**
 * Visits the sentences in order, each with its voters, which are only good for the visit.
 *
 * @param visit gives back the kind that the next sentence sees before it
 */
export function eachSentence(
  {facts, cues: cuesOf, shapes}: PreparedText,
  visit: (sentence: number, voters: Uint16Array) => number,
): void {
  const trail = startTrail()
  cuesOf.forEach((own, sentence) => {
    found.set(own)
    const shape = shapes[sentence]!
    const count = findFeatures(facts, sentence, shape, trail, found, own.length, CUE_COUNT)
    trail.kind = visit(sentence, found.subarray(0, count))
  })
}

/** The label that votes give to a sentence. */
export interface Verdict {
  readonly kind: number
  /** How far it is ahead of the second best, in the unit of the votes. */
  readonly lead: number
}

export function verdictOf(votes: Votes, voters: Uint16Array): Verdict {
  const totals = new Float64Array(KIND_COUNT)
  for (const voter of voters) {
    for (let kind = 0; kind < KIND_COUNT; kind += 1) {
      totals[kind]! += votes[voter * KIND_COUNT + kind]!
    }
  }
  let kind = 0
  let second = -Infinity
  for (let other = 1; other < KIND_COUNT; other += 1) {
    if (totals[other]! > totals[kind]!) {
      second = totals[kind]!
      kind = other
    } else second = Math.max(second, totals[other]!)
  }
  return {kind, lead: totals[kind]! - second}
}

/** Labels all sentences of a text, each seeing the label before it. */
export function labelBy(votes: Votes, text: PreparedText): Verdict[] {
  const verdicts: Verdict[] = []
  eachSentence(text, (_, voters) => {
    const verdict = verdictOf(votes, voters)
    verdicts.push(verdict)
    return verdict.kind
  })
  return verdicts
}
