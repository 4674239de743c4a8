import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  createJsonLinesParser,
  type JsonLineError,
  type JsonLinesOptions,
} from '../../src/otlp/json-lines.ts'
import {cpuNow} from '../setup/cpu-time.ts'

interface Parsed {
  values: [unknown, number][]
  errors: JsonLineError[]
}

const parse = (
  chunks: readonly (string | Uint8Array)[],
  options: Partial<JsonLinesOptions> = {},
): Parsed => {
  const parsed: Parsed = {values: [], errors: []}
  const parser = createJsonLinesParser({
    onValue: (value, line) => parsed.values.push([value, line]),
    onError: (error) => parsed.errors.push(error),
    ...options,
  })
  for (const chunk of chunks) parser.feed(chunk)
  parser.end()
  return parsed
}

const values = (text: string): unknown[] => parse([text]).values.map(([value]) => value)

const FILES: Record<string, string> = {
  lines: '{"a":1}\n{"a":2}\n{"a":3}\n',
  'no newline at the end': '{"a":1}\n{"a":2}',
  'CRLF, blank lines and a byte order mark': '\uFEFF{"a":"ä"}\r\n\r\n   \n{"a":"😀"}\r\n',
  'a document over several lines': '{\n  "resourceSpans": [\n    {"a": "{"}\n  ]\n}\n',
  'documents over several lines in a row': '{\n "a": 1\n}\n{\n "a": [\n2\n]\n}\n{"a":3}\n',
  'an array on one line': '[{"a":1},{"a":2}]',
  'an array over several lines': '[\n{"a":1},\n{"a":2}\n]\n',
  'bad lines': '{"a":1}\nnot json\n{"a":\n{"a":2}\n\u0000\u0001\n{"a":3}\n}\n]\n"text"\n',
  'a document that never ends': '{"a":1}\n{\n  "b": [\n{"a":2}\n{"a":3}\n',
  'an array that is cut off': '[\n{"a":1},\n{"a":2},\n{"a":',
  'long integers': '{"t":1795474678336000123}\n',
  nothing: '',
}

describe('any chunking gives the same', () => {
  test.each(Object.entries(FILES))('%s', (_, text) => {
    const bytes = new TextEncoder().encode(text)
    const whole = parse([bytes])
    expect(parse([text])).toEqual(whole)
    expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole)
    expect(parse(text.split(''))).toEqual(whole)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
        expect(parse(chunks)).toEqual(whole)
      }),
      {numRuns: 50},
    )
  })

  test('random lines', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.nat(40), (text, size) => {
        const chunks = text.match(new RegExp(`.{1,${size + 1}}`, 'gsu')) ?? []
        expect(parse(chunks)).toEqual(parse([text]))
      }),
    )
  })
})

test('each line gives a value with its number', () => {
  expect(parse(['{"a":1}\n\n{"a":2}']).values).toEqual([
    [{a: 1}, 1],
    [{a: 2}, 3],
  ])
})

test('arrays give their elements, documents over several lines the line where they begin', () => {
  expect(parse(['[{"a":1},\n{"a":2}]\n{\n"a":3\n}']).values).toEqual([
    [{a: 1}, 1],
    [{a: 2}, 1],
    [{a: 3}, 3],
  ])
})

test('what stands around a bad line is read', () => {
  const {values: read, errors} = parse(['{"a":1}\noops\n{"a":2}\n{"a"\n{"a":3}\n'])
  expect(read).toEqual([
    [{a: 1}, 1],
    [{a: 2}, 3],
    [{a: 3}, 5],
  ])
  expect(errors.map(({line, type}) => [line, type])).toEqual([
    [2, 'not-json'],
    [4, 'cut-off'],
  ])
})

test('a document that never ends costs itself only', () => {
  expect(values('{\n  "b": [\n{"a":2}\n{"a":3}\n')).toEqual([{a: 2}, {a: 3}])
  expect(parse(['{\n  "b": [\n    1,\n    2\n']).errors).toHaveLength(1)
})

test('the elements of an array that is cut off are read', () => {
  const {values: read, errors} = parse(['[\n{"a":1},\n{"a":2},\n{"a":'])
  expect(read.map(([value]) => value)).toEqual([{a: 1}, {a: 2}])
  expect(errors.length).toBeGreaterThan(0)
})

test('a reason never repeats the line', () => {
  const secret = 'hunter2'
  for (const line of [secret, `{"a": ${secret}}`, `{"a": "${secret}`, `{"${secret}": [1,`]) {
    const {errors} = parse([line])
    expect(errors).toHaveLength(1)
    expect(JSON.stringify(errors)).not.toContain(secret)
  }
})

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({maxLength: 200})), (chunks) => {
      const {errors} = parse(chunks)
      expect(errors.every(({line}) => line > 0)).toBe(true)
    }),
  )
})

describe('a line longer than the limit', () => {
  const long = `{"a":"${'x'.repeat(200)}"}`

  test('is skipped and reported, and reading goes on', () => {
    const text = `{"a":1}\n${long}\n{"a":2}\n`
    for (const chunks of [[text], text.split('')]) {
      const {values: read, errors} = parse(chunks, {maxLineLength: 100})
      expect(read).toEqual([
        [{a: 1}, 1],
        [{a: 2}, 3],
      ])
      expect(errors).toEqual([
        {line: 2, type: 'too-long', reason: 'longer than 100 characters (maxLineLength)'},
      ])
    }
  })

  test('at the end of the file is reported', () => {
    expect(parse([long], {maxLineLength: 100}).errors).toHaveLength(1)
  })

  test('a document over several lines is held to it, too', () => {
    const {values: read, errors} = parse([`{\n${'"a":1,\n'.repeat(50)}"b":2\n}\n{"a":2}\n`], {
      maxLineLength: 100,
    })
    expect(read.at(-1)).toEqual([{a: 2}, 54])
    expect(errors[0]).toMatchObject({line: 1, type: 'too-long'})
  })

  test('a limit that is none is refused', () => {
    for (const maxLineLength of [0, -1, 1.5, Number.NaN]) {
      expect(() => parse([], {maxLineLength})).toThrow('Expected `maxLineLength` to be an integer')
    }
  })
})

test('the work is linear in the size of broken documents', () => {
  const text = '{\n'.repeat(200_000)
  const started = cpuNow()
  const {errors} = parse([text])
  expect(errors.length).toBeGreaterThan(0)
  expect(cpuNow() - started).toBeLessThan(3000)
})
