/**
 * `instruction_conflict`: a tripwire. The reasoning says that something it read (a page, a mail, a
 * tool's result) gives the agent orders, whether it means to follow them or not.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {quotesIn, withoutQuotes} from './quotes.ts'
import {groupBit} from './words.ts'

const SOURCE =
  '(?:e-?mail|mail|message body|page|web ?page|website|site|document|doc|file|pdf|attachment|tool(?:[ -](?:output|result|response|description))?|(?:search|api|lookup|query) (?:result|response|output)|result|output|response|comment|code comment|ticket|note|memo|review|description|field|record|log|log line|log file|calendar (?:entry|event|invite)|invite|invoice|listing|readme|issue body|row|cell|metadata|alt text|footer|header|transcript|chat log|wiki|article|snippet|data|payload|html|csv|spreadsheet|form|resume|cv|profile|bio|listing|product page|filename|file name|commit message|docstring|text in (?:the|this) \\w{1,20})'
const AGENT =
  '(?:me|us|the (?:ai|agent|assistant|model|bot|llm|reader|system)|(?:any )?(?:ai|llm)(?: (?:agents?|assistants?|models?|systems?))?|agents?|assistants?|whoever (?:reads|processes) (?:it|this)|you)'
const ORDERS =
  '(?:tells?|telling|orders?|ordering|instructs?|instructing|commands?|commanding|asks?|asking|directs?|directing|wants?|tries to (?:get|make|have|instruct|steer)|trying to (?:get|make|have|instruct|steer)|is addressed to|addressed to|attempts? to (?:get|make|instruct)|tried to (?:get|make))'

/** Data that orders the agent about. */
const DATA_ORDERS = new RegExp(
  `\\b${SOURCE}s?\\b(?:[^.!?:;]{0,60}?\\s|\\s)(?:is |are |was |that |which )?${ORDERS}\\s+${AGENT}\\b`,
  'i',
)
/** Whom nobody but a person who means a machine addresses. */
const MACHINE =
  '(?:(?:the|any|all|an|this|other) )?(?:(?:ai|llm)(?:-based)?(?: (?:agents?|assistants?|models?|systems?|tools?|readers?|reviewers?))?|language models?|chatbots?|bots?|assistants?(?! (?:manager|professor|director|coach|principal|editor|secretary|chef|nurse|teacher|at|in|on|of))|(?:the|any) model)'
/** Data that orders a machine about: no more is needed. */
const MACHINE_ORDERS = new RegExp(
  `\\b(?:${SOURCE}|message|text|line|sentence|paragraph|passage|block|section|string|instructions?)s?\\b(?:[^.!?;]{0,60}?\\s|\\s)(?:is |are |was |that |which )?(?:${ORDERS}|directed at|aimed at|meant for|instructing|commanding|for)\\s+${MACHINE}\\b(?: \\w+){0,3}? (?:to|not to|that)\\b|\\b${SOURCE}s?\\b[^.!?;]{0,30}?\\b(?:says?|states?|demands?|claims?)\\b(?: that)?:? ${MACHINE}\\b[^.!?]{0,20}?\\b(?:must|should|have to|has to|need to|are to|is to|shall)\\b|\\b${SOURCE}s?\\b[^.!?;]{0,60}?\\b(?:tries|trying|tried|attempts?|attempting) to (?:get|make|trick|have|manipulate|steer) (?:me|us)\\b|\\b(?:in|inside|within|into) (?:the|this|that|its) (?:\\w{1,14} )?${SOURCE}s?\\b[^.!?]{0,40}?\\b(?:wrote|written|says?|put|stands|is)\\b[^.!?]{0,20}? ${MACHINE}\\b[^.!?]{0,12}?\\b(?:must|should|have to|has to|needs? to|are to|is to|shall)\\b|\\b(?:text|message|line|sentence|paragraph|passage)s? (?:directed|aimed|addressed)\\s+(?:at|to)\\s+${MACHINE}\\b`,
  'i',
)
const HIDDEN_ORDERS = new RegExp(
  `\\b(?:instructions?|orders?|commands?|directives?|request|prompt|sentence|line|paragraph|text)\\b[^.!?]{0,40}?\\b(?:embedded|hidden|planted|buried|injected|inserted|smuggled|placed|slipped)\\b[^.!?]{0,30}?\\b(?:in|into|inside|within)\\b[^.!?]{0,40}?\\b${SOURCE}s?\\b|\\b(?:contains?|includes?|has|carries|holds|with)\\s+(?:an? |some |what look like |hidden |embedded )*(?:instructions?|orders?|commands?|directives?)\\s+(?:for|to|aimed at|addressed to|directed at)\\s+${AGENT}\\b|\\b(?:instructions?|orders?|commands?)\\b[^.!?]{0,40}?\\b(?:aimed at|addressed to|directed at|meant for)\\s+${AGENT}\\b`,
  'i',
)
/** Orders that stand in data. */
const ORDERS_IN_DATA = new RegExp(
  `\\b(?:instructions?|orders?|commands?|directives?)\\s+(?:in|inside|within|from|at the end of)\\s+(?:the|this|that|its|a)\\s+(?:\\w{1,14}\\s+){0,2}?${SOURCE}s?\\b|\\b${SOURCE}s?\\b[^.!?;]{0,20}?\\s(?:commands?|orders?|instructs?)\\s+me\\b|\\b${SOURCE}s?\\b[^.!?;]{0,20}?\\b(?:contains?|includes?|has|carries|holds)\\s+(?:an? )?(?:\\w{1,14} )?(?:instructions?|orders?|commands?)\\s+to\\s`,
  'i',
)
const INJECTION =
  /\b(?:this|that|it|there|which|here|looks?|seems?|is|was|clearly|obviously|probably|likely|possible|suspected|apparent|classic|typical)\b[^.!?]{0,40}?\b(?:prompt[- ]injection|injection attempt|injected (?:prompt|instructions?|text|command)|jailbreak attempt)\b/i
