/**
 * `missing_condition`: the reasoning says again and again, or in plain words, that something it
 * needs was not given.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {groupBit} from './words.ts'

/** Says that the task lacks something. */
const NOT_GIVEN =
  /\b(?:(?:problem|question|statement|task|prompt|user|order|ticket|policy|it|they|text|message|request|data|context)(?: itself| here)? (?:doesn['’]t|does not|didn['’]t|did not|never|don['’]t)(?: actually| really| explicitly| even| clearly)? (?:say|state|specify|give|provide|mention|define|include|tell)|(?:isn['’]t|is not|aren['’]t|are not|wasn['’]t|was not|weren['’]t|not)(?: been)?(?: actually| explicitly| even| clearly)? (?:given|provided|specified|stated|mentioned|defined|included)|(?:no|any|without|lack of|more|additional|enough|insufficient|missing|further|other|some|needed) (?:\w{1,12} ){0,2}(?:information|info|details?|data|context|constraints?|conditions?)|unspecified|undefined)\b/i
/** Says that it cannot go on without it. */
const CANNOT =
  /\b(?:(?:can['’]t|cannot|can not|couldn['’]t|could not|impossible to|no way to|unable to|not possible to)(?: be| really| actually| possibly)? (?:determine|determined|solve|solved|compute|computed|calculate|calculated|find|answer|answered|know|say|tell|decide|proceed)|how (?:am i|are we|can (?:i|we|you)|could (?:i|we)|do (?:i|we)) (?:supposed|meant|expected|compute|find|calculate|proceed|determine|solve|do)|without (?:knowing|being given|a given|having)|(?:missing|incomplete|ill-posed|underdetermined|unsolvable|not enough|insufficient|typo)\b|(?:something|part|piece|condition|information|equation|value|premise) (?:is |seems |might be |must be |that['’]s |that is )?(?:missing|omitted|left out|cut off))/i

/** Sentences that say both weigh as three. */
const scoreOf = (sentence: string): number => {
  const isMissing = NOT_GIVEN.test(sentence)
  const isStuck = CANNOT.test(sentence)
  return isMissing && isStuck ? 3 : isMissing || isStuck ? 1 : 0
}

interface MissingEvidence {
  readonly score: number
  /** Index of the first sentence that says so, and of the plainest. */
  readonly first: number
  readonly plainest: number
}

function missingEvidence({text, sentences, words}: SignalInput): MissingEvidence {
  const bit = groupBit('missing')
  let score = 0
  let first = -1
  let plainest = -1
  let best = 0
  for (let i = 0; i < sentences.length; i += 1) {
    if ((words.groups[i]! & bit) === 0) continue
    const {start, end} = sentences[i]!
    const own = scoreOf(text.slice(start, Math.min(end, start + 600)))
    if (own === 0) continue
    score += own
    if (first < 0) first = i
    if (own > best) {
      best = own
      plainest = i
    }
  }
  return {score, first, plainest}
}

const MIN_SCORE = 5

export function findMissingCondition(input: SignalInput): Signal[] {
  const {score, plainest} = missingEvidence(input)
  if (score < MIN_SCORE) return []
  return [
    signalOf('missing_condition', input.sentences[plainest]!, score < MIN_SCORE * 2 ? 0.7 : 0.9),
  ]
}
