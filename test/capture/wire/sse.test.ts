import {describe, expect, test} from 'vitest'
import fc from 'fast-check'
import {createSseParser} from '../../../src/capture/wire/sse.ts'

interface Seen {
  events: [data: string, event: string][]
  overflows: number
}

function parse(pieces: readonly string[], maxLength = 1000): Seen {
  const seen: Seen = {events: [], overflows: 0}
  const parser = createSseParser(
    {
      onEvent: (data, event) => seen.events.push([data, event]),
      onOverflow: () => seen.overflows++,
    },
    maxLength,
  )
  for (const piece of pieces) parser.feed(piece)
  parser.end()
  return seen
}

const eventsOf = (text: string) => parse([text]).events

describe('server-sent events', () => {
  test('an event is given at the empty line, with its name', () => {
    expect(eventsOf('event: delta\ndata: {"a":1}\n\ndata: two\n\n')).toEqual([
      ['{"a":1}', 'delta'],
      ['two', ''],
    ])
  })

  test('the name may stand behind the data', () => {
    expect(eventsOf('data: x\nevent: late\n\n')).toEqual([['x', 'late']])
  })

  test('lines of data are joined, and one space after the colon belongs to the field', () => {
    expect(eventsOf('data: a\ndata:b\ndata:  c\ndata\n\n')).toEqual([['a\nb\n c\n', '']])
  })

  test('comments, ids, retry times and fields that nobody knows are skipped', () => {
    const text = ': ping\nid: 7\nretry: 10\ndatabase: x\nda: y\n\n: ping\n\ndata: x\n\n'
    expect(eventsOf(text)).toEqual([['x', '']])
  })

  test.each(['\n', '\r\n', '\r'])('lines end with %j', (end) => {
    const text = ['data: a', 'data: b', '', '', 'data: c', '', ''].join(end)
    const expected = [
      ['a\nb', ''],
      ['c', ''],
    ]
    expect(eventsOf(text)).toEqual(expected)
    expect(parse([...text]).events).toEqual(expected)
  })

  test('a byte order mark before the first event is skipped', () => {
    expect(eventsOf('\ufeffdata: x\n\n')).toEqual([['x', '']])
    expect(parse(['', '\ufeff', 'data: x\n\n']).events).toEqual([['x', '']])
  })

  test('an event that the end cut off is given', () => {
    expect(eventsOf('data: a\n\ndata: b')).toEqual([
      ['a', ''],
      ['b', ''],
    ])
    expect(eventsOf('data: a\n\ndata: b\n')).toHaveLength(2)
  })

  test('an event over the limit is left out and the next one is given', () => {
    const long = 'x'.repeat(60)
    const text = `data: a\n\ndata: ${long}\n\ndata: b\n\ndata: ${'y'.repeat(30)}\ndata: ${'z'.repeat(30)}\n\ndata: c\n\n`
    for (const pieces of [[text], [...text], text.match(/[^]{1,7}/g) ?? []]) {
      expect(parse(pieces, 50)).toEqual({
        events: [
          ['a', ''],
          ['b', ''],
          ['c', ''],
        ],
        overflows: 2,
      })
    }
  })

  test('any chunking gives the same', () => {
    const part = fc.constantFrom(
      'data: ',
      'data',
      'event: e',
      ':',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      'x',
      ' ',
      '\ufeff',
      '{"a":1}',
    )
    const texts = fc.array(part, {maxLength: 40}).map((parts) => parts.join(''))
    const cuts = fc.array(fc.integer({min: 1, max: 6}), {minLength: 1, maxLength: 60})
    fc.assert(
      fc.property(texts, cuts, fc.constantFrom(5, 12, 1000), (text, lengths, limit) => {
        const pieces: string[] = []
        let at = 0
        for (const length of lengths) {
          pieces.push(text.slice(at, at + length))
          at += length
        }
        pieces.push(text.slice(at))
        expect(parse(pieces, limit)).toEqual(parse([text], limit))
      }),
      {numRuns: 2000},
    )
  })
})
