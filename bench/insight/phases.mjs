/**
 * Whether steps begin where the model turns to checking or backing up, and how many there are. With
 * the annotators' own labels the rows show what merging alone loses; the network was trained on
 * modern, agents and recordings, so that its rows there are no measure of it.
 */
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {mergeSteps} from '../../src/analysis/steps.ts'
import {haveDatasets, readDataset} from './datasets.mjs'
import {compare, f1Row, goldTurnsOf, turnsOf} from './segments.mjs'

const SETS = ['modern', 'agents', 'recordings', 'reasoningflow-human-v1']
const TRAINED_ON = new Set(['modern', 'agents', 'recordings'])
const BASELINES = {modern: '0.15', 'reasoningflow-human-v1': '0.52'}
const CEILINGS = {modern: '0.86', 'reasoningflow-human-v1': '0.77'}
const GRANULARITIES = ['fine', 'medium', 'coarse']

const goldSteps = ({trace, segments}, granularity) =>
  mergeSteps(
    trace,
    segments.filter(({kind}) => kind).map((segment) => ({...segment, confidence: 1})),
    granularity,
  )

/**
 * A row of phase F1.
 *
 * @param stepsOf the steps of a row of the set: to be given those of held-back folds
 */
export function phaseRow(by, set, rows, stepsOf) {
  const counts = rows.map((row) => compare(goldTurnsOf(row), turnsOf(row.trace, stepsOf(row))))
  const row = {part: 'phases', by, measure: 'phase F1', set: `${set} (${rows.length})`}
  return {...f1Row(row, counts), baseline: BASELINES[set] ?? '', ceiling: CEILINGS[set] ?? ''}
}

function countRows(rows) {
  const sizes = [
    ['under 4 KB', 0, 4],
    ['4 to 12 KB', 4, 12],
    ['12 to 30 KB', 12, 30],
    ['45 to 60 KB', 45, 60],
  ]
  return GRANULARITIES.flatMap((granularity) =>
    sizes.map(([name, from, to]) => {
      const own = rows.filter(({trace}) => trace.length >= from * 1024 && trace.length < to * 1024)
      const counts = own
        .map(({trace}) => analyzeReasoning(trace, {granularity, classifier: 'rules'}).steps.length)
        .toSorted((a, b) => a - b)
      const median = counts[counts.length >> 1]
      return {
        part: 'phases',
        by: 'rules',
        measure: `steps, ${granularity}: median [least, most]`,
        set: `raw traces of ${name} (${own.length})`,
        value: median,
        text: String(median),
        interval: [counts[0], counts.at(-1)],
        baseline: '',
        ceiling: '',
      }
    }),
  )
}

/** @returns the rows, or `undefined` where the shared sets are not on this machine */
export async function measure() {
  if (!haveDatasets()) return undefined
  const phases = SETS.flatMap((set) => {
    const rows = readDataset(`steps/${set}`)
    return [
      ...GRANULARITIES.map((granularity) =>
        phaseRow(`the labels themselves, ${granularity}`, set, rows, (row) =>
          goldSteps(row, granularity),
        ),
      ),
      ...['rules', 'network'].map((classifier) =>
        phaseRow(
          classifier === 'network' && TRAINED_ON.has(set) ? 'network, trained on it' : classifier,
          set,
          rows,
          ({trace}) => analyzeReasoning(trace, {classifier}).steps,
        ),
      ),
    ]
  })
  return [...phases, ...countRows(readDataset('traces/raw-reasoningflow'))]
}
