/** What signals add up to on a span: distinct names, the highest severity. */
import {SEVERITIES, type Severity, type Signal} from '../model.ts'

/** Distinct names, in the order of their first appearance. */
export const signalNames = (signals: readonly Signal[]): string[] => [
  ...new Set(signals.map((signal) => signal.name)),
]

/** `undefined` where there are none: silence is not a severity. */
export function severest(signals: readonly Signal[]): Severity | undefined {
  let highest = -1
  for (const signal of signals) highest = Math.max(highest, SEVERITIES.indexOf(signal.severity))
  return SEVERITIES[highest]
}
