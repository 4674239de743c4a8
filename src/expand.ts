/**
 * A span and its blocks become the span as it should leave, followed by its reasoning spans. Pure:
 * no clock, no I/O, no SDK. Processor, exporter, gateway and command line are shells around it.
 */
import type {Attributes, Link, SpanStatus} from '@opentelemetry/api'
import {analyzeInSlices, type PendingLabels} from './analysis/in-slices.ts'
import {captureSpan} from './capture/span/index.ts'
import {type BlockChecks, checksByBlock} from './checks/block-checks.ts'
import type {CheckOutcome} from './checks/check.ts'
import {evaluateChecks} from './checks/evaluate.ts'
import type {MentionsByTrace} from './checks/trace-mentions.ts'
import {handToParent, passThoughtsOn, withoutEchoes} from './echoes.ts'
import type {Contribution} from './hub.ts'
import {mergeCall, NOTHING_CAPTURED, type OriginItem} from './merge.ts'
import {
  type CapturedCall,
  type KindLabel,
  type ReasoningBlock,
  type Signal,
  type ToolCall,
  type Visibility,
  VISIBILITIES,
} from './model.ts'
import {type ExpandOptions, type ResolvedOptions, resolveOptions} from './options.ts'
import {maskBlock, redactOwnSpan, redactSpan, type Shown} from './policy-on-spans.ts'
import {applyPolicy, type ResolvedPolicy} from './policy.ts'
import type {ReadableSpanLike, TimedEventLike} from './readable-span.ts'
import * as semconv from './semconv.ts'
import {
  buildReasoningSpans,
  type ParentCall,
  type PlannedBlock,
  type Stretch,
} from './spans/build.ts'
import {isReasoningSpan} from './spans/reasoning-span.ts'
import {scalar} from './spans/scalar.ts'
import {severest, signalNames} from './spans/signals.ts'
import {tokenCounts} from './spans/tokens.ts'
import {createEchoIndex, Thoughts} from './thoughts.ts'

/** What an expansion needs besides the span: one for each shell, for as long as it lives. */
export interface ExpansionContext {
  readonly options: ResolvedOptions
  readonly thoughts: Thoughts
  /** What the calls of a trace have spoken of; each call stands alone where absent. */
  readonly mentions?: MentionsByTrace | undefined
  /** Whether so many step spans may be made now; always, where absent. */
  readonly allowSteps?: ((count: number) => boolean) | undefined
}

/** What a block becomes before its text is analysed. */
interface PreparedBlock {
  /** Its text masked where the policy masks, so that no cut of it can show what was masked. */
  block: ReasoningBlock
  /** Its text before masking. */
  original: string
  policy: ResolvedPolicy
  /** Of the original text. */
  hash: string | undefined
  toolCalls: ToolCall[]
}

type PreparedStretch = {prepared: PreparedBlock} | {weight: number}

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

/** The call with these blocks in place of those that its span shows. */
function withBlocks(
  captured: CapturedCall | undefined,
  blocks: readonly ReasoningBlock[] | undefined,
): CapturedCall | undefined {
  if (blocks === undefined) return captured
  const call = captured ?? NOTHING_CAPTURED
  const others = call.items.filter((item) => item.type !== 'reasoning')
  return {
    ...call,
    items: [...blocks.map((block) => ({type: 'reasoning', block}) as const), ...others],
  }
}

const isExpanded = (span: ReadableSpanLike): boolean =>
  Object.hasOwn(span.attributes, semconv.ATTR_BLOCK_COUNT)

/** A span like `span` with some of its fields replaced. Getters and methods keep working. */
export function copySpan(span: ReadableSpanLike, shown: Shown): ReadableSpanLike {
  const isUnchanged =
    shown.attributes === span.attributes &&
    shown.events === span.events &&
    (shown.status === undefined || shown.status === span.status) &&
    (shown.links === undefined || shown.links === span.links)
  return isUnchanged ? span : coverSpan(span, shown)
}

