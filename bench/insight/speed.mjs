/** What the analysis costs: microseconds a KB by length of text, its growth, and heap. */
import {readFileSync} from 'node:fs'
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {startLabelling} from '../../src/analysis/classify.ts'
import {beginAnalysis} from '../../src/analysis/incremental.ts'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {mergeSteps} from '../../src/analysis/steps.ts'
import {oneLine} from './boundaries.mjs'
import {readDataset} from './datasets.mjs'

const KB = 1024
const LENGTHS = [1, 16, 64, 175]
/** As long as what a model sends at once. */
const CHUNK_LENGTH = 8

/** 175 KB of reasoning in one byte a character, so that every length has the same text. */
function sampleText() {
  const rows = readDataset('traces/raw-reasoningflow')?.map(({trace}) => trace)
  const texts =
    rows ??
    readFileSync(new URL('../../test/fixtures/insight/texts.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).text)
  let text = ''
  while (text.length < 175 * KB) text += `${texts.join('\n\n')}\n\n`
  return text.slice(0, 175 * KB).replace(/[^\0-\u007f]/g, 'x')
}

/** The text in pieces, each a string of its own. */
const piecesOf = (text, length) =>
  Array.from({length: Math.floor(text.length / length)}, (_, i) =>
    Buffer.from(text.slice(i * length, (i + 1) * length)).toString('latin1'),
  )

function feed(text, classifier) {
  const analysis = beginAnalysis(startLabelling(classifier))
  for (let at = 0; at < text.length; at += CHUNK_LENGTH)
    analysis.feed(text.slice(at, at + CHUNK_LENGTH))
  analysis.end()
}

const withoutSignals = Object.fromEntries(
  (
    'stated_deception test_gaming instruction_conflict loop truncated answer_mismatch tool_mismatch ' +
    'missing_condition check_missed hidden hedging overthinking unresolved'
  )
    .split(' ')
    .map((name) => [name, false]),
)

/** @returns microseconds a KB by length: the quickest round, which is the least disturbed one */
function costs(pieces, work, rounds) {
  const best = LENGTHS.map(() => Infinity)
  for (let round = 0; round < rounds; round += 1) {
    LENGTHS.forEach((length, i) => {
      const start = performance.now()
      for (const piece of pieces[i]) work(piece)
      const micros = (performance.now() - start) * 1000
      best[i] = Math.min(best[i], micros / (pieces[i].length * length))
    })
  }
  return best
}

export async function measure() {
  const text = sampleText()
  const pieces = LENGTHS.map((length) => piecesOf(text, length * KB))
  const labelled = new Map(
    pieces.flat().map((piece) => [piece, analyzeReasoning(piece, {classifier: 'rules'}).sentences]),
  )
  const all = [
    ['the one-line rule', 'regex', oneLine, 12],
    ['sentences', 'rules', splitSentences, 12],
    ['steps and titles', 'rules', (piece) => mergeSteps(piece, labelled.get(piece)), 12],
    [
      'sentences, kinds, steps',
      'rules',
      (piece) => analyzeReasoning(piece, {classifier: 'rules', signals: withoutSignals}),
      8,
    ],
    ['with signals', 'rules', (piece) => analyzeReasoning(piece, {classifier: 'rules'}), 5],
    ['with signals', 'network', (piece) => analyzeReasoning(piece, {classifier: 'network'}), 3],
    ['in chunks of 8 characters', 'rules', (piece) => feed(piece, 'rules'), 4],
    ['in chunks of 8 characters', 'network', (piece) => feed(piece, 'network'), 3],
  ]
  const row = (by, what, set, value, shown) => ({
    part: 'speed',
    by,
    measure: what,
    set,
    value,
    text: shown,
    interval: undefined,
    baseline: '',
    ceiling: '',
  })
  const rows = []
  for (const [what, by, work, rounds] of all) {
    const best = costs(pieces, work, rounds)
    const shown = best.map((micros) => micros.toFixed(micros < 10 ? 1 : 0)).join(', ')
    rows.push(
      row(by, `${what}, µs/KB`, `1, 16, 64, 175 KB; Node ${process.version}`, best[1], shown),
    )
    const growth = best[3] / best[1]
    rows.push(row(by, `${what}, growth`, '175 KB against 16 KB', growth, growth.toFixed(2)))
  }
  if (globalThis.gc !== undefined) rows.push(...heapRows(text, row))
  return rows
}

/** Needs `node --expose-gc`. */
function heapRows(text, row) {
  let most = 0
  feed(text, 'rules')
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const analysis = beginAnalysis(startLabelling('rules'))
  for (let at = 0; at < text.length; at += CHUNK_LENGTH) {
    analysis.feed(text.slice(at, at + CHUNK_LENGTH))
    most = Math.max(most, analysis.heldLength)
  }
  globalThis.gc()
  const held = process.memoryUsage().heapUsed - before
  analysis.end()
  const kilobytes = (bytes) => `${Math.max(bytes / KB, 0).toFixed(1)} KB`
  return [
    row('rules', 'text held while it comes', '175 KB in chunks of 8', most, kilobytes(most)),
    row('rules', 'heap held at its end', '175 KB in chunks of 8', held, kilobytes(held)),
  ]
}
