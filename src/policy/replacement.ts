/** What is written in the place of reasoning. */
import type {KnownTexts, Quotation} from './known-texts.ts'
import {type MaskedRange, maskedRanges} from './mask.ts'
import type {ResolvedPolicy} from './rule.ts'

/** In the place of reasoning, and of what is too broken to be sure that it holds none. */
export const REMOVED = '[reasoning removed by policy]'
/** In the place of encrypted and redacted content and of signatures. */
export const OPAQUE_REMOVED = '[removed by policy]'

const PLACEHOLDER =
  /^\[(?:reasoning removed by policy|reasoning: \d{1,12} chars|removed by policy)\]$/

/** Whether a policy has been here already. */
const isPlaceholder = (text: string): boolean =>
  text.length < 50 && text.startsWith('[re') && PLACEHOLDER.test(text)

/**
 * UTF-16 code units that a text loses at its end where it was cut off: the beginning of a secret is
 * no secret to a detector. Longer ones (keys, tokens) are found without their end.
 */
const MAX_TAIL = 64

/** A piece of reasoning as it stands in one value. */
export interface Piece {
  readonly text: string
  /** It ends where the value was cut off. */
  readonly cut: boolean
}

/** Replaces pieces of reasoning. */
export interface Replacement {
  /** Pieces that belong together in one value, so that what straddles two of them is found. */
  pieces(pieces: readonly Piece[]): readonly string[]
  /** A passage that quotes a known text. */
  quotation(raw: string, quotation: Quotation): string
}

/**
 * Ranges cut to what lies between `from` and `to`, relative to `from`.
 *
 * @param ranges in order, without overlap
 * @param first the first range that can lie there
 */
function clipped(
  ranges: readonly MaskedRange[],
  from: number,
  to: number,
  first = 0,
): readonly MaskedRange[] {
  const result: MaskedRange[] = []
  for (let i = first; i < ranges.length; i++) {
    const range = ranges[i]
    if (range === undefined || range.start >= to) break
    if (range.end <= from) continue
    const {start, end, label} = range
    result.push({
      start: Math.max(start - from, 0),
      end: Math.min(end, to) - from,
      // The label stands where the find begins; what follows of it in the next piece just goes.
      label: start >= from ? label : '',
    })
  }
  return result
}

function written(text: string, ranges: readonly MaskedRange[]): string {
  const ordered = [...ranges].sort((a, b) => a.start - b.start)
  let result = ''
  let at = 0
  for (const {start, end, label} of ordered) {
    if (start >= at) result += text.slice(at, start) + label
    at = Math.max(at, end)
  }
  return result + text.slice(at)
}

/** What is found in a known text. */
type RangesOf = (text: string) => readonly MaskedRange[]

function maskPieces(
  pieces: readonly Piece[],
  policy: ResolvedPolicy,
  known: KnownTexts,
  rangesOf: RangesOf,
): readonly string[] {
  const joined = pieces.map(({text}) => text).join('')
  if (policy.transform !== undefined) {
    const apart = pieces.map(({text}) => policy.mask(text))
    const isSame = pieces.length < 2 || policy.mask(joined) === apart.join('')
    return pieces.map(({cut}, i) => (isSame && !cut ? (apart[i] ?? REMOVED) : REMOVED))
  }
  const together = pieces.length > 1 ? maskedRanges(joined, policy) : []
  let offset = 0
  let first = 0
  return pieces.map(({text, cut}) => {
    const from = offset
    offset += text.length
    // What is found in a piece alone need not be found in all of them: other letters join on.
    let ranges = maskedRanges(text, policy)
    while ((together[first]?.end ?? Infinity) <= from) first++
    ranges = [...ranges, ...clipped(together, from, offset, first)]
    const whole = known.continuing(text)
    if (whole !== undefined) {
      const indent = text.length - text.trimStart().length
      const inWhole = clipped(rangesOf(whole), 0, text.length - indent)
      ranges = [
        ...ranges,
        ...inWhole.map(({start, end, label}) => ({
          start: start + indent,
          end: end + indent,
          label,
        })),
      ]
    } else if (cut) {
      return `${written(text, ranges).slice(0, -MAX_TAIL)}…`
    }
    return ranges.length === 0 ? text : written(text, ranges)
  })
}

function maskQuotation(
  raw: string,
  {start, end, text, from, to}: Quotation,
  policy: ResolvedPolicy,
  rangesOf: RangesOf,
  maskedOf: (text: string) => string,
): string {
  if (text === undefined) return REMOVED
  const passage = raw.slice(start, end)
  const isVerbatim = passage === text.slice(from, to)
  if (policy.transform !== undefined) {
    const masked = maskedOf(text)
    if (masked === text) return passage
    return isVerbatim && from === 0 && to === text.length ? masked : REMOVED
  }
  const ranges = clipped(rangesOf(text), from, to)
  if (ranges.length === 0) return passage
  return isVerbatim ? written(passage, ranges) : REMOVED
}

/** A function of a known text that is asked once for each, as long as one span is looked at. */
function remembered<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const result = known.get(text) ?? compute(text)
    known.set(text, result)
    return result
  }
}

/** How a policy replaces: `keep` is not asked. */
export function createReplacement(policy: ResolvedPolicy, known: KnownTexts): Replacement {
  if (policy.policy === 'mask') {
    const rangesOf = remembered((text) => maskedRanges(text, policy))
    const maskedOf = remembered(policy.mask)
    return {
      pieces: (pieces) => maskPieces(pieces, policy, known, rangesOf),
      quotation: (raw, quotation) => maskQuotation(raw, quotation, policy, rangesOf, maskedOf),
    }
  }
  const placeholder = (length: number): string =>
    policy.policy === 'length' ? `[reasoning: ${length} chars]` : REMOVED
  const replaced = (text: string): string =>
    isPlaceholder(text) || text.trim() === '' ? text : placeholder(text.length)
  return {
    pieces: (pieces) => pieces.map(({text}) => replaced(text)),
    quotation: (_raw, {text, from, to}) => (text === undefined ? REMOVED : placeholder(to - from)),
  }
}
