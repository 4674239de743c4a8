/** One block of a call that still runs: which of its steps have ended, when, and as which spans. */
import type {HrTime} from '@opentelemetry/api'
import {type BuiltInClassifier, startLabelling} from './analysis/classify.ts'
import {beginAnalysis, type EndedStep, type IncrementalAnalysis} from './analysis/incremental.ts'
import {findMentions} from './analysis/tool-mentions.ts'
import {captureSpan} from './capture/span/index.ts'
import type {ExpansionContext} from './expansion.ts'
import {parentOf, valueLengthLimit} from './finish-expansion.ts'
import type {LiveCall, LiveGrowth} from './live-channel.ts'
import {mergeCall, NOTHING_CAPTURED} from './merge.ts'
import type {Arrival} from './model.ts'
import {redactSpan} from './policy-on-spans.ts'
import {applyPolicy, type ResolvedPolicy} from './policy.ts'
import {policyOf} from './prepare-blocks.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {buildLiveStep, type StepOwner} from './spans/build.ts'
import type {ParentCall} from './spans/plan.ts'
import {addNanos, isAfter} from './spans/hr-time.ts'
import type {Interval} from './spans/times.ts'

export interface OpenBlock {
  readonly index: number
  readonly parent: ParentCall
  readonly policy: ResolvedPolicy
  readonly tools: readonly {name: string}[]
  /** `undefined` where nothing more leaves early. */
  analysis: IncrementalAnalysis | undefined
  /** Code units that were fed. */
  fed: number
  /** From the open step on. */
  arrivals: Arrival[]
  /** When the open step began. */
  start: HrTime | undefined
}

/** A step that has ended. */
export interface TimedStep {
  readonly ended: EndedStep
  readonly interval: Interval
  /** A tool call that follows the block may be joined to it, and is not known yet. */
  readonly mayLeadToCall: boolean
}

/** Tools that are looked for in a step: each costs a scan of it. */
const MAX_TOOLS = 16
const MICROSECOND = 1_000
/** Code units that are analysed between two looks at the clock: some 2 ms. */
const PIECE_LENGTH = 8 * 1024

/** Begins to follow a block, as its call's span and the policy have it by now. */
export function beginLiveBlock(
  {span, call}: LiveCall,
  {index, visibility, source}: LiveGrowth,
  {options, thoughts}: ExpansionContext,
  classifier: BuiltInClassifier,
): OpenBlock {
  const open = span as ReadableSpanLike
  const {attributes} = open
  const merged = mergeCall(captureSpan(open), [{origin: 'wire', call}])?.call ?? NOTHING_CAPTURED
  const policy = policyOf({text: '', visibility, source}, 'wire', merged, attributes, options)
  const shown = redactSpan(open, merged, [policy], options, thoughts).attributes
  const tools = call.toolsOffered.slice(0, MAX_TOOLS).map((name) => ({name}))
  return {
    index,
    parent: parentOf(open, merged, options, shown),
    policy,
    tools,
    // What is to be masked may stand across the end of what has come. Where tools are offered one is
    // called more often than not, and how a text is read depends on whether a call follows.
    analysis:
      policy.policy === 'mask'
        ? undefined
        : beginAnalysis(startLabelling(classifier, tools), options.granularity),
    fed: 0,
    arrivals: [],
    start: undefined,
  }
}

/** Nothing more of it leaves early. */
export function stopLiveBlock(block: OpenBlock): void {
  block.analysis = undefined
  block.arrivals = []
}

/** Takes what was added. @returns the steps that have ended with it */
export function growLiveBlock(block: OpenBlock, growth: LiveGrowth): TimedStep[] {
  const {analysis} = block
  if (analysis === undefined) return []
  if (growth.broken || growth.offset !== block.fed) {
    stopLiveBlock(block)
    return []
  }
  block.fed += growth.text.length
  for (const arrival of growth.arrivals) block.arrivals.push(arrival)
  const steps = analysis
    .feed(growth.text)
    .map((ended) => timed(block, ended, growth, mayLeadToCall(ended, block.tools)))
  if (!growth.ended) return steps
  // No tool call follows it, so that none has to be waited for.
  for (const ended of analysis.end()) steps.push(timed(block, ended, growth, false))
  stopLiveBlock(block)
  return steps
}

const mayLeadToCall = ({step, text}: EndedStep, tools: OpenBlock['tools']): boolean =>
  tools.length > 0 &&
  (step.kind === 'act' || tools.some((tool) => findMentions(text, [tool]).length > 0))

/** As `measuredTimes` has it of a whole block. */
function timed(
  block: OpenBlock,
  ended: EndedStep,
  {endTime}: LiveGrowth,
  mayCall: boolean,
): TimedStep {
  const {step, nextStart} = ended
  const start = block.start ?? timeAt(block, step.start)
  let end = nextStart === undefined ? endTime : timeAt(block, nextStart)
  if (nextStart !== undefined && !isAfter(end, start)) end = addNanos(start, MICROSECOND)
  else if (isAfter(start, end)) end = start
  block.start = nextStart === undefined ? undefined : end
  return {ended, interval: {start, end}, mayLeadToCall: mayCall}
}

/** When the character at `offset` was delivered; what came before is then no longer needed. */
function timeAt({arrivals, parent}: OpenBlock, offset: number): HrTime {
  let at = 0
  while (at + 1 < arrivals.length && (arrivals[at + 1] as Arrival).offset <= offset) at += 1
  arrivals.splice(0, at)
  const time = arrivals[0]?.time ?? parent.startTime
  return isAfter(parent.startTime, time) ? parent.startTime : time
}

/** The span of the block's step at `index`. */
export function liveSpan(
  {span}: LiveCall,
  block: OpenBlock,
  {ended: {step, text}, interval}: TimedStep,
  index: number,
  {options}: ExpansionContext,
): ReadableSpanLike {
  const {parent, policy} = block
  const owner: StepOwner = {
    index: block.index,
    block: {text},
    showsText: policy.policy === 'keep',
    showsLength: policy.policy !== 'drop',
  }
  const alone = {
    ...step,
    start: 0,
    end: text.length,
    titleStart: step.titleStart - step.start,
    titleEnd: step.titleEnd - step.start,
  }
  return buildLiveStep(parent, owner, alone, index, interval, {
    ...options,
    maxTextLength: valueLengthLimit(span as ReadableSpanLike),
    hash: (_, words) => applyPolicy(policy, words).hash,
  })
}

/** The same in pieces that take no longer than a turn. */
export function piecesOf(growth: LiveGrowth): LiveGrowth[] {
  const {text, offset} = growth
  if (text.length <= PIECE_LENGTH) return [growth]
  const pieces: LiveGrowth[] = []
  for (let at = 0; at < text.length; at += PIECE_LENGTH) {
    pieces.push({
      ...growth,
      text: text.slice(at, at + PIECE_LENGTH),
      offset: offset + at,
      arrivals: at === 0 ? growth.arrivals : [],
      ended: growth.ended && at + PIECE_LENGTH >= text.length,
    })
  }
  return pieces
}
