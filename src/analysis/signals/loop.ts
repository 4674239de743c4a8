/**
 * `loop`: the same passage a third time and more, with nothing new between. Compared by runs of
 * three words within a sentence, without numbers and without the small words that open a sentence,
 * so that a loop is found whose numbers, openers or order of sentences change.
 */
import type {Signal} from '../../model.ts'
import {type SignalInput, signalOf} from './detector.ts'
import {hashWord, type Words} from './words.ts'

/** Words that come and go between two rounds of the same thought. */
const FILLERS = new Set(
  'wait hmm so then now also and but okay ok let me check once more again think hold on alternatively well actually oh yes no right alright first next this that the a an is it just maybe'
    .split(' ')
    .map(hashWord),
)

/** Words of third and later rounds, fitted: a problem that is quoted again is no loop. */
const MIN_WORDS = 41

export function findLoop({text, words}: SignalInput): Signal[] {
  const region = findRegion(words)
  if (region === undefined || region.again < MIN_WORDS) return []
  const start = words.starts[region.from]!
  const end = words.ends[region.to]!
  if (counts(text.slice(start, end))) return []
  return [signalOf('loop', {start, end}, region.again < MIN_WORDS * 2 ? 0.9 : 0.98)]
}

const FIRST_NUMBERS = /^[^\d\n]*(\d{1,6})/gm
const MIN_COUNTED_SHARE = 0.6
const MIN_LINES = 4

/** Whether the lines count: "Day 4: …", "Day 5: …" in the same words is an enumeration, no loop. */
function counts(passage: string): boolean {
  let lines = 0
  let next = 0
  let previous = NaN
  for (const match of passage.matchAll(FIRST_NUMBERS)) {
    const number = Number(match[1])
    if (number === previous + 1) next += 1
    previous = number
    lines += 1
  }
  return lines >= MIN_LINES && next >= (lines - 1) * MIN_COUNTED_SHARE
}

interface LoopRegion {
  /** Words, both included: from the second round on. */
  readonly from: number
  readonly to: number
  /** Words in it that it has said before itself: those of its second round and later ones. */
  readonly again: number
}

/** A word that was said before, and one that was not, towards whether there is anything new. */
const OLD = 1
const NEW = -4
/** New words end a stretch after so many, however long it was. */
const MAX_CREDIT = 24

/** One letter, or two with Latin: a variable, of which a formula has the same ones all along. */
const isSymbol = ({starts, ends, isIdeographic}: Words, i: number): boolean =>
  ends[i]! - starts[i]! < 3 && isIdeographic[i] === 0

/** The stretch without anything new that repeats itself most. */
function findRegion(words: Words): LoopRegion | undefined {
  const kept = new Int32Array(words.size)
  let count = 0
  for (let i = 0; i < words.size; i += 1) {
    if (!FILLERS.has(words.hashes[i]!) && !isSymbol(words, i)) {
      kept[count] = i
      count += 1
    }
  }
  const before = findBefore(words, kept, count)
  let best: LoopRegion | undefined
  let credit = 0
  let from = 0
  let again = 0
  for (let i = 0; i < count; i += 1) {
    if (credit <= 0) {
      credit = 0
      from = i
      again = 0
    }
    const last = before[i]!
    if (last < 0) {
      credit += NEW
      continue
    }
    credit = Math.min(credit + OLD, MAX_CREDIT)
    if (last < from) continue
    again += 1
    if (again > (best?.again ?? 0)) best = {from: kept[from]!, to: kept[i]!, again}
  }
  return best
}

/** For each word, where the run of up to three that ends with it stood last; −1 where nowhere. */
function findBefore(words: Words, kept: Int32Array, count: number): Int32Array {
  let bits = 4
  while (1 << bits < count * 2) bits += 1
  const mask = (1 << bits) - 1
  const keys = new Int32Array(mask + 1)
  const places = new Int32Array(mask + 1)
  const before = new Int32Array(count)
  let a = 0
  let b = 0
  let sentence = -1
  for (let i = 0; i < count; i += 1) {
    const word = kept[i]!
    if (words.sentenceOf[word] !== sentence) {
      sentence = words.sentenceOf[word]!
      a = 0
      b = 0
    }
    const c = words.hashes[word]!
    let key = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)
    key ^= key >>> 15
    let slot = key & mask
    while (places[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
    keys[slot] = key
    before[i] = places[slot]! - 1
    places[slot] = i + 1
    a = b
    b = c
  }
  return before
}
