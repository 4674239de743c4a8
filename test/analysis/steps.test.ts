import {describe, expect, test} from 'vitest'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {capSteps, mergeSteps} from '../../src/analysis/steps.ts'
import type {Turn} from '../../src/analysis/turns.ts'
import {
  GRANULARITIES,
  type Granularity,
  type Sentence,
  type Step,
  type StepKind,
} from '../../src/model.ts'

type Said = readonly [text: string, kind: StepKind, confidence?: number]

/** Sentences with their kinds, and the text that they make. */
function saying(...said: readonly Said[]): {text: string; sentences: Sentence[]} {
  let text = ''
  const sentences = said.map(([words, kind, confidence = 0.8]) => {
    const start = text.length
    text += `${words}\n`
    return {start, end: start + words.length, kind, confidence}
  })
  return {text, sentences}
}

const steps = (...said: readonly Said[]): string[] => {
  const {text, sentences} = saying(...said)
  return mergeSteps(text, sentences).map(
    ({kind, start, end}) => `${kind}: ${text.slice(start, end).replaceAll('\n', ' / ')}`,
  )
}

const titles = (...said: readonly Said[]): string[] => {
  const {text, sentences} = saying(...said)
  return mergeSteps(text, sentences).map(({titleStart, titleEnd}) =>
    text.slice(titleStart, titleEnd),
  )
}

describe('mergeSteps', () => {
  test('no sentences make no steps', () => {
    expect(mergeSteps('', [])).toEqual([])
  })

  test('a run of one kind is a step', () => {
    expect(
      steps(['A is 1.', 'fact'], ['B is 2.', 'fact'], ['So C is 3.', 'infer'], ['D.', 'fact']),
    ).toEqual(['fact: A is 1. / B is 2.', 'infer: So C is 3.', 'fact: D.'])
  })

  test('chatter and labels join the step that they introduce', () => {
    expect(
      steps(
        ['Hmm, okay.', 'other'],
        ['The window is 30 days.', 'fact'],
        ['Result:', 'other'],
        ['It is open.', 'infer'],
      ),
    ).toEqual(['fact: Hmm, okay. / The window is 30 days.', 'infer: Result: / It is open.'])
  })

  test('chatter at the end joins the step before it', () => {
    expect(steps(['I call it.', 'act'], ['One moment.', 'other'], ['Okay.', 'other'])).toEqual([
      'act: I call it. / One moment. / Okay.',
    ])
  })

  test('chatter alone is a step of its own kind', () => {
    expect(steps(['Okay.', 'other'], ['Hmm.', 'other'])).toEqual(['other: Okay. / Hmm.'])
  })

  test('a long sentence of no kind stands alone', () => {
    const long = `Thank you ${'very much '.repeat(20)}indeed.`
    expect(steps(['A.', 'fact'], [long, 'other'], ['B.', 'fact'])).toEqual([
      'fact: A.',
      `other: ${long}`,
      'fact: B.',
    ])
  })

  test('chatter does not split a run, a heading does', () => {
    expect(steps(['A.', 'infer'], ['Okay.', 'other'], ['B.', 'infer'])).toEqual([
      'infer: A. / Okay. / B.',
    ])
    expect(steps(['A.', 'infer'], ['**Fees**', 'other'], ['B.', 'infer'])).toEqual([
      'infer: A.',
      'infer: **Fees** / B.',
    ])
  })

  test('one unsure sentence begins no step, two or a sure one do', () => {
    expect(steps(['A.', 'fact'], ['B.', 'infer', 0.3], ['C.', 'fact'])).toEqual([
      'fact: A. / B. / C.',
    ])
    expect(steps(['A.', 'fact'], ['B.', 'infer', 0.7], ['C.', 'fact'])).toHaveLength(3)
    expect(
      steps(['A.', 'fact'], ['B.', 'infer', 0.3], ['C.', 'infer', 0.3], ['D.', 'fact']),
    ).toHaveLength(3)
    expect(steps(['A.', 'fact'], ['B.', 'infer', 0.3], ['C.', 'plan'])).toEqual([
      'fact: A. / B.',
      'plan: C.',
    ])
  })

  test('how a check came out is part of what was checked', () => {
    expect(
      steps(
        ['So the fee is 8.91.', 'infer'],
        ["Yes, that's correct.", 'verify'],
        ['The rest is 80.19.', 'infer'],
        ['Let me check the fee again.', 'verify'],
        ['It is 8.91.', 'verify'],
        ['The refund is 80.19.', 'conclude'],
      ),
    ).toEqual([
      "infer: So the fee is 8.91. / Yes, that's correct. / The rest is 80.19.",
      'verify: Let me check the fee again. / It is 8.91.',
      'conclude: The refund is 80.19.',
    ])
  })

  test('a check begins where the model turns to it, not at the chatter before', () => {
    expect(
      steps(
        ['A is 1.', 'infer'],
        ['Hmm.', 'other'],
        ['Wait, is the fee ten per cent?', 'verify'],
        ['B.', 'infer'],
      ),
    ).toEqual(['infer: A is 1. / Hmm.', 'verify: Wait, is the fee ten per cent?', 'infer: B.'])
  })

  test('an opener that says nothing goes with what it opens', () => {
    expect(
      steps(
        ['The fee is 8.91.', 'infer'],
        ['Let me check:', 'verify'],
        ['10% of 89.10 is 8.91.', 'infer'],
        ['So the refund is 80.19.', 'conclude'],
      ),
    ).toEqual([
      'infer: The fee is 8.91.',
      'verify: Let me check: / 10% of 89.10 is 8.91.',
      'conclude: So the refund is 80.19.',
    ])
  })

  test('a step of many kinds is of that which most of its text has', () => {
    const {text, sentences} = saying(
      ...Array.from({length: 60}, (_, i): Said => [`First sentence number ${i} here.`, 'fact']),
      ['One inference in between.', 'infer'],
      ['The window is thirty days for all goods but food.', 'fact'],
      ['Then back to it.', 'infer'],
    )
    expect(mergeSteps(text, sentences, 'fine')).toHaveLength(4)
    expect(mergeSteps(text, sentences, 'coarse').map(({kind}) => kind)).toEqual(['fact', 'fact'])
  })

  describe('of a long text', () => {
    const kinds: readonly StepKind[] = [
      'plan',
      'fact',
      'infer',
      'infer',
      'fact',
      'infer',
      'conclude',
    ]
    const {text, sentences} = saying(
      ...Array.from({length: 900}, (_, i): Said => [
        `Here is sentence number ${i} of a rather long trace.`,
        i % 45 === 44 ? 'verify' : (kinds[i % 7] as StepKind),
      ]),
    )
    const found = (granularity: Granularity): Step[] => mergeSteps(text, sentences, granularity)

    test('are tens, not hundreds, and as many as is asked for', () => {
      expect(found('fine').length).toBeGreaterThan(600)
      expect(found('medium').length).toBeGreaterThan(30)
      expect(found('medium').length).toBeLessThan(80)
      expect(found('coarse').length).toBeLessThan(found('medium').length)
      expect(mergeSteps(text, sentences)).toEqual(found('medium'))
    })

    test('hold every turn to a check, but for coarse ones', () => {
      const checks = GRANULARITIES.map(
        (granularity) => found(granularity).filter(({kind}) => kind === 'verify').length,
      )
      expect(checks.slice(0, 2)).toEqual([20, 20])
      expect(checks[2]).toBeGreaterThan(10)
    })
  })

  test('is as sure of a step as of its own sentences, by their length', () => {
    const {text, sentences} = saying(
      ['Okay.', 'other', 0.1],
      ['1234567890', 'fact', 0.9],
      ['12345', 'fact', 0.6],
    )
    expect(mergeSteps(text, sentences)[0]!.confidence).toBe(0.8)
  })
})

