/** How a text ends: whole, or in the middle of a sentence. */
import {isDigit, isLetter} from './letters.ts'

/** Marks that end a sentence, and what may close behind them. */
const ENDED =
  /[.!?…:。！？：．]["'”’»)\]}*_`~$\s]*$|(?:\*\*|__|`|"|”|’|»|」|』|】|）|\]|\}|~~~)\s*$|<\/[\w-]{1,20}>\s*$/
const MIDDLE = /(?:[,;([{=+<\\–—/&#@^，、；-]|\$)\s*$/
/** After these words comes another, even where no full stop is usual. */
const OPEN_WORD =
  /(?:^|[\s("'])(?:the|an?|of|to|by|for|from|with|and|or|but|nor|that|which|whose|is|are|was|were|be|been|being|has|have|had|will|would|can|could|should|must|may|might|if|than|as|because|since|when|where|while|into|onto|per|their|its|his|her|my|our|your|every|let|let's|i|we|they|he|it's|i'll|i'm|between|equals|plus|minus|times|therefore|thus|hence|however)\s*$/i
const ITEM = /^\s*(?:[-*•·–]|\d{1,3}[.)]|\(?[a-z][.)]|#{1,6}\s|\|)\s*/i
const LABELLED = /^[^.!?]{2,60}[:=]\s?\S.{0,80}$/
const LAST_WORD = /(?:^|[^\p{L}\p{N}_])(\p{L}[\p{L}'’]{0,20})$/u
const CJK_END = /[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]\s*$/
const BOXED_END = /\\boxed\s?\{[^{}\n]{0,60}(?:\{[^{}\n]{0,40}\}[^{}\n]{0,40}){0,3}\}[^.\n]{0,40}$/

export type Ending = 'whole' | 'open' | 'unsure'

/** How much of the end is looked at, in UTF-16 code units. */
const TAIL = 600

/**
 * @returns `open`: it stops in the middle of a sentence. `unsure`: it lacks a full stop, which a
 * list item, a label with its value or a line of verse lacks too.
 */
export function endingOf(text: string): Ending {
  const tail = text.slice(-TAIL).trimEnd()
  if (tail.length === 0) return 'whole'
  const lineStart = tail.lastIndexOf('\n') + 1
  const line = tail.slice(lineStart)
  const sentence = line.slice(lastStop(line))
  if (ENDED.test(line)) return isUnclosed(line) ? 'open' : 'whole'
  if (BOXED_END.test(line)) return 'whole'
  const isItem = ITEM.test(line)
  if (line.endsWith('|') && isItem) return 'whole'
  if (MIDDLE.test(line) || OPEN_WORD.test(line)) return 'open'
  if (CJK_END.test(line)) return 'unsure'
  if (isUnclosed(sentence) || isFragment(text, line)) return 'open'
  if (line.endsWith(')')) return 'unsure'
  // Whoever set a stop before in this line sets one at its end.
  if (sentence.length < line.length && !ITEM_MARK_ONLY.test(line.slice(0, -sentence.length))) {
    return 'open'
  }
  if (isItem) return itemsEndWithStops(tail.slice(0, lineStart)) ? 'open' : 'unsure'
  if (LABELLED.test(line) || STOP_WORD.test(line)) return 'unsure'
  return 'open'
}

const ITEM_MARK_ONLY = /^\s*(?:\d{1,3}|[a-z])[.)]\s*$/i

/** A word in capitals that stands alone: a stop word of a protocol, a signature. */
const STOP_WORD = /^\s*[A-Z][A-Z_]{2,30}\s*$/

/** Whether the items before this one end as sentences do. */
function itemsEndWithStops(before: string): boolean {
  const items = before.split('\n').filter((line) => ITEM.test(line))
  // The first line of the tail may be the rest of a longer one; it counts all the same.
  return items.length >= 2 && items.every((item) => /[.!?]["')*]*\s*$/.test(item))
}

/** How far back other uses of a word are looked for. */
const FRAGMENT_WINDOW = 20_000

/** Whether the last word is the beginning of a longer one that the text uses, and never stands alone. */
function isFragment(text: string, line: string): boolean {
  const word = LAST_WORD.exec(line)?.[1]
  if (word === undefined) return false
  const end = text.trimEnd().length - word.length
  const before = text.slice(Math.max(0, end - FRAGMENT_WINDOW), end).toLowerCase()
  const wanted = word.toLowerCase()
  let longer = 0
  for (let at = before.indexOf(wanted); at >= 0; at = before.indexOf(wanted, at + 1)) {
    if (at > 0 && isWordCode(before.charCodeAt(at - 1))) continue
    const next = at + wanted.length
    if (!isWordCode(before.charCodeAt(next))) return false
    // "tip" is whole beside "tips".
    if (before[next] !== 's' || isWordCode(before.charCodeAt(next + 1))) longer += 1
  }
  return longer > 0
}

const isWordCode = (code: number): boolean => isLetter(code) || isDigit(code) || code === 0x5f

/** Where the last sentence of a line begins. */
function lastStop(line: string): number {
  let at = 0
  for (const match of line.matchAll(/[.!?]["')*]?\s+(?=[A-Z"'(*$\\[])/g))
    at = match.index + match[0].length
  return at
}

function isUnclosed(line: string): boolean {
  let round = 0
  let square = 0
  let curly = 0
  let quotes = 0
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i]
    if (c === '(') round += 1
    else if (c === ')') round = Math.max(0, round - 1)
    else if (c === '[') square += 1
    else if (c === ']') square = Math.max(0, square - 1)
    else if (c === '{') curly += 1
    else if (c === '"') quotes += 1
    else if (c === '}') curly = Math.max(0, curly - 1)
  }
  return round + square + curly > 0 || quotes % 2 === 1
}
