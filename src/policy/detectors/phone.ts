/** Telephone numbers: international, and the national forms in which people write them. */
import {digitValue, isAlphanumeric} from './characters.ts'
import {groupCount, groupEnd, groupSize, groupStart, type NumberRun} from './number-runs.ts'
import type {Detector} from './subject.ts'

const PLUS = 0x2b
const OPEN = 0x28
const CLOSE = 0x29
const DOT = 0x2e
const SLASH = 0x2f
const HYPHEN = 0x2d

/** Words that make a bare number a telephone number. */
const PHONE_WORD = new RegExp(
  '(?<![a-z])(?:(?:tele|cell|smart)?phone|(?:tele)?fono?|(?:tele)?fax|mobile?|handy|whatsapp|sms|tel|tél' +
    '|téléphone|portable|rufnummer|telefonnummer|handynummer|celular|teléfono|móvil)' +
    '(?:[ ._-]?(?:number|nummer|número|num|no|nr))?[^a-z\\d]{0,6}(?:(?:is|at|ist|unter|es|est)[^a-z\\d]{1,3})?$',
  'i',
)
/** Characters in front of a number that are looked at. */
const CONTEXT = 40

/** Mobile numbers that are written undivided: Germany, France, the UK, Japan, Australia, Spain. */
const UNDIVIDED = /^(?:01[5-7]\d{8,9}|0[67]\d{8}|07\d{9}|0[789]0\d{8}|04\d{8})$/

interface Groups {
  text: string
  run: NumberRun
}

const at = ({text, run}: Groups, group: number): number => text.charCodeAt(groupStart(run, group))
const digitAt = ({text, run}: Groups, group: number, offset: number): number =>
  digitValue(text.charCodeAt(groupStart(run, group) + offset))
const before = ({text, run}: Groups, group: number): number =>
  text.charCodeAt(groupStart(run, group) - 1)
const after = ({text, run}: Groups, group: number): number => text.charCodeAt(groupEnd(run, group))

/** Last group with which the number that begins at `from` has `min` to `max` digits, or -1. */
function reach({run}: Groups, from: number, min: number, max: number): number {
  let digits = 0
  let last = -1
  for (let group = from; group < groupCount(run); group++) {
    digits += groupSize(run, group)
    if (digits > max) break
    if (digits >= min) last = group
  }
  return last
}

/** Whether the groups from `from` on have these sizes. */
const hasSizes = ({run}: Groups, from: number, sizes: readonly number[]): boolean =>
  from + sizes.length <= groupCount(run) &&
  sizes.every((size, i) => groupSize(run, from + i) === size)

/** `+49 30 1234567`, `(+49) …`, `0049 30 …`. */
function international(groups: Groups, from: number): number {
  const {text, run} = groups
  if (before(groups, from) === PLUS) {
    // `5+12345678` is a sum.
    const sign = groupStart(run, from) - 1
    if (digitValue(text.charCodeAt(sign - 1)) >= 0 || digitAt(groups, from, 0) === 0) return -1
    return reach(groups, from, 8, 15)
  }
  const hasPrefix =
    digitAt(groups, from, 0) === 0 && digitAt(groups, from, 1) === 0 && digitAt(groups, from, 2) > 0
  return hasPrefix ? reach(groups, from, 11, 17) : -1
}

/** `(415) 555-2671`, `(030) 1234567`, `(11) 91234-5678`. */
function withAreaInBrackets(groups: Groups, from: number): number {
  const {run, text} = groups
  const size = groupSize(run, from)
  if (before(groups, from) !== OPEN || after(groups, from) !== CLOSE || size < 2 || size > 5)
    return -1
  const area = text.slice(groupStart(run, from), groupEnd(run, from))
  if (/^(?:19|20)\d\d$/.test(area) || from + 1 >= groupCount(run) || groupSize(run, from + 1) < 2) {
    return -1
  }
  return reach(groups, from, 8, 12)
}

