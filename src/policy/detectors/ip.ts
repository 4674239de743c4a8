/** IP addresses of both versions. */
import {digitValue, isAlphanumeric, isHex} from './characters.ts'
import {groupCount, groupEnd, groupSize, groupStart, type NumberRun} from './number-runs.ts'
import type {Detector, Found, Subject} from './subject.ts'

const DOT = 0x2e
const COLON = 0x3a
const UNDERSCORE = 0x5f

/** Words that make four numbers with dots something else. */
const NOT_AN_ADDRESS =
  /(?:version|release|build|section|chapter|clause|paragraph|firmware|§)[\s:#]{0,3}$/i
/** Characters in front of a number that are looked at. */
const CONTEXT = 16

/** The longest address: eight groups of four, or six and a dotted IPv4. With room for a zone. */
const MAX_V6_LENGTH = 45

const isOctet = (text: string, start: number, end: number): boolean => {
  if (end - start > 3 || (end - start > 1 && digitValue(text.charCodeAt(start)) === 0)) return false
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + digitValue(text.charCodeAt(i))
  return value <= 255
}

/** Groups of `run` from `from` on that hang together by single dots. */
function dotted(text: string, run: NumberRun, from: number): number {
  let to = from
  while (to + 1 < groupCount(run)) {
    const end = groupEnd(run, to)
    if (groupStart(run, to + 1) !== end + 1 || text.charCodeAt(end) !== DOT) break
    to++
  }
  return to
}

function findV4({text, numberRuns}: Subject, found: Found): void {
  for (const run of numberRuns()) {
    const groups = groupCount(run)
    for (let from = 0; from + 3 < groups; from++) {
      const to = dotted(text, run, from)
      const start = groupStart(run, from)
      const end = groupEnd(run, to)
      const octets = to - from === 3
      from = to
      if (!octets) continue
      let fits = true
      for (let i = to - 3; i <= to && fits; i++) {
        fits = groupSize(run, i) <= 3 && isOctet(text, groupStart(run, i), groupEnd(run, i))
      }
      const before = text.charCodeAt(start - 1)
      // `v1.2.3.4`, `x.1.2.3.4`
      if (!fits || isAlphanumeric(before) || before === UNDERSCORE || before === DOT) continue
      if (isAlphanumeric(text.charCodeAt(end))) continue
      if (NOT_AN_ADDRESS.test(text.slice(Math.max(0, start - CONTEXT), start))) continue
      found(start, end)
    }
  }
}

/** Whether colons and hex groups are an address. Times, MACs, C++ names and slices are not. */
function isV6(address: string): boolean {
  if (address === '::1') return true
  const halves = address.split('::')
  if (halves.length > 2) return false
  let count = 0
  let hexDigits = 0
  let hasDigit = false
  for (const half of halves) {
    if (half === '') continue
    const groups = half.split(':')
    for (const [i, group] of groups.entries()) {
      if (group.includes('.')) {
        const octets = group.split('.')
        if (i !== groups.length - 1 || half !== halves.at(-1) || octets.length !== 4) return false
        if (!octets.every((octet) => octet !== '' && isOctet(octet, 0, octet.length))) return false
        count += 2
        hexDigits += 4
        hasDigit = true
      } else {
        if (group === '' || group.length > 4) return false
        count++
        hexDigits += group.length
        hasDigit ||= /\d/.test(group)
      }
    }
  }
  if (halves.length === 1) return count === 8
  // `Face::Bad` and `a[1::2]` have the shape of an address; no address in use is that short.
  return count >= 2 && count <= 7 && hasDigit && hexDigits >= 5
}

const isV6Character = (code: number): boolean => isHex(code) || code === COLON || code === DOT

function findV6({text}: Subject, found: Found): void {
  let from = 0
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', from)) {
    let start = colon
    while (start > from && isV6Character(text.charCodeAt(start - 1))) start--
    let end = colon
    while (end < text.length && isV6Character(text.charCodeAt(end))) end++
    from = end
    // The sentence's own punctuation: "at fe80::1." and "address:2001:db8::1".
    while (text.charCodeAt(end - 1) === DOT) end--
    if (text.charCodeAt(end - 1) === COLON && text.charCodeAt(end - 2) !== COLON) end--
    if (text.charCodeAt(start) === COLON && text.charCodeAt(start + 1) !== COLON) start++
    if (end - start < 3 || end - start > MAX_V6_LENGTH) continue
    const before = text.charCodeAt(start - 1)
    if (isAlphanumeric(before) || before === UNDERSCORE || isAlphanumeric(text.charCodeAt(end))) {
      continue
    }
    const address = text.slice(start, end)
    // `x[::1]` is a slice.
    if (address === '::1' && before === 0x5b && isAlphanumeric(text.charCodeAt(start - 2))) continue
    if (isV6(address)) found(start, end)
  }
}

/** IPv4 in dotted form, IPv6 in full, compressed and IPv4-mapped form. */
export const ip: Detector = {
  name: 'ip',
  label: '[IP]',
  find(subject, found) {
    if (subject.text.includes('.')) findV4(subject, found)
    findV6(subject, found)
  },
}
