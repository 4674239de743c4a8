/** The first look at a span: what reasoning it holds, what the policy leaves of it. */
import {captureSpan} from './capture/span/index.ts'
import {handToParent, passThoughtsOn, withoutEchoes} from './echoes.ts'
import {blocksOf, type Expansion, type ExpansionContext} from './expansion.ts'
import type {Contribution} from './hub.ts'
import {mergeCall, NOTHING_CAPTURED, type OriginItem} from './merge.ts'
import type {CapturedCall, ReasoningBlock} from './model.ts'
import type {ResolvedOptions} from './options.ts'
import {redactOwnSpan, redactSpan, type Shown} from './policy-on-spans.ts'
import type {ResolvedPolicy} from './policy.ts'
import {limitBlocks, policyOf, toStretches} from './prepare-blocks.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import * as semconv from './semconv.ts'
import {isReasoningSpan} from './spans/reasoning-span.ts'
import {createEchoIndex, type Thoughts} from './thoughts.ts'

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
  const blockCount = blocksOf({stretches}).length
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
  blocksOf(expansion).map(({original}) => original)
