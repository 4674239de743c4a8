/** `hidden`: tokens were billed for reasoning of which nothing was shown. */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'

export function findHidden({facts}: SignalInput): Signal[] {
  return facts.visibility === 'hidden' ? [signalOf('hidden', {start: 0, end: 0}, 1)] : []
}
