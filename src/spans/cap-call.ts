/** Which steps of a call become spans. */
import {capSteps} from '../analysis/steps.ts'
import type {Step} from '../model.ts'
import type {PlannedBlock} from './plan.ts'

export interface CappedBlock {
  planned: PlannedBlock
  steps: readonly Step[]
  merged: number
}

/**
 * At most `maxSteps` a call: earlier blocks first, but each later block keeps one as long as there
 * are any, so that no thought disappears behind a long one before it.
 */
export function capCall(blocks: readonly PlannedBlock[], maxSteps: number): CappedBlock[] {
  let left = maxSteps
  let waiting = 0
  for (const block of blocks) waiting += leastSteps(block)
  return blocks.map((planned) => {
    const found = planned.withSteps ? planned.analysis.steps : []
    if (found.length === 0) return {planned, steps: [], merged: 0}
    const least = leastSteps(planned)
    waiting -= least
    const allowed = Math.max(
      Math.min(found.length, left - waiting),
      planned.left === undefined ? Math.min(left, 1) : least,
      0,
    )
    left -= allowed
    if (allowed === 0) return {planned, steps: [], merged: 0}
    const {steps, merged} = capSteps(found, allowed)
    return {planned, steps, merged}
  })
}

/** One, or those that have left and one for the rest. */
function leastSteps({withSteps, analysis, left}: PlannedBlock): number {
  const found = withSteps ? analysis.steps.length : 0
  return Math.min(found, left === undefined ? 1 : left.count + 1)
}
