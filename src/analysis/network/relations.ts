/**
 * What a sentence does to the ones before it, as far as words show it: repeats them, takes their
 * numbers up, comes back to the beginning, follows a doubt. State is bounded, however long the text.
 */
import {NEWLINE, SPACE} from '../characters.ts'
import {hashOf, MARK, NUMBER, type Tokens, WORD} from './tokens.ts'

const BUCKETS = {
  index: 8,
  overlapPrevious: 6,
  overlapAll: 6,
  overlapStart: 6,
  overlapNear: 6,
  repeat: 1,
  numbers: 3,
  result: 2,
  doubt: 6,
  question: 5,
  length: 8,
  indent: 3,
  item: 4,
  afterHeading: 4,
  marks: 8,
  toolWords: 3,
} as const

type Group = keyof typeof BUCKETS

const base = {} as Record<Group, number>
let total = 0
for (const group of Object.keys(BUCKETS) as Group[]) {
  base[group] = total
  total += BUCKETS[group]
}

/** How many relations there are: they are numbered from 0. */
export const RELATION_COUNT = total

/** Words and sentences remembered; those that come later are not. */
const MAX_REMEMBERED = 20_000
const START_SENTENCES = 3
const NEAR_SENTENCES = 8

const DOUBTS = new Set(
  ['wait', 'hmm', 'actually', 'but', 'however', 'alternatively', 'hold', 'no'].map(hashOf),
)
const EQUALS_HASH = hashOf('=')
const ARROW_HASH = hashOf('→')
const TIMES_HASH = hashOf('×')
const DOLLAR_HASH = hashOf('$')
const BACKSLASH_HASH = hashOf('\\')
const QUESTION_HASH = hashOf('?')

/** What is remembered of the sentences before. */
export interface Memory {
  index: number
  /** Last sentence that held a word or number, times two, plus one if one of the first held it. */
  readonly words: Map<number, number>
  readonly sentences: Set<number>
  lastDoubt: number
  lastQuestion: number
  lastHeading: number
  items: number
  /** Words of the names of the tools that are called. */
  readonly toolWords: ReadonlySet<number>
}

export const newMemory = (toolWords: ReadonlySet<number>): Memory => ({
  index: 0,
  words: new Map(),
  sentences: new Set(),
  lastDoubt: -1,
  lastQuestion: -1,
  lastHeading: -1,
  items: 0,
  toolWords,
})

const share = (part: number, whole: number): number => {
  if (whole === 0) return 0
  const ratio = part / whole
  if (ratio === 0) return 1
  if (ratio <= 0.2) return 2
  if (ratio <= 0.4) return 3
  return ratio <= 0.7 ? 4 : 5
}

const distance = (from: number, to: number): number => {
  if (from < 0) return 0
  const steps = to - from
  if (steps <= 2) return steps
  return steps <= 5 ? 3 : 4
}

const INDEX_EDGES = [0, 1, 2, 4, 9, 19, 49]
const LENGTH_EDGES = [15, 30, 50, 80, 120, 180, 300]

const bucket = (edges: readonly number[], value: number): number => {
  let at = 0
  while (at < edges.length && value > edges[at]!) at += 1
  return at
}

/**
 * Writes the numbers of the relations of the sentence from `start` to `end` to `found` from `count`
 * on, each plus `offset`, and returns the new count. Remembers the sentence.
 *
 * @param isContent whether a word says what a sentence is about
 */
