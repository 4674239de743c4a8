/** Reasoning tokens of each block: as reported, or the call's count shared by length. */
import type {ReasoningBlock} from '../model.ts'

export interface TokenCount {
  readonly count: number
  readonly method: 'reported' | 'apportioned'
}

/** @param total reasoning tokens that were reported for the whole call */
export function tokenCounts(
  blocks: readonly ReasoningBlock[],
  total: number | undefined,
): ReadonlyMap<ReasoningBlock, TokenCount> {
  const counts = new Map<ReasoningBlock, TokenCount>()
  for (const block of blocks) {
    if (block.tokenCount !== undefined) {
      counts.set(block, {count: block.tokenCount, method: 'reported'})
    }
  }
  if (total === undefined || counts.size > 0) return counts
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) {
    return counts.set(only, {count: total, method: 'reported'})
  }
  const length = blocks.reduce((sum, {text}) => sum + text.length, 0)
  if (length === 0) return counts
  let shared = 0
  let passed = 0
  for (const block of blocks) {
    passed += block.text.length
    // Rounding the running sum keeps the parts adding up to the whole.
    const until = Math.round((total * passed) / length)
    counts.set(block, {count: until - shared, method: 'apportioned'})
    shared = until
  }
  return counts
}
