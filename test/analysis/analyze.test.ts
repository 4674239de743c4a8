import {describe, expect, test} from 'vitest'
import {analyzeReasoning, type AnalyzeOptions} from '../../src/analysis/analyze.ts'
import type {KindLabel} from '../../src/model.ts'

const TEXT =
  'The user wants a refund for order A-1042. Our policy allows returns within 30 days. ' +
  'That makes 23 days, which is inside the window.'

const kinds = (text: string, options?: AnalyzeOptions): string[] =>
  analyzeReasoning(text, options).steps.map(({kind}) => kind)

describe('analyzeReasoning', () => {
  test('finds sentences, steps and signals', () => {
    const {sentences, steps, signals} = analyzeReasoning(TEXT, {finishReasons: ['length']})
    expect(sentences.map(({start, end}) => TEXT.slice(start, end))).toEqual([
      'The user wants a refund for order A-1042.',
      'Our policy allows returns within 30 days.',
      'That makes 23 days, which is inside the window.',
    ])
    expect(steps.map(({kind}) => kind)).toEqual(['setup', 'fact', 'infer'])
    expect(signals).toMatchObject([{name: 'truncated', start: sentences[2]!.start}])
  })

  test('of nothing finds nothing', () => {
    expect(analyzeReasoning('')).toMatchObject({sentences: [], steps: [], signals: []})
    expect(analyzeReasoning(' \n\n ')).toMatchObject({sentences: [], steps: [], signals: []})
  })

  test('of hidden reasoning says that it was hidden', () => {
    expect(analyzeReasoning('', {visibility: 'hidden'}).signals).toMatchObject([
      {name: 'hidden', severity: 'info'},
    ])
    expect(analyzeReasoning('', {visibility: 'hidden', signals: {hidden: false}}).signals).toEqual(
      [],
    )
  })

  test('an answer takes the finish reason upon itself', () => {
    const finishReasons = ['length']
    expect(analyzeReasoning(TEXT, {finishReasons, answer: 'You will get'}).signals).toEqual([])
    expect(analyzeReasoning(TEXT, {finishReasons, answer: ' \n'}).signals).toHaveLength(1)
  })

  test('keeps given steps as they were said, and analyses the text between them', () => {
    const text = 'I should mention the policy first. A and B. And C. So the fee is due.'
    const start = text.indexOf('A and')
    const end = text.indexOf(' So the')
    const {steps, sentences} = analyzeReasoning(text, {steps: [{start, end, kind: 'backtrack'}]})
    expect(steps).toMatchObject([
      {kind: 'plan', start: 0, end: start - 1},
      {kind: 'backtrack', start, end, confidence: 1, titleStart: start},
      {kind: 'infer', start: end + 1, end: text.length},
    ])
    expect(sentences.map(({kind}) => kind)).toEqual(['plan', 'backtrack', 'backtrack', 'infer'])
  })

  test('a sentence does not run on over the edge of a given step', () => {
    const {steps} = analyzeReasoning('one two three', {steps: [{start: 4, end: 7, kind: 'act'}]})
    expect(steps.map(({start, end}) => [start, end])).toEqual([
      [0, 3],
      [4, 7],
      [8, 13],
    ])
  })

  test('given steps that cannot be are left out', () => {
    const given = [
      {start: 0, end: 3, kind: 'plan'},
      {start: 2, end: 7, kind: 'act'},
      {start: Number.NaN, end: 9, kind: 'act'},
      {start: 9, end: 8, kind: 'act'},
      {start: 8, end: 999, kind: 'verify'},
      {start: 50, end: 60, kind: 'verify'},
    ] as const
    expect(analyzeReasoning('one two three', {steps: given}).steps).toMatchObject([
      {start: 0, end: 3, kind: 'plan'},
      {start: 4, end: 7, kind: 'act'},
      {start: 8, end: 13, kind: 'verify'},
    ])
  })

  test('takes the labels of a classifier of your own', () => {
    let seen: unknown
    const labels = kinds('One thing. Another.', {
      toolCalls: [{name: 'lookup_order'}],
      answer: 'Yes.',
      classifier: (sentences, context) => {
        seen = [sentences, context]
        return sentences.map(() => ({kind: 'verify', confidence: 0.7}))
      },
    })
    expect(labels).toEqual(['verify'])
    expect(seen).toEqual([
      ['One thing.', 'Another.'],
      {
        text: 'One thing. Another.',
        answer: 'Yes.',
        toolCalls: [{name: 'lookup_order'}],
        visibility: 'full',
      },
    ])
  })

  test('is not asked to classify nothing', () => {
    const classifier = (): never => {
      throw new Error('asked')
    }
    expect(analyzeReasoning('', {classifier}).sentences).toEqual([])
  })

  test('labels by rules where a classifier answers with a promise', async () => {
    const later = Promise.reject<readonly KindLabel[]>(new Error('too late'))
    expect(kinds(TEXT, {classifier: () => later})).toEqual(kinds(TEXT))
    await expect(later).rejects.toThrow('too late')
  })

  test.each<[what: string, call: () => unknown, message: RegExp]>([
    ['no text', () => analyzeReasoning(undefined as never), /`text` must be a string.*undefined/],
    [
      'a block in place of its text',
      () => analyzeReasoning({text: 'x'} as never),
      /Did you mean `analyzeReasoning\(block\.text\)`/,
    ],
    ['options of null', () => analyzeReasoning('x', null as never), /`options` must be an object/],
    [
      'a classifier by an unknown name',
      () => analyzeReasoning('x', {classifier: 'gpt' as never}),
      /`classifier` must be 'network', 'rules' or a function, got `gpt`/,
    ],
    [
      'an unknown granularity',
      () => analyzeReasoning('x', {granularity: 'tiny' as never}),
      /`granularity` must be one of fine, medium, coarse, got `tiny`/,
    ],
    [
      'an unknown visibility',
      () => analyzeReasoning('x', {visibility: 'secret' as never}),
      /`visibility` must be one of full, .*got `secret`/,
    ],
    [
      'a finish reason that is no list',
      () => analyzeReasoning('x', {finishReasons: 'length' as never}),
      /`finishReasons` must be an array of strings, got `length`/,
    ],
    [
      'tool calls without names',
      () => analyzeReasoning('x', {toolCalls: [{}] as never}),
      /`toolCalls` must be an array of `{name}`, got an array of 1/,
    ],
    [
      'a step of an unknown kind',
      () => analyzeReasoning('x', {steps: [{start: 0, end: 1, kind: 'think' as never}]}),
      /`steps` must be .* kinds of setup, plan/,
    ],
    [
      'an unknown signal',
      () => analyzeReasoning('x', {signals: {hiden: false} as never}),
      /`signals` must be .*hidden.*got an object with hiden/,
    ],
    [
      'an answer that is no text',
      () => analyzeReasoning('x', {answer: 42 as never}),
      /`answer` must be a string, got `42`/,
    ],
    [
      'a classifier that returns too few labels',
      () => analyzeReasoning('One. Two.', {classifier: () => []}),
      /one label a sentence: expected 2, got 0 labels/,
    ],
    [
      'a classifier that returns a kind of its own',
      () => analyzeReasoning('One.', {classifier: () => [{kind: 'x' as never, confidence: 1}]}),
      /kinds of setup.*got `x`/,
    ],
    [
      'a classifier that returns per cent',
      () => analyzeReasoning('One.', {classifier: () => [{kind: 'fact', confidence: 90}]}),
      /confidence from 0 to 1, got `90`/,
    ],
  ])('throws a TypeError that helps on %s', (_, call, message) => {
    expect(call).toThrow(TypeError)
    expect(call).toThrow(message)
  })
})

test('checks have an outcome each, and what is missed is a signal', () => {
  const text = 'The window is 30 days. So the refund is allowed.'
  const checks = [
    {name: 'window', mentions: 'window'},
    {name: 'no_refund', never_mentions: 'refund'},
    {name: 'called', tool_called_only_after: {tool: 'pay', mentions: 'window'}},
  ]
  const analysis = analyzeReasoning(text, {checks})
  expect(analysis.checks).toEqual([
    {name: 'window', result: 'met', severity: 'warning', start: 4, end: 10},
    {name: 'no_refund', result: 'missed', severity: 'warning', start: 30, end: 36},
    {name: 'called', result: 'not_applicable', severity: 'warning', start: 0, end: 0},
  ])
  expect(analysis.signals).toEqual([
    expect.objectContaining({name: 'check_missed', check: 'no_refund', start: 30, end: 36}),
  ])
  expect(analyzeReasoning(text, {checks, signals: {check_missed: false}}).signals).toEqual([])
  expect(analyzeReasoning(text).checks).toBeUndefined()
  expect(() => analyzeReasoning(text, {checks: [{name: 'x'}]})).toThrow(
    'check `x`: expects nothing',
  )
})
