/**
 * Finds many phrases in one pass over a sentence: words are hashed as they are read, and a trie
 * over word numbers follows phrases of up to four words. A word that begins or continues no phrase
 * costs one look-up, however many phrases there are, and nothing is allocated or lower-cased.
 */
import {
  APOSTROPHE,
  BACKTICK,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  LEFT_DOUBLE_QUOTE,
  QUOTE,
  RIGHT_QUOTE,
  SPACE,
  isDigit,
  isLower,
} from './characters.ts'

/** Ors into a letter to make it a small one. */
const SMALL = 32

const FNV_OFFSET = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** What a phrase may hold besides words: any number, and an equals sign. */
const NUMBER_WORD = '#'
const EQUALS_WORD = '='

// Words before which a phrase may still count as standing at the start.
const CONNECTORS = 'so but and or okay ok also now then well hmm yes wait actually alright oh'

// So common that a text without them is not English; no phrase of their own.
const COMMON = 'the a an of to and is that for be by are on at with as this it in from have has not'

/** How much of a sentence is read: its start, and its end. In UTF-16 code units. */
const HEAD_LENGTH = 320
const TAIL_LENGTH = 80

/** What `findCues` saw besides the cues; one object that the next call overwrites. */
export interface SentenceShape {
  words: number
  /** Words of any phrase, and the most common ones of English. */
  known: number
  numbers: number
  equals: number
  backticks: number
  quotes: number
  /** Letters outside ASCII: other scripts, and accents. */
  foreign: number
  letters: number
  /** Offset of the first colon; -1 where there is none. */
  colon: number
}

/** Phrases made ready for `findCues`. */
export interface CueIndex {
  /** How many cues there are: ids run from 0. */
  readonly size: number
  /**
   * Writes the ids of the cues in `text` from `start` to `end` into `found`, each once, and
   * returns how many. Only the first 320 and the last 80 characters of a long sentence are read.
   */
  findCues(text: string, start: number, end: number, found: Uint16Array): number
  readonly shape: Readonly<SentenceShape>
}

/** Letters of Latin with accents and of other scripts, without the punctuation between them. */
const isForeignLetter = (code: number): boolean =>
  code >= 0xc0 &&
  code !== 0xd7 &&
  code !== 0xf7 &&
  (code < 0x2000 || code > 0x2bff) &&
  (code < 0x3000 || code > 0x303f)

/** Numbers of words, by open addressing: the hash of a word beside its number. 0: no such word. */
interface WordTable {
  readonly hashes: Int32Array
  readonly numbers: Uint16Array
  count: number
}

/**
 * The phrases as a trie whose nodes are numbered from 1; node 0 stands for none. The nodes of
 * phrases of one word are found by the word's number, longer ones by a hash table of edges.
 */
interface Trie {
  readonly roots: Uint16Array
  readonly edgeKeys: Int32Array
  readonly edgeNodes: Uint16Array
  readonly hasEdges: Uint8Array
  count: number
}

const powerAbove = (count: number): number => 1 << Math.ceil(Math.log2(count + 1))

const wordSlot = (hash: number, mask: number): number => (hash ^ (hash >>> 15)) & mask
const edgeKey = (node: number, word: number): number => (node << 12) | word
const edgeSlot = (key: number, mask: number): number => (Math.imul(key, 0x9e3779b1) >>> 12) & mask

function hashWord(word: string): number {
  let hash = FNV_OFFSET
  for (let at = 0; at < word.length; at += 1)
    hash = Math.imul(hash ^ word.charCodeAt(at), FNV_PRIME)
  return hash
}

/** The number of `word`, a new one if it has none. */
function addWord(table: WordTable, word: string): number {
  const {hashes, numbers} = table
  const mask = numbers.length - 1
  const hash = hashWord(word)
  let slot = wordSlot(hash, mask)
  while (numbers[slot] !== 0) {
    if (hashes[slot] === hash) return numbers[slot]!
    slot = (slot + 1) & mask
  }
  hashes[slot] = hash
  table.count += 1
  numbers[slot] = table.count
  return table.count
}

