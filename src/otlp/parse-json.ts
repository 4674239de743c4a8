/** `JSON.parse` that keeps 64-bit integers whole. */

// Fewer digits are always below 2^53, so that a double holds them.
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/** The end of the string that begins at `start`, or the end of the text. */
const endOfString = (text: string, start: number): number => {
  let end = start
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end + 1
  }
}

const quoteLongIntegers = (text: string): string => {
  let quoted = ''
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const end = quote === -1 ? text.length : quote
    quoted += text.slice(at, end).replace(LONG_INTEGER, '"$&"')
    if (quote === -1) break
    at = endOfString(text, quote)
    quoted += text.slice(quote, at)
  }
  return quoted
}

/**
 * Parses JSON; an integer of 16 digits or more comes back as a string of its digits, which OTLP
 * takes for a 64-bit integer just the same. A double would lose the nanoseconds of a time.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export const parseJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text)
  LONG_INTEGER.lastIndex = 0
  // Digits inside strings ("1795474678336000000", as most exporters write) make this test say yes
  // too often; the second parse is then for nothing, never wrong.
  if (!/[[:,]\s*-?\d{16}/.test(text)) return value
  const quoted = quoteLongIntegers(text)
  return quoted.length === text.length ? value : JSON.parse(quoted)
}
