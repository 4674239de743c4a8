import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {splitThinkTags} from '../../src/capture/think-tags.ts'

const reasoning = (text: string) => ({type: 'reasoning', text})
const text = (piece: string) => ({type: 'text', text: piece})

describe('what is reasoning', () => {
  test.each([
    ['<think>\nI check it.\n</think>\n\nYes.', 'I check it.'],
    ['<thinking>I check it.</thinking>Yes.', 'I check it.'],
    ['<THINK>I check it.</THINK>Yes.', 'I check it.'],
    ['<thought>I check it.</thought>\nYes.', 'I check it.'],
    ['<reasoning>I check it.</reasoning>\nYes.', 'I check it.'],
    ['[THINK]I check it.[/THINK]Yes.', 'I check it.'],
    ['◁think▷I check it.◁/think▷Yes.', 'I check it.'],
    ['<seed:think>I check it.</seed:think>Yes.', 'I check it.'],
    ['<|begin_of_thought|>I check it.<|end_of_thought|>Yes.', 'I check it.'],
    [
      '<|channel|>analysis<|message|>I check it.<|end|><|start|>assistant<|channel|>final<|message|>Yes.',
      'I check it.',
    ],
    ['我先核对日期。</think>\n\nYes.', '我先核对日期。'],
    ['I check it.</think>Yes.', 'I check it.'],
    ['I check it.\n</think>Yes.', 'I check it.'],
  ])('%j', (answer, thought) => {
    expect(splitThinkTags(answer)).toEqual([reasoning(thought), text('Yes.')])
  })

  test('several thoughts, each at its place', () => {
    expect(splitThinkTags('<think>one</think>A.\n<think>two</think>\nB.')).toEqual([
      reasoning('one'),
      text('A.\n'),
      reasoning('two'),
      text('B.'),
    ])
  })

  test('a thought about the tags ends at the tag that is not quoted', () => {
    expect(splitThinkTags('<think>the tag `</think>` closes it</think>Yes.')).toEqual([
      reasoning('the tag `</think>` closes it'),
      text('Yes.'),
    ])
  })

  test('a code fence that the thought left open does not swallow the end of the thought', () => {
    expect(splitThinkTags('<think>\n```py\nx = 1\n</think>\nYes.')).toEqual([
      reasoning('```py\nx = 1'),
      text('Yes.'),
    ])
  })

  test('an empty thought is none, and its tags are no answer', () => {
    expect(splitThinkTags('<think>\n\n</think>\n\nYes.')).toEqual([text('Yes.')])
  })
})

describe('an opening tag without an end', () => {
  test('makes the rest reasoning, incomplete', () => {
    expect(splitThinkTags('<think>I was about to')).toEqual([
      {type: 'reasoning', text: 'I was about to', incomplete: true},
    ])
  })

  test('is text where the model came to its own end, and in the middle', () => {
    expect(splitThinkTags(' <think> The temperature is 30°C.', true)).toBeUndefined()
    expect(splitThinkTags('Write\n<think> and then your thoughts.')).toBeUndefined()
  })
})

describe('what is not reasoning', () => {
  test.each([
    'No tags at all, just thinking aloud.',
    'Use `<think>` and `</think>` around it.',
    'Use <think> and </think> around it.',
    'Models close it with </think> and go on.',
    '```xml\n<think>\nsome long example of a thought\n</think>\n```\nThat is it.',
    '~~~\n<think>\nsome long example of a thought\n</think>\n~~~',
    'An answer.\n<reasoning>a section of the document it wrote, five words</reasoning>',
    'x < y and y > think',
  ])('%j', (answer) => {
    expect(splitThinkTags(answer)).toBeUndefined()
  })
})

test('nothing is lost: the pieces hold every word but the tags', () => {
  const words = fc.constantFrom(
    '<think>',
    '</think>',
    'a',
    'b c',
    '`',
    '```',
    '\n',
    '\n\n',
    ' ',
    '<thought>',
    '</thought>',
  )
  fc.assert(
    fc.property(fc.array(words, {maxLength: 30}), (parts) => {
      const answer = parts.join('')
      const pieces = splitThinkTags(answer)
      if (pieces === undefined) return
      const bare = (value: string): string => value.replace(/<\/?(?:think|thought)>|\s+/g, '')
      expect(bare(pieces.map((piece) => piece.text).join(''))).toBe(bare(answer))
    }),
    {numRuns: 3000},
  )
})

test.each([
  '\n<think>',
  '`<think>',
  'a<think>',
  '``` <think> ` ',
  '</think> x',
  '<think>a</think>',
])('the time grows with the length only: %j over and over', (unit) => {
  // CPU time, and the best of three: the machine may be busy with something else.
  const time = (count: number): number => {
    const answer = unit.repeat(count)
    const rounds = [1, 2, 3].map(() => {
      const start = process.cpuUsage()
      splitThinkTags(answer)
      return process.cpuUsage(start).user / 1000
    })
    return Math.min(...rounds)
  }
  time(5000)
  const [short, long] = [time(20_000), time(160_000)]
  // Eight times the text: quadratic work would take sixty-four times as long.
  expect(long).toBeLessThan(40 * Math.max(short, 4))
})
