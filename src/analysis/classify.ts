/** Which of the built-in classifiers labels a text, and what its labels are called. */
import type {KindClassifier, KindLabel, ToolCall} from '../model.ts'
import {beginLabels, isForeignText, prepareRules, SAMPLED_SENTENCES, startRules} from './kinds.ts'
import {beginNetworkLabels, type KindStream, startKinds} from './network/labels.ts'
import {loadNetwork} from './network/load.ts'
import type {TextRange} from './sentences.ts'
import {ANALYZER_VERSION} from './version.ts'

/** `network` falls back to `rules` where its data is missing or it does not know the language. */
export type BuiltInClassifier = 'network' | 'rules'

export const isBuiltIn = (classifier: unknown): classifier is BuiltInClassifier =>
  classifier === 'network' || classifier === 'rules'

/** What labels of a user's classifier are called in `reasoning.analyzer.version`. */
export const CUSTOM_VERSION = 'custom'

/** Labels of one text, in slices. */
export interface Labelling {
  /** Of what labels: `network/1`, `rules/2`. */
  readonly version: string
  /** Reads sentences up to index `until` and appends the labels that can be given by then. */
  labelUntil(until: number, labels: KindLabel[]): void
}

/** Makes a built-in classifier ready, which takes some milliseconds in a process that has just begun. */
export function prepareClassifier(classifier: KindClassifier | BuiltInClassifier): void {
  if (!isBuiltIn(classifier)) return
  prepareRules()
  if (classifier === 'network') loadNetwork()
}

/**
 * @param ranges all sentences of the text
 * @param toolCalls the calls that follow the text
 */
export function beginLabelling(
  classifier: BuiltInClassifier,
  text: string,
  ranges: readonly TextRange[],
  toolCalls: readonly ToolCall[],
): Labelling {
  const weights = classifier === 'network' ? loadNetwork() : undefined
  return weights === undefined || isForeignText(text, ranges)
    ? {version: ANALYZER_VERSION, labelUntil: beginLabels(text, ranges, toolCalls)}
    : {
        version: `network/${weights.version}`,
        labelUntil: beginNetworkLabels(weights, text, ranges, toolCalls),
      }
}

/**
 * The same for a text that is still coming: the same labels, each given when the two sentences after
 * it are there.
 *
 * @param toolCalls the calls that follow the text, where known
 */
export function startLabelling(
  classifier: BuiltInClassifier,
  toolCalls: readonly ToolCall[] = [],
): KindStream {
  const weights = classifier === 'network' ? loadNetwork() : undefined
  if (weights === undefined) return startRules(toolCalls)
  const first: {text: string; range: TextRange}[] = []
  let chosen: KindStream | undefined
  const choose = (labels: KindLabel[]): KindStream => {
    const words = first.map(({text, range}) => text.slice(range.start, range.end))
    let at = 0
    const ranges = words.map((word) => {
      const start = at
      at += word.length + 1
      return {start, end: at - 1}
    })
    chosen = isForeignText(words.join('\n'), ranges)
      ? startRules(toolCalls)
      : startKinds(weights, toolCalls)
    for (const {text, range} of first) chosen.add(text, range, labels)
    first.length = 0
    return chosen
  }
  return {
    add(text, range, labels) {
      if (chosen !== undefined) return chosen.add(text, range, labels)
      first.push({text, range})
      if (first.length === SAMPLED_SENTENCES) choose(labels)
    },
    end(labels) {
      const stream = chosen ?? choose(labels)
      stream.end(labels)
    },
  }
}
