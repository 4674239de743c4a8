/** What segments have in common with those of a labelled trace, counted as the shared scorer does. */
import {bootstrap} from './statistics.mjs'

/** The first character from `at` on that is not white space. */
const firstInk = (text, at) => {
  while (at < text.length && /\s/.test(text[at])) at += 1
  return at
}

/** Where segments start; the first starts where the text does, which is no decision. */
export const startsOf = (text, segments) =>
  new Set(
    [...new Set(segments.map(({start}) => firstInk(text, start)))]
      .toSorted((a, b) => a - b)
      .slice(1),
  )

const isTurn = ({kind}) => kind === 'verify' || kind === 'backtrack'

/** Where runs of `verify` or of `backtrack` start. */
export function turnsOf(text, segments) {
  const starts = new Set()
  let before
  for (const segment of segments) {
    if (isTurn(segment) && segment.kind !== before) starts.add(firstInk(text, segment.start))
    before = segment.kind
  }
  return starts
}

/** Where the annotators of ReasoningFlow drew an edge into checking or backing up. */
const edgesOf = (text, segments) =>
  new Set(
    segments
      .filter((segment) => /plan:(?:verify|backtrack)/.test(segment.label_native ?? ''))
      .map(({start}) => firstInk(text, start)),
  )

export const goldTurnsOf = ({source, trace, segments}) =>
  source.startsWith('reasoningflow') ? edgesOf(trace, segments) : turnsOf(trace, segments)

/** Hits, false ones and misses of one trace. */
export function compare(gold, found) {
  let hits = 0
  for (const start of found) if (gold.has(start)) hits += 1
  return [hits, found.size - hits, gold.size - hits]
}

const f1 = (counts) => {
  const [hits, wrong, missed] = counts.reduce(
    (sum, count) => sum.map((value, i) => value + count[i]),
    [0, 0, 0],
  )
  return (2 * hits) / (2 * hits + wrong + missed)
}

/** A row of the table from counts by trace; the interval is over traces. */
export function f1Row(row, counts) {
  const value = f1(counts)
  const interval = bootstrap(counts, f1).map((end) => end.toFixed(3))
  return {...row, value, text: value.toFixed(3), interval}
}
