/** How well labels agree with those of the annotators. */
import {KIND_COUNT} from './voters.ts'

/** Counts of sentences by annotated and by given kind: `counts[gold * KIND_COUNT + given]`. */
export type Confusion = Float64Array

export const newConfusion = (): Confusion => new Float64Array(KIND_COUNT * KIND_COUNT)

/** Sentences without an annotated kind (-1) do not count. */
export function countLabels(counts: Confusion, gold: readonly number[], given: readonly number[]) {
  gold.forEach((kind, i) => {
    if (kind >= 0) counts[kind * KIND_COUNT + given[i]!]! += 1
  })
}

/** Cohen's kappa: agreement beyond what chance would give, 1 at most. */
export function kappaOf(counts: Confusion): number {
  const {total, agreed, golds, givens} = sums(counts)
  const chance = golds.reduce(
    (sum, gold, kind) => sum + (gold / total) * (givens[kind]! / total),
    0,
  )
  return (agreed / total - chance) / (1 - chance)
}

/** The harmonic mean of precision and recall of each kind; `undefined` where it never occurs. */
export function f1ByKind(counts: Confusion): (number | undefined)[] {
  const {golds, givens} = sums(counts)
  return golds.map((gold, kind) =>
    gold === 0 ? undefined : (2 * counts[kind * KIND_COUNT + kind]!) / (gold + givens[kind]!),
  )
}

function sums(counts: Confusion) {
  const golds = Array.from({length: KIND_COUNT}, () => 0)
  const givens = Array.from({length: KIND_COUNT}, () => 0)
  let total = 0
  let agreed = 0
  counts.forEach((count, at) => {
    const gold = Math.floor(at / KIND_COUNT)
    const given = at % KIND_COUNT
    golds[gold]! += count
    givens[given]! += count
    total += count
    if (gold === given) agreed += count
  })
  return {total, agreed, golds, givens}
}