// Writable, since processors that follow may assign to a copy as they do to the SDK's own spans.
const OWN = {enumerable: true, writable: true, configurable: true}

/** A copy without a look at the original, some of whose getters may throw. */
export function coverSpan(span: ReadableSpanLike, shown: Shown): ReadableSpanLike {
  const {attributes, events, status, links} = shown
  // Spreading would lose what the SDK's span keeps in getters and methods.
  return Object.create(span, {
    attributes: {value: attributes, ...OWN},
    events: {value: events, ...OWN},
    // A class of spans may keep its context in a private field, which no copy can read.
    spanContext: {value: () => span.spanContext(), ...OWN},
    ...(status === undefined ? {} : {status: {value: status, ...OWN}}),
    ...(links === undefined ? {} : {links: {value: links, ...OWN}}),
  }) as ReadableSpanLike
}

const policyOf = (
  block: ReasoningBlock,
  origin: OriginItem['origin'],
  call: CapturedCall,
  attributes: Attributes,
  options: ResolvedOptions,
): ResolvedPolicy =>
  options.policy.resolve({
    provider: call.provider,
    model: call.model,
    visibility: block.visibility,
    attributes,
    origin,
  })

function prepareBlock(block: ReasoningBlock, policy: ResolvedPolicy): PreparedBlock {
  return {
    block: policy.policy === 'mask' ? maskBlock(block, policy) : block,
    original: block.text,
    policy,
    hash: block.text.length > 0 ? applyPolicy(policy, block.text).hash : undefined,
    toolCalls: [],
  }
}

const toolLength = (call: ToolCall): number => call.name.length + (call.arguments?.length ?? 0)

function toStretches(
  items: readonly OriginItem[],
  call: CapturedCall,
  attributes: Attributes,
  options: ResolvedOptions,
): PreparedStretch[] {
  const stretches: PreparedStretch[] = []
  let latest: PreparedBlock | undefined
  const early: ToolCall[] = []
  for (const {item, origin} of items) {
    if (item.type === 'reasoning') {
      const prepared = prepareBlock(
        item.block,
        policyOf(item.block, origin, call, attributes, options),
      )
      latest = prepared
      stretches.push({prepared})
    } else if (item.type === 'tool_call') {
      if (latest === undefined) early.push(item.call)
      else latest.toolCalls.push(item.call)
      stretches.push({weight: toolLength(item.call)})
    } else {
      stretches.push({weight: item.text.length})
    }
  }
  // Instrumentations that list calls before the thought did not mean that the thought came later.
  const first = stretches.find((stretch) => 'prepared' in stretch)
  if (first !== undefined && 'prepared' in first) first.prepared.toolCalls.unshift(...early)
  return stretches
}

/**
 * Looks at a span: what reasoning it holds, what the policy leaves of it. Cheap where there is
 * none. Spans of a trace must come in the order in which they ended.
 *
 * @param blocks the call's reasoning, in place of what the span shows
 * @returns `undefined` where the span leaves as it is
 */
export function beginExpansion(
  span: ReadableSpanLike,
  contributions: readonly Contribution[],
  context: ExpansionContext,
  blocks?: readonly ReasoningBlock[] | undefined,
): Expansion | undefined {
  const {options, thoughts} = context
  if (isReasoningSpan(span)) return asItIs(span, redactOwnSpan(span, options))
  const captured = withBlocks(captureSpan(span), blocks)
  const merged = mergeCall(captured, contributions)
  if (merged === undefined) passThoughtsOn(span, thoughts)
  if (merged === undefined && !options.policy.withholds) return undefined
  const told = merged === undefined ? [] : withoutEchoes(merged, span, thoughts)
  // One that was expanded already gets no second set of spans; the policy holds on it all the same.
  const items = isExpanded(span) ? [] : limitBlocks(told)
  const call = merged?.call
  const hasBlocks = items.some(({item}) => item.type === 'reasoning')
  const stretches =
    call !== undefined && hasBlocks ? toStretches(items, call, span.attributes, options) : []
  const policies = options.policy.withholds
    ? withholdAll(span, merged?.items ?? [], call, options, thoughts)
    : []
  const shown = redactSpan(span, call, policies, options, thoughts)
  if (!hasBlocks && (call === undefined || isExpanded(span))) return asItIs(span, shown)
  const blockCount = stretches.filter((stretch) => 'prepared' in stretch).length
  return {span, call, ...shown, stretches, blockCount}
}

