/** Payment card numbers: 13 to 19 digits whose last one checks the others (Luhn). */
import {digitValue, isAlphanumeric, isHex, isLetter} from './characters.ts'
import {groupCount, groupEnd, groupSize, groupStart, type NumberRun} from './number-runs.ts'
import type {Detector} from './subject.ts'

const MIN_DIGITS = 13
const MAX_DIGITS = 19
const DOT = 0x2e

/** Whether the digits between `start` and `end`, whatever stands between them, pass Luhn's check. */
function passesLuhn(text: string, start: number, end: number): boolean {
  let sum = 0
  let double = false
  for (let i = end - 1; i >= start; i--) {
    let digit = digitValue(text.charCodeAt(i))
    if (digit < 0) continue
    if (double) {
      digit *= 2
      if (digit > 9) digit -= 9
    }
    sum += digit
    double = !double
  }
  return sum % 10 === 0
}

/** Whether a number of this length is issued with this first digit: not Unix times, not EANs. */
function isIssued(first: number, digits: number): boolean {
  if (digits === 13) return first >= 4 && first <= 6
  if (digits === 14) return first === 3 || first === 5 || first === 6
  if (digits === 15) return first >= 1 && first <= 6
  return (first >= 2 && first <= 6) || first >= 8
}

/** A number that continues a word is none (`a41111…` in a hash), unless the word is no hash (`card41…`). */
function continuesWord(text: string, start: number): boolean {
  let i = start - 1
  if (!isAlphanumeric(text.charCodeAt(i))) return false
  for (; i >= 0 && start - i <= 8 && isLetter(text.charCodeAt(i)); i--) {
    if (!isHex(text.charCodeAt(i))) return false
  }
  return true
}

/** Whether groups look like a card as people write it, and not like a column of numbers. */
function looksGrouped(run: NumberRun, from: number, to: number): boolean {
  const groups = to - from + 1
  if (groups === 1) return true
  // Spelt out digit by digit, as one does who checks a card by hand.
  if (groups === groupCount(run) && groups === run.digits) return true
  const first = groupSize(run, from)
  if (groups > 5 || first < 4 || first > 8) return false
  for (let i = from + 1; i < to; i++) if (groupSize(run, i) < 3) return false
  return true
}

function matchAt(text: string, run: NumberRun, from: number): number {
  const start = groupStart(run, from)
  if (continuesWord(text, start)) return -1
  const first = digitValue(text.charCodeAt(start))
  let best = -1
  let digits = 0
  for (let to = from; to < groupCount(run); to++) {
    digits += groupSize(run, to)
    if (digits > MAX_DIGITS) break
    if (digits < MIN_DIGITS || !isIssued(first, digits) || !looksGrouped(run, from, to)) continue
    const end = groupEnd(run, to)
    if (isAlphanumeric(text.charCodeAt(end))) continue
    // The digits behind a decimal point: one double in ten would pass for a card.
    const isFraction =
      to === from &&
      text.charCodeAt(start - 1) === DOT &&
      digitValue(text.charCodeAt(start - 2)) >= 0
    if (!isFraction && passesLuhn(text, start, end)) best = to
  }
  return best
}

/** Card numbers, undivided or in groups. */
export const card: Detector = {
  name: 'card',
  label: '[CARD]',
  find(subject, found) {
    for (const run of subject.numberRuns()) {
      if (run.digits < MIN_DIGITS) continue
      for (let from = 0; from < groupCount(run); from++) {
        const to = matchAt(subject.text, run, from)
        if (to < 0) continue
        found(groupStart(run, from), groupEnd(run, to))
        from = to
      }
    }
  },
}
