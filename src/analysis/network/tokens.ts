/** Cuts a sentence into words, numbers and marks, each as a number: what the network reads. */
import {
  APOSTROPHE,
  BACKTICK,
  COMMA,
  DOT,
  RIGHT_QUOTE,
  STAR,
  isDigit,
  isLower,
  isSpace,
} from '../characters.ts'

/** Ors into a letter to make it a small one. */
const SMALL = 32
const FNV_OFFSET = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** How much of a long sentence is read: its start, and its end. In UTF-16 code units. */
const HEAD_LENGTH = 320
const TAIL_LENGTH = 80
/** Tokens kept of a sentence: its first ones, and its last ones. */
const HEAD_TOKENS = 28
export const MAX_TOKENS = 40

export const WORD = 0
export const NUMBER = 1
export const MARK = 2

/** The tokens of one sentence; an object that the next call overwrites. */
export interface Tokens {
  count: number
  /** Tokens of the sentence that were read, of which `count` are kept. */
  read: number
  /** Hash of each token; numbers are all the same one. */
  readonly hashes: Int32Array
  /** Hash of the part before an apostrophe, of a number as it stands; else as in `hashes`. */
  readonly stems: Int32Array
  readonly types: Uint8Array
}

export const newTokens = (): Tokens => ({
  count: 0,
  read: 0,
  hashes: new Int32Array(HEAD_LENGTH + TAIL_LENGTH),
  stems: new Int32Array(HEAD_LENGTH + TAIL_LENGTH),
  types: new Uint8Array(HEAD_LENGTH + TAIL_LENGTH),
})

/** Brings the high bits down, where tables take their slots from. */
const mixed = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return once ^ (once >>> 13)
}

/** The hash of a small-letter word, as `readTokens` gives it. */
export function hashOf(word: string): number {
  let hash = FNV_OFFSET
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), FNV_PRIME)
  }
  return mixed(hash)
}

export const joinHashes = (first: number, second: number): number =>
  mixed(Math.imul(first ^ 0x5bd1e995, 0x01000193) ^ second)

const NUMBER_HASH = hashOf('0')
const FENCE_HASH = hashOf('```')
const BOLD_HASH = hashOf('**')

const isLetter = (code: number): boolean => isLower(code | SMALL) || isOtherLetter(code)

/** Letters outside ASCII, and ideographs; punctuation of other scripts is a mark. */
const isOtherLetter = (code: number): boolean =>
  code >= 0xc0 &&
  code !== 0xd7 &&
  code !== 0xf7 &&
  (code < 0x2000 || code > 0x2bff) &&
  (code < 0x3000 || code > 0x303f) &&
  (code < 0xff00 || code > 0xff0f)

const small = (code: number): number => (code >= 65 && code <= 90 ? code | SMALL : code)

/** Reads the sentence from `start` to `end`. */
export function readTokens(text: string, start: number, end: number, tokens: Tokens): void {
  let count: number
  if (end - start <= HEAD_LENGTH + TAIL_LENGTH) count = scan(text, start, end, tokens, 0)
  else {
    count = scan(text, start, start + HEAD_LENGTH, tokens, 0)
    count = scan(text, end - TAIL_LENGTH, end, tokens, count)
  }
  tokens.read = count
  if (count > MAX_TOKENS) {
    const from = count - (MAX_TOKENS - HEAD_TOKENS)
    tokens.hashes.copyWithin(HEAD_TOKENS, from, count)
    tokens.stems.copyWithin(HEAD_TOKENS, from, count)
    tokens.types.copyWithin(HEAD_TOKENS, from, count)
    count = MAX_TOKENS
  }
  tokens.count = count
}

function scan(text: string, start: number, end: number, tokens: Tokens, from: number): number {
  const {hashes, stems, types} = tokens
  let count = from
  let at = start
  while (at < end) {
    const code = text.charCodeAt(at)
    if (isSpace(code)) {
      at += 1
      continue
    }
    let hash = FNV_OFFSET
    if (isLetter(code)) {
      let next = code
      let stem = 0
      for (;;) {
        do {
          hash = Math.imul(hash ^ small(next), FNV_PRIME)
          at += 1
          next = at < end ? text.charCodeAt(at) : 0
        } while (isLetter(next))
        // `don't` and `don’t` are one word; a quotation mark after a word is no part of it.
        if (at + 1 >= end || (next !== APOSTROPHE && next !== RIGHT_QUOTE)) break
        const after = text.charCodeAt(at + 1)
        if (!isLetter(after)) break
        if (stem === 0) stem = mixed(hash)
        hash = Math.imul(hash ^ APOSTROPHE, FNV_PRIME)
        next = after
        at += 1
      }
      hashes[count] = mixed(hash)
      stems[count] = stem === 0 ? hashes[count]! : stem
      types[count] = WORD
    } else if (isDigit(code)) {
      let next = code
      do {
        if (next !== COMMA) hash = Math.imul(hash ^ next, FNV_PRIME)
        at += 1
        next = at < end ? text.charCodeAt(at) : 0
        // `1,200.50` is one number; the full stop after it is no part of it.
      } while (
        isDigit(next) ||
        ((next === COMMA || next === DOT) && at + 1 < end && isDigit(text.charCodeAt(at + 1)))
      )
      hashes[count] = NUMBER_HASH
      stems[count] = mixed(hash)
      types[count] = NUMBER
    } else {
      at += 1
      let mark = mixed(Math.imul(hash ^ (code === RIGHT_QUOTE ? APOSTROPHE : code), FNV_PRIME))
      if (code === STAR && at < end && text.charCodeAt(at) === STAR) {
        at += 1
        mark = BOLD_HASH
      } else if (code === BACKTICK && at + 1 < end && text.startsWith('``', at)) {
        at += 2
        mark = FENCE_HASH
      }
      hashes[count] = mark
      stems[count] = mark
      types[count] = MARK
    }
    count += 1
  }
  return count
}
