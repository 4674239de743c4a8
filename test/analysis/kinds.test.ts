import {describe, expect, test} from 'vitest'
import {allCues} from '../../src/analysis/cues/index.ts'
import {featureVotes} from '../../src/analysis/feature-votes.ts'
import {FEATURE_NAMES} from '../../src/analysis/features.ts'
import {beginLabels, labelByRules} from '../../src/analysis/kinds.ts'
import {splitSentences} from '../../src/analysis/sentences.ts'
import {type KindLabel, STEP_KINDS, type StepKind} from '../../src/model.ts'

/** The kind of a sentence in the middle of other ones, where its place says nothing. */
function kindOf(sentence: string): StepKind {
  const around = ['The order was placed in May.', 'That is 23 days ago.']
  return labelByRules([...around, ...around, sentence, ...around, ...around])[4]!.kind
}

describe('labelByRules', () => {
  test('reads the refund agent as a person would', () => {
    const thought = [
      'The user wants a refund for order A-1042, so I first need to identify which policy applies.',
      'Our policy for electronics allows returns within 30 days of delivery, while clothing has 60 days.',
      'The order contains wireless headphones, which are electronics, so the 30-day window is the relevant one.',
      'The purchase date was March 3 and delivery was March 6, and today is March 29.',
      'That makes 23 days since delivery, which is inside the 30-day refund window.',
      'Wait, I should double-check whether the opened-box exception changes this, because the user said the box was opened.',
      'The exception only removes the restocking waiver, so the refund is still allowed minus a 10% restocking fee.',
      'I will therefore approve the refund of $89.10 and explain the fee clearly.',
    ]
    expect(labelByRules(thought, {text: thought.join(' ')}).map(({kind}) => kind)).toEqual([
      'setup',
      'fact',
      'infer',
      'fact',
      'infer',
      'verify',
      'infer',
      'conclude',
    ])
  })

  test('a call that follows makes its announcement an act', () => {
    const thought = [
      'The user wants a refund for order A-1042, but I do not know the delivery date yet.',
      'The refund window depends on the delivery date, so guessing would be wrong.',
      'I should call lookup_order with the order id before I compare it with the 30-day window.',
    ]
    const before = labelByRules(thought).at(-1)!
    const followed = labelByRules(thought, {toolCalls: [{name: 'lookup_order'}]}).at(-1)!
    expect(followed.kind).toBe('act')
    expect(followed.confidence).toBeGreaterThan(before.confidence)
  })

  test.each<[kind: StepKind, sentence: string]>([
    ['setup', 'The customer asks whether the second night can be refunded.'],
    ['setup', 'The user wants to know if the ticket can be changed.'],
    ['plan', 'I should mention the fee and keep the answer short.'],
    ['plan', 'Also mention that the voucher is still valid.'],
    ['fact', 'The policy states that guests may cancel until 18:00.'],
    ['infer', 'So the deadline passed two hours ago.'],
    ['infer', 'That means the fee is 8.91, which is less than the limit.'],
    ['verify', 'Let me double-check the dates again.'],
    ['verify', 'Yes, 49 + 49 + 49 = 147, that matches.'],
    ['backtrack', 'Wait, no, I made a mistake there.'],
    ['backtrack', 'Actually, I was wrong about the cap.'],
    ['uncertainty', 'I am not sure whether deposits count.'],
    ['uncertainty', 'Which account does he mean?'],
    ['conclude', 'Therefore, the final answer is 42.'],
    ['conclude', "I'd rate it 7 out of 10."],
    ['other', 'Hmm, okay.'],
    ['other', '### Result'],
    ['other', "Here's the breakdown:"],
  ])('takes for %s: %s', (kind, sentence) => {
    expect(kindOf(sentence)).toBe(kind)
  })

  test('list items follow what introduces them', () => {
    const sentences = [
      'The user wants to know what the shop does with late returns.',
      'The policy allows them within 30 days.',
      'I should structure the answer as follows:',
      '- a short summary',
      '- the fee',
    ]
    expect(labelByRules(sentences).map(({kind}) => kind)).toEqual([
      'setup',
      'fact',
      'plan',
      'plan',
      'plan',
    ])
  })

  test('does not claim to understand other languages', () => {
    for (const sentence of [
      '那就应该先让她插网线测一次，不是退费。',
      'Für Reihenbestuhlung wäre der große Saal also überhaupt kein Problem gewesen.',
      'Значит, возврат ещё возможен.',
    ]) {
      expect(labelByRules([sentence])[0]!.confidence).toBeLessThan(0.3)
    }
    expect(labelByRules(['これは正しいですか？'])[0]!.kind).toBe('uncertainty')
  })

  test('gives one label a sentence, wherever the sentences stand', () => {
    const sentences = ['So be it.', 'So be it.', 'nowhere in the text', '']
    const labels = labelByRules(sentences, {text: 'So be it. So be it.'})
    expect(labels).toHaveLength(4)
    for (const {kind, confidence} of labels) {
      expect(STEP_KINDS).toContain(kind)
      expect(confidence).toBeGreaterThan(0)
      expect(confidence).toBeLessThan(1)
    }
    expect(labelByRules([])).toEqual([])
  })

  test('labels the same in slices and at once', () => {
    const text = 'Let me check. The fee is 10%. So it is 8.91. Is that right? Yes. '.repeat(40)
    const ranges = splitSentences(text)
    const atOnce: KindLabel[] = []
    beginLabels(text, ranges)(ranges.length, atOnce)
    const inSlices: KindLabel[] = []
    const labelUntil = beginLabels(text, ranges)
    for (let until = 0; until <= ranges.length; until += 7) labelUntil(until, inSlices)
    labelUntil(ranges.length, inSlices)
    expect(inSlices).toEqual(atOnce)
  })
})

describe('the tables', () => {
  test('every cue has phrases that can be found, and no phrase is there twice in a group', () => {
    const names = new Set<string>()
    for (const [name, votes, phrases] of allCues()) {
      expect(names).not.toContain(name)
      names.add(name)
      expect(Object.keys(votes).length).toBeGreaterThan(0)
      const list = phrases.split(' | ')
      expect(new Set(list).size).toBe(list.length)
      for (const phrase of list) expect(phrase).toMatch(/^\^?[a-z#=']+( [a-z#=']+){0,3}$/)
    }
  })

  test('no vote is too large for the sum of a sentence', () => {
    // Two kinds share a number: each has 16 bits for all votes of a sentence.
    const all = [...allCues().map(([, votes]) => votes), ...Object.values(featureVotes())]
    for (const votes of all) {
      for (const vote of Object.values(votes)) expect(Math.abs(vote)).toBeLessThan(12.8)
    }
    expect((128 + 127) * all.length).toBeLessThan(0x10000)
  })

  test('every feature has votes and every vote a feature', () => {
    expect(Object.keys(featureVotes()).sort()).toEqual([...FEATURE_NAMES].sort())
  })
})
