import {expect, test} from 'vitest'
import {signal} from './detect.ts'

const HEAD =
  'The customer bought 12 boxes of tiles and returned 3 of them on Monday. The shop takes back unopened boxes within thirty days.\n\n'
const ROUND =
  'The returned boxes were unopened, so the shop owes the price of 3 boxes. Each box costs 18 euros including the delivery fee. That makes 54 euros for the returned boxes altogether.'

const rounds = (count: number, change: (round: string, i: number) => string): string =>
  HEAD + Array.from({length: count}, (_, i) => change(ROUND, i)).join('\n\n')

const OPENERS = ['Wait, ', 'Hmm, ', 'But hold on, ', 'Let me check once more: ', 'Okay, so ']

test.each([
  ['the same words', rounds(6, (round) => round)],
  [
    'other numbers',
    rounds(6, (round, i) => round.replaceAll(/\d+/g, (n) => String(Number(n) + ((i * 7) % 5)))),
  ],
  ['other openers', rounds(6, (round, i) => OPENERS[i % 5]! + round)],
  [
    'sentences in another order',
    rounds(6, (round, i) => {
      const parts = round.split(/(?<=\.) /)
      return [...parts.slice(i % 3), ...parts.slice(0, i % 3)].join(' ')
    }),
  ],
])('a passage six times with %s is a loop, from its second round on', (_, text) => {
  const found = signal('loop', text)
  expect(found?.severity).toBe('warning')
  expect(Math.abs(found!.start - HEAD.length - ROUND.length)).toBeLessThan(80)
  expect(found!.end).toBeGreaterThan(text.length - 40)
})

test('a passage in Chinese six times is a loop', () => {
  const round =
    '退回的箱子没有打开过,所以商店应该退还三箱的价钱。每箱的价格是十八欧元,其中已经包含运费。'
  expect(signal('loop', Array.from({length: 6}, () => round).join('\n'))).toBeDefined()
})

test.each([
  ['said once', HEAD + ROUND],
  ['said twice, as a check does', rounds(2, (round) => round)],
  [
    'an enumeration in the same words',
    HEAD +
      Array.from(
        {length: 20},
        (_, i) =>
          `Day ${i + 1}: the shop sells ${i * 3 + 4} boxes and orders ${i + 9} new ones from the store.`,
      ).join('\n'),
  ],
  ['a table of values', Array.from({length: 60}, (_, i) => `x = ${i}: ${i * i}`).join('\n')],
  ['nothing', ''],
])('%s is no loop', (_, text) => {
  expect(signal('loop', text)).toBeUndefined()
})

test('a quoted problem that comes back three times among other thoughts is no loop', () => {
  const quote =
    '"Twelve boxes of tiles were bought and three of them were returned unopened on Monday; how much money does the shop owe the customer?"'
  const thoughts = [
    'First I need the price, which stands in the catalogue under floors.',
    'Delivery may be refunded or not, that depends on the tariff chosen in April.',
    'Perhaps the discount of the second order changes what was paid at the till.',
  ]
  const text = thoughts.map((thought) => `${thought} The question says: ${quote}`).join('\n\n')
  expect(signal('loop', text)).toBeUndefined()
})
