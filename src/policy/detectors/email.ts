/** E-mail addresses. */
import {isAlphanumeric, isLetter} from './characters.ts'
import type {Detector} from './subject.ts'

const DOT = 0x2e
const HYPHEN = 0x2d
const APOSTROPHE = 0x27

/** Letters of Latin, Greek and Cyrillic beyond ASCII. */
const isAlphabetic = (code: number): boolean =>
  (code >= 0xc0 && code <= 0x24f) || (code >= 0x370 && code <= 0x52f)

/** Scripts written without spaces: there a name ends only where the script does. */
const isIdeographic = (code: number): boolean =>
  (code >= 0x3040 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3)

/** Letters and digits, and the punctuation that occurs in practice before the `@`. */
const isLocal = (code: number): boolean =>
  isAlphanumeric(code) ||
  code === DOT ||
  code === HYPHEN ||
  code === APOSTROPHE ||
  code === 0x5f || // _
  code === 0x2b || // +
  code === 0x25 || // %
  code === 0x23 || // #
  code === 0x26 || // &
  code === 0x21 || // !
  code === 0x7e || // ~
  isAlphabetic(code)

const isDomain = (code: number): boolean =>
  isAlphanumeric(code) || code === DOT || code === HYPHEN || isAlphabetic(code)

/** Where the name before `at` starts; not behind `floor`, so that a row of `@` is walked once. */
function localStart(text: string, at: number, floor: number): number {
  const wanted = isIdeographic(text.charCodeAt(at - 1)) ? isIdeographic : isLocal
  let start = at
  while (start > floor && wanted(text.charCodeAt(start - 1))) start--
  while (start < at && (text.charCodeAt(start) === DOT || text.charCodeAt(start) === APOSTROPHE)) {
    start++
  }
  return start
}

/** Whether a label can be a top level: `com`, `xn--p1ai`, but not the `21` of `pkg@4.17.21`. */
function isTopLevel(text: string, start: number, end: number): boolean {
  if (end - start < 2) return false
  if (text.startsWith('xn--', start)) return true
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isLetter(code) && code < 0xc0) return false
  }
  return true
}

/** Where the domain that starts at `start` ends, or -1: two labels, the last one a top level. */
function domainEnd(text: string, start: number): number {
  const ideographic = isIdeographic(text.charCodeAt(start))
  let end = -1
  let label = start
  for (let i = start; ; i++) {
    const code = text.charCodeAt(i)
    if (code !== DOT && (isDomain(code) || (ideographic && isIdeographic(code)))) continue
    if (i === label) return end
    if (label > start && isTopLevel(text, label, i)) end = i
    if (code !== DOT) return end
    label = i + 1
  }
}

/** Addresses of the form `local@domain.top`. */
export const email: Detector = {
  name: 'email',
  label: '[EMAIL]',
  find({text}, found) {
    let floor = 0
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at, floor)
      floor = at + 1
      if (start === at) continue
      const end = domainEnd(text, at + 1)
      if (end > 0) found(start, end)
    }
  },
}