/** A span to which nothing is added; `undefined` where nothing is withheld either. */
const asItIs = (span: ReadableSpanLike, shown: Shown): Expansion | undefined =>
  shown.attributes === span.attributes &&
  shown.status === undefined &&
  shown.links === undefined &&
  (shown.events === span.events || span.events === undefined)
    ? undefined
    : {span, call: undefined, ...shown, stretches: [], blockCount: 0}

/**
 * Remembers what the policy withholds of a span's thoughts, so that echoes on spans that are looked
 * at before it are found too. For those who have all spans of a trace at hand.
 */
export function withholdThoughts(
  span: ReadableSpanLike,
  contributions: readonly Contribution[],
  {options, thoughts}: ExpansionContext,
): void {
  if (!options.policy.withholds || isReasoningSpan(span)) return
  const merged = mergeCall(captureSpan(span), contributions)
  if (merged !== undefined) withholdAll(span, merged.items, merged.call, options, thoughts)
}

/** Policies of all thoughts of a span, echoes too; what they withhold is remembered in the trace. */
function withholdAll(
  span: ReadableSpanLike,
  items: readonly OriginItem[],
  call: CapturedCall | undefined,
  options: ResolvedOptions,
  thoughts: Thoughts,
): ResolvedPolicy[] {
  const policies: ResolvedPolicy[] = []
  for (const {item, origin} of items) {
    if (item.type !== 'reasoning' || call === undefined) continue
    const policy = policyOf(item.block, origin, call, span.attributes, options)
    // The original, not the masked text: this is what has to be found.
    thoughts.withhold(span.spanContext().traceId, item.block.text, policy)
    // What came by another way than the span does not stand on it.
    if (origin === 'span') policies.push(policy)
  }
  return policies
}

/** Blocks a call may have: each is a span, beside the steps. */
const MAX_BLOCKS = 64

/** Joins what is over the limit to the last block, so that no call floods a queue. */
function limitBlocks(items: readonly OriginItem[]): readonly OriginItem[] {
  let count = 0
  for (const {item} of items) if (item.type === 'reasoning') count += 1
  if (count <= MAX_BLOCKS) return items
  const kept: OriginItem[] = []
  const rest: ReasoningBlock[] = []
  let seen = 0
  let restOrigin: OriginItem['origin'] = 'span'
  for (const one of items) {
    if (one.item.type === 'reasoning') seen += 1
    if (one.item.type !== 'reasoning' || seen < MAX_BLOCKS) kept.push(one)
    else {
      rest.push(one.item.block)
      restOrigin = one.origin
    }
  }
  const [first] = rest as [ReasoningBlock]
  const block: ReasoningBlock = {
    text: rest
      .map((one) => one.text)
      .filter(Boolean)
      .join('\n\n'),
    visibility: VISIBILITIES.findLast((v) => rest.some((one) => one.visibility === v)) ?? 'full',
    source: first.source,
    blocksMerged: rest.length,
  }
  return [...kept, {item: {type: 'reasoning', block}, origin: restOrigin}]
}

/**
 * Looks at what was told of a call after it had left. Its finish reason and tokens went with the
 * call; only thoughts that it did not show are new.
 *
 * @param known texts of the blocks that have left
 */