describe('the title of a step', () => {
  test.each<[title: string, sentence: string]>([
    ['the box was opened.', 'Wait, the box was opened.'],
    ['the box was opened.', 'Hmm, okay, but wait: the box was opened.'],
    ['The box was opened.', 'Okay... The box was opened.'],
    ['So the window is open.', 'So the window is open.'],
    ['Window: 30 days', '- Window: 30 days'],
    ['Pay the fee', '2. Pay the fee'],
    ['Identify the policy', '## 3. Identify the policy'],
    ['Identify the policy', '**Identify the policy:**'],
    ['**Flex** or **Basic**', '**Flex** or **Basic**'],
    ['const fee = 8.91', '```js\nconst fee = 8.91\npay(fee)\n```'],
    ['She wrote this:', 'She wrote this:\nthe box was opened'],
    ['Wait.', 'Wait.'],
    ['###', '###'],
    ['-', '-'],
  ])('is %j of %j', (title, sentence) => {
    expect(titles([sentence, 'fact'])).toEqual([title])
  })

  test('is the heading, where there is one', () => {
    expect(
      titles(['**Checking the opened-box exception**', 'other'], ['It adds a fee.', 'verify']),
    ).toEqual(['Checking the opened-box exception'])
  })

  test('is the first sentence of its kind that says something', () => {
    expect(
      titles(['Okay.', 'other'], ['Wait.', 'verify'], ['Is the fee 10% or 15%?', 'verify']),
    ).toEqual(['Is the fee 10% or 15%?'])
  })

  test('is bounded, and never half a character', () => {
    const [title] = titles(['😀'.repeat(500), 'fact'])
    expect(title!.length).toBeLessThanOrEqual(240)
    expect(title!.isWellFormed()).toBe(true)
  })
})

