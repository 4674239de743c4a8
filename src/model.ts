/**
 * The nouns of the product as types. Nothing here does anything: every part of the pipeline
 * (capture, analysis, spans, policy) speaks these words and no others.
 */
import type {HrTime} from '@opentelemetry/api'
import type {CheckOutcome} from './checks/check.ts'

/** From the most to the least visible: the call carries the least visible of its blocks. */
export const VISIBILITIES = ['full', 'summary', 'redacted', 'encrypted', 'hidden'] as const

/**
 * How much of the reasoning the provider let us see.
 *
 * - `full`: the model's own text
 * - `summary`: rewritten by the provider
 * - `redacted`: withheld by the provider, a marker stands in its place
 * - `encrypted`: bytes that only the provider can read
 * - `hidden`: tokens were billed, nothing was shown
 *
 * @public
 */
export type Visibility = (typeof VISIBILITIES)[number]

export const STEP_KINDS = [
  'setup',
  'plan',
  'fact',
  'infer',
  'verify',
  'backtrack',
  'uncertainty',
  'act',
  'conclude',
  'other',
] as const

/**
 * What a step does in the reasoning. A closed set: span names and metric labels are made of it.
 *
 * @public
 */
export type StepKind = (typeof STEP_KINDS)[number]

export const GRANULARITIES = ['fine', 'medium', 'coarse'] as const

/**
 * How finely reasoning is cut into steps.
 *
 * - `fine`: every run of sentences of one kind
 * - `medium`: the further the text has come, the longer the steps
 * - `coarse`: the same, and about half as many
 *
 * Median of 224 raw traces, most of them of mathematics that turns round all the time: in 4 to
 * 12 KB 30, 23 and 17 steps, in 12 to 30 KB 95, 49 and 30, in 45 to 60 KB 260, 85 and 37.
 *
 * @public
 */
export type Granularity = (typeof GRANULARITIES)[number]

/** `measured`: arrival times were seen. `estimated`: the call's window shared over its text. @public */
export type Timing = 'measured' | 'estimated'

/** What may leave the process. @public */
export type ContentPolicy = 'keep' | 'mask' | 'hash' | 'length' | 'drop'

/** From the mildest to the gravest. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const

/** @public */
export type Severity = (typeof SEVERITIES)[number]

/** A tool call that the model made. @public */
export interface ToolCall {
  /** The provider's id of the call; joins the step to the `execute_tool` span. */
  id?: string | undefined
  name: string
  /** As JSON text, whatever form the instrumentation kept it in. */
  arguments?: string | undefined
}

/** The moment at which the character at `offset` (UTF-16 code units into the block) was delivered. @public */
export interface Arrival {
  offset: number
  time: HrTime
}

/** A step whose kind was said by whoever reported the reasoning (the recorder). @public */
export interface GivenStep {
  start: number
  end: number
  kind: StepKind
}

/** One contiguous piece of reasoning as the provider delivered it. @public */
export interface ReasoningBlock {
  /** The readable text; empty where visibility is `redacted`, `encrypted` or `hidden`. */
  text: string
  visibility: Visibility
  /** The dialect, wire format or `recorder` that it was read from. */
  source: string
  /** The text was cut before we saw it (a value limit, broken JSON): what is readable, no more. */
  incomplete?: boolean | undefined
  /** Reasoning tokens reported for this very block. */
  tokenCount?: number | undefined
  /** Alternatives of one call (`n > 1`), from 0. */
  choiceIndex?: number | undefined
  /** A retry inside the client, from 1. */
  attempt?: number | undefined
  /** When its characters were delivered, ascending in offset and time; absent where nobody measured. */
  arrivals?: readonly Arrival[] | undefined
  /** When the last character was delivered; only with `arrivals`. */
  endTime?: HrTime | undefined
  /** How many blocks of the call this last one stands for, because a call may have 64. */
  blocksMerged?: number | undefined
  /** Steps said by hand; the analysis keeps them as they are. */
  steps?: readonly GivenStep[] | undefined
}

/** One piece of a model's output, in the order in which the model gave it. */
export type OutputItem =
  | {type: 'reasoning'; block: ReasoningBlock}
  | {type: 'text'; text: string; choiceIndex?: number | undefined}
  | {type: 'tool_call'; call: ToolCall; choiceIndex?: number | undefined}

