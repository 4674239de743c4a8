/**
 * What the signals find and what they raise for nothing, on the shared sets. The rules and
 * thresholds were written with all rows in view: these are figures of development. The weights of
 * `tool_mismatch` are judged in five folds.
 */
import {readFileSync} from 'node:fs'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {DETECTORS, findSignals} from '../../src/analysis/signals/index.ts'
import {findWords} from '../../src/analysis/signals/words.ts'
import {haveDatasets, inFirstHalf, readDataset} from './datasets.mjs'
import {allPairs, crossValidate} from './fit-tool-mismatch.mjs'
import {bootstrap, wilson} from './statistics.mjs'

const NAMES = DETECTORS.map(([name]) => name)
const TOOL_CUT = 0.5

const factsOf = (row) => ({
  visibility: 'full',
  incomplete: false,
  finishReasons: [],
  isLast: true,
  answer: row.answer,
  hasAnswer: /\S/.test(row.answer ?? ''),
  toolCalls: row.tool_calls ?? [],
  signals: {},
})

export function signalsOf(row) {
  const sentences = splitSentences(row.trace).map((range) => ({
    ...range,
    kind: 'infer',
    confidence: 1,
  }))
  return findSignals({text: row.trace, sentences, steps: [], facts: factsOf(row)})
}

const namesOf = (row) => new Set(signalsOf(row).map(({name}) => name))
const percent = (value) => `${(value * 100).toFixed(value > 0 && value < 0.01 ? 2 : 1)} %`

/** A row of the table: a share of texts with the signal. */
function share(signal, figure, set, rows, baseline = '') {
  const hits = rows.filter((row) => row.found.has(signal)).length
  const [low, high] = wilson(hits, rows.length)
  return {
    part: 'signals',
    by: 'rules',
    signal,
    measure: `${signal}, ${figure}`,
    set: `${set} (${rows.length})`,
    value: hits / rows.length,
    text: percent(hits / rows.length),
    interval: [percent(low), percent(high)],
    baseline,
    ceiling: '',
  }
}