/** The node that `word` leads to from `node` (0: from the root), a new one if there is none. */
function addEdge(trie: Trie, node: number, word: number): number {
  const {roots, edgeKeys, edgeNodes, hasEdges} = trie
  if (node === 0) {
    if (roots[word] === 0) roots[word] = trie.count += 1
    return roots[word]!
  }
  hasEdges[node] = 1
  const mask = edgeNodes.length - 1
  const key = edgeKey(node, word)
  let slot = edgeSlot(key, mask)
  while (edgeNodes[slot] !== 0) {
    if (edgeKeys[slot] === key) return edgeNodes[slot]!
    slot = (slot + 1) & mask
  }
  edgeKeys[slot] = key
  edgeNodes[slot] = trie.count += 1
  return trie.count
}

/**
 * The cues of every node, one node after the other: those from `anywhere[n]` to `initial[n]` count
 * anywhere, those up to `anywhere[n + 1]` only at the start of a sentence.
 */
function sortCues(
  nodeCount: number,
  pairs: readonly number[],
): {cues: Uint16Array; anywhere: Uint16Array; initial: Uint16Array} {
  // Two buckets a node. `pairs` holds bucket and cue in turn.
  const ends = new Uint16Array(2 * nodeCount + 3)
  for (let i = 0; i < pairs.length; i += 2) ends[pairs[i]! + 1]! += 1
  for (let bucket = 1; bucket < ends.length; bucket += 1) ends[bucket]! += ends[bucket - 1]!
  const anywhere = new Uint16Array(nodeCount + 2)
  const initial = new Uint16Array(nodeCount + 2)
  for (let node = 0; node <= nodeCount + 1; node += 1) {
    anywhere[node] = ends[2 * node]!
    initial[node] = ends[2 * node + 1] ?? 0
  }
  const cues = new Uint16Array(pairs.length / 2)
  for (let i = 0; i < pairs.length; i += 2) {
    const bucket = pairs[i]!
    cues[ends[bucket]!] = pairs[i + 1]!
    ends[bucket]! += 1
  }
  return {cues, anywhere, initial}
}

/**
 * Makes an index of `phrases[i]`, the phrases of cue `i`: lower-case words, `#` for any number,
 * `=`, and a leading `^` for a phrase that counts only at the start of a sentence.
 */
