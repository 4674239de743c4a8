/** Whether sentences start where the annotators let them start, beside the one-line rule. */
import {splitSentences} from '../../src/analysis/sentences.ts'
import {haveDatasets, readDataset} from './datasets.mjs'
import {compare, f1Row, startsOf} from './segments.mjs'

const SETS = {
  'reasoningflow-human-v1': 'reasoningflow-human-v1',
  'reasoningflow-gemini-v1': 'reasoningflow-gemini-v1',
  'thought-anchors': 'thought-anchors, cut by the one-line rule itself',
  modern: 'modern, cut by rules of its own',
  agents: 'agents, cut by rules of its own',
  recordings: 'recordings, cut by rules of its own',
}

/** The one-line rule: after a stop, and at blank lines. */
export function oneLine(text) {
  const found = []
  let start = 0
  const push = (end) => {
    if (text.slice(start, end).trim() !== '') found.push({start, end})
  }
  for (const match of text.matchAll(/(?<=[.!?]["')\]]?)\s+|\n\s*\n/g)) {
    push(match.index)
    start = match.index + match[0].length
  }
  push(text.length)
  return found
}

/** @returns the rows, or `undefined` where the shared sets are not on this machine */
export async function measure() {
  if (!haveDatasets()) return undefined
  return Object.entries(SETS).map(([name, set]) => {
    const rows = readDataset(`steps/${name}`)
    const counts = (cut) =>
      rows.map(({trace, segments}) =>
        compare(startsOf(trace, segments), startsOf(trace, cut(trace))),
      )
    const row = {
      part: 'boundaries',
      by: 'rules',
      measure: 'boundary F1',
      set: `${set} (${rows.length})`,
    }
    return {
      ...f1Row(row, counts(splitSentences)),
      baseline: f1Row(row, counts(oneLine)).text,
      ceiling: '',
    }
  })
}
