/** Which value a text concludes with, if it says so plainly. */
import {isSameValue, lastBox, numbersIn, readAnswerPiece, type Value} from './values.ts'

/** How far back from the end of a text its conclusion is looked for, in UTF-16 code units. */
const TAIL = 1200

const ANSWER_IS =
  /\b(?:(?:final |correct |right |best )?(?:answer|result|choice|option|total|solution) (?:is|should be|must be|would be|equals|comes to|remains)|final answer\W{0,6}(?=[\w$(\\-])|answer:|(?:go|going|stick) with(?: option| choice)?)\W{0,4}/gi
const OPERATOR = /^\s?(?:[-+*/×÷^=·]|\\times|\\cdot|\bplus\b|\bminus\b|\btimes\b)\s?[\d($\\]/
/** Of a last sentence, so much is looked at. */
const MAX_CLOSING = 240
const PIECE =
  /^[*_$\\([\s]{0,6}(?:approximately|about|therefore|indeed|then|still|actually|exactly|:|option|choice)?[*_$\\([\s]{0,6}([-−]?[\d.,]*\d(?:\s?\/\s?\d+)?\s?(?:\\?%|percent\b)?|\(?[A-J]\)?(?![\w'’])|(?:yes|no|true|false)\b)/i

/** What a whole answer text gives: a number or a choice that stands alone or is marked as final. */
export function answerValue(answer: string): Value | undefined {
  const box = lastBox(answer)
  if (box !== undefined) return readAnswerPiece(answer.slice(box.start, box.end), box.start)
  const trimmed = answer.trim()
  if (trimmed.length === 0) return undefined
  if (trimmed.length <= 60) {
    const piece = trimmed.replace(ANSWER_START, '').replace(/[.!]$/, '')
    const value = readAnswerPiece(piece, 0)
    if (value !== undefined) return value
  }
  const from = Math.max(0, answer.length - TAIL)
  return markedValue(answer.slice(from), from)
}

const ANSWER_START =
  /^\W{0,4}(?:so |therefore,? |thus,? |i (?:think|get|got) )?(?:the )?(?:final |correct )?(?:answer|result|total)\W{0,4}(?:is|=|:)?\s*/i

/** What reasoning concludes. */
export interface Conclusion {
  readonly value: Value
  /** The numbers of its last sentence. */
  readonly closing: readonly Value[]
  /** It stands in a box. */
  readonly isBoxed: boolean
}

/** @param sentenceStart where the last sentence begins */
export function concludedValue(text: string, sentenceStart: number): Conclusion | undefined {
  const from = Math.max(0, text.length - TAIL)
  const tail = text.slice(from)
  const marked = markedValue(tail, from)
  const box = lastBox(tail)
  if (box !== undefined) {
    const value = readAnswerPiece(tail.slice(box.start, box.end), from + box.start)
    // A box with a formula is the result, and no number beside it is.
    if (value === undefined) return undefined
    return {value, closing: [], isBoxed: true}
  }
  const closing = closingNumbers(text, sentenceStart)
  const [first] = closing
  // Without a word for it: the only number of the last sentence.
  if (marked === undefined) {
    const isOnly = first !== undefined && closing.every((value) => isSameValue(value, first))
    return isOnly ? {value: first, closing, isBoxed: false} : undefined
  }
  return {value: marked, closing, isBoxed: false}
}

const closingNumbers = (text: string, sentenceStart: number): Value[] => {
  const from = Math.max(sentenceStart, text.length - MAX_CLOSING)
  return numbersIn(text.slice(from), from)
}

/** The last value that is said to be the answer. */
const markedValue = (tail: string, from: number): Value | undefined =>
  statedResults(tail, from).at(-1)?.value

/** Every place at which a value is said to be the answer, in order. */
export function statedResults(text: string, offset = 0): {value: Value}[] {
  const results: {value: Value}[] = []
  for (const match of text.matchAll(ANSWER_IS)) {
    const at = match.index + match[0].length
    const piece = PIECE.exec(text.slice(at, at + 60))
    if (piece === null) continue
    const start = at + piece[0].length - piece[1]!.length
    // The first term of a computation is not what comes out of it.
    const behind = start + piece[1]!.length
    if (OPERATOR.test(text.slice(behind, behind + 8))) continue
    const value = readAnswerPiece(piece[1]!, offset + start)
    if (value !== undefined) results.push({value})
  }
  return results
}
