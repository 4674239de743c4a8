import {INVALID_SPAN_CONTEXT, TraceFlags} from '@opentelemetry/api'
import {expect, test} from 'vitest'
import {type Contribution, contributeTo, createHub, getHub} from '../src/hub.ts'
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

test('counts arrivals and steps, and tells how much waits for a span', () => {
  const hub = createHub()
  hub.contribute('t', 'plain', told('one'))
  const plain = hub.lengthOf('t', 'plain')
  const arrivals = Array.from({length: 100}, (_, i) => ({
    offset: 0,
    time: [i, 0] as [number, number],
  }))
  const steps = [{start: 0, end: 3, kind: 'plan' as const}]
  const [item] = told('one').call.items
  if (item?.type !== 'reasoning') throw new Error('expected a block')
  const block = {...item.block, arrivals, steps}
  hub.contribute('t', 'timed', {
    origin: 'log',
    call: {...NOTHING_CAPTURED, items: [{type: 'reasoning', block}]},
  })
  expect(hub.lengthOf('t', 'timed')).toBe(plain + 101 * 32)
  expect(hub.length()).toBe(2 * plain + 101 * 32)
  expect(hub.lengthOf('t', 'other')).toBe(0)
})

test('gives up what is too old when it is read, too', () => {
  let now = 0
  const hub = createHub(() => now)
  hub.contribute('t', 's', told('one'))
  now = 600_001
  expect(hub.length()).toBe(0)
  expect(hub.read('t', 's')).toEqual([])
  expect(hub.orphaned()).toBe(1)
})

test('a listener that throws stops neither the others nor the contributor', () => {
  const hub = createHub()
  const heard: string[] = []
  hub.subscribe(() => {
    throw new Error('broken')
  })
  hub.subscribe((_, spanId) => heard.push(spanId))
  expect(() => hub.contribute('t', 'a', told('one'))).not.toThrow()
  expect(heard).toEqual(['a'])
})

test('what a listener took is no orphan; what came for a span that was read before is one', () => {
  let now = 0
  const hub = createHub(() => now)
  hub.subscribe((_, spanId) => spanId === 'taken')
  hub.contribute('t', 'taken', told('one'))
  hub.contribute('t', 'ended', told('two'))
  hub.read('t', 'ended')
  hub.contribute('t', 'ended', told('three'))
  hub.contribute('t', 'ended', told('four'))
  now = 600_001
  expect(hub.length()).toBe(0)
  expect(hub.orphaned()).toBe(2)
})

test('leaves out what is told of no span, or of one that is not sampled', () => {
  const before = getHub().length()
  const spanId = 'abcdefabcdefabcd'
  const traceId = 'abcdefabcdefabcdabcdefabcdefabcd'
  contributeTo(INVALID_SPAN_CONTEXT, told('one'))
  contributeTo({traceId, spanId, traceFlags: TraceFlags.NONE}, told('one'))
  expect(getHub().length()).toBe(before)
  contributeTo({traceId, spanId, traceFlags: TraceFlags.SAMPLED}, told('one'))
  expect(getHub().read(traceId, spanId)).toHaveLength(1)
})
