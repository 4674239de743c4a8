/** What kind of character a UTF-16 code unit is, as far as signals need to know. */

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** Letters of any script; surrogates are not. */
export const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0xc0 && code <= 0x1fff && code !== 0xd7 && code !== 0xf7) ||
  isIdeograph(code) ||
  (code >= 0xac00 && code <= 0xd7a3)

/** Of a script that puts no spaces between words: Chinese, Japanese, Thai. */
export const isIdeograph = (code: number): boolean =>
  (code >= 0x3041 && code <= 0x30ff) ||
  (code >= 0x3400 && code <= 0x9fff) ||
  (code >= 0x0e01 && code <= 0x0e4e) ||
  (code >= 0xf900 && code <= 0xfaff)
