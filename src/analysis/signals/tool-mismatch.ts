/**
 * `tool_mismatch`: the call that follows differs from what the reasoning said it would do: another
 * tool, or another id, file, amount or address. The same value in another notation is none.
 */
import type {Signal, ToolCall} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {type Literal, literalsIn, shapeOf} from './literals.ts'
import {actsIn, actsOfTool, stem, wordsOfName} from './tool-acts.ts'

/** The end of the text, in UTF-16 code units, in which an intention is looked for. */
const TAIL = 700
const LAST_SENTENCES = 3
/** Of the text, so much is looked at for values and words that the arguments have. */
const MAX_TEXT = 8000
/** Of a call's arguments, so much is looked at. */
const MAX_ARGUMENTS = 4000
/** More calls than these are a plan carried out, not one intention. */
const MAX_CALLS = 8

/** What speaks for and against a call being the one that was meant, by name. */
export const FEATURES = [
  'bias',
  'names other tool',
  'rival value',
  'rival number',
  'values known',
  'no value known',
  'no values',
  'act said',
  'act said last',
  'act unknown',
  'act differs',
  'tool words said',
  'no tool word said',
  'tool named',
  'argument words said',
  'no argument words',
  'intended values given',
  'intended values missed',
  'short',
  'near miss',
  'rival of its sort last',
  'marked words given',
  'marked words missed',
  'intended act is it',
  'intended act differs',
] as const

export function findToolMismatch({text, sentences, facts}: SignalInput): Signal[] {
  const {toolCalls} = facts
  if (toolCalls.length === 0 || toolCalls.length > MAX_CALLS || sentences.length === 0) return []
  if (!announces(text.slice(-TAIL))) return []
  const odds = mismatchOdds(toolFeatures(text, sentences, toolCalls))
  if (odds < MIN_ODDS) return []
  const confidence = Math.round((1 / (1 + Math.exp(-odds))) * 100) / 100
  return [signalOf('tool_mismatch', sentences.at(-1)!, confidence)]
}

/** A slip in a value, or one value for another where the text names but one, speaks for itself. */
const PLAIN_ODDS = 2

/** Whether there is an intention to compare with: an act that is spoken of, or a value. */
const announces = (tail: string): boolean =>
  intendedActs(tail).size > 0 || actsIn(tail).size > 0 || literalsIn(tail, 1).length > 0

/** Fitted by `bench/insight/fit-tool-mismatch.mjs`, in the order of `FEATURES`. */
const WEIGHTS: readonly number[] = [
  -1.68, 0.24, 2, 0.82, -1.85, 0.98, 0.38, 0.5, -0.61, 0.73, 0.8, -0.32, 1.48, -0.33, -2.38, -0.85,
  -0.13, 0.77, -0.5, 2.59, 2.48, -2.08, 0.16, 0.07, 1.73,
]
/** Where right and wrong calls are told apart best. */
const MIN_ODDS = 0.5

/** @param weights in the order of `FEATURES` */
export function mismatchOdds(
  features: readonly number[],
  weights: readonly number[] = WEIGHTS,
): number {
  const odds = features.reduce((sum, feature, i) => sum + feature * weights[i]!, 0)
  const isPlain = features[SLIP] === 1 || (features[RIVAL] === 1 && features[MISSED] === 1)
  return isPlain ? Math.max(odds, PLAIN_ODDS) : odds
}

const SLIP = FEATURES.indexOf('near miss')
const RIVAL = FEATURES.indexOf('rival value')
const MISSED = FEATURES.indexOf('intended values missed')

