/** Runs the detectors on a text, with what is known of it besides. */
import type {BlockFacts} from '../../../src/analysis/signals/detector.ts'
import {findSignals} from '../../../src/analysis/signals/index.ts'
import {splitSentences} from '../../../src/analysis/sentences.ts'
import type {Signal, SignalName} from '../../../src/model.ts'

export function detect(text: string, facts: Partial<BlockFacts> = {}): Signal[] {
  const sentences = splitSentences(text).map(({start, end}) => ({
    start,
    end,
    kind: 'infer' as const,
    confidence: 1,
  }))
  return findSignals({
    text,
    sentences,
    steps: [],
    facts: {
      visibility: 'full',
      incomplete: false,
      finishReasons: [],
      isLast: true,
      answer: undefined,
      hasAnswer: facts.answer !== undefined,
      toolCalls: [],
      signals: {},
      ...facts,
    },
  })
}

/** The signal of this name, if it was raised. */
export const signal = (
  name: SignalName,
  text: string,
  facts?: Partial<BlockFacts>,
): Signal | undefined => detect(text, facts).find((one) => one.name === name)
