/**
 * `truncated`: the reasoning stops because a limit was reached, or was cut before we saw it. Where
 * the call says why it ended that is believed, and the text is not judged; where nobody says, a
 * text that stops in the middle of a sentence counts.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {endingOf} from './ending.ts'

// As letters only: `max_tokens`, `MAX_TOKENS`, `maxTokens`. A content filter, a refusal or a
// cancelled stream ends a call too, but no limit did.
const LIMITS = new Set([
  'length',
  'maxlength',
  'maxtokens',
  'maxoutputtokens',
  'maxcompletiontokens',
  'maxnewtokens',
  'outputtokenlimit',
  'tokenlimit',
  'modellength',
  'modelcontextwindowexceeded',
  'contextlength',
  'contextlengthexceeded',
  'incomplete',
  'incompletemaxoutputtokens',
])

const isLimit = (reason: string): boolean =>
  LIMITS.has(reason.toLowerCase().replaceAll(/[^a-z]/g, ''))

/** A shorter text is a note, a title or a word: it says nothing about a cut. */
const MIN_LENGTH = 200
/** Of the rate at which open ends were cuts, among as many cut texts as whole ones. */
const CONFIDENCE_BY_TEXT = 0.95

export function findTruncated({text, sentences, facts}: SignalInput): Signal[] {
  const {incomplete, finishReasons, isLast, hasAnswer, toolCalls, visibility} = facts
  // What came after the reasoning is what the limit cut.
  const isEnd = isLast && !hasAnswer && toolCalls.length === 0
  const place = sentences.at(-1) ?? {start: 0, end: 0}
  if (incomplete || (isEnd && finishReasons.some(isLimit))) {
    return [signalOf('truncated', place, 1)]
  }
  // A provider's summary is often a line without a full stop.
  const isSilent = finishReasons.length === 0 && visibility === 'full' && text.length >= MIN_LENGTH
  if (!isEnd || !isSilent || endingOf(text) !== 'open') return []
  return [signalOf('truncated', place, CONFIDENCE_BY_TEXT)]
}
