/**
 * What a piece of text gives as an answer, so that equal answers written differently are equal:
 * `0.5`, `1/2`, `50 %`; `$1,250.00`, `1250`; `(B)`, `\boxed{\text{B}}`.
 */

/** An answer that can be compared. */
export interface Value {
  /** `choice`: a letter A to J. `truth`: yes or no. */
  readonly kind: 'number' | 'choice' | 'truth'
  readonly number: number
  readonly letter: string
  /** Written with `%`: 50 then equals 0.5 too. */
  readonly percent: boolean
  /** Where it stands in the text it was read from. */
  readonly start: number
  readonly end: number
}

const FRACTION = /\\[dt]?frac\s?\{?(-?\d{1,12})\}?\s?\{?(\d{1,12})\}?/
const NUMBER =
  /(?<![\w.])[-−–]?\s?\d[\d,]{0,18}(?:\.\d{1,15})?(?:\s?\/\s?\d{1,12}(?:\.\d{1,9})?)?(?:\s?\\?%|\s?percent)?/g

const toNumber = (digits: string): number =>
  Number(digits.replaceAll(/[,\s]/g, '').replace(/[−–]/, '-'))

/** All numbers of a text, in order. */
export function numbersIn(text: string, offset = 0): Value[] {
  const values: Value[] = []
  const plain = text.replaceAll('{,}', ',').replaceAll('\\,', '')
  const source = plain === text ? text : plain
  for (const match of source.matchAll(NUMBER)) {
    const value = readNumber(match[0], offset + match.index)
    if (value !== undefined) values.push(value)
  }
  return values
}

function readNumber(written: string, start: number): Value | undefined {
  const percent = /%|percent/.test(written)
  const [top = '', bottom] = written.replace(/\s?\\?%|\s?percent/, '').split('/')
  const number = bottom === undefined ? toNumber(top) : toNumber(top) / toNumber(bottom)
  if (!Number.isFinite(number)) return undefined
  return {kind: 'number', number, letter: '', percent, start, end: start + written.length}
}

const BOXED = /\\boxed\s?\{/g
const MAX_BOX = 120

/** The last `\boxed{…}`: what stands in it. */
export function lastBox(text: string): {start: number; end: number} | undefined {
  let found: {start: number; end: number} | undefined
  for (const match of text.matchAll(BOXED)) {
    const start = match.index + match[0].length
    let depth = 1
    const limit = Math.min(text.length, start + MAX_BOX)
    for (let at = start; at < limit; at += 1) {
      const character = text[at]
      if (character === '{') depth += 1
      else if (character === '}') depth -= 1
      if (depth === 0) {
        found = {start, end: at}
        break
      }
    }
  }
  return found
}

const MARKS = /[*_`$\s]|\\[()[\]]|\\(?:text|mathrm|mathbf|textbf|displaystyle)\b|\\[,;!]/g
const CHOICE = /^(?:option|choice|answer|equation)?\(?([A-Ja-j])\)?[.)]?$/i
const TRUTH = /^(yes|no|true|false)[.!]?$/i
/** What may stand around a number that is the whole answer: signs, units, words. */
const PLAIN_NUMBER = /^[^\d]{0,12}?-?\d[\d,./%]*[^\d=+]{0,40}$/

/** A piece that is an answer and nothing else, as in a box; `undefined` for formulas and prose. */
export function readAnswerPiece(piece: string, offset: number): Value | undefined {
  const fraction = FRACTION.exec(piece)
  const end = offset + piece.length
  const place = {start: offset, end}
  if (fraction !== null) {
    const whole = piece.replace(FRACTION, '').replaceAll(MARKS, '').replaceAll(/[{}]/g, '')
    const isNegative = whole === '-' || whole === '−'
    const mixed = /^-?\d{1,9}/.exec(whole)
    if (/[a-z\\^=+]/i.test(whole) && mixed === null) return undefined
    const part = Number(fraction[1]) / Number(fraction[2])
    const number = (mixed === null ? 0 : Number(mixed[0])) + (isNegative ? -part : part)
    return Number.isFinite(number)
      ? {kind: 'number', number, letter: '', percent: false, ...place}
      : undefined
  }
  const bare = piece.replaceAll(MARKS, '').replaceAll(/[{}]/g, '')
  const choice = CHOICE.exec(bare)
  if (choice !== null) {
    return {kind: 'choice', number: NaN, letter: choice[1]!.toUpperCase(), percent: false, ...place}
  }
  const truth = TRUTH.exec(bare)
  if (truth !== null) {
    const isTrue = /^(?:yes|true)$/i.test(truth[1]!)
    return {kind: 'truth', number: NaN, letter: isTrue ? 'Y' : 'N', percent: false, ...place}
  }
  if (/\\(?:sqrt|pi|theta|alpha|infty|cdot|times|pm|ln|log|sin|cos)|[\^_]/.test(piece))
    return undefined
  const cleaned = piece.replaceAll(/\\text\s?\{[^{}]*\}|[*`]|\\[$%]/g, (mark) =>
    mark === '\\%' ? '%' : ' ',
  )
  const numbers = numbersIn(cleaned)
  if (numbers.length !== 1 || !PLAIN_NUMBER.test(bare)) return undefined
  return {...numbers[0]!, ...place}
}

const RELATIVE = 1e-6

/** Whether two values are the same answer. */
export function isSameValue(a: Value, b: Value): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind !== 'number') return a.letter === b.letter
  if (isClose(a.number, b.number)) return true
  // 50 % is 0.5; and a rounded number is the one it was rounded from.
  if (a.percent !== b.percent)
    return isClose(a.number, b.number * 100) || isClose(a.number * 100, b.number)
  return isRounded(a.number, b.number) || isRounded(b.number, a.number)
}

const isClose = (a: number, b: number): boolean =>
  Math.abs(a - b) <= RELATIVE * Math.max(1e-9, Math.abs(a), Math.abs(b))

/** `short` has fewer decimals and is what `long` rounds or is cut to: 2.67 of 2.6667. */
function isRounded(short: number, long: number): boolean {
  if (Number.isInteger(long)) return false
  const decimals = decimalsOf(short)
  const scale = 10 ** decimals
  return (
    decimals < decimalsOf(long) &&
    (isClose(Math.round(long * scale), short * scale) ||
      isClose(Math.trunc(long * scale), short * scale))
  )
}

function decimalsOf(number: number): number {
  const text = String(number)
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}
