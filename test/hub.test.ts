import {expect, test} from 'vitest'
import {type Contribution, createHub, getHub} from '../src/hub.ts'
import {NOTHING_CAPTURED} from '../src/merge.ts'

const told = (text: string): Contribution => ({
  origin: 'log',
  call: {
    ...NOTHING_CAPTURED,
    items: [{type: 'reasoning', block: {text, visibility: 'full', source: 'log'}}],
  },
})

test('gives every reader what was told of a span, and consumes nothing', () => {
  const hub = createHub()
  hub.contribute('t', 's', told('one'))
  hub.contribute('t', 's', told('two'))
  expect(hub.read('t', 's')).toHaveLength(2)
  expect(hub.read('t', 's')).toHaveLength(2)
  expect(hub.read('t', 'other')).toEqual([])
})

test('evicts after ten minutes and counts what nobody had read', () => {
  let now = 0
  const hub = createHub(() => now)
  hub.contribute('t', 'read', told('one'))
  hub.contribute('t', 'unread', told('two'))
  hub.read('t', 'read')
  now = 600_001
  hub.contribute('t', 'new', told('three'))
  expect(hub.read('t', 'read')).toEqual([])
  expect(hub.orphaned()).toBe(1)
  expect(hub.read('t', 'new')).toHaveLength(1)
})

test('holds 32 MiB of text and 20,000 spans, and gives up the oldest', () => {
  const hub = createHub()
  const text = 'x'.repeat(4 * 1024 * 1024)
  for (let i = 0; i < 6; i += 1) hub.contribute('t', `s${i}`, told(text))
  expect(hub.length()).toBeLessThanOrEqual(16 * 1024 * 1024)
  expect(hub.read('t', 's0')).toEqual([])
  expect(hub.read('t', 's5')).toHaveLength(1)
  const many = createHub()
  for (let i = 0; i < 20_010; i += 1) many.contribute('t', `s${i}`, told('x'))
  expect(many.orphaned()).toBe(10)
})

test('tells listeners until they leave', () => {
  const hub = createHub()
  const heard: string[] = []
  const leave = hub.subscribe((traceId, spanId) => heard.push(`${traceId}:${spanId}`))
  hub.contribute('t', 'a', told('one'))
  leave()
  hub.contribute('t', 'b', told('two'))
  expect(heard).toEqual(['t:a'])
})

test('is one for the process, over copies of the package', () => {
  const symbol = Symbol.for('otel-reasoning.hub.v1')
  expect(getHub()).toBe(getHub())
  expect((globalThis as Record<symbol, unknown>)[symbol]).toBe(getHub())
})
