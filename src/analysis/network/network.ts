/**
 * The network itself: sentences in their order in, scores of the kinds and of turns out, two later. A
 * sentence is the mean, the largest and the first three of its words' vectors and its features; two
 * convolutions look at the sentences around it, a recurrent state at all before it.
 */
import type {Rows} from './reader.ts'
import type {Weights} from './weights.ts'

/** How many sentences after it the scores of a sentence wait for. */
export const LOOK_AHEAD = 2

const FIRST_WORDS = 3
/** Sentences whose numbers are kept: one before, this one and the two after it, and one to spare. */
const RING = 4

/** Scores the sentences of one text. */
export interface Network {
  /** Takes the next sentence. From the third on the one two before can be scored. */
  add(rows: Readonly<Rows>): void
  /**
   * Writes the scores of the sentence `left` before the last one into `scores`. To be called once a
   * sentence, in order: with 2 after each `add` from the third on, then with 1 and 0 at the end.
   *
   * @param left sentences after it: 2 for two and more
   */
  score(left: number, callFollows: boolean, scores: Float64Array): void
}

// Which of the inputs at hand are not zero: half of what a rectified layer gives is.
const live = new Uint16Array(1024)

/** `to[j] += sum of from[fromAt + i] * weights[offset + i * width + j]`. */
function multiply(
  from: Float32Array,
  fromAt: number,
  count: number,
  weights: Float32Array,
  offset: number,
  width: number,
  to: Float64Array,
): void {
  let lives = 0
  for (let i = 0; i < count; i += 1) {
    if (from[fromAt + i] !== 0) {
      live[lives] = i
      lives += 1
    }
  }
  let n = 0
  // Four inputs a round: the sums are read and written a quarter as often.
  for (; n + 3 < lives; n += 4) {
    const i = live[n]!
    const k = live[n + 1]!
    const l = live[n + 2]!
    const m = live[n + 3]!
    const a = from[fromAt + i]!
    const b = from[fromAt + k]!
    const c = from[fromAt + l]!
    const d = from[fromAt + m]!
    let u = offset + i * width
    let v = offset + k * width
    let w = offset + l * width
    let x = offset + m * width
    for (let j = 0; j < width; j += 1) {
      to[j]! += a * weights[u]! + b * weights[v]! + c * weights[w]! + d * weights[x]!
      u += 1
      v += 1
      w += 1
      x += 1
    }
  }
  for (; n < lives; n += 1) {
    const i = live[n]!
    const a = from[fromAt + i]!
    let u = offset + i * width
    for (let j = 0; j < width; j += 1) {
      to[j]! += a * weights[u]!
      u += 1
    }
  }
}

// Twice the same, since a function for both kinds of arrays would be slow for each.
function addFloats(table: Float32Array, row: number, width: number, to: Float64Array): void {
  for (let j = 0; j < width; j += 1) to[j]! += table[row + j]!
}

function addBytes(
  table: Int8Array,
  row: number,
  width: number,
  to: Float64Array,
  at: number,
): void {
  for (let j = 0; j < width; j += 1) to[at + j]! += table[row + j]!
}

