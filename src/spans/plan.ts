/** What is known of a call and its blocks when their spans are made. */
import type {Attributes, HrTime, SpanContext} from '@opentelemetry/api'
import type {Analysis, ReasoningBlock, ToolCall} from '../model.ts'
import type {ResourceLike} from '../readable-span.ts'

/** A block ready to become spans. */
export interface PlannedBlock {
  block: ReasoningBlock
  /** The text as it may be shown: masked where the policy masks. */
  analysis: Analysis
  /** Tool calls between this block and the next. */
  toolCalls: readonly ToolCall[]
  /** What the policy did, and whether text, length and hash may be written. */
  policy: string
  showsText: boolean
  showsLength: boolean
  hash: string | undefined
  /** Names of the checks that were decided in this block. */
  checksMet?: readonly string[] | undefined
  checksMissed?: readonly string[] | undefined
  tokenCount: number | undefined
  tokenMethod: 'reported' | 'apportioned' | undefined
  /** Position among all blocks of the call, over late ones too. */
  index: number
  /** False when the span budget is spent: the block then carries its text itself. */
  withSteps: boolean
  /** Steps that were exported while the call ran; absent where none were. */
  left?: LeftSteps | undefined
}

/** What was exported of a block before it was whole. */
export interface LeftSteps {
  /** Indexes of the block's steps whose spans have left. */
  readonly indexes: ReadonlySet<number>
  /** Steps that must stay apart: up to the last one that has left. */
  readonly count: number
  /** Position of the block's first step; above 0 where another text's steps took those before. */
  readonly from: number
}

/** What the blocks stand between: answer and tool text take their share of an estimated window. */
export type Stretch = {planned: PlannedBlock} | {weight: number}

/** The call whose children are made. */
export interface ParentCall {
  context: SpanContext
  startTime: HrTime
  endTime: HrTime
  resource: ResourceLike
  /** Attributes copied to every child, under their own keys. */
  copied: Attributes
  model: string | undefined
  promptName: string | undefined
  promptVersion: string | undefined
  timeToFirstChunk: number | undefined
  /** The call has left already. */
  late: boolean
}
