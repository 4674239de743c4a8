/** The analysis of a span's blocks, and the spans that come of it. */
import type {Attributes} from '@opentelemetry/api'
import {analyzeInSlices} from './analysis/in-slices.ts'
import {checksByBlock} from './checks/block-checks.ts'
import {addChecks, checkCall} from './check-call.ts'
import {summarise} from './call-summary.ts'
import {answerOf} from './call-answer.ts'
import {copySpan} from './copied-span.ts'
import {
  blocksOf,
  type Expanded,
  type Expansion,
  type ExpansionContext,
  type ExpansionStep,
  type PreparedBlock,
} from './expansion.ts'
import {adoptLiveSteps} from './live-record.ts'
import type {CapturedCall} from './model.ts'
import type {ResolvedOptions} from './options.ts'
import {applyPolicy, type ResolvedPolicy} from './policy.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {buildReasoningSpans} from './spans/build.ts'
import type {ParentCall, PlannedBlock, Stretch} from './spans/plan.ts'
import {scalar} from './spans/scalar.ts'
import {tokenCounts} from './spans/tokens.ts'

/** The SDK's own limit on the length of a value, where the span tells it. */
export function valueLengthLimit(span: ReadableSpanLike): number {
  const limits = (span as {_spanLimits?: {attributeValueLengthLimit?: unknown}})._spanLimits
  const limit = limits?.attributeValueLengthLimit
  return typeof limit === 'number' && limit > 0 ? limit : Infinity
}

/** What children need to know of the call that they stand under. */
export function parentOf(
  span: ReadableSpanLike,
  call: CapturedCall | undefined,
  options: ResolvedOptions,
  attributes: Attributes = span.attributes,
  late = false,
): ParentCall {
  const copied: Attributes = {}
  for (const key of options.copyAttributes) {
    const value = scalar(attributes[key])
    if (value !== undefined) copied[key] = value
  }
  return {
    context: span.spanContext(),
    startTime: span.startTime,
    endTime: span.endTime,
    resource: span.resource,
    copied,
    model: scalar(call?.model),
    promptName: scalar(call?.promptName),
    promptVersion: scalar(call?.promptVersion),
    timeToFirstChunk: call?.timeToFirstChunk,
    late,
  }
}

/**
 * Analyses the blocks and makes the spans, in slices: every `yield` is a moment at which others may
 * run.
 *
 * @param firstIndex index of the first block: above 0 where earlier ones of the call have left
 */
export function* finishExpansion(
  expansion: Expansion,
  context: ExpansionContext,
  parent: ParentCall = parentOf(
    expansion.span,
    expansion.call,
    context.options,
    expansion.attributes,
  ),
  firstIndex = 0,
): ExpansionStep {
  const {options} = context
  const {span, call, stretches} = expansion
  const blocks = blocksOf(expansion)
  if (blocks.length === 0) {
    return {
      span: copySpan(span, expansion),
      children: [],
      signals: [],
      checks: [],
      stepCount: 0,
      stepsWithheld: 0,
      byRules: false,
    }
  }
  const counts = tokenCounts(
    blocks.map((prepared) => prepared.block),
    call?.reasoningTokens,
  )
  const answers = new Map<number | undefined, string | undefined>()
  if (stretches.length > blocks.length) {
    for (const {block} of blocks) {
      const {choiceIndex} = block
      if (!answers.has(choiceIndex)) answers.set(choiceIndex, answerOf(call, choiceIndex))
    }
  }
  const record = context.liveSteps?.(span.spanContext())
  // What has left already was labelled by the network, and what follows goes with it.
  const byRules =
    options.classifier === 'network' && record === undefined && context.work?.allows() === false
  const sliceOptions: ResolvedOptions = byRules ? {...options, classifier: 'rules'} : options
  const planned = new Map<PreparedBlock, PlannedBlock>()
  let index = firstIndex
  for (const prepared of blocks) {
    const {block, policy, hash, toolCalls} = prepared
    const analysis = yield* analyzeInSlices(
      block,
      {
        answer: answers.get(block.choiceIndex),
        toolCalls,
        finishReasons: call?.finishReasons ?? [],
        // Only the last block can have been stopped by the call's own limit.
        isLast: prepared === blocks.at(-1),
        policy: policy.policy,
      },
      sliceOptions,
    )
    const tokens = counts.get(block)
    planned.set(prepared, {
      block,
      analysis,
      toolCalls,
      policy: policy.policy,
      showsText: policy.policy === 'keep' || policy.policy === 'mask',
      showsLength: policy.policy !== 'drop',
      hash,
      tokenCount: tokens?.count,
      tokenMethod: tokens?.method,
      index,
      withSteps: true,
    })
    index += 1
  }
  const plans = [...planned.values()]
  if (record !== undefined) {
    adoptLiveSteps(
      plans,
      blocks.map(({original}) => original),
      record,
    )
  }
  // Late blocks are the rest of a call that was checked when it left.
  const checks = firstIndex > 0 ? [] : checkCall(expansion, blocks, context)
  const checked = checksByBlock(
    checks,
    blocks.map(({block}) => block),
    blocks.map(({original}) => original),
  )
  if (checks.length > 0)
    for (const [i, plan] of plans.entries()) addChecks(plan, checked[i], options)
  const stepCount = plans.reduce((sum, {analysis}) => sum + analysis.steps.length, 0)
  const gone = plans.reduce((sum, {left}) => sum + (left?.indexes.size ?? 0), 0)
  const wanted = Math.max(Math.min(stepCount, options.maxSteps) - gone, 0)
  const allowed = wanted === 0 || (context.allowSteps?.(wanted) ?? true)
  if (!allowed) for (const plan of plans) plan.withSteps = false
  const policies = new Map<unknown, ResolvedPolicy>(
    blocks.map((prepared) => [planned.get(prepared), prepared.policy]),
  )
  const children = buildReasoningSpans(
    parent,
    stretches.map((stretch): Stretch =>
      'prepared' in stretch
        ? {planned: planned.get(stretch.prepared) as PlannedBlock}
        : {weight: stretch.weight},
    ),
    {
      ...options,
      maxTextLength: valueLengthLimit(span),
      hash: (plan, text) => {
        const policy = policies.get(plan)
        return policy === undefined ? undefined : applyPolicy(policy, text).hash
      },
    },
  )
  const signals = plans.flatMap(({analysis}) => analysis.signals)
  return {
    span: copySpan(span, {
      ...expansion,
      attributes: summarise(expansion.attributes, blocks, stepCount, signals, checks),
    }),
    children,
    signals,
    checks,
    stepCount,
    stepsWithheld: allowed ? 0 : wanted,
    byRules,
  }
}

/** Runs an expansion to its end at once; labels that would have to be waited for are the rules'. */
export function runExpansion(steps: ExpansionStep): Expanded {
  for (;;) {
    const step = steps.next(undefined)
    if (step.done === true) return step.value
  }
}
