/** International bank account numbers: a country's length, and the remainder that checks them. */
import {isAlphanumeric, isLetter, isSpaceOrDash} from './characters.ts'
import type {Detector} from './subject.ts'

/** Length by country, from the SWIFT registry, as `CCnn`. */
const LENGTHS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  (
    'AD24AE23AL28AO25AT20AZ28BA20BE16BF28BG22BH22BI27BJ28BR29BY28CF27CG27CH21CI28CM27CR22CV25CY28' +
    'CZ24DE22DJ27DK18DO28DZ26EE20EG29ES24FI18FK18FO18FR27GA27GB22GE22GI23GL18GQ27GR27GT28GW25HN28' +
    'HR21HU28IE22IL23IQ23IR26IS26IT27JO30KM27KW30KZ20LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22' +
    'MG27MK19ML28MN20MR27MT31MU30MZ25NE28NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31' +
    'SD18SE24SI19SK24SM27SN28SO23ST25SV28TD27TG28TL23TN24TR26UA29VA22VG24XK20YE30'
  )
    .match(/[A-Z]{2}\d\d/g)
    ?.map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** Two letters and two check digits. What stands before them is looked at apart. */
const HEAD = /[A-Z]{2}\d{2}/gi

/** Remainder by 97 of the number that the characters spell, the first four moved to the end. */
function remainder(characters: string): number {
  let rest = 0
  for (let i = 0; i < characters.length; i++) {
    const value = Number.parseInt(characters[(i + 4) % characters.length] ?? '0', 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}

/** Where the number that starts at `start` ends, or -1. */
function endOf(text: string, start: number): number {
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase())
  if (length === undefined) return -1
  let characters = ''
  let i = start
  let separators = 0
  while (characters.length < length) {
    const code = text.charCodeAt(i)
    if (isAlphanumeric(code)) {
      characters += text[i]
      separators = 0
    } else if (!(isSpaceOrDash(code) || code === 0x2e) || ++separators > 1) {
      return -1
    }
    i++
  }
  return !isAlphanumeric(text.charCodeAt(i)) && remainder(characters) === 1 ? i : -1
}

/** IBANs, undivided or in groups. */
export const iban: Detector = {
  name: 'iban',
  label: '[IBAN]',
  find({text}, found) {
    HEAD.lastIndex = 0
    for (let match = HEAD.exec(text); match !== null; match = HEAD.exec(text)) {
      const start = match.index
      // `IBANDE89…` is written too; any other word in front makes it part of an identifier.
      if (isAlphanumeric(text.charCodeAt(start - 1))) {
        if (start < 4 || text.slice(start - 4, start).toUpperCase() !== 'IBAN') continue
        if (start > 4 && isLetter(text.charCodeAt(start - 5))) continue
      }
      const end = endOf(text, start)
      if (end < 0) continue
      found(start, end)
      HEAD.lastIndex = end
    }
  },
}
