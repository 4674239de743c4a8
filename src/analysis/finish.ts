/**
 * The pure pieces that an analysis is made of: cut, label, finish. `analyze.ts` runs them at once,
 * `in-slices.ts` with pauses between them.
 */
import {
  type Analysis,
  type GivenStep,
  type Granularity,
  type KindLabel,
  type Sentence,
  type Step,
  STEP_KINDS,
} from '../model.ts'
import {scanSentences, splitSentences, type TextRange} from './sentences.ts'
import type {BlockFacts} from './signals/detector.ts'
import {findSignalsInSlices} from './signals/index.ts'
import {giveStep, mergeSteps} from './steps.ts'
import type {Turn, TurnLabel} from './turns.ts'

/** A stretch of text between given steps, or such a step, and its sentences. */
export interface Stretch {
  readonly given: GivenStep | undefined
  /** Index of its first sentence and of the first that is no longer its own. */
  readonly from: number
  readonly to: number
}

/** A text cut into sentences. */
export interface Segmentation {
  readonly ranges: readonly TextRange[]
  readonly stretches: readonly Stretch[]
}

/**
 * UTF-16 code units of text between two pauses: about a tenth of a millisecond of work, ten times
 * that in code that is not compiled yet.
 */
export const SLICE_LENGTH = 16 * 1024

/**
 * Cuts a text into sentences, none of which lies over the edge of a given step. Pauses after every
 * `SLICE_LENGTH` of text.
 *
 * @param given as they were said: those that overlap one before, are empty or lie outside are not
 * used
 */
export function* segment(
  text: string,
  given: readonly GivenStep[] = [],
): Generator<undefined, Segmentation, unknown> {
  if (given.length === 0 && text.length <= SLICE_LENGTH) {
    const all = splitSentences(text)
    return {ranges: all, stretches: [{given: undefined, from: 0, to: all.length}]}
  }
  const ranges: TextRange[] = []
  const stretches: Stretch[] = []
  let at = 0
  for (const step of usable(text, given)) {
    yield* cut(text, at, step.start, undefined, ranges, stretches)
    yield* cut(text, step.start, step.end, step, ranges, stretches)
    at = step.end
  }
  yield* cut(text, at, text.length, undefined, ranges, stretches)
  return {ranges, stretches}
}

function* cut(
  text: string,
  start: number,
  end: number,
  given: GivenStep | undefined,
  ranges: TextRange[],
  stretches: Stretch[],
): Generator<undefined, void, unknown> {
  if (start >= end) return
  const whole = start === 0 && end === text.length
  const part = whole ? text : text.slice(start, end)
  const from = ranges.length
  let at = 0
  for (;;) {
    at = scanSentences(part, at, Math.min(at + SLICE_LENGTH, part.length), ranges)
    if (at >= part.length) break
    yield
  }
  if (!whole) {
    for (let index = from; index < ranges.length; index += 1) {
      const range = ranges[index]!
      range.start += start
      range.end += start
    }
  }
  if (ranges.length > from) stretches.push({given, from, to: ranges.length})
}

function usable(text: string, given: readonly GivenStep[]): GivenStep[] {
  const steps: GivenStep[] = []
  let at = 0
  for (const {start, end, kind} of given) {
    const from = Math.max(Math.trunc(start), at)
    const to = Math.min(Math.trunc(end), text.length)
    if (!(from < to) || !STEP_KINDS.includes(kind)) continue
    steps.push({start: from, end: to, kind})
    at = to
  }
  return steps
}

/**
 * Labelled sentences to steps and signals. Pauses between signals where the text is long.
 *
 * @param granularity how finely to cut into steps. Default `medium`
 */
export function* finishAnalysis(
  text: string,
  {ranges, stretches}: Segmentation,
  labels: readonly TurnLabel[],
  facts: BlockFacts,
  granularity?: Granularity | undefined,
): Generator<undefined, Analysis, unknown> {
  const sentences: Sentence[] = []
  const steps: Step[] = []
  for (const {given, from, to} of stretches) {
    const own: Sentence[] = []
    const turns: (Turn | undefined)[] = []
    for (let index = from; index < to; index += 1) {
      const {start, end} = ranges[index]!
      const label: TurnLabel =
        given === undefined ? labels[index]! : {kind: given.kind, confidence: 1}
      own.push({start, end, kind: label.kind, confidence: label.confidence})
      turns.push(label.turn)
    }
    if (given === undefined) {
      for (const step of mergeSteps(text, own, granularity, turns)) steps.push(step)
    } else steps.push(giveStep(text, given.kind, own))
    if (stretches.length === 1) return yield* withSignals(text, own, steps, facts)
    for (const sentence of own) sentences.push(sentence)
  }
  return yield* withSignals(text, sentences, steps, facts)
}

function* withSignals(
  text: string,
  sentences: readonly Sentence[],
  steps: readonly Step[],
  facts: BlockFacts,
): Generator<undefined, Analysis, unknown> {
  const signals = yield* findSignalsInSlices({text, sentences, steps, facts})
  return {sentences, steps, signals}
}

export const hasWords = (text: string | undefined): boolean => text !== undefined && /\S/.test(text)

/**
 * The labels that a classifier gave, checked.
 *
 * @throws TypeError if they are not one label a sentence
 */
export function checkLabels(labels: unknown, count: number): readonly KindLabel[] {
  if (!Array.isArray(labels) || labels.length !== count) {
    const got = Array.isArray(labels) ? `${labels.length} labels` : `\`${typeof labels}\``
    throw new TypeError(
      `\`classifier\` must return one label a sentence: expected ${count}, got ${got}`,
    )
  }
  for (const label of labels as readonly unknown[]) {
    const {kind, confidence} = (label ?? {}) as Partial<KindLabel>
    if (!STEP_KINDS.includes(kind as KindLabel['kind'])) {
      throw new TypeError(
        `\`classifier\` must return kinds of ${STEP_KINDS.join(', ')}, got \`${String(kind)}\``,
      )
    }
    if (!(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)) {
      throw new TypeError(
        `\`classifier\` must return a confidence from 0 to 1, got \`${String(confidence)}\``,
      )
    }
  }
  return labels as readonly KindLabel[]
}
