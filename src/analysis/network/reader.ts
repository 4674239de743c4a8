/**
 * What the network gets to see of a sentence, as rows of its tables: known words, hashed words,
 * words and pairs that speak for themselves, and features. The training reads the very same rows,
 * written down by `bench/train-kinds/rows.ts`.
 */
import type {ToolCall} from '../../model.ts'
import {allCues} from '../cues/index.ts'
import {type CueIndex, indexCues, type SentenceShape} from '../cue-scanner.ts'
import {FEATURE_NAMES, findFeatures, startTrail, type TextFacts, type Trail} from '../features.ts'
import type {TextRange} from '../sentences.ts'
import {findMentions} from '../tool-mentions.ts'
import {findRelations, type Memory, newMemory, RELATION_COUNT, toolWordsOf} from './relations.ts'
import {joinHashes, MAX_TOKENS, newTokens, readTokens, type Tokens, WORD} from './tokens.ts'

/** Rows of the table of hashed words, and of that of words and pairs. Powers of two. */
export const HASHED_ROWS = 1 << 12
export const PAIR_ROWS = 1 << 15

/** Words of the vocabulary before this one are too common to say what a sentence is about. */
const COMMON_WORDS = 250

const NO_MENTIONS: readonly number[] = []
const MAX_PAIRS = 2 * MAX_TOKENS + 3
const START_TWO = 0x1f83d9ab
const START_THREE = 0x2be0cd19
const END_ONE = 0x510e527f

/**
 * Features that need to know where the text ends, which the network may see two sentences ahead at
 * most: it is told so at its last layer.
 */
const BY_LENGTH = new Set<string>(['early', 'late', 'last', 'before-call'])

/** What a sentence is to the network; an object that the next call overwrites. */
export interface Rows {
  readonly words: Uint16Array
  readonly hashed: Uint16Array
  /** How many of both there are; a word that is not known is row 0 of `words`. */
  tokens: number
  readonly pairs: Uint16Array
  pairCount: number
  readonly features: Uint16Array
  featureCount: number
}

let cueIndex: CueIndex | undefined
let features: FeatureRows | undefined

interface FeatureRows {
  readonly cues: number
  /** Row of each plain feature, -1 for those that the network does not get. */
  readonly rows: Int16Array
  readonly relations: number
  readonly count: number
  readonly item: readonly number[]
  readonly heading: readonly number[]
}

function loadFeatures(): FeatureRows {
  if (features !== undefined) return features
  const cues = allCues()
  cueIndex = indexCues(cues.map(([, , phrases]) => phrases.split(' | ')))
  const rows = new Int16Array(FEATURE_NAMES.length).fill(-1)
  let next = cues.length
  FEATURE_NAMES.forEach((name, i) => {
    if (BY_LENGTH.has(name) || /after-(?!colon)|item-under/.test(name)) return
    rows[i] = next
    next += 1
  })
  features = {
    cues: cues.length,
    rows,
    relations: next,
    count: next + RELATION_COUNT,
    item: ['bullet', 'numbered'].map((name) => FEATURE_NAMES.indexOf(name as 'bullet')),
    heading: ['heading', 'all-bold'].map((name) => FEATURE_NAMES.indexOf(name as 'heading')),
  }
  return features
}

/** How many rows the table of features has. */
export const featureCount = (): number => loadFeatures().count

/** Reads the sentences of one text in their order. */
export interface SentenceReader {
  readonly rows: Rows
  /** Of the sentence that was read last. */
  readonly shape: Readonly<SentenceShape>
  read(text: string, range: TextRange): void
}

/**
 * @param wordRow row of a known word by its hash, 0 where it is not known; rows by frequency
 * @param toolCalls that follow the text, where known
 */
export function newReader(
  wordRow: (hash: number) => number,
  toolCalls: readonly ToolCall[],
): SentenceReader {
  const known = loadFeatures()
  const index = cueIndex!
  const tokens = newTokens()
  const memory: Memory = newMemory(toolWordsOf(toolCalls.map(({name}) => name)))
  const trail: Trail = startTrail()
  // The features ask for the index of a sentence and for how many there are: the latter only for
  // those that are not used here.
  const place: TextRange[] = []
  const found = new Uint16Array(known.count + FEATURE_NAMES.length)
  const rows: Rows = {
    words: new Uint16Array(MAX_TOKENS),
    hashed: new Uint16Array(MAX_TOKENS),
    tokens: 0,
    pairs: new Uint16Array(MAX_PAIRS),
    pairCount: 0,
    features: new Uint16Array(known.count),
    featureCount: 0,
  }
  const isContent = (hash: number): boolean => {
    const row = wordRow(hash)
    return row === 0 || row > COMMON_WORDS
  }
  let at = 0
  return {
    rows,
    shape: index.shape,
    read(text, range) {
      const {start, end} = range
      readTokens(text, start, end, tokens)
      readWords(tokens, wordRow, rows)
      readPairs(tokens, rows)
      const cues = index.findCues(text, start, end, found)
      rows.features.set(found.subarray(0, cues))
      place[at] = range
      // Of this sentence only: a text that is still coming has no others to look through.
      const mentions =
        toolCalls.length > 0 ? findMentions(text.slice(start, end), toolCalls) : NO_MENTIONS
      const facts: TextFacts = {
        text,
        ranges: place,
        mentions: mentions.map((mention) => start + mention),
        callFollows: false,
      }
      trail.kind = -1
      trail.mention = 0
      const all = findFeatures(facts, at, index.shape, trail, found, 0, 0)
      let count = cues
      let isItem = false
      let isHeading = false
      for (let i = 0; i < all; i += 1) {
        const feature = found[i]!
        const row = known.rows[feature]!
        if (row < 0) continue
        rows.features[count] = row
        count += 1
        isItem ||= known.item.includes(feature)
        isHeading ||= known.heading.includes(feature)
      }
      rows.featureCount = findRelations(
        text,
        start,
        end,
        tokens,
        isContent,
        isItem,
        isHeading,
        memory,
        rows.features,
        count,
        known.relations,
      )
      at += 1
    },
  }
}

function readWords(tokens: Tokens, wordRow: (hash: number) => number, rows: Rows): void {
  const {count, hashes, stems} = tokens
  for (let i = 0; i < count; i += 1) {
    const hash = hashes[i]!
    let row = wordRow(hash)
    if (row === 0 && stems[i] !== hash && tokens.types[i] === WORD) row = wordRow(stems[i]!)
    rows.words[i] = row
    rows.hashed[i] = hash & (HASHED_ROWS - 1)
  }
  rows.tokens = count
}

function readPairs({count, hashes}: Tokens, rows: Rows): void {
  const {pairs} = rows
  let at = 0
  const add = (hash: number): void => {
    pairs[at] = (hash >>> 7) & (PAIR_ROWS - 1)
    at += 1
  }
  for (let i = 0; i < count; i += 1) {
    add(hashes[i]!)
    if (i > 0) add(joinHashes(hashes[i - 1]!, hashes[i]!))
  }
  if (count > 0) add(joinHashes(END_ONE, hashes[count - 1]!))
  if (count > 1) {
    const two = joinHashes(hashes[0]!, hashes[1]!)
    add(joinHashes(START_TWO, two))
    if (count > 2) add(joinHashes(START_THREE, joinHashes(two, hashes[2]!)))
  }
  rows.pairCount = at
}
