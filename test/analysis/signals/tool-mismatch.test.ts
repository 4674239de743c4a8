import {expect, test} from 'vitest'
import {literalsIn} from '../../../src/analysis/signals/literals.ts'
import {signal} from './detect.ts'

const raised = (text: string, name: string, args: object): boolean =>
  signal('tool_mismatch', text, {toolCalls: [{name, arguments: JSON.stringify(args)}]}) !==
  undefined

test.each([
  [
    "The order is inside the window. I'll refund order C-3391 now.",
    'issue_refund',
    {order: 'C-3319'},
  ],
  ['Let me open config/server.yaml and look at the port.', 'open_file', {path: 'src/index.html'}],
  ["The dates fit. I'll retrieve the booking R-7714 first.", 'cancel_booking', {booking: 'R-7174'}],
  ['I will write to anna@example.org about it.', 'send_email', {to: 'anne@example.org'}],
])('%j and a call of %s with %j is a mismatch', (text, name, args) => {
  expect(raised(text, name, args)).toBe(true)
})

test.each([
  [
    "The order is inside the window. I'll refund order C-3391 now.",
    'issue_refund',
    {order: 'C-3391'},
  ],
  [
    "The order is inside the window. I'll refund order C-3391 now.",
    'issue_refund',
    {order: 'c3391'},
  ],
  [
    'Let me open config/server.yaml and look at the port.',
    'open_file',
    {path: './config/server.yaml'},
  ],
  ["I'll look up the order C-3391.", 'lookup_order', {order_id: 'C-3391'}],
  [
    'The refund is 1,250.00 euros. Issue the refund for C-3391.',
    'issue_refund',
    {order: 'C-3391', amount: 1250},
  ],
  ['Calling search_flights for 24 May.', 'search_flights', {date: '2024-05-24'}],
])('%j and a call of %s with %j is none', (text, name, args) => {
  expect(raised(text, name, args)).toBe(false)
})

test('without a call there is nothing to compare', () => {
  expect(signal('tool_mismatch', "I'll refund order C-3391 now.")).toBeUndefined()
})

test('literals are compared by what they are, not by how they are written', () => {
  const values = literalsIn('R-771, r_771, 1,250.00, 1250, ./a/b.py, 2024-05-24, x@y.org').map(
    ({type, value}) => `${type} ${value}`,
  )
  expect(values).toEqual([
    'id r771',
    'id r771',
    'number 1250',
    'number 1250',
    'file a/b.py',
    'date 2024-05-24',
    'email x@y.org',
  ])
})
