/** `missing_condition`, `unresolved`, `hedging` and `overthinking`. */
import {describe, expect, test} from 'vitest'
import {signal} from './detect.ts'

describe('missing_condition', () => {
  test('is raised where the text says again and again that something was not given', () => {
    const text =
      "The problem doesn't specify the speed. Without knowing the speed I can't compute the time. Maybe it is missing. Without more information, no time can be given. The question doesn't give the distance either."
    expect(signal('missing_condition', text)).toBeDefined()
  })

  test.each([
    "The problem doesn't say so, but the usual reading is a full week. So it is 7 days.",
    'The price is given in the table. The date is given too.',
  ])('is not raised by %j', (text) => {
    expect(signal('missing_condition', text)).toBeUndefined()
  })
})

describe('unresolved', () => {
  const START = 'The invoice says 40 units. The delivery note says 36. One of them is wrong. '

  test.each([
    'Without the order it cannot be determined which one is right.',
    "I still can't decide which of the two to believe.",
    'It remains unclear what was delivered.',
  ])('is raised where the end is %j', (end) => {
    const text = START + end
    const found = signal('unresolved', text)
    expect(text.slice(found!.start, found!.end)).toBe(end)
  })

  test.each([
    "It remains unclear what was delivered, so I'll go with the delivery note.",
    "I'm not sure which one is right. I'll ask the supplier.",
    'So 36 were delivered.',
  ])('is not raised where the end is %j', (end) => {
    expect(signal('unresolved', START + end)).toBeUndefined()
  })

  test('is not raised where a call follows, which may settle it', () => {
    const text = `${START}It remains unclear what was delivered.`
    expect(signal('unresolved', text, {toolCalls: [{name: 'get_order'}]})).toBeUndefined()
  })
})

describe('hedging', () => {
  test('is raised where the last sentences are soft and none settles it', () => {
    const text =
      'The sky was red. Maybe it was the dust. Perhaps it was the sun, I guess. It could be both. It might have been something else.'
    expect(signal('hedging', text)).toBeDefined()
  })

  test('is not raised where it is settled', () => {
    const text =
      'Maybe it was the dust. Perhaps it was the sun. It could be both. The report says dust. So it was the dust.'
    expect(signal('hedging', text)).toBeUndefined()
  })
})

describe('overthinking', () => {
  const ROUNDS = [
    'Wait, did I read the number of boxes right?',
    'Let me verify it with the invoice of the second week, line by line.',
    'Alternatively, the price could be computed from the total.',
    'Hmm, the delivery fee was in the first invoice and not in this one.',
    'Let me double-check the date of the return and the name of the shop.',
    'But wait, the tiles were blue and the others were grey.',
    'Hold on, is that the price with or without tax?',
  ]
  const text = [
    'Three boxes at 18 euros go back. So the answer is 54.',
    ...Array.from(
      {length: 70},
      (_, i) =>
        `${ROUNDS[i % 7]} Number ${i} of the list has ${i * 13} words. ${i % 9 === 0 ? 'The answer is 54.' : ''}`,
    ),
    'So the answer is 54.',
  ].join(' ')

  test('is raised where most of the text comes after its answer, in new starts', () => {
    expect(signal('overthinking', text)?.severity).toBe('info')
  })

  test('is not raised where the answer comes at the end', () => {
    expect(
      signal(
        'overthinking',
        text.replaceAll('The answer is 54.', '').replace('So the answer is 54.', ''),
      ),
    ).toBeUndefined()
  })
})
