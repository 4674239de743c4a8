/** The analysis of one block with pauses, so that a long text never holds the event loop up. */
import type {
  Analysis,
  ClassifierContext,
  ContentPolicy,
  Granularity,
  KindClassifier,
  KindLabel,
  ReasoningBlock,
  SignalName,
  ToolCall,
} from '../model.ts'
import {checkLabels, finishAnalysis, hasWords, segment, SLICE_LENGTH} from './finish.ts'
import {
  beginLabelling,
  type BuiltInClassifier,
  CUSTOM_VERSION,
  isBuiltIn,
  prepareClassifier,
} from './classify.ts'
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
  /** What of the text may leave the process. @defaultValue 'keep' */
  readonly policy?: ContentPolicy | undefined
}

export interface SliceOptions {
  readonly classifier: KindClassifier | BuiltInClassifier
  readonly signals: Readonly<Partial<Record<SignalName, boolean>>>
  /** How finely to cut into steps. @defaultValue 'medium' */
  readonly granularity?: Granularity | undefined
  /** Told of a classifier that threw or gave labels that cannot be used. */
  readonly onError: (error: unknown) => void
}

/**
 * Analyses a block. Every `yield undefined` is a moment at which others may run; there is none in
 * a text of up to 16 KiB. `yield` of a promise asks for its labels: `next(labels)` goes on with
 * them, `next(undefined)` with the built-in network. A classifier that fails is told to `onError`, and
 * the network labels in its place.
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
  const {classifier} = options
  let analyzer = CUSTOM_VERSION
  if (!isBuiltIn(classifier) && ranges.length > 0) {
    labels = yield* askClassifier(
      classifier,
      ranges,
      {
        text,
        answer: context.answer,
        toolCalls: context.toolCalls,
        visibility,
        policy: context.policy,
      },
      options.onError,
    )
  }
  if (labels === undefined) {
    const byDefault = isBuiltIn(classifier) ? classifier : 'network'
    const labelled = yield* labelInSlices(byDefault, text, ranges, context.toolCalls)
    labels = labelled.labels
    analyzer = labelled.version
  }
  const analysis = yield* finishAnalysis(text, segmentation, labels, facts, options.granularity)
  return ranges.length === 0 ? analysis : {...analysis, analyzer}
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
  if (labels === undefined) return undefined
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

/** Sentences that the network labels between two pauses: about a millisecond of work. */
const SLICE_SENTENCES = 50

function* labelInSlices(
  classifier: BuiltInClassifier,
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[],
): Generator<undefined, {labels: KindLabel[]; version: string}, unknown> {
  if (text.length > SLICE_LENGTH) {
    // Making a classifier ready takes as long as several slices, the first time.
    prepareClassifier(classifier)
    yield
  }
  const labels: KindLabel[] = []
  const labelling = beginLabelling(classifier, text, ranges, toolCalls)
  const {version} = labelling
  const most =
    version.startsWith('network') && text.length > SLICE_LENGTH ? SLICE_SENTENCES : Infinity
  let from = 0
  while (from < ranges.length) {
    const edge = ranges[from]!.start + SLICE_LENGTH
    let to = from + 1
    while (to < ranges.length && to - from < most && ranges[to]!.start < edge) to += 1
    labelling.labelUntil(to, labels)
    from = to
    if (from < ranges.length) yield
  }
  return {labels, version}
}

/** What a classifier gets to read. */
export const sentencesOf = (text: string, ranges: readonly TextRange[]): string[] =>
  ranges.map(({start, end}) => text.slice(start, end))

export const isPromise = (value: unknown): value is PendingLabels =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as {then?: unknown}).then === 'function'
