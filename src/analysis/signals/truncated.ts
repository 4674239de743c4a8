/**
 * `truncated`: the reasoning stops because a limit was reached, or was cut before we saw it. What
 * the text itself looks like is not judged here.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'

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

export function findTruncated({sentences, facts}: SignalInput): Signal[] {
  const {incomplete, finishReasons, isLast, hasAnswer, toolCalls} = facts
  // What came after the reasoning is what the limit cut.
  const wasStopped = isLast && !hasAnswer && toolCalls.length === 0 && finishReasons.some(isLimit)
  if (!incomplete && !wasStopped) return []
  return [signalOf('truncated', sentences.at(-1) ?? {start: 0, end: 0}, 1)]
}