export function toolFeatures(
  text: string,
  sentences: SignalInput['sentences'],
  calls: readonly ToolCall[],
): number[] {
  const recent = text.slice(-MAX_TEXT)
  const from = sentences[Math.max(0, sentences.length - LAST_SENTENCES)]!.start
  const tail = text.slice(Math.max(from, text.length - TAIL))
  const last = text.slice(Math.max(sentences.at(-1)!.start, text.length - TAIL))
  const inputs = calls.map((call) => (call.arguments ?? '').slice(0, MAX_ARGUMENTS)).join('\n')
  const given = distinct(literalsIn(inputs, 60))
  const known = new Set(literalsIn(recent, 500).map(({value}) => value))
  const strong = given.filter(({type}) => type !== 'number')
  const knownCount = strong.filter(({value}) => known.has(value)).length
  const meant = distinct(literalsIn(tail, 40)).filter(
    ({type, text: own}) => type !== 'number' && !calls.some(({name}) => name === own),
  )
  const givenValues = new Set(given.map(({value}) => value))
  const lowerInputs = inputs.toLowerCase()
  const isGiven = ({value, text: own}: Literal): boolean =>
    givenValues.has(value) || lowerInputs.includes(own.toLowerCase())
  const meantCount = meant.filter(isGiven).length

  const tailWords = wordsIn(tail)
  const allWords = wordsIn(recent)
  const names = calls.map(({name}) => name)
  const nameWords = names.flatMap(wordsOfName).filter((word) => word.length > 2 && !PLAIN.has(word))
  const wordsSaid = nameWords.filter((word) => isSpoken(word, tailWords)).length
  const acts = names.map(actsOfTool)
  const spoken = actsIn(tail)
  const spokenLast = actsIn(last)
  const isSaid = (one: ReadonlySet<string>, said: ReadonlySet<string>): boolean =>
    [...one].some((act) => said.has(act))
  const knownActs = acts.filter((one) => one.size > 0)
  const inputWords = [...wordsIn(inputs)].filter((word) => word.length > 3).slice(0, 60)
  const inputSaid = inputWords.filter((word) => allWords.has(word)).length
  const marked = markedIn(tail)
  const markedGiven = marked.filter(
    (word) => lowerInputs.includes(word) || names.includes(word),
  ).length
  const intended = intendedActs(tail)
  const share = (a: number, b: number): number => (b === 0 ? 0 : a / b)
  return [
    1,
    Number(namesOther(tail, recent, calls)),
    Number(hasRival(strong, meant, known, isGiven)),
    Number(hasRival(given.filter(isNumber), literalsIn(last, 20).filter(isNumber), known, isGiven)),
    share(knownCount, strong.length),
    Number(strong.length > 0 && knownCount === 0),
    Number(strong.length === 0),
    Number(knownActs.some((one) => isSaid(one, spoken))),
    Number(knownActs.some((one) => isSaid(one, spokenLast))),
    Number(knownActs.length === 0),
    Number(
      knownActs.length > 0 && spoken.size > 0 && !knownActs.some((one) => isSaid(one, spoken)),
    ),
    share(wordsSaid, nameWords.length),
    Number(wordsSaid === 0),
    Number(names.some((name) => recent.includes(name))),
    share(inputSaid, inputWords.length),
    Number(inputWords.length === 0),
    share(meantCount, meant.length),
    Number(meant.length > 0 && meantCount === 0),
    Number(text.length < 80),
    Number(
      hasSlip(
        meant.filter((one) => !isGiven(one)),
        inputs,
        recent,
      ),
    ),
    Number(hasRivalOfType(strong, distinct(literalsIn(last, 20)), known, isGiven)),
    share(markedGiven, marked.length),
    Number(marked.length > 0 && markedGiven === 0),
    Number(intended.size > 0 && knownActs.some((one) => isSaid(one, intended))),
    Number(
      intended.size > 0 && knownActs.length > 0 && !knownActs.some((one) => isSaid(one, intended)),
    ),
  ]
}

const INTENDED =
  /\b(?:let me|let['’]?s|let us|i['’]ll|i will|we will|we['’]ll|i need to|need to|have to|going to|want to|try to|proceed (?:to|with|by)|(?:start|begin|continue) (?:by|with|to)|should|would like to|then|now|so|first|next|:)\s+(?:(?:now|first|also|try to|try|then|quickly|just|simply|again|try and|proceed to|proceed with|proceed by|(?:start|begin|continue) (?:by|with|to)|use [`'"]?[\w.]+[`'"]? to|the|a|an|will|we|i|need to)\s+)*([a-z]{2,20})/gi

/** What the verb says that stands behind the last "let me", "I'll", "then". */
function intendedActs(tail: string): ReadonlySet<string> {
  const verbs = [...tail.matchAll(INTENDED)].map((match) => match[1]!.toLowerCase())
  for (const verb of verbs.toReversed()) {
    const acts = actsIn(verb)
    if (acts.size > 0) return acts
  }
  return new Set()
}

