/** What the call itself carries of its reasoning. */
import type {Attributes} from '@opentelemetry/api'
import type {CheckOutcome} from './checks/check.ts'
import type {PreparedBlock} from './expansion.ts'
import {type Signal, type Visibility, VISIBILITIES} from './model.ts'
import * as semconv from './semconv.ts'
import {severest, signalNames} from './spans/signals.ts'

const leastVisible = (blocks: readonly PreparedBlock[]): Visibility =>
  VISIBILITIES[
    Math.max(...blocks.map(({block}) => VISIBILITIES.indexOf(block.visibility)))
  ] as Visibility

/** What the call carries of its reasoning. */
export function summarise(
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
