/**
 * Whether steps begin where the model turns to checking or backing up, and how many there are. With
 * the annotators' own labels the rows show what merging alone loses; the network was trained on
 * modern, agents and recordings, so that its rows there are no measure of it: those held back are,
 * of networks that were trained without the sources (`npm run train-kinds -- --folds source`).
 * reasoningflow-human-v1 was in no training, but other models' answers to its questions were.
 */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {mergeSteps} from '../../src/analysis/steps.ts'
import {haveDatasets, readDataset} from './datasets.mjs'
import {compare, f1Row, goldTurnsOf, turnsOf} from './segments.mjs'

const SETS = ['modern', 'agents', 'recordings', 'reasoningflow-human-v1']
const TRAINED_ON = new Set(['modern', 'agents', 'recordings'])
const BASELINES = {modern: '0.15', 'reasoningflow-human-v1': '0.52'}
const CEILINGS = {modern: '0.86', 'reasoningflow-human-v1': '0.77'}
const GRANULARITIES = ['fine', 'medium', 'coarse']

const CACHE =
  process.env.REASONING_TRAINING ??
  fileURLToPath(new URL('../../node_modules/.cache/train-kinds', import.meta.url))
const HELD_BACK = join(CACHE, 'rows', 'held-back.jsonl')

/** By id: what the sentences of a labelled text got from a network that did not know its source. */
function readHeldBack() {
  if (!existsSync(HELD_BACK)) return new Map()
  const lines = readFileSync(HELD_BACK, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line)).map(({id, labels}) => [id, labels]))
}

const stepsOfLabels = (trace, labels, granularity) =>
  mergeSteps(
    trace,
    splitSentences(trace).map((range, i) => ({...range, ...labels[i]})),
    granularity,
    labels.map(({turn}) => turn),
  )

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

function countRows(rows, classifier) {
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
        .map(({trace}) => analyzeReasoning(trace, {granularity, classifier}).steps.length)
        .toSorted((a, b) => a - b)
      const median = counts[counts.length >> 1]
      return {
        part: 'phases',
        by: classifier,
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
  const heldBack = readHeldBack()
  const phases = SETS.flatMap((set) => {
    const rows = readDataset(`steps/${set}`)
    const held = rows.filter(({id, trace}) => {
      const labels = heldBack.get(id)
      return labels !== undefined && labels.length === splitSentences(trace).length
    })
    return [
      ...(held.length === 0 ? [] : GRANULARITIES).map((granularity) =>
        phaseRow(`network, sources held back, ${granularity}`, set, held, ({id, trace}) =>
          stepsOfLabels(trace, heldBack.get(id), granularity),
        ),
      ),
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
  const raw = readDataset('traces/raw-reasoningflow')
  return [...phases, ...countRows(raw, 'rules'), ...countRows(raw, 'network')]
}
