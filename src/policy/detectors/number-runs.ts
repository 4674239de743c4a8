/** Digits in groups, as people write card and phone numbers: found once, read by several detectors. */
import {digitValue, isSpaceOrDash} from './characters.ts'

/** Groups of digits with at most three separators between two of them. */
export interface NumberRun {
  /** Start and end of each group, flat: `[start, end, start, end, …]`. */
  readonly bounds: readonly number[]
  /** Digits in all groups. */
  readonly digits: number
}

/** ` - ` and `) (`: three characters; more than that joins what does not belong together. */
const MAX_SEPARATORS = 3
/** The shortest thing that a detector takes: `1.1.1.1`. */
const MIN_DIGITS = 4

const isSeparator = (code: number): boolean =>
  isSpaceOrDash(code) || code === 0x2e || code === 0x2f || code === 0x28 || code === 0x29

/** Every run of at least four digits, in order. One pass. */
export function findNumberRuns(text: string): NumberRun[] {
  const runs: NumberRun[] = []
  const {length} = text
  let i = 0
  while (i < length) {
    const code = text.charCodeAt(i)
    // Nearly every character ends here.
    if (code < 0x30 || (code > 0x39 && code < 0x660) || digitValue(code) < 0) {
      i++
      continue
    }
    const bounds: number[] = []
    let digits = 0
    for (;;) {
      const start = i
      while (i < length && digitValue(text.charCodeAt(i)) >= 0) i++
      bounds.push(start, i)
      digits += i - start
      let next = i
      while (next - i < MAX_SEPARATORS && isSeparator(text.charCodeAt(next))) next++
      if (next === i || next >= length || digitValue(text.charCodeAt(next)) < 0) break
      i = next
    }
    if (digits >= MIN_DIGITS) runs.push({bounds, digits})
  }
  return runs
}

/** Number of groups in a run. */
export const groupCount = (run: NumberRun): number => run.bounds.length >> 1

/** Where group `index` starts. */
export const groupStart = (run: NumberRun, index: number): number => run.bounds[2 * index] ?? 0

/** Where group `index` ends. */
export const groupEnd = (run: NumberRun, index: number): number => run.bounds[2 * index + 1] ?? 0

/** Digits in group `index`. */
export const groupSize = (run: NumberRun, index: number): number =>
  groupEnd(run, index) - groupStart(run, index)
