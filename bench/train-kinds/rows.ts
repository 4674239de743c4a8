/**
 * `node bench/train-kinds/rows.ts FOLDER VECTORS.json`: writes what the network sees of every
 * sentence, by the code that runs in the package, into FOLDER for `train.py`; and the vocabulary:
 * the words with a public-domain vector that occur most often in the texts.
 */
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {featureCount, HASHED_ROWS, newReader, PAIR_ROWS} from '../../src/analysis/network/reader.ts'
import {hashOf, MAX_TOKENS} from '../../src/analysis/network/tokens.ts'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {readTexts} from './texts.ts'

const WORDS = 12_000
const FEATURE_SLOTS = 56
const PAIR_SLOTS = 2 * MAX_TOKENS + 3

const [folder, vectorFile] = process.argv.slice(2)
if (folder === undefined || vectorFile === undefined) {
  console.error('usage: node bench/train-kinds/rows.ts FOLDER VECTORS.json')
  process.exit(2)
}
mkdirSync(folder, {recursive: true})

const texts = readTexts()
const {vectors} = JSON.parse(readFileSync(vectorFile, 'utf8')) as {
  vectors: Record<string, number[]>
}

const counts = new Map<string, number>()
for (const {trace} of texts) {
  for (const word of trace.toLowerCase().match(/[a-z]+|[^\sa-z\d]/g) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
}
const vocabulary = [...counts]
  .filter(([word]) => Object.hasOwn(vectors, word))
  .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  .slice(0, WORDS)
  .map(([word]) => word)
// Padded with the most frequent words of the vectors' own text, where ours hold too few.
for (const word of Object.keys(vectors)) {
  if (vocabulary.length >= WORDS) break
  if (/^[a-z]+$/.test(word) && !counts.has(word)) vocabulary.push(word)
}
const rowOf = new Map<number, number>()
vocabulary.forEach((word, i) => {
  if (!rowOf.has(hashOf(word))) rowOf.set(hashOf(word), i + 1)
})
const wordRow = (hash: number): number => rowOf.get(hash) ?? 0

const cuts = texts.map(({trace}) => splitSentences(trace))
const sentences = cuts.reduce((sum, ranges) => sum + ranges.length, 0)
const words = new Uint16Array(sentences * MAX_TOKENS)
const hashed = new Uint16Array(sentences * MAX_TOKENS)
const tokens = new Uint8Array(sentences)
const pairs = new Uint16Array(sentences * PAIR_SLOTS)
const pairCounts = new Uint8Array(sentences)
const features = new Uint16Array(sentences * FEATURE_SLOTS)
const featureCounts = new Uint8Array(sentences)
const index: object[] = []
const lines: string[] = []
let at = 0
texts.forEach(({trace, tools, segments, turns: starts, ...names}, t) => {
  const ranges = cuts[t]!
  const reader = newReader(
    wordRow,
    tools.map((name) => ({name})),
  )
  const {rows} = reader
  const first = at
  for (const range of ranges) {
    reader.read(trace, range)
    words.set(rows.words.subarray(0, rows.tokens), at * MAX_TOKENS)
    hashed.set(rows.hashed.subarray(0, rows.tokens), at * MAX_TOKENS)
    tokens[at] = rows.tokens
    pairs.set(rows.pairs.subarray(0, rows.pairCount), at * PAIR_SLOTS)
    pairCounts[at] = rows.pairCount
    const count = Math.min(rows.featureCount, FEATURE_SLOTS)
    features.set(rows.features.subarray(0, count), at * FEATURE_SLOTS)
    featureCounts[at] = count
    at += 1
  }
  // Which sentences cover each labelled stretch, and by how many characters.
  let low = 0
  const gold = segments.map(([start, end, kind]) => {
    while (low < ranges.length && ranges[low]!.end <= start) low += 1
    const covering: [number, number][] = []
    for (let i = low; i < ranges.length && ranges[i]!.start < end; i += 1) {
      const overlap = Math.min(end, ranges[i]!.end) - Math.max(start, ranges[i]!.start)
      if (overlap > 0) covering.push([i, overlap])
    }
    return [kind, covering]
  })
  const turns = starts.map(([start, kind]) => [ranges.findIndex(({end}) => start < end), kind])
  index.push({...names, calls: tools.length > 0, first, count: ranges.length, gold, turns})
  lines.push(JSON.stringify({trace, tools, ranges: ranges.map(({start, end}) => [start, end])}))
})

const put = (name: string, array: Uint8Array | Uint16Array): void =>
  writeFileSync(
    join(folder, name),
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  )
put('words.u16', words)
put('hashed.u16', hashed)
put('tokens.u8', tokens)
put('pairs.u16', pairs)
put('pair-counts.u8', pairCounts)
put('features.u16', features)
put('feature-counts.u8', featureCounts)
writeFileSync(join(folder, 'texts.jsonl'), lines.join('\n'))
const dimensions = 100
const table = new Float32Array(vocabulary.length * dimensions)
vocabulary.forEach((word, i) => table.set(vectors[word]!.slice(0, dimensions), i * dimensions))
writeFileSync(join(folder, 'vectors.f32'), new Uint8Array(table.buffer))
writeFileSync(
  join(folder, 'word-hashes.i32'),
  new Uint8Array(Int32Array.from(vocabulary, hashOf).buffer),
)
writeFileSync(
  join(folder, 'index.json'),
  JSON.stringify({
    sentences,
    features: featureCount(),
    hashed: HASHED_ROWS,
    pairs: PAIR_ROWS,
    tokenSlots: MAX_TOKENS,
    pairSlots: PAIR_SLOTS,
    featureSlots: FEATURE_SLOTS,
    dimensions,
    texts: index,
  }),
)
console.log(`${texts.length} texts, ${sentences} sentences, ${vocabulary.length} words`)
const most = featureCounts.reduce((high, count) => Math.max(high, count), 0)
console.log(`at most ${most} features a sentence, of ${featureCount()}`)