export function beginLateExpansion(
  span: ReadableSpanLike,
  contribution: Contribution,
  known: readonly string[],
  context: ExpansionContext,
): Expansion | undefined {
  const {options, thoughts} = context
  const merged = mergeCall(undefined, [contribution])
  if (merged === undefined) return undefined
  const echoes = createEchoIndex({texts: known, opaque: true})
  const items = limitBlocks(
    merged.items.filter(({item}) => item.type !== 'reasoning' || !echoes.isEcho(item.block.text)),
  )
  const blocks = items.flatMap(({item}) => (item.type === 'reasoning' ? [item.block] : []))
  if (blocks.length === 0) return undefined
  handToParent(span, blocks, thoughts)
  if (options.policy.withholds) withholdAll(span, items, merged.call, options, thoughts)
  const stretches = toStretches(items, merged.call, span.attributes, options)
  return {
    span,
    call: {...merged.call, reasoningTokens: undefined, finishReasons: []},
    attributes: span.attributes,
    events: span.events,
    stretches,
    blockCount: blocks.length,
  }
}

/** Original texts of an expansion's blocks. */
export const blockTexts = (expansion: Expansion): string[] =>
  expansion.stretches.flatMap((s) => ('prepared' in s ? [s.prepared.original] : []))

const leastVisible = (blocks: readonly PreparedBlock[]): Visibility =>
  VISIBILITIES[
    Math.max(...blocks.map(({block}) => VISIBILITIES.indexOf(block.visibility)))
  ] as Visibility

/** What the call carries of its reasoning. */
function summarise(
  attributes: Attributes,
  blocks: readonly PreparedBlock[],
  stepCount: number,
  signals: readonly Signal[],
  checks: readonly CheckOutcome[],
): Attributes {
  const summary: Attributes = {...attributes}
  summary[semconv.ATTR_BLOCK_COUNT] = blocks.length
  summary[semconv.ATTR_VISIBILITY] = leastVisible(blocks)
  summary[semconv.ATTR_STEP_COUNT] = stepCount
  if (signals.length > 0) {
    summary[semconv.ATTR_SIGNALS] = signalNames(signals)
    summary[semconv.ATTR_SEVERITY] = severest(signals) as string
  }
  const named = (wanted: CheckOutcome['result']): string[] =>
    checks.filter(({result}) => result === wanted).map(({name}) => name)
  const [met, missed] = [named('met'), named('missed')]
  if (met.length > 0) summary[semconv.ATTR_CHECKS_MET] = met
  if (missed.length > 0) summary[semconv.ATTR_CHECKS_MISSED] = missed
  return summary
}

/** What the user expects of the call's reasoning, and what came of it. */
function checkCall(
  {span, call}: Expansion,
  blocks: readonly PreparedBlock[],
  {options, mentions}: ExpansionContext,
): readonly CheckOutcome[] {
  if (options.checks.length === 0) return []
  return evaluateChecks(
    options.checks,
    blocks.map(({block, original, toolCalls}) => ({
      text: original,
      incomplete: block.incomplete === true,
      toolCalls,
    })),
    {
      answer: answerOf(call),
      model: call?.model,
      promptName: call?.promptName,
      promptVersion: call?.promptVersion,
    },
    mentions?.of(span.spanContext().traceId),
    (message, error) => options.faults.tell(message, error),
  )
}

function addChecks(
  plan: PlannedBlock,
  checks: BlockChecks | undefined,
  options: ResolvedOptions,
): void {
  if (checks === undefined) return
  plan.checksMet = checks.met
  plan.checksMissed = checks.missed
  if (checks.signals.length === 0 || options.signals.check_missed === false) return
  plan.analysis = {...plan.analysis, signals: [...plan.analysis.signals, ...checks.signals]}
}

