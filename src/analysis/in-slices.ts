/** The analysis of one block with pauses, so that a long text never holds the event loop up. */
import type {
  Analysis,
  ClassifierContext,
  KindClassifier,
  KindLabel,
  ReasoningBlock,
  SignalName,
  ToolCall,
} from '../model.ts'
import {checkLabels, finishAnalysis, hasWords, segment, SLICE_LENGTH} from './finish.ts'
import {beginLabels, prepareRules} from './kinds.ts'
import type {TextRange} from './sentences.ts'
import type {BlockFacts} from './signals/detector.ts'
import {suppressTracing} from '../suppress-tracing.ts'

/** Labels that an async classifier has promised. */
export type PendingLabels = PromiseLike<readonly KindLabel[]>

/** What a block stands in. */
export interface BlockContext {
  readonly answer: string | undefined
  /** The calls made after this block and before the next. */
  readonly toolCalls: readonly ToolCall[]
  readonly finishReasons: readonly string[]
  /** No block of the call comes after this one. */
  readonly isLast: boolean
  /** Whether the model went on to answer. @defaultValue whether `answer` holds any words */
  readonly hasAnswer?: boolean | undefined
}

export interface SliceOptions {
  readonly classifier: KindClassifier | 'rules'
  readonly signals: Readonly<Partial<Record<SignalName, boolean>>>
  /** Told of a classifier that threw or gave labels that cannot be used. */
  readonly onError: (error: unknown) => void
}

/**
 * Analyses a block. Every `yield undefined` is a moment at which others may run; there is none in
 * a text of up to 16 KiB. `yield` of a promise asks for its labels: `next(labels)` goes on with
 * them, `next(undefined)` with the rules. A classifier that fails is told to `onError`, and the
 * rules label in its place.
 */
export function* analyzeInSlices(
  block: ReasoningBlock,
  context: BlockContext,
  options: SliceOptions,
): Generator<PendingLabels | undefined, Analysis, readonly KindLabel[] | undefined> {
  const {text, visibility} = block
  const facts: BlockFacts = {
    visibility,
    incomplete: block.incomplete === true,
    finishReasons: context.finishReasons,
    isLast: context.isLast,
    answer: context.answer,
    hasAnswer: context.hasAnswer ?? hasWords(context.answer),
    toolCalls: context.toolCalls,
    signals: options.signals,
  }
  const segmentation = yield* segment(text, block.steps)
  const {ranges} = segmentation
  let labels: readonly KindLabel[] | undefined
  if (options.classifier !== 'rules' && ranges.length > 0) {
    labels = yield* askClassifier(
      options.classifier,
      ranges,
      {text, answer: context.answer, toolCalls: context.toolCalls, visibility},
      options.onError,
    )
  }
  labels ??= yield* labelInSlices(text, ranges, context.toolCalls)
  return finishAnalysis(text, segmentation, labels, facts)
}

function* askClassifier(
  classifier: KindClassifier,
  ranges: readonly TextRange[],
  context: ClassifierContext,
  onError: (error: unknown) => void,
): Generator<PendingLabels, readonly KindLabel[] | undefined, readonly KindLabel[] | undefined> {
  let labels: unknown
  try {
    // It may call a model: that call is not the application's, and must not come back to us.
    labels = suppressTracing(() => classifier(sentencesOf(context.text, ranges), context))
  } catch (error) {
    onError(classifierThrew(error))
    return undefined
  }
  if (isPromise(labels)) {
    // Whoever runs this may not wait for it; its failure must not go unhandled then.
    Promise.resolve(labels).then(undefined, () => {})
    labels = yield labels
    if (labels === undefined) return undefined
  }
  try {
    return checkLabels(labels, ranges.length)
  } catch {
    const count = Array.isArray(labels) ? labels.length : undefined
    onError(classifierGaveNoLabels(count, ranges.length))
    return undefined
  }
}

/** Says that a classifier failed, and not what it said: its message may quote what it was given. */
export function classifierThrew(error: unknown): Error {
  const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
  return new Error(`the classifier threw${name === 'Error' ? '' : ` (${name})`}`)
}

/** Says that what a classifier gave is not one known label a sentence, and not what it gave. */
export function classifierGaveNoLabels(count?: number, expected?: number): TypeError {
  const counts =
    count === undefined || count === expected ? '' : `: ${count} for ${expected} sentences`
  return new TypeError(`the classifier gave labels that cannot be used${counts}`)
}

function* labelInSlices(
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[],
): Generator<undefined, KindLabel[], unknown> {
  if (text.length > SLICE_LENGTH) {
    // Making the rules takes as long as several slices, the first time.
    prepareRules()
    yield
  }
  const labels: KindLabel[] = []
  const labelUntil = beginLabels(text, ranges, toolCalls)
  let from = 0
  while (from < ranges.length) {
    const edge = ranges[from]!.start + SLICE_LENGTH
    let to = from + 1
    while (to < ranges.length && ranges[to]!.start < edge) to += 1
    labelUntil(to, labels)
    from = to
    if (from < ranges.length) yield
  }
  return labels
}

/** What a classifier gets to read. */
export const sentencesOf = (text: string, ranges: readonly TextRange[]): string[] =>
  ranges.map(({start, end}) => text.slice(start, end))

export const isPromise = (value: unknown): value is PendingLabels =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as {then?: unknown}).then === 'function'
