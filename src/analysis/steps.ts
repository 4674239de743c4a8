/** From labelled sentences to steps: runs of one kind, which is what a person wants as a span. */
import type {Sentence, Step, StepKind} from '../model.ts'
import {findTitle, isHeading} from './title.ts'

/** An `other` sentence longer than this, in UTF-16 code units, says something and stands alone. */
const MAX_ABSORBED_LENGTH = 160
/** A single sentence less sure than this does not split the run around it. */
const SPLIT_CONFIDENCE = 0.45

/** Headings, labels, `Hmm, okay.`: part of the step that they introduce. */
const isAbsorbed = ({kind, start, end}: Sentence): boolean =>
  kind === 'other' && end - start <= MAX_ABSORBED_LENGTH

/**
 * Merges sentences into steps. Steps cover the text from the first sentence to the last, in order;
 * only white space lies between them.
 *
 * - A run of one kind is a step.
 * - A short `other` sentence joins the step that it introduces; at the end of the text, the one
 *   before it. A heading always begins a step, other chatter does not split a run.
 * - A single sentence of low confidence does not split a run either.
 *
 * @param sentences in order, not overlapping
 */
export function mergeSteps(text: string, sentences: readonly Sentence[]): Step[] {
  const steps: Step[] = []
  const count = sentences.length
  let from = 0
  while (from < count) {
    let first = from
    while (first < count && isAbsorbed(sentences[first]!)) first += 1
    if (first === count) {
      const before = steps.at(-1)
      if (before === undefined) steps.push(makeStep(text, sentences, from, from, count - 1))
      else before.end = sentences[count - 1]!.end
      break
    }
    const {kind} = sentences[first]!
    let last = first
    for (let next = first + 1; next < count; next += 1) {
      const sentence = sentences[next]!
      if (sentence.kind === kind) {
        last = next
        continue
      }
      if (next > last + 1) break
      if (
        isAbsorbed(sentence) ? isHeading(text, sentence) : sentence.confidence >= SPLIT_CONFIDENCE
      )
        break
    }
    steps.push(makeStep(text, sentences, from, first, last))
    from = last + 1
  }
  return steps
}

/** The step of sentences `from` to `last`; `first` is the first that is not introduction. */
function makeStep(
  text: string,
  sentences: readonly Sentence[],
  from: number,
  first: number,
  last: number,
): Step {
  const {kind} = sentences[first]!
  let length = 0
  let weighted = 0
  for (let index = first; index <= last; index += 1) {
    const sentence = sentences[index]!
    if (sentence.kind !== kind) continue
    length += sentence.end - sentence.start
    weighted += (sentence.end - sentence.start) * sentence.confidence
  }
  const title = findTitle(text, sentences, from, first, last)
  return {
    start: sentences[from]!.start,
    end: sentences[last]!.end,
    kind,
    confidence: length > 0 ? Math.round((weighted / length) * 100) / 100 : 0,
    titleStart: title.start,
    titleEnd: title.end,
  }
}

/** A step as it was said: its sentences are of its kind, and nothing merges with it. */
export function giveStep(text: string, kind: StepKind, sentences: readonly Sentence[]): Step {
  return {...makeStep(text, sentences, 0, 0, sentences.length - 1), kind, confidence: 1}
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
