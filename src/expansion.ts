/** What a span is on its way from being looked at to leaving with its reasoning spans. */
import type {Attributes, Link, SpanContext, SpanStatus} from '@opentelemetry/api'
import type {PendingLabels} from './analysis/in-slices.ts'
import type {CheckOutcome} from './checks/check.ts'
import type {MentionsByTrace} from './checks/trace-mentions.ts'
import type {LiveRecord} from './live-record.ts'
import type {CapturedCall, KindLabel, ReasoningBlock, Signal, ToolCall} from './model.ts'
import type {ResolvedOptions} from './options.ts'
import type {ResolvedPolicy} from './policy.ts'
import type {ReadableSpanLike, TimedEventLike} from './readable-span.ts'
import type {Thoughts} from './thoughts.ts'
import type {WorkBudget} from './work-budget.ts'

/** What an expansion needs besides the span: one for each shell, for as long as it lives. */
export interface ExpansionContext {
  readonly options: ResolvedOptions
  readonly thoughts: Thoughts
  /** What the calls of a trace have spoken of; each call stands alone where absent. */
  readonly mentions?: MentionsByTrace | undefined
  /** How long the built-in network may work; as long as it takes, where absent. */
  readonly work?: WorkBudget | undefined
  /** Whether so many step spans may be made now; always, where absent. */
  readonly allowSteps?: ((count: number) => boolean) | undefined
  /** Steps of a call that were exported while it ran; none, where absent. */
  readonly liveSteps?: ((context: SpanContext) => LiveRecord | undefined) | undefined
}

/** What a block becomes before its text is analysed. */
export interface PreparedBlock {
  /** Its text masked where the policy masks, so that no cut of it can show what was masked. */
  block: ReasoningBlock
  /** Its text before masking. */
  original: string
  policy: ResolvedPolicy
  /** Of the original text. */
  hash: string | undefined
  toolCalls: ToolCall[]
}

export type PreparedStretch = {prepared: PreparedBlock} | {weight: number}

/** A span that was looked at: what leaves without analysis, and what there is to analyse. */
export interface Expansion {
  readonly span: ReadableSpanLike
  readonly call: CapturedCall | undefined
  /** Attributes and events under the policy; the span's own objects where nothing changed. */
  readonly attributes: Attributes
  readonly events: TimedEventLike[]
  /** Present where the policy changed them. */
  readonly status?: SpanStatus | undefined
  readonly links?: Link[] | undefined
  readonly stretches: readonly PreparedStretch[]
  readonly blockCount: number
}

/** A span expanded. */
export interface Expanded {
  /** The span as it leaves: the very same object where nothing was added or withheld. */
  readonly span: ReadableSpanLike
  readonly children: readonly ReadableSpanLike[]
  readonly signals: readonly Signal[]
  readonly checks: readonly CheckOutcome[]
  readonly stepCount: number
  /** Step spans that the span budget did not allow. */
  readonly stepsWithheld: number
  /** The rules labelled, since the network had worked enough for now. */
  readonly byRules: boolean
}

/**
 * What an expansion asks of whoever runs it: nothing (`undefined`, a good moment to let others
 * run), or labels that are on their way; `next(labels)` goes on with them, `next(undefined)` with
 * the rules.
 */
export type ExpansionStep = Generator<
  PendingLabels | undefined,
  Expanded,
  readonly KindLabel[] | undefined
>

/** Blocks of an expansion, in their order. */
export const blocksOf = ({stretches}: Pick<Expansion, 'stretches'>): PreparedBlock[] =>
  stretches.flatMap((stretch) => ('prepared' in stretch ? [stretch.prepared] : []))
