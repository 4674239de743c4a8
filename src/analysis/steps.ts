/**
 * From labelled sentences to steps: what a person would call one thing that the model does, and
 * what becomes a span. Goes through the sentences once and knows the two that follow, so that it
 * can be done while text still comes.
 */
import {type Granularity, type Sentence, type Step, STEP_KINDS, type StepKind} from '../model.ts'
import {COLON, NEWLINE} from './characters.ts'
import {MAX_GAP_LENGTH} from './pieces.ts'
import {
  beginTitle,
  newTitleChoice,
  considerTitle,
  endTitle,
  isHeading,
  saysNothing,
  type TitleChoice,
} from './title.ts'
import {
  LABELLED_TURN,
  NO_TURN,
  SURE_TURN,
  type Turn,
  turned,
  type TurnedSentence,
  UNSURE_TURN,
} from './turns.ts'

/** An `other` sentence longer than this, in UTF-16 code units, says something of its own. */
const MAX_ABSORBED_LENGTH = 160
/** A step of this length, in UTF-16 code units, ends with the sentence: what is open must be held. */
const MAX_STEP_LENGTH = 32_768
/** A sentence less sure than this begins no step, unless the next one is of its kind too. */
const SPLIT_CONFIDENCE = 0.45

/**
 * Steps that there should be by place `at` of a text are this times `growth(at)`: more in a long one,
 * but not in proportion, since a person reads them all.
 */
const BUDGET: Readonly<Record<Granularity, number>> = {fine: Infinity, medium: 5, coarse: 3}
const growth = (at: number): number => 1 + Math.log1p(at / 300)
/** The least length of a step is its place in the text divided by this. */
const DIVISOR: Readonly<Record<Granularity, number>> = {fine: Infinity, medium: 14, coarse: 6}
/** How many times the budget may be used up before turns begin no step any more, by how sure. */
const ROOM: Readonly<Record<Granularity, readonly number[]>> = {
  fine: [1, 1, 1, 1],
  medium: [3, 1.25, 3, 4.5],
  coarse: [2, 1, 2, 3.3],
}
/** A step of this length need not be longer, whatever is left of the budget. */
const LONGEST: Readonly<Record<Granularity, number>> = {fine: 0, medium: 2500, coarse: 8000}
/** How fast the least length grows as the budget is used up. */
const PATIENCE = 4

// What must be of that length where a step ends: all of it where infer and fact take turns, less
// where the model sets out to do something else.
const WEAK = 1
const CLEAR = 0.5
/** A paragraph of the same kind begins a step where the one before has become this long. */
const SAME = 2
const LEAST_SAME = 600

type Kinds = Readonly<Partial<Record<StepKind, true>>>
/** A step that such a sentence begins is of its kind, and ends with the run of it. */
const TURNS: Kinds = {verify: true, backtrack: true, act: true}
/** With these the model sets out to do something else. */
const MOVES: Kinds = {plan: true, conclude: true}

const KIND_NUMBER = Object.fromEntries(
  STEP_KINDS.map((kind, number) => [kind, number]),
) as Readonly<Record<StepKind, number>>
const OTHER = KIND_NUMBER.other

/** Chatter, labels, `Hmm, okay.`: part of the step that they introduce. */
const isAbsorbed = ({kind, start, end}: Sentence): boolean =>
  kind === 'other' && end - start <= MAX_ABSORBED_LENGTH

/** One unsure sentence is more likely a mistake than a change of kind. */
const isUnsure = (
  {sentence: {kind, confidence}, turns}: TurnedSentence,
  next: TurnedSentence | undefined,
): boolean =>
  confidence < SPLIT_CONFIDENCE &&
  turns !== UNSURE_TURN &&
  turns !== SURE_TURN &&
  next?.sentence.kind !== kind

interface OpenStep {
  start: number
  end: number
  /** Kind of its first sentence that is not chatter. */
  opener: StepKind | undefined
  /** How sure the turn is that it began with, if it did. */
  turns: number
  /** Kind of its latest sentence that is not chatter. */
  latest: StepKind | undefined
  /** By number of the kind: code units, and code units times confidence. */
  readonly lengths: Float64Array
  readonly weights: Float64Array
  readonly title: TitleChoice
}

/** Takes labelled sentences in order and gives steps. */
export interface StepBuilder {
  /**
   * Takes the next sentence.
   *
   * @param text holds the sentence, and what stands up to 40 code units before it
   * @param offset where `text` begins in the whole
   * @param turn what is known of a turn to checking or backing up
   * @returns the step that ended three sentences before it or earlier, if one did: final
   */
  add(text: string, offset: number, sentence: Sentence, turn?: Turn | undefined): Step | undefined
  /** The text has ended. @returns the steps that were still open */
  end(): Step[]
}

