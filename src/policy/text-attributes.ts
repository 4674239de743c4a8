/** What of a text may be written under a policy. */
import type {ResolvedPolicy} from './rule.ts'

/** What is absent may not be written. */
export interface TextAttributes {
  text?: string | undefined
  /** UTF-16 code units, of the masked text under `mask`. */
  length?: number | undefined
  /** Hex. */
  hash?: string | undefined
}

/**
 * Applies a policy to a text.
 *
 * | policy | text | length | hash |
 * |---|---|---|---|
 * | `keep` | as it is | yes | SHA-256 |
 * | `mask` | masked | of the masked text | HMAC-SHA-256 of the original, with a key |
 * | `hash` | | yes | HMAC-SHA-256, with a key |
 * | `length` | | yes | |
 * | `drop` | | | |
 *
 * There is no plain hash but under `keep`: short text can be guessed from one.
 */
export function applyPolicy(resolved: ResolvedPolicy, text: string): TextAttributes {
  const {policy} = resolved
  if (policy === 'drop') return {}
  if (policy === 'length') return {length: text.length}
  const hash = resolved.hash(text)
  if (policy === 'hash') return {length: text.length, hash}
  const shown = resolved.mask(text)
  return {text: shown, length: shown.length, hash}
}
