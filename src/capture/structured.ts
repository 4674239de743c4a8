/** From an attribute's string to a value, whichever of the known notations it is written in. */
import type {Reading} from './lenient-reader.ts'
import {readPythonLiteral} from './python-literal.ts'
import {readTolerantJson} from './tolerant-json.ts'

/** `{'a'`, `[Choice(`, `('x'`: only Python prints these. */
const PYTHON_START = /^[[({\s]{0,20}(?:[a-z]?'|[A-Za-z_][\w.]{0,80}\()/

/** Whether a string can be structured at all, from its first character. */
export function looksStructured(text: string): boolean {
  let at = 0
  let code = text.charCodeAt(0)
  while (code <= 32 && at < 16) code = text.charCodeAt(++at)
  // `{`, `[`, and `(` of a tuple.
  return code === 0x7b || code === 0x5b || code === 0x28
}

/** Names and types that mean reasoning and nothing else, and common words before several words. */
const STRONG_HINT = new RegExp(
  [
    'reasoning_content|reasoningContent|reasoning_details|reasoning_text|summary_text',
    'redacted_thinking|thinking_blocks|encrypted_content|ChatCompletion\\(',
    'Thinking(?:Block|Part|Content)\\(',
    `(?:type|part_kind|block_type|kind)\\\\?["']?\\s{0,4}[:=]\\s{0,4}\\\\?["'](?:reasoning|thinking)\\\\?["']`,
    `["']thought["']\\s{0,4}:\\s{0,4}[tT]rue`,
    `["'](?:reasoning|thinking|thought)["']\\s{0,4}:\\s{0,4}["'][^"'\\\\]{1,60}\\s`,
  ].join('|'),
)

/** Whether a text may be any of the notations that `parseStructured` takes. */
export const mayBeStructured = (text: string): boolean =>
  looksStructured(text) || text.charCodeAt(0) === 0x22 || CALL_START.test(text)

/** Whether a structured text plainly holds reasoning: names and types that mean nothing else. */
export const hasStrongHint = (text: string): boolean => STRONG_HINT.test(text)

/** `ChatCompletion(id='…', …)`: the `repr` of an object. */
const CALL_START = /^\s{0,8}[A-Z]\w{0,80}\(\w{1,80}=/

/** Whether a text is the `repr` of an object: its line breaks and quotes are escaped. */
export const looksLikeRepr = (text: string): boolean => CALL_START.test(text)

/**
 * Parses JSON, JSON inside a JSON string, cut or broken JSON, and Python literals.
 *
 * @returns `undefined` where the text is none of these
 */
export function parseStructured(text: string): Reading | undefined {
  if (looksStructured(text)) {
    try {
      return {value: JSON.parse(text) as unknown, complete: true}
    } catch {
      const reading = PYTHON_START.test(text) ? readPythonLiteral(text) : readTolerantJson(text)
      return typeof reading.value === 'object' && reading.value !== null ? reading : undefined
    }
  }
  if (text.charCodeAt(0) === 0x22) {
    let inner: unknown
    let whole = true
    try {
      inner = JSON.parse(text)
    } catch {
      const reading = readTolerantJson(text)
      inner = reading.value
      whole = false
    }
    if (typeof inner !== 'string') return undefined
    if (!looksStructured(inner))
      return {value: inner, complete: whole, truncated: !whole, cut: whole ? undefined : inner}
    const reading = parseStructured(inner)
    return (
      reading && {
        ...reading,
        complete: reading.complete && whole,
        truncated: reading.truncated || !whole,
      }
    )
  }
  return CALL_START.test(text) ? readPythonLiteral(text) : undefined
}
