/** What the checks of a call say of each of its blocks. */
import type {ReasoningBlock, Signal} from '../model.ts'
import type {CheckOutcome} from './check.ts'

/** How checks look at text: runs of different versions are not comparable. */
const CHECKS_VERSION = 'checks/1'

/**
 * That words are missing is certain; that with them the thought is missing, is not. Not measured:
 * it depends on the words.
 */
const CONFIDENCE = 0.8
/** A summary leaves things out. */
const SUMMARY_CONFIDENCE = 0.5

export interface BlockChecks {
  readonly met: readonly string[]
  readonly missed: readonly string[]
  readonly signals: readonly Signal[]
}

/**
 * Sorts outcomes by block.
 *
 * @param blocks as their texts are shown: evidence is pointed at only where that is what was checked
 * @param originals the texts that were checked
 */
export function checksByBlock(
  outcomes: readonly CheckOutcome[],
  blocks: readonly ReasoningBlock[],
  originals: readonly string[],
): readonly BlockChecks[] {
  const isSummary = blocks.some(({visibility}) => visibility === 'summary')
  return blocks.map(({text}, index) => {
    const own = outcomes.filter(({block}) => block === index)
    const named = (wanted: CheckOutcome['result']): string[] =>
      own.filter(({result}) => result === wanted).map(({name}) => name)
    const isAsChecked = text === originals[index]
    const signals = own
      .filter(({result}) => result === 'missed')
      .map(({name, severity, start, end}): Signal => ({
        name: 'check_missed',
        severity,
        start: isAsChecked ? start : 0,
        end: isAsChecked ? end : 0,
        confidence: isSummary ? SUMMARY_CONFIDENCE : CONFIDENCE,
        detector: CHECKS_VERSION,
        check: name,
      }))
    return {met: named('met'), missed: named('missed'), signals}
  })
}
