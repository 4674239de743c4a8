import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {analyzeReasoning} from '../../../src/analysis/analyze.ts'
import {beginNetworkLabels, startKinds} from '../../../src/analysis/network/labels.ts'
import {loadNetwork} from '../../../src/analysis/network/load.ts'
import {splitSentences} from '../../../src/analysis/sentences.ts'
import {type KindLabel, STEP_KINDS} from '../../../src/model.ts'
import {cpuNow} from '../../setup/cpu-time.ts'

const weights = loadNetwork()!

const SENTENCES = [
  'The user wants a refund for order A-1042.',
  'I should check the policy before I answer.',
  '- Electronics may be returned within 30 days.',
  'So the deadline was 2 April, which has passed.',
  'Wait, is that right?',
  'Let me check again: 3 March plus 30 days is 2 April.',
  'No, scrap that, the delivery date counts.',
  "I'm not sure whether deposits count…",
  '### Result',
  'x = 49 + 49 + 49 = 147',
  'Therefore the refund is refused.',
  'これは正しいですか？',
  '```\nconst a = 1\n```',
]
const texts = fc
  .array(fc.constantFrom(...SENTENCES), {minLength: 1, maxLength: 40})
  .map((list) => list.join('\n\n'))

function labelsOf(text: string, toolCalls: {name: string}[] = []): KindLabel[] {
  const ranges = splitSentences(text)
  const labels: KindLabel[] = []
  beginNetworkLabels(weights, text, ranges, toolCalls)(ranges.length, labels)
  return labels
}

describe('labels of the network', () => {
  test('one a sentence, of known kinds, with confidences from 0 to 0.99', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const labels = labelsOf(text)
        expect(labels).toHaveLength(splitSentences(text).length)
        for (const {kind, confidence} of labels) {
          expect(STEP_KINDS).toContain(kind)
          expect(confidence).toBeGreaterThan(0)
          expect(confidence).toBeLessThan(1)
        }
      }),
      {numRuns: 40},
    )
  })

  test('the same in slices as at once', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(6), {maxLength: 40}), (text, sizes) => {
        const ranges = splitSentences(text)
        const labels: KindLabel[] = []
        const labelUntil = beginNetworkLabels(weights, text, ranges)
        let until = 0
        for (const size of sizes) {
          until = Math.min(until + size, ranges.length - 1)
          labelUntil(until, labels)
        }
        labelUntil(ranges.length, labels)
        expect(labels).toEqual(labelsOf(text))
      }),
      {numRuns: 40},
    )
  })

  test('a label waits for two sentences and then never changes, whatever follows', () => {
    fc.assert(
      fc.property(texts, texts, (begin, rest) => {
        const short = splitSentences(begin)
        const text = `${begin}\n\n${rest}`
        const stream = startKinds(weights)
        const early: KindLabel[] = []
        for (const range of short) stream.add(begin, range, early)
        expect(early).toHaveLength(Math.max(0, short.length - 2))
        expect(labelsOf(text).slice(0, early.length)).toEqual(early)
      }),
      {numRuns: 40},
    )
  })

  test('a call that follows makes its announcement more of an act', () => {
    const text =
      'I do not know the delivery date yet.\n\nI should call lookup_order with the order id first.'
    const [, without] = labelsOf(text)
    const [, followed] = labelsOf(text, [{name: 'lookup_order'}])
    expect(followed!.kind).toBe('act')
    expect(followed!.confidence).toBeGreaterThanOrEqual(
      without!.kind === 'act' ? without!.confidence : 0,
    )
  })

  test('nothing comes of an empty text', () => {
    expect(labelsOf('')).toEqual([])
  })

  test('long text takes time by its length', () => {
    const of = (repeats: number): number => {
      const text = `${SENTENCES.join('\n\n')}\n\n`.repeat(repeats)
      const ranges = splitSentences(text)
      let best = Infinity
      for (let round = 0; round < 5; round += 1) {
        const began = cpuNow()
        beginNetworkLabels(weights, text, ranges)(ranges.length, [])
        best = Math.min(best, (cpuNow() - began) / ranges.length)
      }
      return best
    }
    of(20)
    const short = of(20)
    const long = of(200)
    expect(long / short).toBeLessThan(3)
    // A busy machine takes several times as long as a quiet one.
    expect(long).toBeLessThan(0.2)
  })
})

describe('the built-in classifiers', () => {
  const english = 'The user wants a refund. I should check the policy first. It allows 30 days.'

  test('the network labels unless the rules are asked for', () => {
    expect(analyzeReasoning(english).analyzer).toMatch(/^network\/\d+$/)
    expect(analyzeReasoning(english, {classifier: 'rules'}).analyzer).toMatch(/^rules\/\d+$/)
    const own = analyzeReasoning(english, {
      classifier: (sentences) => sentences.map(() => ({kind: 'plan', confidence: 1})),
    })
    expect(own.analyzer).toBe('custom')
  })

  test.each([
    'これは正しいですか？いいえ、まず規約を確認します。',
    'Der Kunde möchte sein Geld zurück, also prüfe ich zuerst, ob die Frist noch läuft.',
    'El cliente quiere un reembolso, así que primero debo comprobar la fecha de compra.',
  ])('the rules answer, not sure of it, in a language that neither knows: %s', (text) => {
    const {analyzer, sentences} = analyzeReasoning(text)
    expect(analyzer).toMatch(/^rules/)
    for (const {confidence} of sentences) expect(confidence).toBeLessThan(0.5)
  })
})