/** Adds a vector to the sum at `mean`, and raises the largest values, `size` further on, to it. */
function addVector(
  table: Int8Array,
  row: number,
  length: number,
  scale: number,
  to: Float32Array,
  mean: number,
  size: number,
): void {
  const largest = mean + size
  for (let d = 0; d < length; d += 1) {
    const value = table[row + d]! * scale
    to[mean + d]! += value
    if (value > to[largest + d]!) to[largest + d] = value
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

export function startNetwork(weights: Weights): Network {
  const {hidden, recurrent, outputs, wordSize, hashedSize} = weights
  const size = wordSize + hashedSize
  const input = new Float32Array(2 * size + FIRST_WORDS * wordSize)
  // Rings over sentences; a sentence that is not there is all zeros.
  const own = new Float32Array(RING * hidden)
  const near = new Float32Array(RING * hidden)
  const states = new Float32Array(RING * recurrent)
  const pairs = new Float64Array(RING * outputs)
  const sums = new Float64Array(hidden)
  const state = new Float32Array(recurrent)
  const gates = new Float64Array(3 * recurrent)
  const gatesOfState = new Float64Array(3 * recurrent)
  const last = new Float32Array(hidden)
  let count = 0

  const slot = (index: number): number => (index + RING) % RING

  function readWords({words, hashed, tokens}: Readonly<Rows>): void {
    input.fill(0)
    if (tokens === 0) return
    input.fill(-9, size, 2 * size)
    for (let t = 0; t < tokens; t += 1) {
      const row = words[t]! * wordSize
      addVector(weights.words, row, wordSize, weights.wordScale, input, 0, size)
      const other = hashed[t]! * hashedSize
      addVector(weights.hashed, other, hashedSize, weights.hashedScale, input, wordSize, size)
      if (t >= FIRST_WORDS) continue
      const at = 2 * size + t * wordSize
      for (let d = 0; d < wordSize; d += 1)
        input[at + d] = weights.words[row + d]! * weights.wordScale
    }
    const part = 1 / tokens
    for (let d = 0; d < size; d += 1) input[d]! *= part
  }

  function readSentence(rows: Readonly<Rows>): void {
    readWords(rows)
    sums.set(weights.inputBias)
    multiply(input, 0, input.length, weights.input, 0, hidden, sums)
    const {features, featureCount} = rows
    for (let f = 0; f < featureCount; f += 1) {
      addFloats(weights.features, features[f]! * hidden, hidden, sums)
    }
    const at = slot(count) * hidden
    for (let j = 0; j < hidden; j += 1) own[at + j] = Math.max(0, sums[j]!)
  }

  function stepState(): void {
    if (recurrent === 0) return
    gates.set(weights.gateBias)
    multiply(own, slot(count) * hidden, hidden, weights.gateInput, 0, 3 * recurrent, gates)
    gatesOfState.fill(0)
    multiply(state, 0, recurrent, weights.gateState, 0, 3 * recurrent, gatesOfState)
    for (let j = 0; j < recurrent; j += 1) {
      const keep = sigmoid(gates[j]! + gatesOfState[j]!)
      const reset = sigmoid(gates[recurrent + j]! + gatesOfState[recurrent + j]!)
      const next = Math.tanh(gates[2 * recurrent + j]! + reset * gatesOfState[2 * recurrent + j]!)
      state[j] = (1 - keep) * next + keep * state[j]!
    }
    states.set(state, slot(count) * recurrent)
  }

  function sumPairs(rows: Readonly<Rows>): void {
    const at = slot(count) * outputs
    const {pairScale} = weights
    pairs.fill(0, at, at + outputs)
    for (let i = 0; i < rows.pairCount; i += 1) {
      addBytes(weights.pairs, rows.pairs[i]! * outputs, outputs, pairs, at)
    }
    for (let k = 0; k < outputs; k += 1) pairs[at + k]! *= pairScale
  }

  /** Looks at the sentences next to `index`; all zeros where it is none of the text. */
  function lookNear(index: number): void {
    const at = slot(index) * hidden
    if (index < 0 || index >= count) {
      near.fill(0, at, at + hidden)
      return
    }
    sums.set(weights.nearBias)
    convolve(own, index, weights.near)
    for (let j = 0; j < hidden; j += 1) near[at + j] = Math.max(0, sums[j]!)
  }

  function convolve(ring: Float32Array, index: number, layer: Float32Array): void {
    for (let tap = 0; tap < 3; tap += 1) {
      const from = index + tap - 1
      if (from < 0 || from >= count) continue
      multiply(ring, slot(from) * hidden, hidden, layer, tap * hidden * hidden, hidden, sums)
    }
  }

  return {
    add(rows) {
      readSentence(rows)
      stepState()
      sumPairs(rows)
      count += 1
      // The sentence before now has the one after it.
      if (count > 1) lookNear(count - 2)
    },
    score(left, callFollows, scores) {
      const index = count - 1 - left
      if (left === 0) lookNear(index)
      // At the end of a short text nothing was scored before: the last one is not done yet.
      else if (left === 1) lookNear(index + 1)
      sums.set(weights.farBias)
      convolve(near, index, weights.far)
      const late = (Math.min(left, 2) + (callFollows ? 3 : 0)) * hidden
      for (let j = 0; j < hidden; j += 1) sums[j]! += weights.late[late + j]!
      const at = slot(index)
      multiply(states, at * recurrent, recurrent, weights.stateOutput, 0, hidden, sums)
      for (let j = 0; j < hidden; j += 1) last[j] = near[at * hidden + j]! + Math.max(0, sums[j]!)
      for (let k = 0; k < outputs; k += 1)
        scores[k] = weights.outputBias[k]! + pairs[at * outputs + k]!
      multiply(own, at * hidden, hidden, weights.output, 0, outputs, scores)
      multiply(last, 0, hidden, weights.output, hidden * outputs, outputs, scores)
    },
  }
}
