/**
 * Finds a text that is known to be reasoning wherever it is quoted: as it is, or escaped any number
 * of times by JSON or Python, with its white space changed, or cut off.
 */
import {type Probe, PROBE_REACH, probesAt} from './probes.ts'
import {ProbeIndex} from './probe-index.ts'
import {backward, forward} from './quotation-match.ts'

/** A passage that quotes a known text. All half-open, in UTF-16 code units. */
export interface Quotation {
  /** Where in the searched text. */
  readonly start: number
  readonly end: number
  /** The known text; `undefined` where several overlap, or where looking on would take too long. */
  readonly text: string | undefined
  /** Where in the known text. */
  readonly from: number
  readonly to: number
}

interface KnownText {
  /** Without white space at its ends. */
  readonly text: string
  readonly probes: readonly Probe[]
  /** How many times it was added; white space at the ends aside. */
  count: number
}

/** Shorter texts are no quotation: `Hm, ok.` says nothing and stands everywhere. */
const MIN_LENGTH = 8
/** A quotation of a part of a text, at least. */
const MIN_PART = 32
/**
 * Code units that are compared for each one searched, at most. Only a text that repeats itself and
 * nearly is a known one comes that far; it then counts as a quotation as a whole.
 */
const MAX_EFFORT = 32
/** What may be compared however short the searched text is. */
const FREE_EFFORT = 10_000
/** Texts that begin alike are told apart by a piece further on, of which so many are tried. */
const MAX_ALIKE = 16
const MAX_TRIES = 8

/** Overlapping quotations as one. */
function merged(quotations: Quotation[]): readonly Quotation[] {
  if (quotations.length < 2) return quotations
  quotations.sort((a, b) => a.start - b.start || b.end - a.end)
  const result: Quotation[] = []
  for (const next of quotations) {
    const last = result.at(-1)
    if (last === undefined || next.start >= last.end) result.push(next)
    else if (next.end > last.end) {
      result[result.length - 1] = {
        start: last.start,
        end: next.end,
        text: undefined,
        from: 0,
        to: 0,
      }
    }
  }
  return result
}

const everything = (raw: string): readonly Quotation[] => [
  {start: 0, end: raw.length, text: undefined, from: 0, to: 0},
]

/**
 * Texts that are known to be reasoning, ready to be looked for. To add one takes as long as to read
 * it; to search is linear in the searched text, however many are known.
 */
export class KnownTexts {
  readonly #byText = new Map<string, KnownText>()
  readonly #index = new ProbeIndex<KnownText>()
  /** Texts of at least `MIN_PART` by their beginning, sorted. */
  readonly #byBeginning = new Map<string, string[]>()

  constructor(texts: readonly string[] = []) {
    for (const text of texts) this.add(text)
  }

  get isEmpty(): boolean {
    return this.#byText.size === 0
  }

  /** Those under 8 code units are only found where they stand alone. */
  add(raw: string): void {
    const text = raw.trim()
    if (text === '') return
    const known = this.#byText.get(text)
    if (known !== undefined) {
      known.count += 1
      return
    }
    const added: KnownText = {text, probes: this.#probesOf(text), count: 1}
    this.#byText.set(text, added)
    for (const probe of added.probes) this.#index.add(probe, added)
    if (text.length < MIN_PART) return
    const beginning = text.slice(0, MIN_PART)
    const alike = this.#byBeginning.get(beginning)
    if (alike === undefined) this.#byBeginning.set(beginning, [text])
    else alike.splice(firstFrom(alike, text), 0, text)
  }

  /** Takes back one `add`. */
  delete(raw: string): void {
    const text = raw.trim()
    const known = this.#byText.get(text)
    if (known === undefined || --known.count > 0) return
    this.#byText.delete(text)
    for (const probe of known.probes) this.#index.delete(probe)
    const beginning = text.slice(0, MIN_PART)
    const alike = this.#byBeginning.get(beginning)
    if (alike === undefined) return
    if (alike.length === 1) this.#byBeginning.delete(beginning)
    else alike.splice(firstFrom(alike, text), 1)
  }

  /** The known text that `raw` as a whole is, white space at its ends aside. */
  has(raw: string): boolean {
    return this.#byText.has(raw.trim())
  }

  /** A known text that goes on where `beginning` was cut off. */
  continuing(beginning: string): string | undefined {
    const start = beginning.trimStart()
    if (start.length < MIN_PART) return undefined
    const alike = this.#byBeginning.get(start.slice(0, MIN_PART))
    if (alike === undefined) return undefined
    let at = firstFrom(alike, start)
    if (alike[at] === start) at += 1
    const next = alike[at]
    return next?.startsWith(start) === true ? next : undefined
  }

  /** Every quotation of any of them, in order, without overlap. */
  quotations(raw: string): readonly Quotation[] {
    const found: Quotation[] = []
    /** Where the last quotation that was found by a probe ends. */
    const floors = new Map<Probe, number>()
    let effort = FREE_EFFORT + MAX_EFFORT * raw.length
    const isTooLong = this.#index.search(raw, (at, probe, {text}) => {
      const floor = floors.get(probe) ?? 0
      if (at < floor) return true
      const [from, start] = backward(text, probe.from, raw, at, floor)
      const [to, end] = forward(text, probe.to, raw, at + probe.piece.length)
      const length = to - from
      // Reasoning quotes prompts and drafts answers: a passage in common is no quotation of it.
      const isCut = from === 0 && end >= raw.length
      const isMost = isCut || length * 2 >= text.length
      if (length === text.length || (length >= MIN_PART && isMost)) {
        found.push({start, end, text, from, to})
        floors.set(probe, end)
        return true
      }
      effort -= length
      return effort > 0
    })
    return isTooLong ? everything(raw) : merged(found)
  }

  #probesOf(text: string): readonly Probe[] {
    if (text.length < MIN_LENGTH) return []
    let first = probesAt(text, 0)
    for (let tries = 1; tries < MAX_TRIES; tries += 1) {
      const probe = first[0]
      if (probe === undefined || this.#index.countOf(probe.piece) < MAX_ALIKE) break
      const next = probesAt(text, probe.to)
      if (next.length === 0) break
      first = next
    }
    const middle = text.length > 4 * PROBE_REACH ? probesAt(text, text.length >> 1) : []
    return [...first, ...middle]
  }
}

export const NO_KNOWN_TEXTS = new KnownTexts()

/** The index of the first of `sorted` that does not come before `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as string) < text) low = middle + 1
    else high = middle
  }
  return low
}