describe('turns', () => {
  const FILLER = ['It is the base for all that follows.', 'infer'] as const
  const turning = (...said: readonly (readonly [text: string, kind: StepKind, turn?: Turn])[]) => {
    const {text, sentences} = saying(
      ...said.map(([words, kind, turn]): Said => [words, kind, turn === undefined ? 0.8 : 0.4]),
    )
    const turns = said.map(([, , turn]) => turn)
    return mergeSteps(text, sentences, 'medium', turns).map(
      ({kind, start, end}) => `${kind}: ${text.slice(start, end).replaceAll('\n', ' / ')}`,
    )
  }

  test('a sure one begins a step of its kind, whatever the sentence is', () => {
    expect(
      turning(
        ['A is 1.', 'infer'],
        FILLER,
        ["Alternatively, use Heron's formula.", 'plan', {kind: 'backtrack', confidence: 0.8}],
        ['So the area is 6.', 'infer'],
        FILLER,
        [
          'Is the formula meant for right triangles?',
          'uncertainty',
          {kind: 'verify', confidence: 0.5},
        ],
        ['The sides are 3, 4 and 5.', 'fact'],
        ['They make a right angle.', 'fact'],
      ),
    ).toEqual([
      'infer: A is 1. / It is the base for all that follows.',
      "backtrack: Alternatively, use Heron's formula.",
      'infer: So the area is 6. / It is the base for all that follows.',
      'verify: Is the formula meant for right triangles?',
      'fact: The sides are 3, 4 and 5. / They make a right angle.',
    ])
  })

  test('a check that is none begins no step', () => {
    const check = '3 times 3 and 4 times 4 are 25.'
    expect(
      turning(['A is 1.', 'infer'], [check, 'verify', {kind: 'verify', confidence: 0.002}], FILLER),
    ).toHaveLength(1)
    expect(
      turning(['A is 1.', 'infer'], [check, 'verify', {kind: 'verify', confidence: 0.1}], FILLER),
    ).toEqual(['infer: A is 1.', `verify: ${check}`, `infer: ${FILLER[0]}`])
  })

  test('a sentence of another kind that may turn begins no step', () => {
    expect(
      turning(
        ['A is 1.', 'infer'],
        ['B is 2.', 'infer', {kind: 'verify', confidence: 0.3}],
        ['C is 3.', 'infer'],
      ),
    ).toHaveLength(1)
  })

  test('a heading that announces another attempt turns back', () => {
    expect(
      steps(
        ['So the list has eight numbers.', 'infer'],
        ['**Another Alternative Attempt:**', 'other'],
        ['Perhaps it has three 9s.', 'plan'],
        ['Then the rest is 3.', 'infer'],
      ),
    ).toEqual([
      'infer: So the list has eight numbers.',
      'backtrack: **Another Alternative Attempt:** / Perhaps it has three 9s.',
      'infer: Then the rest is 3.',
    ])
    expect(
      steps(['A.', 'infer'], ['Another approach is to ask.', 'infer'], ['B.', 'infer']),
    ).toHaveLength(1)
  })

  test('what turned is as sure as such turns were right', () => {
    const {text, sentences} = saying(['A.', 'infer', 0.9], ['B, or else C.', 'plan', 0.9])
    const turn: Turn = {kind: 'backtrack', confidence: 0.9}
    expect(mergeSteps(text, sentences, 'medium', [undefined, turn])[1]!).toMatchObject({
      kind: 'backtrack',
      confidence: 0.6,
    })
  })
})

describe('capSteps', () => {
  const found: Step[] = ['A.', 'B.', 'C.', 'D.'].map((_, i) => ({
    start: i * 10,
    end: i * 10 + 8,
    kind: i % 2 === 0 ? 'fact' : 'infer',
    confidence: 0.5,
    titleStart: i * 10,
    titleEnd: i * 10 + 8,
  }))

  test('leaves steps alone that are few enough', () => {
    expect(capSteps(found, 4)).toEqual({steps: found, merged: 0})
    expect(capSteps(found, 4).steps).toBe(found)
  })

  test('merges the rest into the last one', () => {
    const {steps: kept, merged} = capSteps(found, 2)
    expect(kept).toEqual([found[0], {...found[1], end: 38}])
    expect(merged).toBe(3)
    expect(found[1]!.end).toBe(18)
  })

  test('keeps at least one', () => {
    expect(capSteps(found, 0)).toEqual({steps: [{...found[0], end: 38}], merged: 4})
  })
})

test('steps of real text begin and end with its sentences', () => {
  const text = 'Okay. The fee is 10%.\n\n- So it is 8.91.\n\nDone.'
  const sentences = splitSentences(text).map((range) => ({
    ...range,
    kind: 'fact' as const,
    confidence: 1,
  }))
  expect(mergeSteps(text, sentences)).toMatchObject([{start: 0, end: text.length}])
})