/**
 * Begins to merge sentences into steps. Steps cover the text from the first sentence to the last,
 * in order; only white space lies between them.
 *
 * - The first `verify`, `backtrack` or `act` of a run begins a step of that kind, which ends with
 *   the run. So does a sentence of another kind that turns to checking or backing up, and a check
 *   that is no turn does not.
 * - Other sentences begin a step where the kind changes and the step before is long enough, the
 *   longer the further the text has come; such a step is of the kind that most of its text has.
 * - Chatter joins the step that it introduces; at the end of the text, the one before it.
 * - A sentence of low confidence begins no step, unless the next is of its kind too.
 */
export function beginSteps(granularity: Granularity = 'medium'): StepBuilder {
  const divisor = DIVISOR[granularity]
  const budget = BUDGET[granularity]
  const room = ROOM[granularity]
  const longest = LONGEST[granularity]
  let count = 0
  let step: OpenStep | undefined
  // Of the open step; one is open at a time.
  const lengths = new Float64Array(STEP_KINDS.length)
  const weights = new Float64Array(STEP_KINDS.length)
  const title = newTitleChoice()

  /** Whether a step begins with a sentence, as far as can be told from it and the one after. */
  const begins = (
    open: OpenStep,
    current: TurnedSentence,
    next: TurnedSentence | undefined,
    isParagraph: boolean,
  ): boolean => {
    const {sentence, turns} = current
    const {kind} = sentence
    if (open.opener === undefined) return false
    const length = open.end - open.start
    const least = sentence.start / divisor
    const isTurn = TURNS[open.opener] === true
    if (turns === NO_TURN && (kind === 'verify' || kind === 'backtrack')) return false
    const same = kind === (isTurn ? open.opener : open.latest)
    if (same && !(isParagraph && least > 0 && length >= LEAST_SAME)) return false
    if (isUnsure(current, next)) {
      if (!isTurn || next === undefined || next.sentence.kind === open.opener) return false
    }
    // `Let me check:` goes with what it says is checked.
    if (isTurn && !same && TURNS[kind] !== true && saysNothing(open.title)) return false
    // How much of the budget is used up.
    const pressure = count / (budget * growth(sentence.start))
    if (!same && (isTurn || TURNS[kind] === true)) {
      const ofTurn = room[TURNS[kind] === true ? turns : open.turns]!
      return length >= least * (pressure / ofTurn) ** (2 * PATIENCE)
    }
    const moves = MOVES[kind] === true || MOVES[open.latest as StepKind] === true
    const weight = same ? SAME : (moves ? CLEAR : WEAK) / (isParagraph ? 2 : 1)
    return length >= Math.min(least * weight * Math.max(1, pressure) ** PATIENCE, longest)
  }

  const beginsStep = (
    open: OpenStep,
    current: TurnedSentence,
    isHead: boolean,
    next: TurnedSentence | undefined,
    second: TurnedSentence | undefined,
  ): boolean => {
    const {text, offset, sentence} = current
    const length = open.end - open.start
    if (length >= MAX_STEP_LENGTH || sentence.start - open.end > MAX_GAP_LENGTH) return true
    if (isHead && current.turns !== SURE_TURN && open.opener !== undefined) {
      return length >= (sentence.start / divisor) * (CLEAR / 2)
    }
    const isParagraph = beginsParagraph(text, sentence.start - offset)
    if (!isAbsorbed(sentence)) return begins(open, current, next, isParagraph)
    // It introduces what follows it, if that begins a step. `Hmm.` does not introduce a turn: the
    // place where the model turns round is the one to show.
    const introduced = next !== undefined && isAbsorbed(next.sentence) ? second : next
    if (introduced === undefined || isAbsorbed(introduced.sentence)) return false
    if (
      TURNS[introduced.sentence.kind] === true &&
      text.charCodeAt(sentence.end - offset - 1) !== COLON
    ) {
      return false
    }
    return begins(open, introduced, undefined, isParagraph)
  }

  /** Puts a sentence into the open step or a new one. @returns the step that ended with that */
  const place = (
    waiting: TurnedSentence,
    next: TurnedSentence | undefined,
    second: TurnedSentence | undefined,
  ): Step | undefined => {
    const {text, offset, sentence, turns} = waiting
    const {start, end} = sentence
    const isHead = isHeading(text, start - offset, end - offset)
    let ended: Step | undefined
    if (step !== undefined && beginsStep(step, waiting, isHead, next, second)) {
      ended = closeStep(step)
      step = undefined
      count += 1
    }
    if (step === undefined) {
      step = {
        start,
        end,
        opener: undefined,
        turns: LABELLED_TURN,
        latest: undefined,
        lengths,
        weights,
        title,
      }
      lengths.fill(0)
      weights.fill(0)
      beginTitle(title)
    }
    step.end = end
    const number = KIND_NUMBER[sentence.kind]
    lengths[number]! += end - start
    weights[number]! += (end - start) * sentence.confidence
    let isFirst = false
    if (!isAbsorbed(sentence)) {
      isFirst = step.opener === undefined
      if (isFirst) {
        step.opener = sentence.kind
        step.turns = sentence.kind === 'act' ? LABELLED_TURN : turns
      }
      // What was taken in against its label says nothing about what comes next.
      const isTakenIn = TURNS[sentence.kind] === true && sentence.kind !== step.opener
      if (isFirst || !(isTakenIn || isUnsure(waiting, next))) step.latest = sentence.kind
    }
    considerTitle(title, text, offset, sentence, isHead, isFirst)
    return ended
  }

  let first: TurnedSentence | undefined
  let second: TurnedSentence | undefined
  return {
    add(text, offset, sentence, turn) {
      const third = turned(text, offset, sentence, turn)
      const ended = first === undefined ? undefined : place(first, second, third)
      first = second
      second = third
      return ended
    },
    end() {
      const steps: Step[] = []
      const take = (ended: Step | undefined): void => {
        if (ended !== undefined) steps.push(ended)
      }
      if (first !== undefined) take(place(first, second, undefined))
      if (second !== undefined) take(place(second, undefined, undefined))
      if (step !== undefined) take(closeStep(step))
      first = second = step = undefined
      return steps
    },
  }
}

