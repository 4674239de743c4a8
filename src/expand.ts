/**
 * A span and its blocks become the span as it should leave, followed by its reasoning spans. Pure:
 * no clock, no I/O, no SDK. Processor, exporter, gateway and command line are shells around it.
 */
import type {Attributes} from '@opentelemetry/api'
import {analyzeInSlices, type PendingLabels} from './analysis/in-slices.ts'
import {captureSpan} from './capture/span/index.ts'
import type {Contribution} from './hub.ts'
import {mergeCall, type MergedCall, NOTHING_CAPTURED, type OriginItem} from './merge.ts'
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
import {
  applyPolicy,
  type MaskedRange,
  maskedRanges,
  maskText,
  redactAttributes,
  redactEvents,
  type ResolvedPolicy,
  strictest,
} from './policy.ts'
import type {ReadableSpanLike, TimedEventLike} from './readable-span.ts'
import * as semconv from './semconv.ts'
import {
  buildReasoningSpans,
  type ParentCall,
  type PlannedBlock,
  type Stretch,
} from './spans/build.ts'
import {isReasoningSpan} from './spans/reasoning-span.ts'
import {severest, signalNames} from './spans/signals.ts'
import {isEcho, Thoughts} from './thoughts.ts'

/** What an expansion needs besides the span: one for each shell, for as long as it lives. */
export interface ExpansionContext {
  readonly options: ResolvedOptions
  readonly thoughts: Thoughts
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
  readonly stretches: readonly PreparedStretch[]
  readonly blockCount: number
}

