import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {capSteps} from '../../src/analysis/steps.ts'
import {MAX_SEGMENT_LENGTH, scanSentences, splitSentences} from '../../src/analysis/sentences.ts'
import type {TextRange} from '../../src/analysis/sentences.ts'
import {joinToolCalls} from '../../src/analysis/tool-join.ts'
import {type GivenStep, STEP_KINDS} from '../../src/model.ts'
import {anyText} from './texts.ts'
import {cpuNow} from '../setup/cpu-time.ts'

/** The ranges hold all of the text but white space, in order, without overlap. */
function expectCover(whole: string, ranges: readonly TextRange[]): void {
  let at = 0
  for (const {start, end} of ranges) {
    expect(start).toBeGreaterThanOrEqual(at)
    expect(end).toBeGreaterThan(start)
    expect(whole.slice(at, start).trim()).toBe('')
    expect(whole.slice(start, end).trim()).toBe(whole.slice(start, end))
    at = end
  }
  expect(at).toBeLessThanOrEqual(whole.length)
  expect(whole.slice(at).trim()).toBe('')
}

describe('for any text', () => {
  test('sentences re-join to it, over white space', () => {
    fc.assert(
      fc.property(anyText, (whole) => {
        const ranges = splitSentences(whole)
        expectCover(whole, ranges)
        for (const {start, end} of ranges) {
          expect(end - start).toBeLessThanOrEqual(MAX_SEGMENT_LENGTH)
        }
      }),
      {numRuns: 1000},
    )
  })

  test('sentences are the same in slices of any length', () => {
    fc.assert(
      fc.property(anyText, fc.integer({min: 1, max: 500}), (whole, slice) => {
        const ranges: TextRange[] = []
        let at = 0
        while (at < whole.length) at = scanSentences(whole, at, at + slice, ranges)
        expect(ranges).toEqual(splitSentences(whole))
      }),
      {numRuns: 500},
    )
  })

  test('an analysis never throws, and its sentences, steps and titles fit together', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.string({maxLength: 4}), {maxLength: 3}), (whole, tools) => {
        const toolCalls = tools.map((name) => ({name}))
        const {sentences, steps} = analyzeReasoning(whole, {toolCalls})
        expectCover(whole, sentences)
        expectCover(whole, steps)
        const starts = new Set(sentences.map(({start}) => start))
        const ends = new Set(sentences.map(({end}) => end))
        for (const step of steps) {
          expect(starts).toContain(step.start)
          expect(ends).toContain(step.end)
          expect(step.titleStart).toBeGreaterThanOrEqual(step.start)
          expect(step.titleEnd).toBeGreaterThan(step.titleStart)
          expect(step.titleEnd).toBeLessThanOrEqual(step.end)
          expect(step.confidence).toBeGreaterThan(0)
          expect(step.confidence).toBeLessThanOrEqual(1)
        }
        const joined = [...joinToolCalls(steps, whole, toolCalls).values()].flat()
        expect(joined).toHaveLength(steps.length > 0 ? toolCalls.length : 0)
      }),
      {numRuns: 500},
    )
  })

  test('given steps stay as they are, and the rest is covered', () => {
    const given = fc.array(
      fc.record<GivenStep>({
        start: fc.integer({min: -2, max: 120}),
        end: fc.integer({min: -2, max: 120}),
        kind: fc.constantFrom(...STEP_KINDS),
      }),
      {maxLength: 5},
    )
    fc.assert(
      fc.property(anyText, given, (whole, said) => {
        const {sentences, steps} = analyzeReasoning(whole, {steps: said})
        expectCover(whole, sentences)
        expectCover(whole, steps)
        const [first] = said
        if (first === undefined || first.start < 0 || first.end > whole.length) return
        if (first.end <= first.start) return
        const words = whole.slice(first.start, first.end)
        if (words.trim() === '') return
        const from = first.start + words.length - words.trimStart().length
        expect(steps).toContainEqual(
          expect.objectContaining({
            start: from,
            end: from + words.trim().length,
            kind: first.kind,
            confidence: 1,
          }),
        )
      }),
      {numRuns: 500},
    )
  })

  test('capped steps still cover it', () => {
    fc.assert(
      fc.property(anyText, fc.integer({min: 1, max: 6}), (whole, maxSteps) => {
        const found = analyzeReasoning(whole).steps
        const {steps, merged} = capSteps(found, maxSteps)
        expectCover(whole, steps)
        expect(steps.length).toBe(Math.min(found.length, maxSteps))
        expect(steps.length - (merged > 0 ? 1 : 0) + merged).toBe(found.length)
      }),
    )
  })
})

describe('cost grows with the length of the text and no faster', () => {
  const REPEATED: Record<string, string> = {
    prose: 'Let me check. The fee is 10%, so it is 8.91. Wait, is that right? Yes.\n\n',
    'one line': 'abcdefghij',
    stops: '.',
    closers: '.)"',
    'line breaks': '\n',
    'spaces and line breaks': '   \n',
    fences: '```\n',
    'tilde and backtick fences': '~~~\n```\n\n',
    tables: '| a |\n',
    'bold text that never closes': '**a b\n\n',
    'list marks': '- - - ',
    headings: '# # #',
    initials: 'A. B. ',
    'tool names': 'lookup_order ',
    'wide stops': '。',
    'half characters': '\ud83d',
    interjections: 'Hmmmm, okay, wait, ',
  }

  /** Quickest of several runs: what the machine does besides only ever adds. */
  function fastest(work: () => void): number {
    let best = Infinity
    for (let round = 0; round < 3; round += 1) {
      const before = cpuNow()
      work()
      best = Math.min(best, cpuNow() - before)
    }
    return best
  }

  test.each(
    Object.keys(REPEATED).flatMap((what) => [
      [what, 'rules', 20_000] as const,
      // Ten times the work for each sentence.
      [what, 'network', 5000] as const,
    ]),
  )('of %s, by the %s', (what, classifier, length) => {
    const unit = REPEATED[what]!
    const toolCalls = [{name: 'lookup_order'}]
    const short = unit.repeat(Math.ceil(length / unit.length))
    const long = unit.repeat(Math.ceil((8 * length) / unit.length))
    // Eight short texts are as much text as the long one.
    const inShort = fastest(() => {
      for (let i = 0; i < 8; i += 1) analyzeReasoning(short, {toolCalls, classifier})
    })
    const inLong = fastest(() => void analyzeReasoning(long, {toolCalls, classifier}))
    // Quadratic work would take eight times as long.
    expect(inLong / Math.max(inShort, 0.2)).toBeLessThan(4)
  })
})