function closeStep({start, end, opener, lengths, weights, title}: OpenStep): Step {
  let number = opener === undefined ? OTHER : KIND_NUMBER[opener]
  if (opener !== undefined && TURNS[opener] !== true) {
    for (let other = 0; other < lengths.length; other += 1) {
      // A turn within would have begun a step, had it been sure enough.
      if (other === OTHER || TURNS[STEP_KINDS[other] as StepKind] === true) continue
      if (lengths[other]! > lengths[number]!) number = other
    }
  }
  const kind = STEP_KINDS[number] as StepKind
  const confidence = lengths[number]! > 0 ? weights[number]! / lengths[number]! : 0
  return {
    start,
    end,
    kind,
    confidence: Math.round(confidence * 100) / 100,
    ...endTitle(title, kind),
  }
}

/** Whether a blank line stands before the sentence at `at`. */
function beginsParagraph(text: string, at: number): boolean {
  let lines = 0
  for (let gap = at - 1; gap >= 0 && gap > at - 12; gap -= 1) {
    const code = text.charCodeAt(gap)
    if (code === NEWLINE) {
      lines += 1
      if (lines === 2) return true
    } else if (code > 32) return false
  }
  return false
}

/**
 * The steps of a whole text.
 *
 * @param turns what is known of turns, by sentence
 */
export function mergeSteps(
  text: string,
  sentences: readonly Sentence[],
  granularity?: Granularity,
  turns?: readonly (Turn | undefined)[],
): Step[] {
  const steps: Step[] = []
  const builder = beginSteps(granularity)
  sentences.forEach((sentence, i) => {
    const ended = builder.add(text, 0, sentence, turns?.[i])
    if (ended !== undefined) steps.push(ended)
  })
  for (const ended of builder.end()) steps.push(ended)
  return steps
}

/** A step as it was said: its sentences are of its kind, and nothing merges with it. */
export function giveStep(text: string, kind: StepKind, sentences: readonly Sentence[]): Step {
  const title = newTitleChoice()
  let isFirst = true
  for (const sentence of sentences) {
    considerTitle(title, text, 0, sentence, isHeading(text, sentence.start, sentence.end), isFirst)
    isFirst = false
  }
  return {
    start: (sentences[0] as Sentence).start,
    end: (sentences.at(-1) as Sentence).end,
    kind,
    confidence: 1,
    ...endTitle(title, kind),
  }
}

/**
 * At most `maxSteps` steps: those over it merge into the last one, which keeps its kind and title.
 *
 * @returns the steps (the very same array where nothing was merged), and how many of the found
 * steps the last one stands for: 0 where nothing was merged
 */
export function capSteps(
  steps: readonly Step[],
  maxSteps: number,
): {steps: readonly Step[]; merged: number} {
  const allowed = Math.max(Math.floor(maxSteps), 1)
  if (steps.length <= allowed) return {steps, merged: 0}
  const kept = steps.slice(0, allowed)
  const last = kept[allowed - 1]!
  kept[allowed - 1] = {...last, end: steps.at(-1)!.end}
  return {steps: kept, merged: steps.length - allowed + 1}
}
