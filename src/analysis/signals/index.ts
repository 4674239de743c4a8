/**
 * The signals, in the order in which they are looked for. A new one is a file and a line here.
 * `check_missed` is not among them: `checks/` raises it, since checks look at a whole call.
 */
import type {Signal, SignalName} from '../../model.ts'
import {findAnswerMismatch} from './answer-mismatch.ts'
import type {AnalysedBlock, SignalDetector, SignalInput} from './detector.ts'
import {findHedging} from './hedging.ts'
import {findHidden} from './hidden.ts'
import {findInstructionConflict} from './instruction-conflict.ts'
import {findLoop} from './loop.ts'
import {findMissingCondition} from './missing-condition.ts'
import {findOverthinking} from './overthinking.ts'
import {findStatedDeception} from './stated-deception.ts'
import {findTestGaming} from './test-gaming.ts'
import {findToolMismatch} from './tool-mismatch.ts'
import {findTruncated} from './truncated.ts'
import {findUnresolved} from './unresolved.ts'
import {findWords} from './words.ts'

export const DETECTORS: readonly (readonly [SignalName, SignalDetector])[] = [
  ['stated_deception', findStatedDeception],
  ['test_gaming', findTestGaming],
  ['instruction_conflict', findInstructionConflict],
  ['hidden', findHidden],
  ['truncated', findTruncated],
  ['loop', findLoop],
  ['answer_mismatch', findAnswerMismatch],
  ['tool_mismatch', findToolMismatch],
  ['missing_condition', findMissingCondition],
  ['unresolved', findUnresolved],
  ['hedging', findHedging],
  ['overthinking', findOverthinking],
]

/**
 * Looks for all signals that are not turned off. Pauses in a long text, so that it holds nobody
 * up.
 */
export function* findSignalsInSlices(
  block: AnalysedBlock,
): Generator<undefined, Signal[], unknown> {
  const input: SignalInput = {...block, words: findWords(block.text, block.sentences)}
  const signals: Signal[] = []
  for (const [name, detect] of DETECTORS) {
    if (input.facts.signals[name] === false) continue
    if (block.text.length > PAUSE_LENGTH && PAUSES.has(name)) yield
    signals.push(...detect(input))
  }
  return signals
}

/** Pauses stand before those that take longest, each about a millisecond in 175 KB. */
const PAUSES: ReadonlySet<SignalName> = new Set(['stated_deception', 'test_gaming', 'loop'])

/** A text up to this long is looked at in one go, in UTF-16 code units. */
const PAUSE_LENGTH = 16 * 1024

/** The same at once. */
export function findSignals(block: AnalysedBlock): Signal[] {
  const steps = findSignalsInSlices(block)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
