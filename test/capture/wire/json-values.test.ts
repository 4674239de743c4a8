import {describe, expect, test} from 'vitest'
import fc from 'fast-check'
import {createJsonValuesParser} from '../../../src/capture/wire/json-values.ts'

function parse(pieces: readonly string[], maxLength = 1000, maxPartial = 1000) {
  const seen = {values: [] as string[], partials: [] as string[], malformed: 0}
  const parser = createJsonValuesParser(
    {
      onValue: (text) => seen.values.push(text),
      onPartial: (text) => seen.partials.push(text),
      onMalformed: () => seen.malformed++,
    },
    maxLength,
    maxPartial,
  )
  for (const piece of pieces) parser.feed(piece)
  parser.end()
  return seen
}

describe('JSON values in a row', () => {
  test('lines, elements of an array and a document are given object by object', () => {
    expect(parse(['{"a":1}\n{"b":[{}]}\n']).values).toEqual(['{"a":1}', '{"b":[{}]}'])
    expect(parse(['[{"a":1},\r\n{"b":2}\n]']).values).toEqual(['{"a":1}', '{"b":2}'])
    expect(parse(['\n  {\n  "a": {"b": "}"}\n}\n']).values).toEqual(['{\n  "a": {"b": "}"}\n}'])
  })

  test('braces and escaped quotes in strings count for nothing', () => {
    const value = JSON.stringify({a: '}{]["\\', b: '\\"}'})
    expect(parse([...value])).toEqual({values: [value], partials: [], malformed: 0})
  })

  test('a line that was broken off in a string is left out and the next one is given', () => {
    const seen = parse(['{"a":"unfinished\n{"b":2}\n'])
    expect(seen).toEqual({values: ['{"b":2}'], partials: [], malformed: 1})
  })

  test('a line in which a brace is missing is left out and the next one is given', () => {
    const text = '{"a":{"b":1}\n{"c":{}}\r\n{"d":[{"e":{]}\r\n\n{"f":1}\n'
    const expected = {values: ['{"c":{}}', '{"f":1}'], partials: [], malformed: 2}
    for (const pieces of [[text], [...text], [text.slice(0, 13), text.slice(13)]]) {
      expect(parse(pieces)).toEqual(expected)
    }
  })

  test('what the end cut off is given as a part', () => {
    expect(parse(['{"a":1}{"b":"be', 'ginning'])).toEqual({
      values: ['{"a":1}'],
      partials: ['{"b":"beginning'],
      malformed: 0,
    })
  })

  test('of a value over the limit the beginning is given, and then the next value', () => {
    const text = `{"a":"${'x'.repeat(100)}"}{"b":2}`
    for (const pieces of [[text], [...text]]) {
      expect(parse(pieces, 50, 10)).toEqual({
        values: ['{"b":2}'],
        partials: ['{"a":"xxxx'],
        malformed: 0,
      })
    }
  })

  test('any values in any chunking are given as they are', () => {
    const values = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), {maxLength: 8})
    fc.assert(
      fc.property(values, fc.boolean(), fc.integer({min: 1, max: 9}), (list, inArray, length) => {
        const lines = list.map((value) => JSON.stringify(value))
        const text = inArray ? `[${lines.join(',\n')}]` : `${lines.join('\n')}\n`
        const pieces = text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? []
        expect(parse(pieces, 1e6, 1e6)).toEqual({values: lines, partials: [], malformed: 0})
      }),
      {numRuns: 500},
    )
  })
})
