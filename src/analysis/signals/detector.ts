/** What a signal detector is given and gives. */
import type {Sentence, Signal, SignalName, Step, ToolCall, Visibility} from '../../model.ts'
import {SIGNAL_SEVERITY} from '../../model.ts'
import {ANALYZER_VERSION} from '../version.ts'
import type {Words} from './words.ts'

/** Everything that is known of a block when its signals are looked for. */
export interface SignalInput {
  readonly text: string
  readonly sentences: readonly Sentence[]
  readonly steps: readonly Step[]
  readonly facts: BlockFacts
  /** Found once for all detectors. */
  readonly words: Words
}

/** What an analysis has when it looks for signals. */
export type AnalysedBlock = Omit<SignalInput, 'words'>

/** What is known of a block besides its text. */
export interface BlockFacts {
  readonly visibility: Visibility
  /** The text was cut before we saw it. */
  readonly incomplete: boolean
  /** Why the call ended, as the provider spells it. */
  readonly finishReasons: readonly string[]
  /** No block of the call comes after this one. */
  readonly isLast: boolean
  readonly answer: string | undefined
  /** The model went on to answer. */
  readonly hasAnswer: boolean
  /** The calls that follow the block. */
  readonly toolCalls: readonly ToolCall[]
  /** Signals that are `false` here are not looked for. */
  readonly signals: Readonly<Partial<Record<SignalName, boolean>>>
}

/** Looks for one signal. Pure, linear in the text, never throws. */
export type SignalDetector = (input: SignalInput) => Signal[]

/** A signal of the rules, with the severity that its name has. */
export function signalOf(
  name: SignalName,
  {start, end}: {start: number; end: number},
  confidence: number,
): Signal {
  return {name, severity: SIGNAL_SEVERITY[name], start, end, confidence, detector: ANALYZER_VERSION}
}
