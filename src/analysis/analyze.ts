/** `analyzeReasoning`: the analysis of one text, at once. */
import {checksByBlock} from '../checks/block-checks.ts'
import type {Check} from '../checks/check.ts'
import {type CompiledCheck, compileChecks} from '../checks/compile.ts'
import {evaluateChecks} from '../checks/evaluate.ts'
import {
  type Analysis,
  GRANULARITIES,
  type GivenStep,
  type Granularity,
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
import {beginLabelling, type BuiltInClassifier, CUSTOM_VERSION, isBuiltIn} from './classify.ts'

/** What is known of a text besides its words, and how to analyse it. @public */
export interface AnalyzeOptions {
  /** What the model answered after it had reasoned. @defaultValue unknown */
  answer?: string | undefined
  /** The tool calls that followed the text. @defaultValue none */
  toolCalls?: readonly ToolCall[] | undefined
  /**
   * Labels sentences: the built-in network, the built-in rules, or a function. Where a function
   * returns a promise, which cannot be waited for here, the network labels in its place; where the
   * network's data is missing, or a text is not in English, the rules do.
   *
   * @defaultValue 'network'
   */
  classifier?: KindClassifier | 'network' | 'rules' | undefined
  /** How finely to cut into steps. @defaultValue 'medium' */
  granularity?: Granularity | undefined
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
  /**
   * What you expect of the reasoning; their outcomes are `checks` of the result. What a `test` throws
   * is thrown. @defaultValue none
   */
  checks?: readonly Check[] | undefined
}

const DEFAULTS = Object.freeze({
  toolCalls: Object.freeze([] as ToolCall[]),
  classifier: 'network',
  granularity: 'medium',
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
  let analyzer = CUSTOM_VERSION
  if (!isBuiltIn(classifier) && ranges.length > 0) {
    const context = {text, answer, toolCalls, visibility}
    const given: unknown = classifier(sentencesOf(text, ranges), context)
    if (isPromise(given)) given.then(undefined, () => {})
    else if (given !== undefined) labels = checkLabels(given, ranges.length)
  }
  if (labels === undefined) {
    const byDefault = isBuiltIn(classifier) ? classifier : DEFAULTS.classifier
    const labelling = beginLabelling(byDefault, text, ranges, toolCalls)
    const own: KindLabel[] = []
    labelling.labelUntil(ranges.length, own)
    labels = own
    analyzer = labelling.version
  }
  const analysis = runToEnd(
    finishAnalysis(
      text,
      segmentation,
      labels,
      {
        visibility,
        incomplete: checked.incomplete,
        finishReasons: checked.finishReasons,
        isLast: true,
        answer,
        hasAnswer: hasWords(answer),
        toolCalls,
        signals: checked.signals,
      },
      checked.granularity,
    ),
  )
  const checkedToo = withChecks(analysis, text, checked)
  return ranges.length === 0 ? checkedToo : {...checkedToo, analyzer}
}

function withChecks(
  analysis: Analysis,
  text: string,
  {checks, answer, toolCalls, visibility, incomplete, signals}: ReturnType<typeof checkOptions>,
): Analysis {
  if (checks.length === 0) return analysis
  const outcomes = evaluateChecks(
    checks,
    [{text, incomplete, toolCalls}],
    {answer},
    undefined,
    (_message, error) => {
      throw error
    },
  )
  const block = {text, visibility, source: 'analyze'}
  const missed = checksByBlock(outcomes, [block], [text]).flatMap((one) => one.signals)
  return {
    ...analysis,
    signals: signals.check_missed === false ? analysis.signals : [...analysis.signals, ...missed],
    checks: outcomes.map(({name, result, severity, start, end}) => ({
      name,
      result,
      severity,
      start,
      end,
    })),
  }
}

function runToEnd<T>(steps: Generator<unknown, T, unknown>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function checkOptions(options: Readonly<AnalyzeOptions> | undefined) {
  if (options === undefined) {
    return {...DEFAULTS, answer: undefined, checks: [] as readonly CompiledCheck[]}
  }
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`\`options\` must be an object, got \`${String(options)}\``)
  }
  const {
    answer,
    toolCalls = DEFAULTS.toolCalls,
    classifier = DEFAULTS.classifier as KindClassifier | BuiltInClassifier,
    granularity = DEFAULTS.granularity as Granularity,
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
    "'network', 'rules' or a function",
    isBuiltIn(classifier) || typeof classifier === 'function',
    classifier,
  )
  expect(
    'granularity',
    `one of ${GRANULARITIES.join(', ')}`,
    GRANULARITIES.includes(granularity),
    granularity,
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
  return {
    answer,
    toolCalls,
    classifier,
    granularity,
    visibility,
    finishReasons,
    incomplete,
    steps,
    signals,
    checks: compileChecks('analyzeReasoning', options.checks),
  }
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
