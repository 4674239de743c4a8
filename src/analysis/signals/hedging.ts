/**
 * `hedging`: sentence after sentence at the end that softens what it says, and none that settles it.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {groupBit} from './words.ts'

const SOFT =
  /\b(?:maybe|perhaps|possibly|probably|presumably|i guess|i suppose|i wonder|i(?:['’]m| am) (?:not (?:sure|certain|convinced)|unsure|uncertain)|not sure|hard to (?:say|tell)|might (?:be|have|not|also)|may (?:be|have|not)|could (?:be|have|also)|seems? (?:to|like|as)|it seems|appears to|likely|unclear|uncertain|i think|sort of|kind of|more or less|in a way|somewhat)\b/i

/** Of the last sentences, so many are soft, or the end is settled. */
const LAST = 4
const MIN_SOFT_LAST = 3
/** … and the very last one is, or the one before it. */
const AT_END = 2
const MAX_SENTENCE = 300

export function findHedging({text, sentences, words, facts}: SignalInput): Signal[] {
  const bit = groupBit('hedge')
  const count = sentences.length
  // A call that follows is how the question is going to be settled.
  if (count < LAST || !facts.isLast || facts.toolCalls.length > 0) return []
  const isSoft = (i: number): boolean => {
    if ((words.groups[i]! & bit) === 0) return false
    const {start, end} = sentences[i]!
    return SOFT.test(text.slice(start, Math.min(end, start + MAX_SENTENCE)))
  }
  let soft = 0
  let first = -1
  let last = -1
  for (let i = count - LAST; i < count; i += 1) {
    if (!isSoft(i)) continue
    soft += 1
    if (first < 0) first = i
    last = i
  }
  if (soft < MIN_SOFT_LAST || last < count - AT_END) return []
  const place = {start: sentences[first]!.start, end: sentences[last]!.end}
  return [signalOf('hedging', place, soft === LAST ? 0.7 : 0.6)]
}
