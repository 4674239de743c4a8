/** Labels of the network: scores to kinds and turns, with a confidence. */
import {type KindLabel, STEP_KINDS, type ToolCall} from '../../model.ts'
import type {TextRange} from '../sentences.ts'
import type {Turn, TurnLabel} from '../turns.ts'
import {LOOK_AHEAD, startNetwork} from './network.ts'
import {newReader} from './reader.ts'
import type {Weights} from './weights.ts'

const MAX_CONFIDENCE = 0.99
const HUNDREDTHS = 100
const THOUSANDTHS = 1000
const KINDS = STEP_KINDS.length

/** Labels sentences as they come; each label is given when the two sentences after it are there. */
export interface KindStream {
  /** Takes the next sentence, and appends the label of the one two before it, if there is one. */
  add(text: string, range: TextRange, labels: KindLabel[]): void
  /** The text has ended: appends the labels that are still due. */
  end(labels: KindLabel[]): void
}

/** @param toolCalls that follow the text, where known */
export function startKinds(weights: Weights, toolCalls: readonly ToolCall[] = []): KindStream {
  const reader = newReader(weights.wordRow, toolCalls)
  const network = startNetwork(weights)
  const scores = new Float64Array(weights.outputs)
  const callFollows = toolCalls.length > 0
  let count = 0
  const give = (left: number, labels: KindLabel[]): void => {
    network.score(left, callFollows, scores)
    labels.push(labelOf(scores, weights.temperature))
  }
  return {
    add(text, range, labels) {
      reader.read(text, range)
      network.add(reader.rows)
      count += 1
      if (count > LOOK_AHEAD) give(LOOK_AHEAD, labels)
    },
    end(labels) {
      for (let left = Math.min(count, LOOK_AHEAD) - 1; left >= 0; left -= 1) give(left, labels)
    },
  }
}

function labelOf(scores: Float64Array, temperature: number): TurnLabel {
  let best = 0
  for (let k = 1; k < KINDS; k += 1) if (scores[k]! > scores[best]!) best = k
  let sum = 0
  for (let k = 0; k < KINDS; k += 1) sum += Math.exp((scores[k]! - scores[best]!) / temperature)
  const confidence = Math.round(HUNDREDTHS / sum) / HUNDREDTHS
  return {
    kind: STEP_KINDS[best]!,
    confidence: Math.min(confidence, MAX_CONFIDENCE),
    turn: turnOf(scores),
  }
}

function turnOf(scores: Float64Array): Turn {
  const none = scores[KINDS]!
  const check = Math.exp(scores[KINDS + 1]! - none)
  const back = Math.exp(scores[KINDS + 2]! - none)
  return {
    kind: check >= back ? 'verify' : 'backtrack',
    confidence: Math.round(THOUSANDTHS * (1 - 1 / (1 + check + back))) / THOUSANDTHS,
  }
}

/**
 * Begins to label the sentences of `text`. Each call of the function that comes back reads the next
 * sentences, up to index `until`, and appends the labels that can be given by then: all at the end.
 */
export function beginNetworkLabels(
  weights: Weights,
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[] = [],
): (until: number, labels: KindLabel[]) => void {
  const stream = startKinds(weights, toolCalls)
  let next = 0
  return (until, labels) => {
    for (; next < until; next += 1) stream.add(text, ranges[next]!, labels)
    if (next === ranges.length) stream.end(labels)
  }
}
