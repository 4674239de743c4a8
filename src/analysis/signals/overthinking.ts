/**
 * `overthinking`: the answer at which the reasoning ends stood there early, and most of the text
 * comes after it, in several new starts. Seen where the answer is a number or a choice.
 */
import type {Signal} from '../../model.ts'
import {concludedValue, statedResults} from './conclusion.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {isSameValue} from './values.ts'

/** A shorter text after the answer is a check, in UTF-16 code units. */
const MIN_AFTER = 4000
/** … and it is so much of the whole. */
const MIN_SHARE = 0.65
const MIN_RESTARTS = 6
const MIN_REPEATS = 4

const RESTART =
  /^\W*(?:(?:oh|but|hmm|so|okay|ok|and),?\s+)?(?:wait|hold on|alternatively|let me (?:double|re|verify|check|think|see|go over|confirm|make sure)|let['’]s (?:double|re|verify|check|see|confirm)|another (?:way|approach|thought)|just to (?:be sure|double|make sure|confirm)|to (?:double-check|verify|be sure)|is that right|am i|did i|maybe i|perhaps i|hmm)\b/i

export function findOverthinking({text, sentences, facts}: SignalInput): Signal[] {
  if (text.length < MIN_AFTER / MIN_SHARE || !facts.isLast || sentences.length === 0) return []
  const conclusion = concludedValue(text, sentences.at(-1)!.start)
  if (conclusion === undefined) return []
  const said = statedResults(text).filter(({value}) => isSameValue(value, conclusion.value))
  const reached = said[0]?.value.start
  if (reached === undefined || said.length < MIN_REPEATS) return []
  const after = text.length - reached
  if (after < MIN_AFTER || after < MIN_SHARE * text.length) return []
  let restarts = 0
  let first: {start: number; end: number} | undefined
  for (const {start, end} of sentences) {
    if (start <= reached || !RESTART.test(text.slice(start, Math.min(end, start + 60)))) continue
    first ??= {start, end}
    restarts += 1
  }
  if (restarts < MIN_RESTARTS || first === undefined) return []
  return [signalOf('overthinking', {start: first.start, end: sentences.at(-1)!.end}, 0.8)]
}