/** The SDK's own limit on the length of a value, where the span tells it. */
function valueLengthLimit(span: ReadableSpanLike): number {
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
  const blocks = stretches.flatMap((s) => ('prepared' in s ? [s.prepared] : []))
  if (blocks.length === 0) {
    return {
      span: copySpan(span, expansion),
      children: [],
      signals: [],
      checks: [],
      stepCount: 0,
      stepsWithheld: 0,
    }
  }
  const counts = tokenCounts(
    blocks.map((prepared) => prepared.block),
    call?.reasoningTokens,
  )
  const answer = stretches.length > blocks.length ? answerOf(call) : undefined
  const planned = new Map<PreparedBlock, PlannedBlock>()
  let index = firstIndex
  for (const prepared of blocks) {
    const {block, policy, hash, toolCalls} = prepared
    const analysis = yield* analyzeInSlices(
      block,
      {
        answer,
        toolCalls,
        finishReasons: call?.finishReasons ?? [],
        // Only the last block can have been stopped by the call's own limit.
        isLast: prepared === blocks.at(-1),
      },
      options,
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
  const wanted = Math.min(stepCount, options.maxSteps)
  const allowed = wanted === 0 || (context.allowSteps?.(wanted) ?? true)
  if (!allowed) for (const plan of plans) plan.withSteps = false
  const policies = new Map(blocks.map((prepared) => [planned.get(prepared), prepared.policy]))
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
  }
}

const answerOf = (call: CapturedCall | undefined): string | undefined => {
  const texts = (call?.items ?? []).flatMap((item) => (item.type === 'text' ? [item.text] : []))
  return texts.length > 0 ? texts.join('\n') : undefined
}

/** Runs an expansion to its end at once; labels that would have to be waited for are the rules'. */
export function runExpansion(steps: ExpansionStep): Expanded {
  for (;;) {
    const step = steps.next(undefined)
    if (step.done === true) return step.value
  }
}

interface Resolution {
  given: ExpandOptions
  resolved: ResolvedOptions
}

const resolutions = new WeakMap<ExpandOptions, Resolution>()
const NO_OPTIONS: ExpandOptions = {}

/** Reading options and environment takes longer than expanding a short span. */
function resolveOnce(options: ExpandOptions = NO_OPTIONS): ResolvedOptions {
  const known = resolutions.get(options)
  if (known !== undefined && isSame(known.given, options)) return known.resolved
  const resolved = resolveOptions('expandSpan', options)
  resolutions.set(options, {given: {...options}, resolved})
  return resolved
}

/** Whoever changes an option of an object that was used before means it. */
function isSame(a: ExpandOptions, b: ExpandOptions): boolean {
  const keys = Object.keys(b) as (keyof ExpandOptions)[]
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key])
}

/**
 * Returns the span as it should leave, followed by its reasoning spans. The original is never
 * changed; where there is nothing to add or withhold it is returned itself. A span of ours, or one
 * that was expanded already, passes unchanged.
 *
 * A classifier that answers with a promise cannot be waited for here: the rules label instead. The
 * environment is read once for each options object.
 *
 * @param span an ended span of either SDK line
 * @param blocks the reasoning of the call; what the span itself shows, where `undefined`
 * @throws TypeError on what is no span and on wrong options; never on what a span holds
 * @public
 */
export function expandSpan<S extends ReadableSpanLike>(
  span: S,
  blocks?: readonly ReasoningBlock[] | undefined,
  options?: ExpandOptions | undefined,
): Pick<S, keyof ReadableSpanLike>[] {
  if (typeof span?.spanContext !== 'function') {
    throw new TypeError(
      `expandSpan: expected an ended span, got ${span === null ? 'null' : typeof span} without \`spanContext()\``,
    )
  }
  const context: ExpansionContext = {options: resolveOnce(options), thoughts: new Thoughts()}
  const expansion = beginExpansion(span, [], context, blocks)
  if (expansion === undefined) return [span]
  const expanded = runExpansion(finishExpansion(expansion, context))
  return [expanded.span, ...expanded.children] as Pick<S, keyof ReadableSpanLike>[]
}
