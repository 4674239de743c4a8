/** The signals, in the order in which they are looked for. A new one is a file and a line here. */
import type {Signal, SignalName} from '../../model.ts'
import type {SignalDetector, SignalInput} from './detector.ts'
import {findHidden} from './hidden.ts'
import {findTruncated} from './truncated.ts'

const DETECTORS: readonly (readonly [SignalName, SignalDetector])[] = [
  ['hidden', findHidden],
  ['truncated', findTruncated],
]

export function findSignals(input: SignalInput): Signal[] {
  const signals: Signal[] = []
  for (const [name, detect] of DETECTORS) {
    if (input.facts.signals[name] !== false) signals.push(...detect(input))
  }
  return signals
}
