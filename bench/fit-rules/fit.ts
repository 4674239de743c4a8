/** From labelled sentences to votes: a logistic regression with one output a kind. */
import {
  CUE_COUNT,
  KIND_COUNT,
  type PreparedText,
  VOTER_NAMES,
  eachSentence,
  verdictOf,
} from './voters.ts'

/** A text with the kinds of its sentences, -1 where there is none. */
export interface Example {
  readonly text: PreparedText
  readonly gold: readonly number[]
  /** How much its sentences count. */
  readonly weight: number
}

/** In the first round a sentence sees the label before it as annotated, then as it was given. */
const ROUNDS = 3
const EPOCHS = 6
const LEARNING_RATE = 0.3
// What pulls votes towards 0, at every sentence that has the voter. Features more than words: where
// a sentence stands and what came before it means something else in each source.
const DECAY_OF_CUES = 0.001
const DECAY_OF_FEATURES = 0.008
/** The same for a voter as a whole: what a handful of sentences have in common is mostly chance. */
const DECAY_IN_ALL = 1
/** Rare kinds count more, by this power of how rare they are. */
const RARITY_POWER = 0.3
/** Orders in which the sentences are read: the votes of a round are the mean over them. */
const SEEDS = [1, 2, 3, 4, 5]

interface Samples {
  readonly voters: Uint16Array[]
  readonly kinds: number[]
  readonly weights: number[]
}

/** The same examples give the same votes. */
export function fitVotes(examples: readonly Example[]): Float64Array {
  let votes = new Float64Array(VOTER_NAMES.length * KIND_COUNT)
  for (let round = 0; round < ROUNDS; round += 1) {
    const samples = collect(examples, round === 0 ? undefined : votes)
    const mean = new Float64Array(votes.length)
    for (const seed of SEEDS) {
      const own = votes.slice()
      descend(own, samples, randomFrom(seed))
      own.forEach((vote, at) => (mean[at]! += vote / SEEDS.length))
    }
    votes = mean
  }
  return votes
}

function collect(examples: readonly Example[], votes: Float64Array | undefined): Samples {
  const samples: Samples = {voters: [], kinds: [], weights: []}
  for (const {text, gold, weight} of examples) {
    eachSentence(text, (sentence, voters) => {
      const kind = gold[sentence]!
      if (kind >= 0) {
        samples.voters.push(voters.slice())
        samples.kinds.push(kind)
        samples.weights.push(weight)
      }
      return votes === undefined ? kind : verdictOf(votes, voters).kind
    })
  }
  return samples
}

/** Stochastic descent with a step size of its own for each vote (AdaGrad). */
function descend(
  votes: Float64Array,
  {voters, kinds, weights}: Samples,
  random: () => number,
): void {
  const rarity = rarityOf(kinds)
  const decay = decayOf(voters)
  const squares = new Float64Array(votes.length).fill(1e-3)
  const chances = new Float64Array(KIND_COUNT)
  const order = kinds.map((_, i) => i)
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    shuffle(order, random)
    for (const i of order) {
      const sample = voters[i]!
      softmax(votes, sample, chances)
      const weight = weights[i]! * rarity[kinds[i]!]!
      for (let kind = 0; kind < KIND_COUNT; kind += 1) {
        const error = (chances[kind]! - (kind === kinds[i] ? 1 : 0)) * weight
        for (const voter of sample) {
          const at = voter * KIND_COUNT + kind
          const slope = error + decay[voter]! * votes[at]!
          squares[at]! += slope * slope
          votes[at]! -= (LEARNING_RATE * slope) / Math.sqrt(squares[at]!)
        }
      }
    }
  }
}

function decayOf(samples: readonly Uint16Array[]): number[] {
  const counts = VOTER_NAMES.map(() => 0)
  for (const sample of samples) for (const voter of sample) counts[voter]! += 1
  return counts.map((count, voter) => {
    // Every sentence has it: it says how common the kinds are, which nothing need pull at.
    if (VOTER_NAMES[voter] === 'any') return 0
    const perSentence = voter < CUE_COUNT ? DECAY_OF_CUES : DECAY_OF_FEATURES
    return perSentence + DECAY_IN_ALL / Math.max(count, 1)
  })
}

/** How much a sentence counts for the rarity of its kind; 1 in the mean over all sentences. */
function rarityOf(kinds: readonly number[]): number[] {
  const counts = Array.from({length: KIND_COUNT}, () => 0)
  for (const kind of kinds) counts[kind]! += 1
  // 20: a kind of a handful of sentences must not outweigh all else.
  const raw = counts.map((count) => (kinds.length / (count + 20)) ** RARITY_POWER)
  const mean = kinds.reduce((sum, kind) => sum + raw[kind]!, 0) / kinds.length
  return raw.map((value) => value / mean)
}

function softmax(votes: Float64Array, voters: Uint16Array, chances: Float64Array): void {
  chances.fill(0)
  for (const voter of voters) {
    for (let kind = 0; kind < KIND_COUNT; kind += 1) {
      chances[kind]! += votes[voter * KIND_COUNT + kind]!
    }
  }
  const largest = Math.max(...chances)
  let sum = 0
  for (let kind = 0; kind < KIND_COUNT; kind += 1) {
    sum += chances[kind] = Math.exp(chances[kind]! - largest)
  }
  for (let kind = 0; kind < KIND_COUNT; kind += 1) chances[kind]! /= sum
}

/** Votes in tenths and in whole numbers: what the source files hold. */
export function roundVotes(votes: Float64Array): Int16Array {
  const rounded = new Int16Array(votes.length)
  for (let row = 0; row < votes.length; row += KIND_COUNT) {
    const own = votes.subarray(row, row + KIND_COUNT)
    const sorted = own.slice().sort()
    // The same added to all kinds changes nothing, so most votes of a row can be near 0.
    const middle = (sorted[KIND_COUNT / 2 - 1]! + sorted[KIND_COUNT / 2]!) / 2
    own.forEach((vote, kind) => {
      const rest = vote - middle
      if (Math.abs(rest) >= SMALLEST_VOTE) rounded[row + kind] = Math.round(rest * 10)
    })
  }
  return rounded
}

/** A smaller vote is left out: it costs a line and moves no label. */
const SMALLEST_VOTE = 0.15

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffle(order: number[], random: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}
