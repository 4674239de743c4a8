/** Character classes by UTF-16 code unit: the detectors look at one unit at a time. */

const ALPHANUMERIC = 1
const HEX = 2
const TOKEN = 4

const CLASSES = /* @__PURE__ */ ((): Uint8Array => {
  const classes = new Uint8Array(128)
  const add = (characters: string, bit: number): void => {
    for (let i = 0; i < characters.length; i++) {
      const code = characters.charCodeAt(i)
      classes[code] = (classes[code] ?? 0) | bit
    }
  }
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const digits = '0123456789'
  add(letters + letters.toUpperCase() + digits, ALPHANUMERIC | TOKEN)
  add(`abcdefABCDEF${digits}`, HEX)
  add('_-.', TOKEN)
  return classes
})()

const has = (code: number, bit: number): boolean => code < 128 && ((CLASSES[code] ?? 0) & bit) !== 0

/** ASCII letters and digits. `NaN`, which is what stands beyond an end, is none. */
export const isAlphanumeric = (code: number): boolean => has(code, ALPHANUMERIC)

/** ASCII hexadecimal digits. */
export const isHex = (code: number): boolean => has(code, HEX)

/** What keys and JWTs are made of: ASCII letters, digits, `_`, `-` and `.`. */
export const isTokenCharacter = (code: number): boolean => has(code, TOKEN)

/** ASCII letters. */
export const isLetter = (code: number): boolean => {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

/**
 * 0 to 9, or -1 for what is no decimal digit. Full-width, Arabic, Persian and Devanagari digits
 * count: a number written in them is as personal as any.
 */
export function digitValue(code: number): number {
  if (code < 0x30) return -1
  if (code <= 0x39) return code - 0x30
  if (code < 0x660) return -1
  if (code <= 0x669) return code - 0x660
  if (code >= 0x6f0 && code <= 0x6f9) return code - 0x6f0
  if (code >= 0x966 && code <= 0x96f) return code - 0x966
  if (code >= 0xff10 && code <= 0xff19) return code - 0xff10
  return -1
}

/** Space, tab, no-break, thin and narrow no-break space; hyphens and dashes. */
export const isSpaceOrDash = (code: number): boolean =>
  code === 0x20 ||
  code === 0x09 ||
  code === 0x2d ||
  code === 0xa0 ||
  code === 0x2009 ||
  code === 0x202f ||
  (code >= 0x2010 && code <= 0x2014) ||
  code === 0x2212
