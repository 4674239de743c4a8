/** Characters as UTF-16 code units, which is how the analysis reads text. */

export const NEWLINE = 10
export const SPACE = 32
export const BANG = 33
export const QUOTE = 34
export const HASH = 35
export const APOSTROPHE = 39
export const LEFT_PAREN = 40
export const RIGHT_PAREN = 41
export const STAR = 42
export const PLUS = 43
export const COMMA = 44
export const DASH = 45
export const DOT = 46
export const COLON = 58
export const SEMICOLON = 59
export const EQUALS = 61
export const GREATER = 62
export const QUESTION = 63
export const LEFT_BRACKET = 91
export const BACKSLASH = 92
export const RIGHT_BRACKET = 93
export const UNDERSCORE = 95
export const BACKTICK = 96
export const PIPE = 124
export const TILDE = 126
export const RIGHT_QUOTE = 0x2019
export const LEFT_DOUBLE_QUOTE = 0x201c
export const RIGHT_DOUBLE_QUOTE = 0x201d
export const BULLET = 0x2022
export const ELLIPSIS = 0x2026

export const isSpace = (code: number): boolean =>
  code === SPACE ||
  (code >= 9 && code <= 13) ||
  code === 0xa0 ||
  code === 0x3000 ||
  (code >= 0x2000 && code <= 0x200a) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0xfeff ||
  code === 0x1680 ||
  code === 0x202f ||
  code === 0x205f

export const isDigit = (code: number): boolean => code >= 48 && code <= 57
export const isLower = (code: number): boolean => code >= 97 && code <= 122
export const isUpper = (code: number): boolean => code >= 65 && code <= 90
/** The first half of a pair that stands for one character: nothing may be cut after it. */
export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** The code units of `marks`, to look characters up in. */
export const codesOf = (marks: string): ReadonlySet<number> =>
  new Set(Array.from(marks, (mark) => mark.charCodeAt(0)))
