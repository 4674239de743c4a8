/**
 * What was exported of a call while it ran, and what is left of it to export at its end: nothing
 * twice, whatever the whole text turned out to be.
 */
import type {Analysis, Step} from './model.ts'
import type {PlannedBlock} from './spans/plan.ts'

/** A step that had ended while its block was still being written. */
export interface LiveStep {
  readonly step: Step
  /** Of its text. */
  readonly hash: number
  /** Its span has left; otherwise it comes with the call's end. */
  readonly isExported: boolean
}

/** The steps of one block, in order, up to the last one that has left. */
export interface LiveBlock {
  /** Position of the block, as it was assumed. */
  readonly index: number
  readonly steps: readonly LiveStep[]
}

/** The blocks of one call of which anything has left. */
export type LiveRecord = readonly LiveBlock[]

/** Two FNV-1a-like sums in one number of 53 bits: texts that differ by chance do not share it. */
export function hashText(text: string, start = 0, end = text.length): number {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x5bd1e995) ^ (low >>> 15)
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

const isSameStep = (a: Step, b: Step): boolean =>
  a.start === b.start && a.end === b.end && a.kind === b.kind && a.confidence === b.confidence

const isOf = (block: LiveBlock, text: string): boolean =>
  block.steps.every(
    ({step: {start, end}, hash, isExported}) =>
      !isExported || (end <= text.length && hashText(text, start, end) === hash),
  )

/**
 * The steps as they were exported, and behind them those of the whole text: a tool call that follows
 * a text changes how it is read, and what has left cannot be changed.
 */
function withExported({steps}: Analysis, live: readonly LiveStep[], text: string): readonly Step[] {
  if (live.every(({step}, i) => steps[i] !== undefined && isSameStep(step, steps[i]))) return steps
  const kept = live.map(({step}) => step)
  let edge = kept.at(-1)?.end ?? 0
  while (edge < text.length && text.charCodeAt(edge) <= 32) edge += 1
  for (const step of steps) {
    if (step.end <= edge) continue
    if (step.start >= edge) kept.push(step)
    else kept.push({...step, start: edge, ...titleBehind(step, edge)})
  }
  return kept
}

const titleBehind = (
  {titleStart, titleEnd, end}: Step,
  edge: number,
): Pick<Step, 'titleStart' | 'titleEnd'> =>
  titleStart >= edge ? {titleStart, titleEnd} : {titleStart: edge, titleEnd: end}

/**
 * Notes which steps have left: their spans are not made again. A text is known by its words, not by
 * its place. Where the place of a text that has changed was taken, its steps come behind those that
 * took it.
 *
 * @param plans the blocks of the call; their steps and `left` are set
 * @param originals their texts before masking
 */
export function adoptLiveSteps(
  plans: readonly PlannedBlock[],
  originals: readonly string[],
  record: LiveRecord,
): void {
  const waiting = new Set(record)
  const find = (text: string, index: number | undefined): LiveBlock | undefined => {
    for (const live of waiting) {
      if ((index === undefined || live.index === index) && isOf(live, text)) return live
    }
    return undefined
  }
  const found = new Map<PlannedBlock, LiveBlock>()
  // Those that stand where they were assumed to, first: two blocks may be of the same words.
  for (const isAnywhere of [false, true]) {
    for (const [i, plan] of plans.entries()) {
      if (found.has(plan)) continue
      const live = find(originals[i] ?? '', isAnywhere ? undefined : plan.index)
      if (live === undefined) continue
      found.set(plan, live)
      waiting.delete(live)
    }
  }
  for (const [i, plan] of plans.entries()) {
    const live = found.get(plan)
    const there = record.find(({index}) => index === plan.index)
    const from = there === undefined || there === live ? 0 : there.steps.length
    if (live !== undefined) {
      // Under `mask` nothing leaves early; where a policy has become stricter since, offsets differ.
      if (plan.block.text === originals[i]) {
        plan.analysis = {
          ...plan.analysis,
          steps: withExported(plan.analysis, live.steps, plan.block.text),
        }
      } else plan.withSteps = false
      const indexes = live.steps.flatMap(({isExported}, at) => (isExported ? [at] : []))
      plan.left = {indexes: new Set(indexes), count: live.steps.length, from}
    } else if (from > 0) plan.left = {indexes: new Set(), count: 0, from}
  }
}