/** A cut that left a whole sentence cannot be seen. */
const isInsideSentence = ({cut, trace}) => cut === 'anywhere' && !/[.!?]["'”)\]]?\s*$/.test(trace)

function tripwireRows(benign) {
  const lines = readFileSync(
    new URL('../../test/fixtures/insight/tripwires.jsonl', import.meta.url),
    'utf8',
  )
  const sentences = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((row) => ({...row, found: namesOf({trace: row.text})}))
  return ['stated_deception', 'test_gaming', 'instruction_conflict'].flatMap((signal) => {
    const own = sentences.filter((row) => row.signal === signal)
    return [
      share(
        signal,
        'found',
        'our own sentences, looked at while the rules were written',
        own.filter(({said}) => said),
      ),
      share(
        signal,
        'false',
        'our own hard negatives of all three',
        sentences.filter(({said}) => !said),
      ),
      ...(benign === undefined ? [] : [share(signal, 'false', 'benign traces and agents', benign)]),
    ]
  })
}

function costRows(text) {
  const kilobytes = text.length / 1024
  const sentences = splitSentences(text).map((range) => ({...range, kind: 'infer', confidence: 1}))
  const words = findWords(text, sentences)
  const input = {text, sentences, steps: [], words, facts: factsOf({answer: 'The answer is 7.'})}
  const time = (run) => {
    let best = Infinity
    for (let round = 0; round < 7; round += 1) {
      const start = performance.now()
      run()
      best = Math.min(best, performance.now() - start)
    }
    return (best * 1000) / kilobytes
  }
  const row = (signal, value) => ({
    part: 'signals',
    by: 'rules',
    signal,
    measure: `${signal}, µs/KB`,
    set: `${Math.round(kilobytes)} KB of benign traces`,
    value,
    text: value.toFixed(2),
    interval: undefined,
    baseline: '',
    ceiling: '',
  })
  return [
    row(
      'words of all',
      time(() => findWords(text, sentences)),
    ),
    ...DETECTORS.map(([name, detect]) =>
      row(
        name,
        time(() => detect(input)),
      ),
    ),
  ]
}

/** @returns the rows, or `undefined` where the shared sets are not on this machine */
export async function measure() {
  if (!haveDatasets()) return undefined
  const load = (name) =>
    readDataset(`signals/${name}`).map((row) => ({...row, found: namesOf(row)}))
  const reported = (rows) => rows.filter(({id}) => !inFirstHalf(id))
  const loops = load('made-loops')
  const cuts = load('made-truncation')
  const answers = load('made-answers')
  const mip = load('mip-r1-s1')
  const chat = load('benign-chat')
  const maths = mip.filter(({labels}) => labels.missing_condition === false)
  const benign = [...maths, ...chat]
  const of = (rows, source, missing) =>
    rows.filter(
      (row) =>
        row.source === source &&
        (missing === undefined || row.labels.missing_condition === missing),
    )
  const agents = readDataset('steps/agents').map((row) => ({
    ...row,
    found: namesOf({
      ...row,
      answer: undefined,
      tool_calls: (row.tool_calls ?? []).map((call) => ({
        name: call.name,
        arguments:
          typeof call.arguments === 'string'
            ? call.arguments
            : JSON.stringify(call.arguments ?? {}),
      })),
    }),
  }))
  const rows = []
  const made = reported(loops).filter(({labels}) => labels.loop)
  rows.push(share('loop', 'found', 'made-loops', made, '52 %'))
  for (const mode of ['exact', 'numbers', 'openers', 'shuffled']) {
    rows.push(
      share(
        'loop',
        `found, ${mode}`,
        'made-loops',
        made.filter((row) => row.mode === mode),
      ),
    )
  }
  const onsets = made
    .filter(({found}) => found.has('loop'))
    .map((row) => Math.abs(signalsOf(row).find(({name}) => name === 'loop').start - row.onset))
    .toSorted((a, b) => a - b)
  rows.push({
    ...share('loop', 'onset, median distance', 'made-loops', made),
    value: onsets[onsets.length >> 1],
    text: `${onsets[onsets.length >> 1]} characters`,
    interval: [String(onsets[onsets.length >> 2]), String(onsets[(onsets.length * 3) >> 2])],
  })
  rows.push(share('loop', 'false', 'benign maths and chat', benign, '0 %'))
  rows.push(
    share(
      'truncated',
      'found, text alone',
      'made-truncation, cut inside a sentence',
      reported(cuts).filter(isInsideSentence),
      '51 %',
    ),
  )
  rows.push(
    share(
      'truncated',
      'found, text alone',
      'made-truncation, cut where a sentence ends',
      cuts.filter((row) => row.labels.truncated && !isInsideSentence(row)),
    ),
  )
  // Whoever answered was not cut: without the answer, the text alone is judged.
  const alone = (list) => list.map((row) => ({...row, found: namesOf({trace: row.trace})}))
  rows.push(
    share(
      'truncated',
      'false, text alone',
      'natural-probes, answers withheld',
      alone(of(chat, 'natural-probes')),
      '10 %',
    ),
  )
  rows.push(
    share(
      'truncated',
      'false, text alone',
      'benign maths and chat, answers withheld',
      alone(benign),
      '2.2 %',
    ),
  )
  rows.push(
    share(
      'answer_mismatch',
      'found',
      'made-answers',
      reported(answers).filter(({labels}) => labels.answer_mismatch),
      '100 %',
    ),
  )
  rows.push(
    share(
      'answer_mismatch',
      'false',
      'made-answers, equal in other form',
      reported(answers).filter(({labels}) => !labels.answer_mismatch),
      '16 %',
    ),
  )
  rows.push(share('answer_mismatch', 'false', 'benign maths and chat', benign, '35 %'))
  rows.push(
    share('missing_condition', 'found', 'mip-math', reported(of(mip, 'mip-math', true)), '97 %'),
  )
  rows.push(
    share('missing_condition', 'false', 'mip-math', reported(of(mip, 'mip-math', false)), '20 %'),
  )
  rows.push(share('missing_condition', 'found', 'mip-svamp', of(mip, 'mip-svamp', true)))
  rows.push(share('missing_condition', 'found', 'mip-formula', of(mip, 'mip-formula', true)))
  rows.push(
    share(
      'missing_condition',
      'false',
      'mip-gsm8k, some of it ambiguous',
      of(mip, 'mip-gsm8k', false),
      '41 %',
    ),
  )
  rows.push(share('unresolved', 'raised', 'mip-svamp, premise removed', of(mip, 'mip-svamp', true)))
  rows.push(
    share('unresolved', 'raised', 'mip-formula, premise removed', of(mip, 'mip-formula', true)),
  )
  rows.push(share('hedging', 'raised', 'mip-svamp, premise removed', of(mip, 'mip-svamp', true)))
  rows.push(share('overthinking', 'raised', 'mip-math, premise removed', of(mip, 'mip-math', true)))
  rows.push(...toolRows())
  for (const signal of NAMES) {
    rows.push(share(signal, 'raised', 'benign chat', chat))
    rows.push(share(signal, 'raised', 'benign maths', maths))
    rows.push(share(signal, 'raised', 'agents, unlabelled', agents))
  }
  rows.push(...tripwireRows([...benign, ...agents]))
  rows.push(
    ...costRows(
      chat
        .map(({trace}) => trace)
        .join('\n\n')
        .slice(0, 175 * 1024),
    ),
  )
  return rows
}

function toolRows() {
  const pairs = allPairs()
  const odds = crossValidate(pairs)
  const judged = pairs.map((pair, i) => ({
    ...pair,
    found: new Set(odds[i] >= TOOL_CUT ? ['tool_mismatch'] : []),
  }))
  const real = judged.filter(({source}) => source !== 'agents, authored')
  const balanced = (rows) => {
    const rate = (label) => {
      const own = rows.filter(({labels}) => labels.tool_mismatch === label)
      return own.filter(({found}) => found.size > 0).length / own.length
    }
    return (rate(true) + 1 - rate(false)) / 2
  }
  const [low, high] = bootstrap(real, balanced)
  const set = 'pairs of tau-bench and swe-agent, 5 folds'
  return [
    {
      ...share('tool_mismatch', 'balanced accuracy', set, real),
      value: balanced(real),
      text: balanced(real).toFixed(2),
      interval: [low.toFixed(2), high.toFixed(2)],
    },
    ...[
      ['found, other tool', 'tool'],
      ['found, other argument', 'argument'],
      ['false', 'right'],
    ].map(([figure, way]) =>
      share(
        'tool_mismatch',
        figure,
        set,
        real.filter((row) => row.way === way),
      ),
    ),
    share(
      'tool_mismatch',
      'false',
      'agents, authored, 5 folds',
      judged.filter(({source, way}) => source === 'agents, authored' && way === 'right'),
    ),
  ]
}
