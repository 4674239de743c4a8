/** From what was captured of a call to blocks that are ready for analysis. */
import type {Attributes} from '@opentelemetry/api'
import type {PreparedBlock, PreparedStretch} from './expansion.ts'
import type {OriginItem} from './merge.ts'
import {type CapturedCall, type ReasoningBlock, type ToolCall, VISIBILITIES} from './model.ts'
import type {ResolvedOptions} from './options.ts'
import {maskBlock} from './policy-on-spans.ts'
import {applyPolicy, type ResolvedPolicy} from './policy.ts'

/** What may leave of a block. */
export const policyOf = (
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

/** One alternative's thought did not lead to another one's calls. */
const isOfChoice = ({choiceIndex}: ReasoningBlock, choice: number | undefined): boolean =>
  choice === undefined || choiceIndex === undefined || choice === choiceIndex

const toolLength = (call: ToolCall): number => call.name.length + (call.arguments?.length ?? 0)

/** Blocks, each with the calls that follow it, and what stands between them. */
export function toStretches(
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
      else if (isOfChoice(latest.block, item.choiceIndex)) latest.toolCalls.push(item.call)
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

/** Blocks a call may have: each is a span, beside the steps. */
const MAX_BLOCKS = 64

/** Joins what is over the limit to the last block, so that no call floods a queue. */
export function limitBlocks(items: readonly OriginItem[]): readonly OriginItem[] {
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
