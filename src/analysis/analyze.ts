/** `analyzeReasoning`: the analysis of one text, at once. */
import {
  type Analysis,
  type GivenStep,
  type KindClassifier,
  type KindLabel,
  SIGNAL_SEVERITY,
  type SignalName,
  STEP_KINDS,
  type ToolCall,
  type Visibility,
  VISIBILITIES,
} from '../model.ts'
import {checkLabels, finishAnalysis, hasWords, segment} from './finish.ts'
import {isPromise, sentencesOf} from './in-slices.ts'
import {beginLabels} from './kinds.ts'
import type {TextRange} from './sentences.ts'

/** What is known of a text besides its words, and how to analyse it. @public */
export interface AnalyzeOptions {
  /** What the model answered after it had reasoned. @defaultValue unknown */
  answer?: string | undefined
  /** The tool calls that followed the text. @defaultValue none */
  toolCalls?: readonly ToolCall[] | undefined
  /**
   * Labels sentences, or the built-in rules. Where it returns a promise, which cannot be waited
   * for here, the rules label in its place.
   *
   * @defaultValue 'rules'
   */
  classifier?: KindClassifier | 'rules' | undefined
  /** How much of the reasoning the text shows. @defaultValue 'full' */
  visibility?: Visibility | undefined
  /** Why the call ended, as the provider spells it: `stop`, `length`. @defaultValue unknown */
  finishReasons?: readonly string[] | undefined
  /** The text was cut after the model had written it. @defaultValue false */
  incomplete?: boolean | undefined
  /** Steps said by hand, kept as they are; the text between them is analysed. @defaultValue none */
  steps?: readonly GivenStep[] | undefined
  /** Turn single signals off: `{hidden: false}`. @defaultValue all on */
  signals?: Partial<Record<SignalName, boolean>> | undefined
}

const DEFAULTS = Object.freeze({
  toolCalls: Object.freeze([] as ToolCall[]),
  classifier: 'rules',
  visibility: 'full',
  finishReasons: Object.freeze([] as string[]),
  incomplete: false,
  steps: Object.freeze([] as GivenStep[]),
  signals: Object.freeze({} as Partial<Record<SignalName, boolean>>),
} as const)

/**
 * Analyses reasoning text: its sentences with their kinds, its steps, and signals. Any text is
 * fine; long ones take about 10 ms a megabyte.
 *
 * @param text the reasoning; offsets in the result are UTF-16 code units into it
 * @throws TypeError on a wrong call: a text that is no string, an option that cannot be meant, a
 * classifier that gives anything but one label a sentence
 * @example
 * const {steps} = analyzeReasoning('The window is 30 days. So the refund is allowed.')
 * steps.map((step) => step.kind) // ['fact', 'infer']
 * @public
 */
export function analyzeReasoning(
  text: string,
  options?: Readonly<AnalyzeOptions> | undefined,
): Analysis {
  if (typeof text !== 'string') {
    throw new TypeError(
      `\`text\` must be a string, got \`${typeof text}\`. ` +
        'Did you mean `analyzeReasoning(block.text)`?',
    )
  }
  const checked = checkOptions(options)
  const {classifier, toolCalls, visibility, answer} = checked
  const segmentation = runToEnd(segment(text, checked.steps))
  const {ranges} = segmentation
  let labels: readonly KindLabel[] | undefined
  if (classifier !== 'rules' && ranges.length > 0) {
    const context = {text, answer, toolCalls, visibility}
    const given: unknown = classifier(sentencesOf(text, ranges), context)
    if (isPromise(given)) given.then(undefined, () => {})
    else labels = checkLabels(given, ranges.length)
  }
  labels ??= labelAll(text, ranges, toolCalls)
  return finishAnalysis(text, segmentation, labels, {
    visibility,
    incomplete: checked.incomplete,
    finishReasons: checked.finishReasons,
    isLast: true,
    answer,
    hasAnswer: hasWords(answer),
    toolCalls,
    signals: checked.signals,
  })
}

function labelAll(
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[],
): KindLabel[] {
  const labels: KindLabel[] = []
  beginLabels(text, ranges, toolCalls)(ranges.length, labels)
  return labels
}

function runToEnd<T>(steps: Generator<unknown, T, unknown>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function checkOptions(options: Readonly<AnalyzeOptions> | undefined) {
  if (options === undefined) return {...DEFAULTS, answer: undefined}
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`\`options\` must be an object, got \`${String(options)}\``)
  }
  const {
    answer,
    toolCalls = DEFAULTS.toolCalls,
    classifier = DEFAULTS.classifier,
    visibility = DEFAULTS.visibility,
    finishReasons = DEFAULTS.finishReasons,
    incomplete = DEFAULTS.incomplete,
    steps = DEFAULTS.steps,
    signals = DEFAULTS.signals,
  } = options
  expect('answer', 'a string', answer === undefined || typeof answer === 'string', answer)
  expect(
    'toolCalls',
    'an array of `{name}`',
    Array.isArray(toolCalls) && toolCalls.every((call) => typeof call?.name === 'string'),
    toolCalls,
  )
  expect(
    'classifier',
    "a function or 'rules'",
    classifier === 'rules' || typeof classifier === 'function',
    classifier,
  )
  expect(
    'visibility',
    `one of ${VISIBILITIES.join(', ')}`,
    VISIBILITIES.includes(visibility),
    visibility,
  )
  expect(
    'finishReasons',
    'an array of strings',
    Array.isArray(finishReasons) && finishReasons.every((reason) => typeof reason === 'string'),
    finishReasons,
  )
  expect('incomplete', 'a boolean', typeof incomplete === 'boolean', incomplete)
  expect(
    'steps',
    `an array of \`{start, end, kind}\` with kinds of ${STEP_KINDS.join(', ')}`,
    Array.isArray(steps) && steps.every((step) => STEP_KINDS.includes(step?.kind)),
    steps,
  )
  expect(
    'signals',
    `an object of booleans with keys of ${Object.keys(SIGNAL_SEVERITY).join(', ')}`,
    typeof signals === 'object' &&
      signals !== null &&
      Object.keys(signals).every((name) => name in SIGNAL_SEVERITY),
    signals,
  )
  return {answer, toolCalls, classifier, visibility, finishReasons, incomplete, steps, signals}
}

function expect(name: string, what: string, isRight: boolean, got: unknown): void {
  if (isRight) return
  throw new TypeError(`\`${name}\` must be ${what}, got ${describe(got)}`)
}

// Never more of a value than its type where it could hold somebody's text.
function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return value.length > 40 ? 'a long string' : `\`${value}\``
  return typeof value === 'object' && value !== null
    ? `an object with ${Object.keys(value).join(', ') || 'no keys'}`
    : `\`${String(value)}\``
}
