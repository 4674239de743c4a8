import {describe, expect, test} from 'vitest'
import fc from 'fast-check'
import {createEventStreamParser} from '../../../src/capture/wire/event-stream.ts'
import {awsFrame} from './made-responses.ts'

const decoder = new TextDecoder()

function parse(pieces: readonly Uint8Array[], maxLength = 10_000) {
  const seen = {messages: [] as [string, boolean, string][], overflows: 0, whole: false}
  const parser = createEventStreamParser(
    {
      onMessage: ({event, isException, payload}) =>
        seen.messages.push([event, isException, decoder.decode(payload)]),
      onOverflow: () => seen.overflows++,
    },
    maxLength,
  )
  for (const piece of pieces) parser.feed(piece)
  seen.whole = parser.end()
  return seen
}

const join = (frames: readonly Uint8Array[]): Uint8Array => Buffer.concat(frames)

const cut = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({length: Math.ceil(bytes.length / length)}, (_, at) =>
    bytes.slice(at * length, (at + 1) * length),
  )

describe('AWS event stream', () => {
  const stream = join([
    awsFrame('messageStart', {role: 'assistant'}),
    awsFrame('metadata', {text: 'ü 😀'}),
    awsFrame('throttlingException', {message: 'slow down'}, 'exception'),
  ])
  const expected = [
    ['messageStart', false, '{"role":"assistant"}'],
    ['metadata', false, '{"text":"ü 😀"}'],
    ['throttlingException', true, '{"message":"slow down"}'],
  ]

  test('messages are read in any chunking', () => {
    for (const length of [1, 2, 11, 12, 13, 100, 10_000]) {
      expect(parse(cut(stream, length))).toEqual({messages: expected, overflows: 0, whole: true})
    }
  })

  test('a stream that ends inside a message is not whole', () => {
    for (const length of [5, 12, 40, stream.length - 1]) {
      expect(parse([stream.subarray(0, length)]).whole).toBe(false)
    }
  })

  test('a message over the limit is skipped and the next one is read', () => {
    const long = join([awsFrame('big', {text: 'x'.repeat(500)}), awsFrame('small', {})])
    for (const length of [1, 50, 10_000]) {
      const seen = parse(cut(long, length), 200)
      expect(seen).toEqual({messages: [['small', false, '{}']], overflows: 1, whole: true})
    }
  })

  test.each([
    ['a length that is too short', 0, 15],
    ['a length that no message has', 0, 0x7f_ff_ff_ff],
    ['headers that are longer than the message', 4, 100_000],
  ])('%s ends the reading', (_, at, value) => {
    const bytes = Uint8Array.from(stream)
    new DataView(bytes.buffer).setUint32(at, value)
    expect(parse([bytes])).toEqual({messages: [], overflows: 0, whole: false})
  })

  test('headers that do not fit end the reading', () => {
    const bytes = Uint8Array.from(stream)
    // The length of the first header's name.
    bytes[12] = 255
    expect(parse([bytes]).messages).toEqual([])
  })

  test('any bytes at all are read without an error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({maxLength: 200}),
        fc.integer({min: 1, max: 30}),
        (bytes, length) => {
          expect(parse(cut(bytes, length))).toEqual(parse([bytes]))
        },
      ),
    )
  })
})