export function indexCues(phrases: readonly (readonly string[])[]): CueIndex {
  const split = phrases.map((list) => list.map((phrase) => phrase.split(' ')))
  // Typed arrays of the final size: maps and lists a node took ten times as long to make.
  const size = split.reduce((sum, list) => list.reduce((n, words) => n + words.length, sum), 64)
  const capacity = powerAbove(size * 2)
  const table: WordTable = {
    hashes: new Int32Array(capacity),
    numbers: new Uint16Array(capacity),
    count: 0,
  }
  const trie: Trie = {
    roots: new Uint16Array(size),
    edgeKeys: new Int32Array(capacity),
    edgeNodes: new Uint16Array(capacity),
    hasEdges: new Uint8Array(size),
    count: 0,
  }
  const pairs: number[] = []
  split.forEach((list, cue) => {
    for (const phrase of list) {
      const isInitial = phrase[0]!.startsWith('^')
      let node = 0
      for (const word of phrase) {
        const plain = isInitial && node === 0 ? word.slice(1) : word
        node = addEdge(trie, node, addWord(table, plain))
      }
      pairs.push(2 * node + (isInitial ? 1 : 0), cue)
    }
  })
  const isConnector = new Uint8Array(size)
  for (const word of CONNECTORS.split(' ')) isConnector[addWord(table, word)] = 1
  for (const word of COMMON.split(' ')) addWord(table, word)
  const numberWord = addWord(table, NUMBER_WORD)
  const equalsWord = addWord(table, EQUALS_WORD)

  const {hashes, numbers} = table
  const {roots, edgeKeys, edgeNodes, hasEdges} = trie
  const {cues, anywhere, initial} = sortCues(trie.count, pairs)
  const wordMask = numbers.length - 1
  const edgeMask = edgeNodes.length - 1

  // A cue counts once a sentence: the round in which it was last seen.
  const seen = new Uint32Array(phrases.length)
  let round = 0
  const shape: SentenceShape = {
    words: 0,
    known: 0,
    numbers: 0,
    equals: 0,
    backticks: 0,
    quotes: 0,
    foreign: 0,
    letters: 0,
    colon: -1,
  }

  function longerPhrase(node: number, word: number): number {
    const key = edgeKey(node, word)
    let slot = edgeSlot(key, edgeMask)
    for (;;) {
      const longer = edgeNodes[slot]!
      if (longer === 0 || edgeKeys[slot] === key) return longer
      slot = (slot + 1) & edgeMask
    }
  }

  /** Notes the cues of a phrase and returns the new count. */
  function note(node: number, begins: boolean, found: Uint16Array, count: number): number {
    const to = begins ? anywhere[node + 1]! : initial[node]!
    for (let index = anywhere[node]!; index < to; index += 1) {
      const cue = cues[index]!
      if (seen[cue] !== round) {
        seen[cue] = round
        found[count] = cue
        count += 1
      }
    }
    return count
  }

  // One loop on locals: this is where the analysis spends most of its time.
  function scan(
    text: string,
    start: number,
    end: number,
    isStart: boolean,
    found: Uint16Array,
    count: number,
  ): number {
    // Phrases under way, one to three words long, and whether they began the sentence.
    let one = 0
    let two = 0
    let three = 0
    let oneBegins = false
    let twoBegins = false
    let threeBegins = false
    let begins = isStart
    let words = 0
    let known = 0
    let letters = 0
    let at = start
    while (at < end) {
      let code = text.charCodeAt(at)
      let small = code | SMALL
      let word: number
      if (isLower(small)) {
        const from = at
        let hash = FNV_OFFSET
        for (;;) {
          do {
            hash = Math.imul(hash ^ small, FNV_PRIME)
            at += 1
            if (at >= end) break
            code = text.charCodeAt(at)
            small = code | SMALL
          } while (isLower(small))
          // `don't` and `don’t` are the same word; a quotation mark after a word is no part of it.
          if (at + 1 >= end || (code !== APOSTROPHE && code !== RIGHT_QUOTE)) break
          const after = text.charCodeAt(at + 1) | SMALL
          if (!isLower(after)) break
          hash = Math.imul(hash ^ APOSTROPHE, FNV_PRIME)
          at += 1
          small = after
        }
        words += 1
        letters += at - from
        let slot = wordSlot(hash, wordMask)
        while ((word = numbers[slot]!) !== 0 && hashes[slot] !== hash) slot = (slot + 1) & wordMask
        if (word === 0) {
          one = two = three = 0
          begins = false
          continue
        }
        known += 1
      } else {
        at += 1
        if (code === SPACE) continue
        if (isDigit(code)) {
          // `1,200.50` is one number.
          while (at < end) {
            code = text.charCodeAt(at)
            if (!isDigit(code) && code !== COMMA && code !== DOT) break
            at += 1
          }
          shape.numbers += 1
          word = numberWord
        } else if (code === EQUALS) {
          shape.equals += 1
          word = equalsWord
        } else {
          if (code === COLON) {
            if (shape.colon < 0) shape.colon = at - 1
          } else if (code === BACKTICK) shape.backticks += 1
          else if (code === QUOTE || code === LEFT_DOUBLE_QUOTE) shape.quotes += 1
          else if (isForeignLetter(code)) shape.foreign += 1
          continue
        }
      }
      if ((one | two | three) !== 0) {
        if (three !== 0) {
          const four = longerPhrase(three, word)
          if (four !== 0) count = note(four, threeBegins, found, count)
          three = 0
        }
        if (two !== 0) {
          three = longerPhrase(two, word)
          if (three !== 0) {
            threeBegins = twoBegins
            count = note(three, threeBegins, found, count)
            if (hasEdges[three] === 0) three = 0
          }
          two = 0
        }
        if (one !== 0) {
          two = longerPhrase(one, word)
          if (two !== 0) {
            twoBegins = oneBegins
            count = note(two, twoBegins, found, count)
            if (hasEdges[two] === 0) two = 0
          }
        }
      }
      one = roots[word]!
      if (one !== 0) {
        oneBegins = begins
        count = note(one, begins, found, count)
        if (hasEdges[one] === 0) one = 0
      }
      begins &&= isConnector[word] === 1
    }
    shape.words += words
    shape.known += known
    shape.letters += letters
    return count
  }

  return {
    size: phrases.length,
    shape,
    findCues(text, start, end, found) {
      round += 1
      if (round === 0xffffffff) {
        seen.fill(0)
        round = 1
      }
      shape.words = shape.known = shape.numbers = shape.equals = 0
      shape.backticks = shape.quotes = shape.foreign = shape.letters = 0
      shape.colon = -1
      if (end - start <= HEAD_LENGTH + TAIL_LENGTH) return scan(text, start, end, true, found, 0)
      const count = scan(text, start, start + HEAD_LENGTH, true, found, 0)
      return scan(text, end - TAIL_LENGTH, end, false, found, count)
    },
  }
}
