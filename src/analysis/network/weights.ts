/** The data file of the network: what is in it, and how it is read. */
import {featureCount, HASHED_ROWS, PAIR_ROWS} from './reader.ts'

/** First number of the file, and the version of its layout. */
const MAGIC = 0x444b524f
const LAYOUT = 2
const HEADER = 16

/** The trained network. Dense layers are kept by input: one row of outputs for each of them. */
export interface Weights {
  /** What labels carry as their version: it changes with every training. */
  readonly version: number
  readonly hidden: number
  readonly recurrent: number
  /** Scores of a sentence: of the kinds, then of no turn, one to checking, one to backing up. */
  readonly outputs: number
  readonly wordSize: number
  readonly hashedSize: number
  /** Row of a word by its hash, from 1; 0 where it is not known. */
  wordRow(hash: number): number
  readonly words: Int8Array
  readonly wordScale: number
  readonly hashed: Int8Array
  readonly hashedScale: number
  readonly pairs: Int8Array
  readonly pairScale: number
  readonly features: Float32Array
  /** Mean, largest and first words to the sentence's numbers. */
  readonly input: Float32Array
  readonly inputBias: Float32Array
  /** The sentence before, this one, the next. */
  readonly near: Float32Array
  readonly nearBias: Float32Array
  readonly far: Float32Array
  readonly farBias: Float32Array
  /** By sentences left (0, 1, more), without and with a call that follows. */
  readonly late: Float32Array
  readonly gateInput: Float32Array
  readonly gateState: Float32Array
  readonly gateBias: Float32Array
  readonly stateOutput: Float32Array
  readonly output: Float32Array
  readonly outputBias: Float32Array
  /** Divides the scores before they become probabilities. */
  readonly temperature: number
}

/**
 * Reads the file.
 *
 * @throws RangeError where the bytes are not such a file, or one for other features than ours
 */
export function readWeights(bytes: Uint8Array): Weights {
  // Copied: a view into a larger buffer need not begin at a multiple of four, and the `slice` of
  // Node's buffers is such a view.
  const {buffer} = new Uint8Array(bytes)
  if (buffer.byteLength < HEADER * 4) throw new RangeError('the network file is too short')
  const header = new Int32Array(buffer, 0, HEADER)
  const at = (index: number): number => header[index]!
  const [words, wordSize, hashedSize, hidden, recurrent, outputs] = [3, 4, 5, 6, 7, 8].map(at) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const features = at(9)
  if (at(0) !== MAGIC || at(1) !== LAYOUT) throw new RangeError('not a network file of this layout')
  if (features !== featureCount() || at(10) !== HASHED_ROWS || at(11) !== PAIR_ROWS) {
    throw new RangeError('the network file was trained with other features')
  }
  let offset = HEADER * 4
  const ints = (count: number): Int32Array => {
    const view = new Int32Array(buffer, offset, count)
    offset += count * 4
    return view
  }
  const floats = (count: number): Float32Array => {
    const view = new Float32Array(buffer, offset, count)
    offset += count * 4
    return view
  }
  const dense = (count: number): Float32Array => {
    const scale = floats(1)[0]!
    const stored = new Int16Array(buffer, offset, count)
    offset += (count * 2 + 3) & ~3
    return Float32Array.from(stored, (value) => value * scale)
  }
  const table = (count: number): {scale: number; rows: Int8Array} => {
    const scale = floats(1)[0]!
    const rows = new Int8Array(buffer, offset, count)
    offset += (count + 3) & ~3
    return {scale, rows}
  }
  const hashes = ints(words)
  const temperature = floats(1)[0]!
  const size = 2 * (wordSize + hashedSize) + 3 * wordSize
  const input = dense(size * hidden)
  const inputBias = dense(hidden)
  const featureRows = dense(features * hidden)
  const near = dense(3 * hidden * hidden)
  const nearBias = dense(hidden)
  const far = dense(3 * hidden * hidden)
  const farBias = dense(hidden)
  const late = dense(6 * hidden)
  const gateInput = dense(hidden * 3 * recurrent)
  const gateState = dense(recurrent * 3 * recurrent)
  const gateBias = dense(3 * recurrent)
  const stateOutput = dense(recurrent * hidden)
  const output = dense(2 * hidden * outputs)
  const outputBias = dense(outputs)
  const wordTable = table((words + 1) * wordSize)
  const hashedTable = table(HASHED_ROWS * hashedSize)
  const pairTable = table(PAIR_ROWS * outputs)
  if (offset !== buffer.byteLength) throw new RangeError('the network file has the wrong length')
  return {
    version: at(2),
    hidden,
    recurrent,
    outputs,
    wordSize,
    hashedSize,
    wordRow: wordTableOf(hashes),
    words: wordTable.rows,
    wordScale: wordTable.scale,
    hashed: hashedTable.rows,
    hashedScale: hashedTable.scale,
    pairs: pairTable.rows,
    pairScale: pairTable.scale,
    features: featureRows,
    input,
    inputBias,
    near,
    nearBias,
    far,
    farBias,
    late,
    gateInput,
    gateState,
    gateBias,
    stateOutput,
    output,
    outputBias,
    temperature,
  }
}

/** Open addressing: the hash of a word beside its row. */
function wordTableOf(hashes: Int32Array): (hash: number) => number {
  const mask = (1 << (32 - Math.clz32(hashes.length * 2))) - 1
  const keys = new Int32Array(mask + 1)
  const rows = new Uint16Array(mask + 1)
  for (let i = 0; i < hashes.length; i += 1) {
    const hash = hashes[i]!
    let slot = hash & mask
    while (rows[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & mask
    if (rows[slot] !== 0) continue
    keys[slot] = hash
    rows[slot] = i + 1
  }
  return (hash) => {
    let slot = hash & mask
    for (;;) {
      const row = rows[slot]!
      if (row === 0 || keys[slot] === hash) return row
      slot = (slot + 1) & mask
    }
  }
}
