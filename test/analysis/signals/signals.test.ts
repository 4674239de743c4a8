import {describe, expect, test} from 'vitest'
import type {BlockFacts} from '../../../src/analysis/signals/detector.ts'
import {findSignals} from '../../../src/analysis/signals/index.ts'
import {ANALYZER_VERSION} from '../../../src/analysis/version.ts'
import type {Signal} from '../../../src/model.ts'

const TEXT = 'The window is 30 days. So the'

function signalsOf(facts: Partial<BlockFacts>, text = TEXT): Signal[] {
  const sentences =
    text === ''
      ? []
      : [
          {start: 0, end: 22, kind: 'fact' as const, confidence: 0.8},
          {start: 23, end: text.length, kind: 'infer' as const, confidence: 0.8},
        ]
  return findSignals({
    text,
    sentences,
    steps: [],
    facts: {
      visibility: 'full',
      incomplete: false,
      finishReasons: [],
      isLast: true,
      answer: undefined,
      hasAnswer: false,
      toolCalls: [],
      signals: {},
      ...facts,
    },
  })
}

const names = (facts: Partial<BlockFacts>, text?: string): string[] =>
  signalsOf(facts, text).map(({name}) => name)

describe('truncated', () => {
  test.each(['length', 'max_tokens', 'MAX_TOKENS', 'max_output_tokens', 'incomplete', 'maxTokens'])(
    'is raised where a call ended by %s',
    (reason) => {
      expect(signalsOf({finishReasons: [reason]})).toEqual([
        {
          name: 'truncated',
          severity: 'warning',
          start: 23,
          end: TEXT.length,
          confidence: 1,
          detector: ANALYZER_VERSION,
        },
      ])
    },
  )

  test.each(['stop', 'end_turn', 'tool_calls', 'content_filter', 'content-filter', 'refusal', ''])(
    'is not raised where a call ended by %j',
    (reason) => {
      expect(signalsOf({finishReasons: [reason]})).toEqual([])
    },
  )

  test('is not raised where the limit cut what came after the reasoning', () => {
    const finishReasons = ['length']
    expect(names({finishReasons, answer: 'Your order', hasAnswer: true})).toEqual([])
    expect(names({finishReasons, toolCalls: [{name: 'lookup_order'}]})).toEqual([])
    expect(names({finishReasons, isLast: false})).toEqual([])
  })

  test('is raised where the text was cut before we saw it, whatever came after', () => {
    expect(names({incomplete: true, hasAnswer: true, isLast: false})).toEqual(['truncated'])
  })

  test('points at nothing where nothing was shown', () => {
    const signals = signalsOf({visibility: 'hidden', finishReasons: ['length']}, '')
    expect(signals.map(({name, start, end}) => [name, start, end])).toEqual([
      ['hidden', 0, 0],
      ['truncated', 0, 0],
    ])
  })
})

describe('hidden', () => {
  test.each([
    ['hidden', ['hidden']],
    ['encrypted', []],
    ['redacted', []],
    ['summary', []],
    ['full', []],
  ] as const)('of %s reasoning: %j', (visibility, expected) => {
    expect(names({visibility}, '')).toEqual(expected)
  })
})

test('signals that are turned off are not looked for', () => {
  expect(names({incomplete: true, visibility: 'hidden', signals: {hidden: false}})).toEqual([
    'truncated',
  ])
  expect(names({incomplete: true, signals: {truncated: false, hidden: true}})).toEqual([])
})
