/**
 * `answer_mismatch`: the reasoning ends with one number or choice, the answer gives another. Silent
 * wherever either of them is not plainly a number or a choice.
 */
import type {Signal} from '../../model.ts'
import {answerValue, concludedValue} from './conclusion.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {isSameValue} from './values.ts'

export function findAnswerMismatch({text, sentences, facts}: SignalInput): Signal[] {
  if (!facts.isLast || !facts.hasAnswer || facts.answer === undefined) return []
  if (facts.visibility === 'hidden') return []
  const answer = answerValue(facts.answer)
  if (answer === undefined) return []
  const conclusion = concludedValue(text, sentences.at(-1)?.start ?? 0)
  if (conclusion === undefined) return []
  const {value, closing, isBoxed} = conclusion
  if (value.kind !== answer.kind || isSameValue(value, answer)) return []
  if (closing.some((number) => isSameValue(number, answer))) return []
  return [signalOf('answer_mismatch', value, isBoxed ? 0.95 : 0.85)]
}