/** A span expanded. */
export interface Expanded {
  /** The span as it leaves: the very same object where nothing was added or withheld. */
  readonly span: ReadableSpanLike
  readonly children: readonly ReadableSpanLike[]
  readonly signals: readonly Signal[]
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
export function copySpan(
  span: ReadableSpanLike,
  attributes: Attributes,
  events: TimedEventLike[],
): ReadableSpanLike {
  if (attributes === span.attributes && events === span.events) return span
  // Spreading would lose what the SDK's span keeps in getters and methods.
  return Object.create(span, {
    attributes: {value: attributes, enumerable: true},
    events: {value: events, enumerable: true},
  }) as ReadableSpanLike
}

function prepareBlock(
  {item, origin}: OriginItem,
  call: CapturedCall,
  attributes: Attributes,
  options: ResolvedOptions,
): PreparedBlock | undefined {
  if (item.type !== 'reasoning') return undefined
  const {block} = item
  const policy = options.policy.resolve({
    provider: call.provider,
    model: call.model,
    visibility: block.visibility,
    attributes,
    origin,
  })
  return {
    block: policy.policy === 'mask' ? maskBlock(block, policy) : block,
    original: block.text,
    policy,
    hash: block.text.length > 0 ? applyPolicy(policy, block.text).hash : undefined,
    toolCalls: [],
  }
}

/** The block with its text masked, and what points into the text moved along. */
function maskBlock(block: ReasoningBlock, policy: ResolvedPolicy): ReasoningBlock {
  const text = maskText(block.text, policy)
  if (text === block.text) return block
  const move = createOffsetMap(block.text, text, policy)
  return {
    ...block,
    text,
    arrivals: block.arrivals?.map(({offset, time}) => ({offset: move(offset), time})),
    steps: block.steps?.map(({kind, start, end}) => ({kind, start: move(start), end: move(end)})),
  }
}

/** From offsets into a text to offsets into the same text masked. */
function createOffsetMap(
  original: string,
  masked: string,
  policy: ResolvedPolicy,
): (offset: number) => number {
  if (policy.transform !== undefined) {
    // What the user's function did to which part cannot be known: in proportion, then.
    const scale = masked.length / original.length
    return (offset) => Math.min(Math.round(offset * scale), masked.length)
  }
  const ranges: readonly MaskedRange[] = maskedRanges(original, policy)
  return (offset) => {
    let shift = 0
    for (const {start, end, label} of ranges) {
      if (offset <= start) break
      if (offset < end) return start + shift
      shift += label.length - (end - start)
    }
    return offset + shift
  }
}

/** Leaves out blocks that a span below this one has told already. */
function withoutEchoes(
  merged: MergedCall,
  span: ReadableSpanLike,
  thoughts: Thoughts,
): readonly OriginItem[] {
  const parentId = span.parentSpanContext?.spanId
  const inherited = thoughts.take(span.spanContext().spanId)
  const items =
    inherited === undefined
      ? merged.items
      : merged.items.filter(
          ({item}) => item.type !== 'reasoning' || !isEcho(item.block.text, inherited),
        )
  if (parentId !== undefined) {
    const blocks = items.flatMap(({item}) => (item.type === 'reasoning' ? [item.block] : []))
    if (blocks.length > 0 || inherited !== undefined) {
      const texts = blocks.map((block) => block.text).filter((text) => text.length > 0)
      thoughts.hand(parentId, texts, blocks.length > texts.length, inherited)
    }
  }
  return items
}

/** A span without reasoning still stands between a thought and the ancestor that may repeat it. */
function passThoughtsOn(span: ReadableSpanLike, thoughts: Thoughts): void {
  if (thoughts.isEmpty) return
  const inherited = thoughts.take(span.spanContext().spanId)
  const parentId = span.parentSpanContext?.spanId
  if (inherited !== undefined && parentId !== undefined)
    thoughts.hand(parentId, [], false, inherited)
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
  for (const origin of items) {
    const {item} = origin
    if (item.type === 'reasoning') {
      const prepared = prepareBlock(origin, call, attributes, options)
      if (prepared === undefined) continue
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

/** Applies the policy to what the span itself shows. */
function redact(
  span: ReadableSpanLike,
  stretches: readonly PreparedStretch[],
  items: readonly OriginItem[],
  call: CapturedCall | undefined,
  context: ExpansionContext,
): {attributes: Attributes; events: TimedEventLike[]} {
  const {options, thoughts} = context
  if (!options.policy.withholds) return {attributes: span.attributes, events: span.events}
  const {traceId} = span.spanContext()
  const policies = stretches.flatMap((s) => ('prepared' in s ? [s.prepared.policy] : []))
  items.forEach(({item}) => {
    // The original, not the masked text: this is what has to be found.
    if (item.type === 'reasoning') thoughts.rememberText(traceId, item.block.text)
  })
  const own = options.policy.resolve({
    provider: call?.provider,
    model: call?.model,
    visibility: 'full',
    attributes: span.attributes,
    origin: 'span',
  })
  const policy = strictest([own, ...policies])
  if (policy.policy === 'keep') return {attributes: span.attributes, events: span.events}
  const known = thoughts.textsOf(traceId)
  return {
    attributes: redactAttributes(span.attributes, policy, known),
    events: redactEvents(span.events, policy, known),
  }
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
  if (isReasoningSpan(span)) return undefined
  const captured = withBlocks(captureSpan(span), blocks)
  const merged = mergeCall(captured, contributions)
  if (merged === undefined) passThoughtsOn(span, context.thoughts)
  if (isExpanded(span)) {
    // It passes unchanged; an ancestor that repeats its thought must still be known to.
    if (merged !== undefined) withoutEchoes(merged, span, context.thoughts)
    return undefined
  }
  if (merged === undefined && !context.options.policy.withholds) return undefined
  const items = merged === undefined ? [] : withoutEchoes(merged, span, context.thoughts)
  const call = merged?.call
  const hasBlocks = items.some(({item}) => item.type === 'reasoning')
  const stretches =
    call !== undefined && hasBlocks
      ? toStretches(items, call, span.attributes, context.options)
      : []
  const {attributes, events} = redact(span, stretches, merged?.items ?? [], call, context)
  if (
    !hasBlocks &&
    attributes === span.attributes &&
    events === span.events &&
    call === undefined
  ) {
    return undefined
  }
  const blockCount = stretches.filter((stretch) => 'prepared' in stretch).length
  return {span, call, attributes, events, stretches, blockCount}
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
  const merged = mergeCall(undefined, [contribution])
  const items = (merged?.items ?? []).filter(
    ({item}) =>
      item.type !== 'reasoning' ||
      (item.block.text.length > 0 && !isEcho(item.block.text, {texts: known, opaque: true})),
  )
  if (merged === undefined || !items.some(({item}) => item.type === 'reasoning')) return undefined
  const stretches = toStretches(items, merged.call, span.attributes, context.options)
  return {
    span,
    call: merged.call,
    attributes: span.attributes,
    events: span.events,
    stretches,
    blockCount: stretches.filter((stretch) => 'prepared' in stretch).length,
  }
}

/** Original texts of an expansion's blocks. */
export const blockTexts = (expansion: Expansion): string[] =>
  expansion.stretches.flatMap((s) => ('prepared' in s ? [s.prepared.original] : []))

/** Tokens of each block: as reported, or the call's count shared by length. */
function tokenCounts(
  blocks: readonly PreparedBlock[],
  total: number | undefined,
): Map<PreparedBlock, {count: number; method: 'reported' | 'apportioned'}> {
  const counts = new Map<PreparedBlock, {count: number; method: 'reported' | 'apportioned'}>()
  for (const prepared of blocks) {
    const count = prepared.block.tokenCount
    if (count !== undefined) counts.set(prepared, {count, method: 'reported'})
  }
  if (total === undefined || counts.size > 0) return counts
  if (blocks.length === 1)
    return counts.set(blocks[0] as PreparedBlock, {count: total, method: 'reported'})
  const length = blocks.reduce((sum, {block}) => sum + block.text.length, 0)
  if (length === 0) return counts
  let shared = 0
  let passed = 0
  for (const prepared of blocks) {
    passed += prepared.block.text.length
    // Rounding the running sum keeps the parts adding up to the whole.
    const until = Math.round((total * passed) / length)
    counts.set(prepared, {count: until - shared, method: 'apportioned'})
    shared = until
  }
  return counts
}

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
): Attributes {
  const summary: Attributes = {...attributes}
  summary[semconv.ATTR_BLOCK_COUNT] = blocks.length
  summary[semconv.ATTR_VISIBILITY] = leastVisible(blocks)
  summary[semconv.ATTR_STEP_COUNT] = stepCount
  if (signals.length > 0) {
    summary[semconv.ATTR_SIGNALS] = signalNames(signals)
    summary[semconv.ATTR_SEVERITY] = severest(signals) as string
  }
  return summary
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
  late = false,
): ParentCall {
  const copied: Attributes = {}
  for (const key of options.copyAttributes) {
    const value = span.attributes[key]
    if (value !== undefined) copied[key] = value
  }
  return {
    context: span.spanContext(),
    startTime: span.startTime,
    endTime: span.endTime,
    resource: span.resource,
    copied,
    model: call?.model,
    promptName: call?.promptName,
    promptVersion: call?.promptVersion,
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
  parent: ParentCall = parentOf(expansion.span, expansion.call, context.options),
  firstIndex = 0,
): ExpansionStep {
  const {options} = context
  const {span, call, stretches} = expansion
  const blocks = stretches.flatMap((s) => ('prepared' in s ? [s.prepared] : []))
  if (blocks.length === 0) {
    return {
      span: copySpan(span, expansion.attributes, expansion.events),
      children: [],
      signals: [],
      stepCount: 0,
      stepsWithheld: 0,
    }
  }
  const counts = tokenCounts(blocks, call?.reasoningTokens)
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
    const tokens = counts.get(prepared)
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
    span: copySpan(
      span,
      summarise(expansion.attributes, blocks, stepCount, signals),
      expansion.events,
    ),
    children,
    signals,
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

const resolved = new WeakMap<ExpandOptions, ResolvedOptions>()
const NO_OPTIONS: ExpandOptions = {}

/** Reading the environment takes longer than expanding a short span. */
function resolveOnce(options: ExpandOptions = NO_OPTIONS): ResolvedOptions {
  let known = resolved.get(options)
  if (known === undefined) {
    known = resolveOptions('expandSpan', options)
    resolved.set(options, known)
  }
  return known
}

/**
 * Returns the span as it should leave, followed by its reasoning spans. The original is never
 * changed; where there is nothing to add or withhold it is returned itself. A span of ours, or one
 * that was expanded already, passes unchanged.
 *
 * A classifier that answers with a promise cannot be waited for here: the rules label instead.
 *
 * @param span an ended span of either SDK line
 * @param blocks the reasoning of the call; what the span itself shows, where `undefined`
 * @throws TypeError on wrong options; never on data
 * @public
 */
export function expandSpan<S extends ReadableSpanLike>(
  span: S,
  blocks?: readonly ReasoningBlock[] | undefined,
  options?: ExpandOptions | undefined,
): S[] {
  const context: ExpansionContext = {options: resolveOnce(options), thoughts: new Thoughts()}
  const expansion = beginExpansion(span, [], context, blocks)
  if (expansion === undefined) return [span]
  const expanded = runExpansion(finishExpansion(expansion, context))
  return [expanded.span, ...expanded.children] as S[]
}
