import {context as otelContext} from '@opentelemetry/api'
import {isTracingSuppressed} from '@opentelemetry/core'
import {describe, expect, test} from 'vitest'
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {
  analyzeInSlices,
  type BlockContext,
  type PendingLabels,
  type SliceOptions,
} from '../../src/analysis/in-slices.ts'
import type {Analysis, KindLabel, ReasoningBlock} from '../../src/model.ts'
import {createContextManager} from '../setup/sdk.ts'

const CONTEXT: BlockContext = {answer: undefined, toolCalls: [], finishReasons: [], isLast: true}
const OPTIONS: SliceOptions = {
  classifier: 'rules',
  signals: {},
  onError: (error) => {
    throw error
  },
}

const blockOf = (text: string): ReasoningBlock => ({text, visibility: 'full', source: 'test'})

/** Runs an analysis to its end; promises are answered with `labels`. */
function run(
  block: ReasoningBlock,
  options: Partial<SliceOptions> = {},
  labels?: readonly KindLabel[],
  context: Partial<BlockContext> = {},
): {analysis: Analysis; pauses: number; asked: PendingLabels[]} {
  const steps = analyzeInSlices(block, {...CONTEXT, ...context}, {...OPTIONS, ...options})
  const asked: PendingLabels[] = []
  let pauses = 0
  let answer: readonly KindLabel[] | undefined
  for (;;) {
    const step = steps.next(answer)
    if (step.done === true) return {analysis: step.value, pauses, asked}
    answer = undefined
    if (step.value === undefined) pauses += 1
    else {
      asked.push(step.value)
      answer = labels
    }
  }
}

const PASSAGE = 'Let me check. The fee is 10%. So it is 8.91. Is that right? Yes.\n\n'

describe('analyzeInSlices', () => {
  test('finds what analyzeReasoning finds, in texts of any length', () => {
    for (const length of [0, 100, 16_000, 17_000, 175_000]) {
      const text = PASSAGE.repeat(Math.ceil(length / PASSAGE.length))
      const {analysis} = run(blockOf(text))
      expect(analysis.sentences.length).toBe(Math.ceil(length / PASSAGE.length) * 5)
      expect(analysis).toEqual(analyzeReasoning(text, {classifier: 'rules'}))
    }
  })

  test('does not pause in a short text, and every 16 KiB in a long one, twice', () => {
    expect(run(blockOf(PASSAGE.repeat(100))).pauses).toBe(0)
    const {pauses} = run(blockOf(PASSAGE.repeat(2700)))
    // 178 KB: 11 slices to cut, 11 to label, no pause after the last of either.
    expect(pauses).toBeGreaterThanOrEqual(20)
    expect(pauses).toBeLessThanOrEqual(24)
  })

  test('a text without any stop is sliced too', () => {
    const {analysis, pauses} = run(blockOf('x'.repeat(175_000)))
    expect(analysis.sentences.length).toBeGreaterThan(40)
    expect(pauses).toBeGreaterThan(5)
  })

  test('knows the block and what it stands in', () => {
    const block: ReasoningBlock = {
      ...blockOf('I am done.'),
      incomplete: true,
      steps: [{start: 0, end: 10, kind: 'conclude'}],
    }
    const {analysis} = run(block)
    expect(analysis.steps).toMatchObject([{kind: 'conclude', confidence: 1}])
    expect(analysis.signals).toMatchObject([{name: 'truncated'}])
    const finishReasons = ['length']
    const truncated = (context: Partial<BlockContext>): number =>
      run(blockOf('So'), {}, undefined, {finishReasons, ...context}).analysis.signals.length
    expect(truncated({})).toBe(1)
    expect(truncated({isLast: false})).toBe(0)
    expect(truncated({answer: 'Yes.'})).toBe(0)
    expect(truncated({hasAnswer: true})).toBe(0)
    expect(truncated({answer: 'Yes.', hasAnswer: false})).toBe(1)
  })

  test('a hidden block has signals and nothing else', () => {
    const block: ReasoningBlock = {text: '', visibility: 'hidden', source: 'test'}
    expect(run(block).analysis).toMatchObject({
      sentences: [],
      steps: [],
      signals: [{name: 'hidden'}],
    })
  })

  const VERIFY: KindLabel = {kind: 'verify', confidence: 0.6}

  test('takes the labels of a classifier at once or when they come', () => {
    const block = blockOf('One thing. Another.')
    const atOnce = run(block, {classifier: (sentences) => sentences.map(() => VERIFY)})
    expect(atOnce.analysis.steps).toMatchObject([{kind: 'verify', confidence: 0.6}])
    expect(atOnce.asked).toHaveLength(0)

    const promise = Promise.resolve([VERIFY, VERIFY])
    const later = run(block, {classifier: () => promise}, [VERIFY, VERIFY])
    expect(later.asked).toEqual([promise])
    expect(later.analysis).toEqual(atOnce.analysis)
  })

  test('runs a classifier without tracing: its own model call would come back to it', async () => {
    otelContext.setGlobalContextManager(createContextManager().enable())
    try {
      const seen: boolean[] = []
      run(blockOf('One.'), {
        classifier: async () => {
          seen.push(isTracingSuppressed(otelContext.active()))
          await Promise.resolve()
          seen.push(isTracingSuppressed(otelContext.active()))
          return [VERIFY]
        },
      })
      await new Promise((resolve) => setTimeout(resolve, 1))
      expect(seen).toEqual([true, true])
      expect(isTracingSuppressed(otelContext.active())).toBe(false)
    } finally {
      otelContext.disable()
    }
  })

  test('the built-in classifier labels where the labels did not come', () => {
    const block = blockOf('The user wants a refund.')
    const {analysis} = run(block, {classifier: () => new Promise<never>(() => {})}, undefined)
    expect(analysis).toEqual(analyzeReasoning(block.text))
  })

  test('a failure that nobody waits for any more goes by in silence', async () => {
    const failing = Promise.reject<readonly KindLabel[]>(new Error('offline'))
    run(blockOf('One.'), {classifier: () => failing}, undefined)
    await expect(failing).rejects.toThrow('offline')
  })

  test.each<[what: string, classifier: SliceOptions['classifier'], labels?: unknown]>([
    [
      'throws',
      () => {
        throw new Error('cannot label: The user wants a refund.')
      },
    ],
    ['gives too few labels', () => []],
    ['promises too few labels', () => Promise.resolve([]), []],
    ['promises nonsense', () => Promise.resolve([]), 'verify'],
  ])('a classifier that %s is told of, and the built-in one labels', (_, classifier, labels) => {
    const errors: unknown[] = []
    const block = blockOf('The user wants a refund.')
    const {analysis} = run(
      block,
      {classifier, onError: (error) => errors.push(error)},
      labels as readonly KindLabel[] | undefined,
    )
    expect(errors).toHaveLength(1)
    expect(String(errors[0])).toMatch(/the classifier (?:threw|gave labels that cannot be used)/)
    expect(String(errors[0])).not.toContain('refund')
    expect(analysis).toEqual(analyzeReasoning(block.text))
  })
})