const HIDDEN =
  /\b(?:embedded|hidden|planted|injected|smuggled)\s+(?:\w{1,14}\s+)?(?:instructions?|orders?|commands?|directives?|prompt)\b/i
/** Says whose orders count: not what it read. */
const NOT_FROM_USER =
  /(?:(?:\bnot|n['’]t)(?: come| coming)? (?:from|by) (?:the|my) (?:user|operator|customer|developer|system)|\b(?:did|has|have)(?:n['’]t| not) (?:ask(?:ed)?|request(?:ed)?|been asked)\b|(?:\bnot|n['’]t) (?:an? |something |what |anything )?(?:instructions? |orders? |commands? )?(?:that )?(?:from )?(?:i was|the user|the customer|my user)|isn['’]t (?:an? )?(?:instructions?|orders?)|(?:data|content),? not (?:an? )?(?:instructions?|orders?|commands?)|\b(?:user|customer) only (?:asked|wants?|wanted|said)|\b(?:nobody|no one|never|not) (?:has |have )?(?:asked|requested)\b|no authority|untrusted|(?:not|won['’]t|shouldn['’]t|will not|should not|cannot|can['’]t|must not|mustn['’]t) (?:follow|obey|act on|execute|comply|do (?:that|what it says)|run it|treat|take orders)|ignore (?:it|that|this|them|those|the)|\bnot (?:following|doing|obeying|complying|going to (?:follow|do))|(?:don['’]t|do not) (?:give|issue) (?:me )?orders|leave it aside|disregard(?:ing)? (?:it|that|this)|ignoring (?:it|that|this|them)|suspicious|inject|conflicts? with (?:the|my|what)|contradicts? (?:the|my) (?:user|system|instructions?)|overrid)/i
const FOLLOWS =
  /\b(?:i['’]ll|i will|i should|i need to|let me|so i|going to)\b[^.!?]{0,20}?\b(?:do (?:that|as|what|it)|follow|comply|obey|act on|as (?:it|instructed|told)|accordingly)\b/i
const QUOTED_ORDER =
  /\b(?:ignore|disregard|forget)\b[^"]{0,40}\b(?:instructions?|prompts?|rules|polic(?:y|ies)|guidelines)\b|\bsystem (?:override|prompt)\b|\b(?:ai|llm) (?:agents?|assistants?|models?)\b[^"]{0,80}\b(?:must|should|please|forward|send|transfer|reply|approve|delete)\b/i
/** Somebody's subject, not something that happens. */
const AS_SUBJECT =
  /\b(?:user|question|request|they|article|paper|chapter|talk|essay|student|story|scenario|customer)s?\b(?! (?:never|did|has|have|only|was|hasn|didn))[^.!?]{0,50}?\b(?:asks?|asking|asked|wants?|wants to know|about|explain|explaining|question|discuss(?:es)?|learn|how)\b|\b(?:if|suppose|imagine|could|would|might|may|example|protect|defen[cds]e?|defend|mitigat|prevent|types? of|how to|what is|in general|e\.g\.|attacks? (?:such|like|include)|vulnerab|sql)\b/i

const MAX_SENTENCE = 500

export function findInstructionConflict({text, sentences, words}: SignalInput): Signal[] {
  const bit = groupBit('orders')
  for (let i = 0; i < sentences.length; i += 1) {
    if ((words.groups[i]! & bit) === 0) continue
    const {start, end} = sentences[i]!
    const whole = text.slice(start, Math.min(end, start + MAX_SENTENCE))
    if (isOrder(whole, () => around(text, sentences, i))) {
      return [signalOf('instruction_conflict', {start, end}, 0.8)]
    }
  }
  return []
}

function isOrder(whole: string, context: () => string): boolean {
  const sentence = withoutQuotes(whole)
  if (AS_SUBJECT.test(sentence)) return false
  if (INJECTION.test(sentence) || HIDDEN.test(sentence))
    return !/[?？]\s*$/.test(whole) || NOT_FROM_USER.test(context())
  if (MACHINE_ORDERS.test(sentence)) return true
  const isOrdered =
    DATA_ORDERS.test(sentence) || HIDDEN_ORDERS.test(sentence) || ORDERS_IN_DATA.test(sentence)
  const isQuoted =
    !isOrdered &&
    FROM_SOURCE.test(sentence) &&
    quotesIn(whole).some((quote) => QUOTED_ORDER.test(quote))
  if (isQuoted) return true
  if (!isOrdered) return false
  const near = context()
  return NOT_FROM_USER.test(near) || FOLLOWS.test(near)
}

const FROM_SOURCE = new RegExp(
  `\\b${SOURCE}s?\\b[^.!?]{0,60}?\\b(?:says?|reads?|contains?|states?|includes?|ends?|tells?)\\b`,
  'i',
)

/** The sentence with those around it, in which the model says what it makes of it. */
function around(text: string, sentences: SignalInput['sentences'], i: number): string {
  const from = sentences[Math.max(0, i - 1)]!.start
  const to = sentences[Math.min(sentences.length - 1, i + 2)]!.end
  return withoutQuotes(text.slice(from, Math.min(to, from + MAX_SENTENCE * 3)))
}
