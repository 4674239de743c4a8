/** What a user expects of the reasoning of a call, and what came of it. */
import type {Severity, ToolCall} from '../model.ts'

/**
 * Words to look for: a string is taken literally, in any letter case, as whole words, whatever
 * white space stands between them. A pattern must run in linear time; one that can backtrack
 * catastrophically is refused.
 *
 * @public
 */
export type CheckPattern = string | RegExp

/** A pattern, or several of which one is enough. @public */
export type CheckMention = CheckPattern | readonly CheckPattern[]

/** What a function of the user's may look at. @public */
export interface CheckInput {
  /** The readable reasoning of the call, its blocks parted by an empty line. */
  text: string
  /** What the model answered; `undefined` where nobody told. */
  answer?: string | undefined
  toolCalls: readonly ToolCall[]
  model?: string | undefined
  promptName?: string | undefined
  promptVersion?: string | undefined
}

/** When an expectation holds: all that is given must be so. @public */
export interface CheckCondition {
  /** The call asked for this tool, or for one of these. */
  tool_called?: string | readonly string[] | undefined
  /** The reasoning speaks of all of these. */
  mentions?: CheckMention | readonly CheckMention[] | undefined
  /** Name of the prompt, where the instrumentation tells it. */
  prompt?: string | undefined
  /** The model, as it was asked for. */
  model?: CheckPattern | undefined
}

/** @public */
export type CheckResult = 'met' | 'missed' | 'not_applicable'

/**
 * An expectation of the reasoning of each model call. Where several expectations are given, all
 * must be met. A call without readable reasoning, or whose text was cut before what is missed could
 * have come, is `not_applicable`: silence about it proves nothing.
 *
 * @public
 */
export interface Check {
  /** At most 64 letters, digits, `_`, `-`, `.`: it becomes a value that people search for. */
  name: string
  /** Of the signal when it is missed. @defaultValue 'warning' */
  severity?: 'warning' | 'critical' | undefined
  /** Otherwise the check is `not_applicable`. @defaultValue always */
  when?: CheckCondition | ((input: CheckInput) => boolean) | undefined
  /** All of these stand in the reasoning; of a list within the list, one. */
  mentions?: CheckMention | readonly CheckMention[] | undefined
  /** None of these does. */
  never_mentions?: CheckPattern | readonly CheckPattern[] | undefined
  /** The first is spoken of before the second; not applicable where the second never is. */
  before?: readonly [CheckMention, CheckMention] | undefined
  /** The tool is called only after reasoning that speaks of all of these. */
  tool_called_only_after?:
    | {tool: string; mentions: CheckMention | readonly CheckMention[]}
    | undefined
  /** Whatever words cannot say. Faults are told to `onError`, and the check is not applicable. */
  test?: ((input: CheckInput) => boolean | CheckResult) | undefined
  /**
   * `trace`: what earlier calls of the trace spoke of counts too, as far as this process saw them.
   * `never_mentions` and `test` look at the call alone.
   *
   * @defaultValue 'call'
   */
  scope?: 'call' | 'trace' | undefined
}

/** What came of a check in one call. @public */
export interface CheckOutcome {
  name: string
  result: CheckResult
  severity: Exclude<Severity, 'info'>
  /** The block it is about, among those of the call. */
  block: number
  /** What the model said and should not have said (so early), as offsets into the block's text. */
  start: number
  end: number
}