const MARKED =
  /`([^`\n]{1,80})`|\*\*([^*\n]{1,60})\*\*|["“]([^"”\n]{2,60})["”]|(?<![\w.])([A-Za-z]\w{0,30}_\w{1,30})(?![\w.])/g

/** Words that the text itself marks as names: in backticks, bold, quotation marks, with underscores. */
const markedIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(MARKED)].map((m) =>
      (m[1] ?? m[2] ?? m[3] ?? m[4] ?? '').trim().toLowerCase(),
    ),
  ),
]

/** Values as long as another that differ from it in so many characters are a slip of it. */
const MAX_SLIPS = 2
const MIN_SLIP_LENGTH = 5

/** A value that was meant is given with a slip in it. */
function hasSlip(meant: readonly Literal[], inputs: string, spoken: string): boolean {
  const wanted = meant.filter(({text}) => text.length >= MIN_SLIP_LENGTH)
  if (wanted.length === 0) return false
  const pieces = inputs.split(/[^\w.@-]+/).slice(0, 400)
  return wanted.some(({text}) => {
    const name = text.slice(text.lastIndexOf('/') + 1)
    return pieces.some((piece) => isSlipOf(piece, name) && !spoken.includes(piece))
  })
}

function isSlipOf(piece: string, name: string): boolean {
  if (piece.length !== name.length || piece === name) return false
  let slips = 0
  for (let i = 0; i < name.length && slips <= MAX_SLIPS; i += 1) {
    if (piece[i] !== name[i]) slips += 1
  }
  return slips <= MAX_SLIPS
}

const hasRivalOfType = (
  given: readonly Literal[],
  meant: readonly Literal[],
  known: ReadonlySet<string>,
  isGiven: (literal: Literal) => boolean,
): boolean =>
  meant.some(
    (literal) =>
      literal.type !== 'number' &&
      !isGiven(literal) &&
      given.some((argument) => argument.type === literal.type && !known.has(argument.value)),
  )

/** As it is, or in another form: "cancellation" speaks of `cancel`. */
function isSpoken(word: string, spoken: ReadonlySet<string>): boolean {
  const own = stem(word)
  if (spoken.has(own)) return true
  const root = own.slice(0, 6)
  if (root.length < 5) return false
  for (const other of spoken) if (other.startsWith(root)) return true
  return false
}

const PLAIN = new Set(['the', 'and', 'for', 'data', 'info', 'tool', 'args'])

const isNumber = ({type}: Literal): boolean => type === 'number'

const distinct = (literals: readonly Literal[]): Literal[] => [
  ...new Map(literals.map((literal) => [literal.value, literal])).values(),
]

function wordsIn(text: string): Set<string> {
  const words = new Set<string>()
  for (const [word] of text.toLowerCase().matchAll(/[a-z]{2,24}/g)) words.add(stem(word))
  return words
}

const CALLS_NAME =
  /\b(?:call(?:ing)?|us(?:e|ing)|run(?:ning)?|invok(?:e|ing)|via|execut(?:e|ing))\s+(?:the\s+)?[`"']?([A-Za-z][A-Za-z0-9]{1,30}(?:_[A-Za-z0-9]{1,30}){1,6}|[a-z]{2,20}(?:[A-Z][a-z0-9]{1,20}){1,5})[`"']?(?![\w./(])/g

/** It names a tool that it is going to call, and calls others. */
function namesOther(tail: string, text: string, calls: readonly ToolCall[]): boolean {
  const named = [...tail.matchAll(CALLS_NAME)].map((match) => match[1]!)
  const isCalled = (name: string): boolean =>
    calls.some(
      (call) =>
        wordsOfName(call.name).join('') === wordsOfName(name).join('') ||
        (call.arguments ?? '').includes(name),
    )
  return named.length > 0 && !named.some(isCalled) && !calls.some(({name}) => text.includes(name))
}

/** A value is given that was never spoken of, in place of one of its sort that was. */
function hasRival(
  given: readonly Literal[],
  meant: readonly Literal[],
  known: ReadonlySet<string>,
  isGiven: (literal: Literal) => boolean,
): boolean {
  return given.some(
    (argument) =>
      !known.has(argument.value) &&
      meant.some((literal) => isRival(literal, argument) && !isGiven(literal)),
  )
}

const isRival = (a: Literal, b: Literal): boolean =>
  a.type === b.type && (a.type !== 'id' || shapeOf(a) === shapeOf(b))
