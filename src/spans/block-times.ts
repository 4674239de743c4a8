/** When the blocks of a call and their steps began and ended: as measured, or a share of its window. */
import type {ReasoningBlock, Step} from '../model.ts'
import type {CappedBlock} from './cap-call.ts'
import type {ParentCall, PlannedBlock, Stretch} from './plan.ts'
import {
  callWindow,
  type Interval,
  measuredTimes,
  type Segment,
  shareWindow,
  timingOf,
} from './times.ts'

/** Characters that a token stands for where there is no text to weigh. */
const LENGTH_PER_TOKEN = 4

export interface BlockTimes {
  timing: 'measured' | 'estimated'
  block: Interval
  steps: Interval[]
}

/** Weight of a block that shows no text but was billed. */
const hiddenWeight = (planned: PlannedBlock): number =>
  planned.block.text.length > 0
    ? planned.block.text.length
    : Math.max((planned.tokenCount ?? 0) * LENGTH_PER_TOKEN, 1)

function estimateTimes(
  parent: ParentCall,
  stretches: readonly Stretch[],
  capped: ReadonlyMap<PlannedBlock, CappedBlock>,
): Map<PlannedBlock, BlockTimes> {
  const segments: Segment[] = []
  const firstSegment = new Map<PlannedBlock, number>()
  for (const stretch of stretches) {
    if ('weight' in stretch) {
      segments.push({weight: stretch.weight, isSpan: false})
      continue
    }
    const {planned} = stretch
    firstSegment.set(planned, segments.length)
    const steps = capped.get(planned)?.steps ?? []
    if (steps.length === 0) segments.push({weight: hiddenWeight(planned), isSpan: true})
    for (let i = 0; i < steps.length; i += 1) {
      // White space between steps belongs to the one before it.
      const end = steps[i + 1]?.start ?? planned.block.text.length
      segments.push({weight: end - (steps[i] as Step).start, isSpan: true})
    }
  }
  const [first] = stretches
  // What nobody was shown was thought while nothing came.
  const isUnseen =
    first !== undefined && 'planned' in first && first.planned.block.text.length === 0
  const silence = isUnseen ? undefined : parent.timeToFirstChunk
  const window = callWindow(parent.startTime, parent.endTime, silence)
  const intervals = shareWindow(window, segments)
  const times = new Map<PlannedBlock, BlockTimes>()
  for (const [planned, from] of firstSegment) {
    const count = Math.max(capped.get(planned)?.steps.length ?? 0, 1)
    const own = intervals.slice(from, from + count)
    const start = own[0]?.start ?? window.start
    const end = own.at(-1)?.end ?? window.end
    times.set(planned, {timing: 'estimated', block: {start, end}, steps: own})
  }
  return times
}

export function blockTimes(
  parent: ParentCall,
  stretches: readonly Stretch[],
  capped: ReadonlyMap<PlannedBlock, CappedBlock>,
): Map<PlannedBlock, BlockTimes> {
  const isMeasured = (b: ReasoningBlock): boolean => timingOf(b.arrivals, b.endTime) === 'measured'
  const allMeasured = stretches.every((s) => 'weight' in s || isMeasured(s.planned.block))
  const times: Map<PlannedBlock, BlockTimes> = allMeasured
    ? new Map()
    : estimateTimes(parent, stretches, capped)
  for (const {planned, steps} of capped.values()) {
    const {arrivals, endTime} = planned.block
    if (arrivals === undefined || !isMeasured(planned.block)) continue
    const starts = steps.map((step) => step.start)
    times.set(planned, {
      timing: 'measured',
      ...measuredTimes(arrivals, endTime, starts, parent.startTime),
    })
  }
  return times
}