/** What was read from a span, or from the log events, tap or recorder that belong to it. */
export interface CapturedCall {
  /** The dialect that was recognised (`gen_ai`, `openinference`, `ai-sdk`, …), `unknown` for a plainly recognisable part under a key nobody knows. */
  dialect: string
  /** The attribute keys that were looked at, for `doctor`. */
  keys: readonly string[]
  items: readonly OutputItem[]
  /** Names of the tools that the model could have called. */
  toolsOffered: readonly string[]
  provider?: string | undefined
  model?: string | undefined
  promptName?: string | undefined
  promptVersion?: string | undefined
  /** As the provider or instrumentation spells them: `stop`, `length`, `max_tokens`, `tool_calls` … */
  finishReasons: readonly string[]
  /** Reasoning tokens reported for the whole call. */
  reasoningTokens?: number | undefined
  /** Seconds from the call's start to the first chunk. */
  timeToFirstChunk?: number | undefined
  /** Something was cut or dropped before we saw it, so silence is not "no reasoning". */
  incomplete: boolean
}

/** @public */
export interface Sentence {
  /** Offsets are UTF-16 code units into the analysed text. */
  start: number
  end: number
  kind: StepKind
  /** 0 to 1: how sure the classifier is of `kind`. */
  confidence: number
}

/** A run of sentences of one kind: what becomes a span. @public */
export interface Step {
  start: number
  end: number
  kind: StepKind
  confidence: number
  /** The sentence that says what the step is about, as offsets into the text. */
  titleStart: number
  titleEnd: number
}

/** A named observation about a block or step, never a verdict. @public */
export interface Signal {
  name: SignalName
  severity: Severity
  /** Where it was seen, as offsets into the text; an empty range at 0 where it is about the whole block. */
  start: number
  end: number
  confidence: number
  /** What observed it, with its version: `rules/1`. */
  detector: string
  /** Name of the check that was missed. */
  check?: string | undefined
}

/** @public */
export type SignalName =
  | 'stated_deception'
  | 'test_gaming'
  | 'instruction_conflict'
  | 'loop'
  | 'truncated'
  | 'answer_mismatch'
  | 'tool_mismatch'
  | 'missing_condition'
  | 'check_missed'
  | 'hidden'
  | 'hedging'
  | 'overthinking'
  | 'unresolved'

/** Fixed by the name: an alert must mean the same thing everywhere. */
export const SIGNAL_SEVERITY: Readonly<Record<SignalName, Severity>> = {
  stated_deception: 'critical',
  test_gaming: 'critical',
  instruction_conflict: 'critical',
  loop: 'warning',
  truncated: 'warning',
  answer_mismatch: 'warning',
  tool_mismatch: 'warning',
  missing_condition: 'warning',
  check_missed: 'warning',
  hidden: 'info',
  hedging: 'info',
  overthinking: 'info',
  unresolved: 'info',
}

/** What the analysis says of one block's text. @public */
export interface Analysis {
  /** What came of the checks; only where some were asked for. */
  checks?: readonly Omit<CheckOutcome, 'block'>[] | undefined
  sentences: readonly Sentence[]
  /** Cover the text from the first sentence to the last, in order, without overlap. */
  steps: readonly Step[]
  signals: readonly Signal[]
  /** What labelled the sentences, with its version: `network/1`, `rules/2`, or `custom`. */
  analyzer?: string | undefined
}

/** A sentence's label, as a classifier gives it. @public */
export interface KindLabel {
  kind: StepKind
  /** 0 to 1. */
  confidence: number
}

/** What a classifier may look at besides the sentences. @public */
export interface ClassifierContext {
  /** The whole text of the block; `sentences[i]` is a slice of it. */
  text: string
  answer?: string | undefined
  toolCalls?: readonly ToolCall[] | undefined
  visibility?: Visibility | undefined
  /** What of the text may leave the process: a classifier that sends it elsewhere must ask. */
  policy?: ContentPolicy | undefined
}

/**
 * Labels sentences: a batch in, one label a sentence out, in the same order. May be async; a call
 * waits for it no longer than `maxHoldMillis` and then leaves with the rules' labels. Where it gives
 * `undefined`, the rules label too.
 *
 * @public
 */
export type KindClassifier = (
  sentences: readonly string[],
  context: ClassifierContext,
) => readonly KindLabel[] | PromiseLike<readonly KindLabel[]> | undefined
