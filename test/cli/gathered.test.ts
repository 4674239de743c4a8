import {describe, expect, test} from 'vitest'
import {Gathered} from '../../src/cli/gathered.ts'
import {readRequest} from '../../src/otlp/request.ts'

let made = 0

const request = (...names: string[]) => {
  const spans = names.map((name) => ({
    traceId: 'a'.repeat(32),
    spanId: String(++made).padStart(16, '0'),
    name,
  }))
  const read = readRequest({resourceSpans: [{scopeSpans: [{scope: {name: 'a'}, spans}]}]})
  if (read === undefined) throw new Error('not read')
  return read
}

test('what is over the limit is left out and counted', () => {
  const gathered = new Gathered(undefined, 1000)
  gathered.add(request('a', 'b'), 600)
  expect(gathered.complaint()).toBeUndefined()
  gathered.add(request('c', 'd'), 600)
  gathered.add(request('e'), 300)
  expect(gathered.spans.map(({name}) => name)).toEqual(['a', 'b', 'e'])
  expect(gathered.complaint()).toBe('more than 1,000 characters: 2 further spans were left out')
})

test('what is not wanted takes no room', () => {
  const gathered = new Gathered(({name}) => name === 'wanted', 1000)
  for (let i = 0; i < 9; i++) gathered.add(request('other', 'wanted', 'other', 'other'), 400)
  expect(gathered.spans).toHaveLength(7)
  expect(gathered.complaint()).toContain('2 further spans')
})

describe('a span that comes twice', () => {
  const span = (name: string, spanId: string, expanded: boolean) => {
    const attributes = expanded ? [{key: 'reasoning.block.count', value: {intValue: '1'}}] : []
    const spans = [{traceId: 'a'.repeat(32), spanId, name, attributes}]
    const read = readRequest({resourceSpans: [{scopeSpans: [{scope: {name: 'a'}, spans}]}]})
    if (read === undefined) throw new Error('not read')
    return read
  }
  const ID = 'b'.repeat(16)

  test('is held once, as it was expanded', () => {
    for (const order of [
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const gathered = new Gathered()
      order.forEach((expanded) => gathered.add(span(`expanded: ${expanded}`, ID, expanded)))
      expect(gathered.spans.map(({name}) => name)).toEqual(['expanded: true'])
    }
  })

  test('is not one that has no id', () => {
    const gathered = new Gathered()
    for (const id of ['', '', '0'.repeat(16), '0'.repeat(16)]) gathered.add(span('a', id, false))
    expect(gathered.spans).toHaveLength(4)
  })
})
