/**
 * Which sentences turn to checking or backing up. The kind of a sentence says what it does by
 * itself: `Alternatively, use Heron's formula` is a plan, `That's correct` a check. Whether a person
 * would say that a check begins there is another question, and the network answers it apart.
 */
import type {KindLabel, Sentence} from '../model.ts'
import {isHeading} from './title.ts'

/** That the model turns to checking or backing up with a sentence. */
export interface Turn {
  readonly kind: 'verify' | 'backtrack'
  /** 0 to 1. Not a share: turns of the kind that ReasoningFlow marks are surer than others. */
  readonly confidence: number
}

/** A label with a turn, where the classifier says anything of turns: that of another says nothing. */
export interface TurnLabel extends KindLabel {
  readonly turn?: Turn | undefined
}

// How sure it is that a step of checking or backing up begins with a sentence.
export const NO_TURN = 0
/** The label says so, and the turn does not say otherwise. */
export const UNSURE_TURN = 1
/** The label says so, and nothing is known of turns. */
export const LABELLED_TURN = 2
export const SURE_TURN = 3

/** A sentence turns whatever its label, from here on … */
const SURE = 0.5
/** … and does not, whatever its label, below this; between them the label decides. */
const NONE = 0.01
/** The share of sure turns against their label that were right on held-back texts. */
const SURE_CONFIDENCE = 0.6

// `That's correct.`, `So this fails.`, `Yes, it matches.`: how a step came out, and no new one.
const VERDICT = new RegExp(
  String.raw`[*_"'(\s-]*(?:(?:so|and|yes|okay|ok|which|hmm|great|good)[, ]+){0,2}(?:that|this|it|they|` +
    'everything|both|all|same|as|yes|correct|right|good|great|perfect|nice|matches|match|works|' +
    String.raw`fails|consistent|fits|seems|looks|not|something)\b`,
  'iy',
)
const MAX_VERDICT_LENGTH = 80

// `**Another Alternative Attempt:**`, `### Alternative approach: areas`: the one before was given up.
const RETRY =
  /[*_#\s]*(?:(?:another|one more) )?(?:alternative|alternate|another|different|new|second|third) (?:attempt|approach|method|way|solution)\b/iy
const MAX_RETRY_LENGTH = 90

/** How a sentence takes part in the merging into steps. */
export interface TurnedSentence {
  readonly text: string
  /** Where `text` begins in the whole. */
  readonly offset: number
  /** Of the kind that it turns to, where it does. */
  readonly sentence: Sentence
  /** One of `NO_TURN`, `UNSURE_TURN`, `LABELLED_TURN` and `SURE_TURN`. */
  readonly turns: number
}

/**
 * @param text holds the sentence
 * @param offset where `text` begins in the whole
 */
export function turned(
  text: string,
  offset: number,
  sentence: Sentence,
  turn: Turn | undefined,
): TurnedSentence {
  const {kind, start, end} = sentence
  const isLabelled = kind === 'verify' || kind === 'backtrack'
  const isSure = turn !== undefined && turn.confidence >= SURE
  if (isLabelled) {
    const turns = isSure ? SURE_TURN : labelledTurn(text, start - offset, end - offset, turn)
    return {text, offset, sentence, turns}
  }
  if (!isSure && !isRetry(text, start - offset, end - offset)) {
    return {text, offset, sentence, turns: NO_TURN}
  }
  const to = isSure && turn.kind === 'verify' ? 'verify' : 'backtrack'
  return {
    text,
    offset,
    sentence: {start, end, kind: to, confidence: SURE_CONFIDENCE},
    turns: SURE_TURN,
  }
}

function labelledTurn(text: string, start: number, end: number, turn: Turn | undefined): number {
  if (isVerdict(text, start, end)) return NO_TURN
  if (turn === undefined) return LABELLED_TURN
  return turn.confidence < NONE ? NO_TURN : UNSURE_TURN
}

/** Whether a sentence says no more than how a check came out. */
function isVerdict(text: string, start: number, end: number): boolean {
  if (end - start > MAX_VERDICT_LENGTH) return false
  VERDICT.lastIndex = 0
  return VERDICT.test(text.slice(start, end))
}

function isRetry(text: string, start: number, end: number): boolean {
  if (end - start > MAX_RETRY_LENGTH || !isHeading(text, start, end)) return false
  RETRY.lastIndex = 0
  return RETRY.test(text.slice(start, end))
}
