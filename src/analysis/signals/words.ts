/**
 * The words of a text, found once for all detectors: hashes to compare by, offsets to point with,
 * and for each sentence the groups of trigger words in it, so that patterns need only look at
 * sentences in which they can match.
 */
import type {Sentence} from '../../model.ts'
import {isDigit, isIdeograph, isLetter} from './letters.ts'
import {TRIGGER_GROUPS, type TriggerGroup} from './triggers.ts'

/** Words by position. A word is a run of letters, or one character of a script without spaces. */
export interface Words {
  readonly size: number
  readonly hashes: Int32Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** 1 where the word is one character of a script without spaces. */
  readonly isIdeographic: Uint8Array
  /** Index of the sentence that a word stands in, or of the next where it stands in none. */
  readonly sentenceOf: Int32Array
  /** Bits of trigger groups, one number a sentence. */
  readonly groups: Int32Array
}

const FNV_OFFSET = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193
const APOSTROPHE = 0x27
const TYPOGRAPHIC_APOSTROPHE = 0x2019
const CASE_BIT = 0x20

/** Hash of a word in any case; `’` counts as `'`. */
export function hashWord(word: string): number {
  let hash = FNV_OFFSET
  for (let i = 0; i < word.length; i += 1) hash = mix(hash, word.charCodeAt(i))
  return hash
}

function mix(hash: number, code: number): number {
  const folded =
    code >= 0x41 && code <= 0x5a
      ? code | CASE_BIT
      : code === TYPOGRAPHIC_APOSTROPHE
        ? APOSTROPHE
        : code
  return Math.imul(hash ^ folded, FNV_PRIME)
}

const TABLE_BITS = 12
const TABLE_MASK = (1 << TABLE_BITS) - 1

interface TriggerTable {
  readonly keys: Int32Array
  readonly bits: Int32Array
}

let triggers: TriggerTable | undefined

function triggerTable(): TriggerTable {
  if (triggers !== undefined) return triggers
  const keys = new Int32Array(TABLE_MASK + 1)
  const bits = new Int32Array(TABLE_MASK + 1)
  Object.values(TRIGGER_GROUPS).forEach((words, group) => {
    for (const word of words.split(' ')) {
      const hash = hashWord(word)
      let slot = hash & TABLE_MASK
      while (bits[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & TABLE_MASK
      keys[slot] = hash
      bits[slot]! |= 1 << group
    }
  })
  triggers = {keys, bits}
  return triggers
}

/** The bit that stands for a group in `Words.groups`. */
export const groupBit = (group: TriggerGroup): number =>
  1 << Object.keys(TRIGGER_GROUPS).indexOf(group)

/** Finds the words of a text and the trigger groups of its sentences, in one pass. */
export function findWords(text: string, sentences: readonly Sentence[]): Words {
  const {keys, bits} = triggerTable()
  const groups = new Int32Array(sentences.length)
  // Two characters a word at least, but for scripts without spaces: grown where that is too little.
  let capacity = (text.length >> 2) + 16
  let hashes = new Int32Array(capacity)
  let starts = new Int32Array(capacity)
  let ends = new Int32Array(capacity)
  let isIdeographic = new Uint8Array(capacity)
  let sentenceOf = new Int32Array(capacity)
  let size = 0
  let sentence = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (!isLetter(code)) {
      at += 1
      continue
    }
    const start = at
    let hash = mix(FNV_OFFSET, code)
    at += 1
    const alone = isIdeograph(code)
    if (!alone) {
      for (; at < text.length; at += 1) {
        const next = text.charCodeAt(at)
        const isApostrophe = next === APOSTROPHE || next === TYPOGRAPHIC_APOSTROPHE
        if (isApostrophe ? !isLetter(text.charCodeAt(at + 1)) : !isLetter(next)) {
          if (!isDigit(next)) break
        } else if (isIdeograph(next)) break
        hash = mix(hash, next)
      }
    }
    if (size === capacity) {
      capacity *= 2
      hashes = grown(hashes, capacity)
      starts = grown(starts, capacity)
      ends = grown(ends, capacity)
      sentenceOf = grown(sentenceOf, capacity)
      const flags = new Uint8Array(capacity)
      flags.set(isIdeographic)
      isIdeographic = flags
    }
    hashes[size] = hash
    starts[size] = start
    isIdeographic[size] = alone ? 1 : 0
    ends[size] = at
    while (sentence < sentences.length && sentences[sentence]!.end <= start) sentence += 1
    sentenceOf[size] = sentence
    size += 1
    let slot = hash & TABLE_MASK
    while (bits[slot] !== 0) {
      if (keys[slot] === hash) {
        if (sentence < sentences.length) groups[sentence]! |= bits[slot]!
        break
      }
      slot = (slot + 1) & TABLE_MASK
    }
  }
  return {size, hashes, starts, ends, isIdeographic, sentenceOf, groups}
}

function grown(array: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity)
  larger.set(array)
  return larger
}
