/**
 * `unresolved`: the reasoning ends without committing, because of a doubt or gap that it names.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {groupBit} from './words.ts'

/** Says that the matter stays open. */
const OPEN =
  /\b(?:(?:i|we)(?: still| really| just)? (?:can['’]t|cannot|can not|couldn['’]t|could not|am unable to|are unable to|won['’]t be able to)(?: really| yet| actually)? (?:decide|determine|tell|settle|resolve|confirm|conclude|be (?:sure|certain)|answer|solve)|(?:cannot|can['’]t|can not|could not|couldn['’]t)(?: yet| currently)? be (?:determined|decided|resolved|settled|confirmed|answered|solved|computed|calculated|found|verified)|(?:impossible|not possible|no way|not enough (?:information|info|data)|insufficient (?:information|info|data)) to (?:say|tell|know|decide|determine|answer|solve|find|confirm|conclude|settle|calculate|compute)|(?:still |remains? |stays? )(?:unclear|open|unresolved|undecided|unsettled|ambiguous|undetermined|unknown)|(?:i['’]m|i am|we['’]re|we are)(?: still| really)? (?:not sure|unsure|uncertain|undecided|torn|stuck)(?: which| whether| what| how| who| about| between)?|(?:i|we)(?: still| really)? (?:don['’]t|do not) know (?:which|whether|what|who|if|how)|(?:without|until|unless) (?:knowing|more|additional|further|that|this|it|the|we|i|they|someone)\b[^.!?]{2,80}?\b(?:can['’]t|cannot|impossible|no way|not possible|unable)|no (?:unique|definite|definitive|single|clear) (?:answer|solution|decision|conclusion)|(?:under-?determined|indeterminate|undetermined|unanswerable|unsolvable))\b/i
/** Takes a decision after all. */
const COMMITS =
  /\b(?:(?:i['’]ll|i will|let me|let['’]s|we['’]ll|i should|so i|best to) (?:go with|assume|take|say|answer|stick|settle|use|proceed|choose|pick|conclude|recommend|give|write|respond|ask|present|provide|state|be)|the (?:final )?answer (?:is|must be|should be|would be|they expect)|i think (?:that['’]s|it['’]s)|that['’]s it\\b|therefore,? the|so the (?:final )?answer|final answer|going with|my (?:answer|recommendation|decision))\b|\\boxed\s?\{\s?-?[\d.]/i

/** Of the end of a text, as many sentences are looked at. */
const LAST_SENTENCES = 2
const MAX_SENTENCE = 500

export function findUnresolved({text, sentences, words, facts}: SignalInput): Signal[] {
  // A call that follows is how the doubt is going to be settled.
  if (!facts.isLast || facts.toolCalls.length > 0 || sentences.length < 3) return []
  const bits = groupBit('missing') | groupBit('hedge')
  for (let i = sentences.length - 1; i >= Math.max(0, sentences.length - LAST_SENTENCES); i -= 1) {
    const {start, end} = sentences[i]!
    const sentence = text.slice(start, Math.min(end, start + MAX_SENTENCE))
    const open = (words.groups[i]! & bits) === 0 ? null : OPEN.exec(sentence)
    if (open !== null) {
      const rest = sentence.slice(open.index + open[0].length)
      return COMMITS.test(rest) ? [] : [signalOf('unresolved', {start, end}, 0.7)]
    }
    if (COMMITS.test(sentence)) return []
  }
  return []
}