export function findRelations(
  text: string,
  start: number,
  end: number,
  tokens: Tokens,
  isContent: (hash: number) => boolean,
  isItem: boolean,
  isHeading: boolean,
  memory: Memory,
  found: Uint16Array,
  count: number,
  offset: number,
): number {
  const {hashes, stems, types} = tokens
  const {words, index} = memory
  const add = (group: Group, value: number): void => {
    found[count] = offset + base[group] + value
    count += 1
  }
  let content = 0
  let inPrevious = 0
  let inNear = 0
  let inAll = 0
  let inStart = 0
  let toolWords = 0
  let numbers = 0
  let oldNumbers = 0
  let equals = false
  let result = -1
  let whole = 0
  let marks = 0
  const size = words.size
  for (let i = 0; i < tokens.count; i += 1) {
    const type = types[i]!
    const key = stems[i]!
    whole = Math.imul(whole ^ key, 0x01000193) ^ (whole >>> 15)
    if (type === WORD) {
      if (memory.toolWords.size > 0 && memory.toolWords.has(key)) toolWords += 1
      if (!isContent(key)) continue
      content += 1
    } else if (type === NUMBER) numbers += 1
    else {
      const mark = hashes[i]!
      if (mark === EQUALS_HASH) {
        equals = true
        marks |= 1
      } else if (mark === ARROW_HASH) marks |= 2
      else if (mark === TIMES_HASH || mark === BACKSLASH_HASH || mark === DOLLAR_HASH) marks |= 4
      continue
    }
    const before = words.get(key)
    const isOld = before !== undefined && before >> 1 !== index
    if (type === NUMBER) {
      if (isOld) oldNumbers += 1
      if (equals) result = isOld ? 1 : 0
    } else if (isOld) {
      const last = before >> 1
      inAll += 1
      if (last === index - 1) inPrevious += 1
      if (last >= index - NEAR_SENTENCES) inNear += 1
      if ((before & 1) === 1) inStart += 1
    }
    if (before !== undefined) words.set(key, (index << 1) | (before & 1))
    else if (size < MAX_REMEMBERED) words.set(key, (index << 1) | (index < START_SENTENCES ? 1 : 0))
  }
  add('index', bucket(INDEX_EDGES, index))
  if (index > 0) {
    add('overlapPrevious', share(inPrevious, content))
    add('overlapAll', share(inAll, content))
    add('overlapNear', share(inNear, content))
    if (index >= START_SENTENCES) add('overlapStart', share(inStart, content))
  }
  if (tokens.count > 3) {
    if (memory.sentences.has(whole)) add('repeat', 0)
    else if (memory.sentences.size < MAX_REMEMBERED) memory.sentences.add(whole)
  }
  if (numbers > 0) add('numbers', oldNumbers === numbers ? 0 : oldNumbers > 0 ? 1 : 2)
  if (result >= 0) add('result', result)
  add('marks', marks)
  add('length', bucket(LENGTH_EDGES, end - start))
  add('doubt', distance(memory.lastDoubt, index))
  add('question', distance(memory.lastQuestion, index))
  if (memory.lastHeading >= 0) add('afterHeading', Math.min(index - memory.lastHeading, 4) - 1)
  if (memory.toolWords.size > 0) add('toolWords', Math.min(toolWords, 2))
  const indent = indentOf(text, start)
  if (indent > 0) add('indent', indent > 4 ? 2 : indent > 2 ? 1 : 0)
  if (isItem) {
    add('item', Math.min(memory.items, 3))
    memory.items += 1
  } else if (indent === 0) memory.items = 0
  if (isHeading) memory.lastHeading = index
  if (startsWithDoubt(tokens)) memory.lastDoubt = index
  if (endsWithQuestion(tokens)) memory.lastQuestion = index
  memory.index = index + 1
  return count
}

function startsWithDoubt({count, hashes, types}: Tokens): boolean {
  for (let i = 0; i < Math.min(count, 2); i += 1) {
    if (types[i] === WORD) return DOUBTS.has(hashes[i]!)
  }
  return false
}

function endsWithQuestion({count, hashes, types}: Tokens): boolean {
  for (let i = count - 1; i >= 0 && i > count - 4; i -= 1) {
    if (hashes[i] === QUESTION_HASH) return true
    if (types[i] !== MARK) return false
  }
  return false
}

/** Spaces between the start of the line and the sentence; 0 where other text stands there. */
function indentOf(text: string, start: number): number {
  let at = start - 1
  while (at >= 0 && start - at < 12 && text.charCodeAt(at) === SPACE) at -= 1
  if (at >= 0 && text.charCodeAt(at) !== NEWLINE) return 0
  return start - 1 - at
}

/** Hashes of the words that tool names are made of: `get_booking`, `getBooking`. */
export function toolWordsOf(names: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>()
  for (const name of names.slice(0, 8)) {
    for (const word of name.slice(0, 64).split(/[^A-Za-z]|(?<=[a-z])(?=[A-Z])/)) {
      if (word.length > 2) found.add(hashOf(word.toLowerCase()))
    }
  }
  return found
}
