import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {beginAnalysis, type EndedStep} from '../../src/analysis/incremental.ts'
import {
  type BuiltInClassifier,
  beginLabelling,
  startLabelling,
} from '../../src/analysis/classify.ts'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {mergeSteps} from '../../src/analysis/steps.ts'
import type {TurnLabel} from '../../src/analysis/turns.ts'
import {
  GRANULARITIES,
  type Granularity,
  type Sentence,
  type Step,
  type ToolCall,
} from '../../src/model.ts'
import {anyText} from './texts.ts'

const TOOL_CALLS: readonly ToolCall[] = [{name: 'fee'}, {name: 'check'}]

function whole(
  text: string,
  granularity: Granularity,
  classifier: BuiltInClassifier = 'rules',
): {sentences: Sentence[]; steps: Step[]} {
  const ranges = splitSentences(text)
  const labels: TurnLabel[] = []
  beginLabelling(classifier, text, ranges, TOOL_CALLS).labelUntil(ranges.length, labels)
  const sentences = ranges.map(({start, end}, i) => {
    const {kind, confidence} = labels[i]!
    return {start, end, kind, confidence}
  })
  const turns = labels.map(({turn}) => turn)
  return {sentences, steps: mergeSteps(text, sentences, granularity, turns)}
}

/** Feeds `text` in pieces whose lengths are taken from `sizes` in turn. */
function fed(
  text: string,
  sizes: readonly number[],
  granularity: Granularity,
  classifier: BuiltInClassifier = 'rules',
): {ended: EndedStep[]; mostHeld: number} {
  const analysis = beginAnalysis(startLabelling(classifier, TOOL_CALLS), granularity)
  const ended: EndedStep[] = []
  let mostHeld = 0
  let at = 0
  for (let turn = 0; at < text.length; turn += 1) {
    const size = Math.max(sizes[turn % sizes.length] ?? 1, 1)
    ended.push(...analysis.feed(text.slice(at, at + size)))
    mostHeld = Math.max(mostHeld, analysis.heldLength)
    at += size
  }
  ended.push(...analysis.end())
  return {ended, mostHeld}
}

function expectSame(
  text: string,
  sizes: readonly number[],
  granularity: Granularity,
  classifier: BuiltInClassifier = 'rules',
): void {
  const {sentences, steps} = whole(text, granularity, classifier)
  const {ended} = fed(text, sizes, granularity, classifier)
  expect(ended.map(({step}) => step)).toEqual(steps)
  expect(ended.flatMap((one) => one.sentences)).toEqual(sentences)
  for (const {step, text: words, title} of ended) {
    expect(words).toBe(text.slice(step.start, step.end))
    expect(title).toBe(text.slice(step.titleStart, step.titleEnd))
  }
}

const PASSAGE =
  'The customer wants a refund for the headphones of order A-1042. First I look the order up. ' +
  'It was bought on 3 March, so 23 days have passed. The window is 30 days.\n\n' +
  'Wait, was the box opened? Let me check the fee again: 10% of $89.10 is $8.91. Yes, that fits.\n\n' +
  '- Refund in full\n- Refund less the fee\n\nSo the refund is $80.19. '

describe('the analysis of a text that is still coming', () => {
  test('finds what the analysis of the whole finds, character by character', () => {
    for (const granularity of GRANULARITIES) expectSame(PASSAGE.repeat(12), [1], granularity)
  })

  test('finds it for any text in any chunks', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.array(fc.integer({min: 1, max: 400}), {minLength: 1, maxLength: 6}),
        fc.constantFrom(...GRANULARITIES),
        fc.constantFrom<BuiltInClassifier>('rules', 'network'),
        expectSame,
      ),
      {numRuns: 1500},
    )
  })

  test('finds it in long text: fences, tables, lines and gaps without end', () => {
    const parts = [
      `\`\`\`js\n${'const a = 1\n'.repeat(600)}\`\`\`\n`,
      `\`\`\`\n${'never closed. '.repeat(1300)}`,
      '| a | b |\n'.repeat(900),
      `| ${'no end '.repeat(900)}`,
      'word '.repeat(1200),
      'x'.repeat(9000),
      `gap.${' '.repeat(6000)}Next one.`,
      `gap${'\n '.repeat(3000)}next.`,
      `\\[\n${'x = 1 + 2\n'.repeat(600)}\\]\n`,
      '.'.repeat(5000),
      ')'.repeat(5000),
      '😀'.repeat(3000),
    ]
    fc.assert(
      fc.property(
        fc.shuffledSubarray(parts, {minLength: 2, maxLength: 4}),
        fc.array(fc.integer({min: 1, max: 3000}), {minLength: 1, maxLength: 5}),
        (some, sizes) => expectSame(some.join('\n\nSo. '), sizes, 'medium'),
      ),
      {numRuns: 60},
    )
  })

  test('gives a step when it has ended, not at the end of the text', () => {
    const analysis = beginAnalysis(startLabelling('rules'))
    let given = 0
    for (let turn = 0; turn < 40; turn += 1) given += analysis.feed(PASSAGE).length
    const rest = analysis.end()
    expect(given).toBeGreaterThan(20)
    expect(rest.length).toBeLessThan(6)
  })

  test('waits for no more than four sentences', () => {
    const text = PASSAGE.repeat(20)
    const sentences = splitSentences(text)
    const {steps} = whole(text, 'medium')
    for (const step of steps.slice(0, -1)) {
      const last = sentences.findIndex(({end}) => end === step.end)
      const needed = sentences[last + 5]
      if (needed === undefined || needed.end + 160 > text.length) continue
      const analysis = beginAnalysis(startLabelling('rules', TOOL_CALLS))
      // As much again as is gathered before it is looked at.
      const ended = analysis.feed(text.slice(0, needed.end + 160))
      expect(ended.some((one) => one.step.end === step.end)).toBe(true)
    }
  })

  test('holds no more than the open step and what is not cut yet', () => {
    const text = PASSAGE.repeat(1000)
    expect(text.length).toBeGreaterThan(300_000)
    expect(fed(text, [7, 300], 'fine').mostHeld).toBeLessThan(20_000)
    // Neither a fence nor a table nor a gap that never ends is waited for for ever.
    for (const endless of [
      '```\n' + 'a '.repeat(90_000),
      ' '.repeat(180_000),
      '| a '.repeat(45_000),
    ]) {
      expect(fed(`So.\n\n${endless}`, [500], 'fine').mostHeld).toBeLessThan(64_000)
    }
  })
})