/** `415-555-2671` and `1-800-555-1234`: no area and no exchange begins with 0 or 1. */
function northAmerican(groups: Groups, from: number): number {
  const first = groupSize(groups.run, from) === 1 && at(groups, from) === 0x31 ? from + 1 : from
  return hasSizes(groups, first, [3, 3, 4]) &&
    digitAt(groups, first, 0) >= 2 &&
    digitAt(groups, first + 1, 0) >= 2
    ? first + 2
    : -1
}

/** `030 1234567`, `020 7946 0958`, `01 23 45 67 89`, `090-1234-5678`. */
function withTrunkZero(groups: Groups, from: number): number {
  const {run, text} = groups
  const size = groupSize(run, from)
  if (digitAt(groups, from, 0) !== 0 || digitAt(groups, from, 1) <= 0 || size < 2) return -1
  if (size > 6) {
    return UNDIVIDED.test(text.slice(groupStart(run, from), groupEnd(run, from))) ? from : -1
  }
  // `01-02-2026 10:30`
  if (hasSizes(groups, from, [2, 2, 4])) return -1
  const last = reach(groups, from, 9, 12)
  if (last <= from) return -1
  for (let group = from + 1; group <= last; group++) if (groupSize(run, group) < 2) return -1
  return last
}

/** China, Russia, Brazil. */
function otherNational(groups: Groups, from: number): number {
  const first = digitAt(groups, from, 0)
  if (first === 1 && digitAt(groups, from, 1) >= 3 && hasSizes(groups, from, [3, 4, 4]))
    return from + 2
  if (first === 8 && hasSizes(groups, from, [1, 3, 3, 2, 2])) return from + 4
  if (digitAt(groups, from + 1, 0) === 9 && hasSizes(groups, from, [2, 5, 4])) return from + 2
  return -1
}

/** A number in the middle of an identifier: `A-0123-456-789`, `#415-555-2671`, `$415 555 2671`. */
function isPartOfIdentifier({text, run}: Groups, from: number): boolean {
  const start = groupStart(run, from)
  const code = text.charCodeAt(start - 1)
  if (isAlphanumeric(code) || code === 0x5f || code === 0x23 || code === 0x24) return true
  if (code !== HYPHEN && code !== DOT && code !== SLASH) return false
  return isAlphanumeric(text.charCodeAt(start - 2))
}

/** A number that goes on in letters is none, extensions (`x123`) aside. */
const endsCleanly = (groups: Groups, last: number): boolean => {
  const code = after(groups, last)
  return !isAlphanumeric(code) || (code | 0x20) === 0x78
}

function lastGroup(groups: Groups, from: number): number {
  const {text, run} = groups
  const abroad = international(groups, from)
  if (abroad >= 0) return abroad
  const start = groupStart(run, from)
  // Only digits stand before the other groups of a run.
  if (from === 0) {
    const context = text.slice(Math.max(0, start - CONTEXT), start)
    if (PHONE_WORD.test(context)) return reach(groups, from, 6, 15)
  }
  if (isPartOfIdentifier(groups, from)) return -1
  for (const form of [withAreaInBrackets, northAmerican, withTrunkZero, otherNational]) {
    const last = form(groups, from)
    if (last >= 0) return endsCleanly(groups, last) ? last : -1
  }
  return -1
}

/** Numbers with a country code, in a national form, or named as a telephone number. */
export const phone: Detector = {
  name: 'phone',
  label: '[PHONE]',
  find({text, numberRuns}, found) {
    for (const run of numberRuns()) {
      if (run.digits < 6) continue
      const groups: Groups = {text, run}
      for (let from = 0; from < groupCount(run); from++) {
        const last = lastGroup(groups, from)
        if (last < 0) continue
        let start = groupStart(run, from)
        const end = groupEnd(run, last)
        if (text.charCodeAt(start - 1) === PLUS) start--
        // The bracket is the number's own only where the number closes it.
        const bracket = /[()]/.exec(text.slice(start, end))
        if (text.charCodeAt(start - 1) === OPEN && bracket?.[0] === ')') start--
        found(start, end)
        from = last
      }
    }
  },
}
