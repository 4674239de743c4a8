/** Masking: what the detectors and the user's patterns find is replaced by what it was. */
import type {Detector} from './detectors/subject.ts'
import {createSubject} from './detectors/subject.ts'

/** What to mask, checked and compiled: see `compileRule`. */
export interface MaskRule {
  readonly detectors: readonly Detector[]
  /** Global, linear-time. */
  readonly patterns: readonly RegExp[]
  /** The user's own function, called before anything else looks. Never throws. */
  readonly transform?: ((text: string) => string) | undefined
}

/** A passage to mask: half-open, in UTF-16 code units. */
export interface MaskedRange {
  readonly start: number
  readonly end: number
  readonly label: string
}

interface Find extends MaskedRange {
  rank: number
}

/** Written where a pattern of the user's matched, or where the user's function failed. */
export const MASKED = '[MASKED]'

/**
 * What detectors and patterns find in a text, in order, without overlap. Finds that overlap become
 * one, with the label of the one that ranks first: the user's patterns, then the detectors in their
 * order.
 */
export function maskedRanges(text: string, rule: MaskRule): readonly MaskedRange[] {
  const finds: Find[] = []
  for (const pattern of rule.patterns) {
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length
      if (end > match.index) finds.push({start: match.index, end, label: MASKED, rank: -1})
    }
  }
  if (rule.detectors.length > 0) {
    const subject = createSubject(text)
    for (const [rank, detector] of rule.detectors.entries()) {
      detector.find(subject, (start, end) => {
        finds.push({start, end, label: detector.label, rank})
      })
    }
  }
  if (finds.length < 2) return finds
  finds.sort((a, b) => a.start - b.start)
  const ranges: Find[] = []
  for (const find of finds) {
    const last = ranges.at(-1)
    if (last === undefined || find.start >= last.end) {
      ranges.push(find)
      continue
    }
    const {label, rank} = find.rank < last.rank ? find : last
    ranges[ranges.length - 1] = {
      start: last.start,
      end: Math.max(last.end, find.end),
      label,
      rank,
    }
  }
  return ranges
}

/**
 * Replaces e-mail addresses, numbers, keys and whatever else the rule names. Meant for a whole
 * block before it is cut into steps: what straddles a cut would otherwise not be found.
 *
 * @returns the very text where nothing was found
 */
export function maskText(text: string, rule: MaskRule): string {
  const input = rule.transform === undefined ? text : rule.transform(text)
  const ranges = maskedRanges(input, rule)
  if (ranges.length === 0) return input
  let masked = ''
  let from = 0
  for (const {start, end, label} of ranges) {
    masked += input.slice(from, start) + label
    from = end
  }
  return masked + input.slice(from)
}
