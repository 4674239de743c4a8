/** The gate: what the analysis makes of a small set that we labelled ourselves must not get worse. */
import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {analyzeReasoning} from '../src/analysis/analyze.ts'
import {type SignalName, STEP_KINDS, type StepKind, type ToolCall} from '../src/model.ts'

interface LabelledText {
  id: string
  language: string
  sentences: {text: string; kind: StepKind; second: StepKind}[]
  signals: SignalName[]
  answer?: string
  tool_calls?: ToolCall[]
}

interface Tripwire {
  signal: SignalName
  said: boolean
  text: string
}

const read = <T>(name: string): T[] =>
  readFileSync(new URL(`fixtures/insight/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

const texts = read<LabelledText>('texts.jsonl')
const tripwires = read<Tripwire>('tripwires.jsonl')

/** The text, where its sentences begin, and what the rules make of it. */
function analyse({sentences, answer, tool_calls: toolCalls, language}: LabelledText) {
  let text = ''
  const starts: number[] = []
  for (const sentence of sentences) {
    if (text !== '' && language !== 'zh') text += ' '
    starts.push(text.length)
    text += sentence.text
  }
  return {text, starts, analysis: analyzeReasoning(text, {answer, toolCalls, classifier: 'rules'})}
}

/** Agreement beyond chance. */
function kappa(pairs: readonly (readonly [StepKind, StepKind])[]): number {
  const share = (fits: (pair: readonly [StepKind, StepKind]) => boolean): number =>
    pairs.filter(fits).length / pairs.length
  const agreed = share(([a, b]) => a === b)
  const byChance = STEP_KINDS.reduce(
    (sum, kind) => sum + share(([a]) => a === kind) * share(([, b]) => b === kind),
    0,
  )
  return (agreed - byChance) / (1 - byChance)
}

test('the labels of the two passes agree', () => {
  const pairs = texts.flatMap(({sentences}) =>
    sentences.map(({kind, second}) => [kind, second] as const),
  )
  expect(kappa(pairs)).toBeGreaterThan(0.9)
})

test('sentences are cut where we cut them', () => {
  let right = 0
  let wrong = 0
  let missed = 0
  for (const labelled of texts) {
    const {starts, analysis} = analyse(labelled)
    const found = new Set(analysis.sentences.map(({start}) => start))
    right += starts.filter((start) => found.has(start)).length
    missed += starts.filter((start) => !found.has(start)).length
    wrong += [...found].filter((start) => !starts.includes(start)).length
  }
  expect((2 * right) / (2 * right + wrong + missed)).toBeGreaterThan(0.97)
})

test('kinds by rules agree with ours beyond chance', () => {
  const pairs = texts.flatMap((labelled) => {
    const {starts, analysis} = analyse(labelled)
    return labelled.sentences.map(({kind}, i) => {
      const found = analysis.sentences.findLast(({start}) => start <= starts[i]!)
      return [kind, found?.kind ?? 'other'] as const
    })
  })
  expect(kappa(pairs)).toBeGreaterThan(0.3)
})

describe('signals', () => {
  test.each(texts.map((labelled) => [labelled.id, labelled] as const))('of %s', (_, labelled) => {
    const {analysis, text} = analyse(labelled)
    expect(analysis.signals.map(({name}) => name).toSorted()).toEqual(labelled.signals.toSorted())
    for (const {start, end, confidence} of analysis.signals) {
      expect(text.slice(start, end)).not.toBe('')
      expect(confidence).toBeGreaterThan(0.5)
    }
  })
})

describe('tripwires', () => {
  const firesOf = (text: string): SignalName[] =>
    analyzeReasoning(text, {classifier: 'rules'})
      .signals.filter(({severity}) => severity === 'critical')
      .map(({name}) => name)

  test('find most of what is said outright', () => {
    const said = tripwires.filter((row) => row.said)
    const found = said.filter(({text, signal}) => firesOf(text).includes(signal))
    expect(said.length).toBeGreaterThanOrEqual(40)
    expect(found.length / said.length).toBeGreaterThan(0.9)
  })

  test('are silent on what is quoted, denied, supposed, reported or harmless', () => {
    const unsaid = tripwires.filter((row) => !row.said)
    expect(unsaid.length).toBeGreaterThanOrEqual(80)
    expect(unsaid.filter(({text}) => firesOf(text).length > 0).map(({text}) => text)).toEqual([])
  })

  test('do not take one for another', () => {
    const mixed = tripwires.filter(
      ({said, text, signal}) => said && firesOf(text).some((name) => name !== signal),
    )
    expect(mixed.map(({text}) => text)).toEqual([])
  })
})
