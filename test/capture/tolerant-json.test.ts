import fc from 'fast-check'
import {expect, test} from 'vitest'
import {parseStructured} from '../../src/capture/structured.ts'
import {readTolerantJson} from '../../src/capture/tolerant-json.ts'

const MESSAGES = [
  {
    role: 'assistant',
    parts: [
      {
        type: 'reasoning',
        content: 'Prüfe „die Frist“: 23 < 30 Tage.\n\tOK 👍 "quoted" \\ done',
        n: [1, -2.5e3, true],
      },
      {type: 'text', content: '退款已批准。', empty: {}, none: null},
    ],
    finish_reason: 'stop',
  },
]

test('whole JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      // A key that would change the object instead of naming a field is left out.
      if (text.includes('__proto__')) return
      const reading = readTolerantJson(text)
      // The sign of zero is no content.
      expect(JSON.stringify(reading.value)).toBe(JSON.stringify(JSON.parse(text)))
      expect(reading.complete).toBe(true)
    }),
  )
})

const textsOf = (value: unknown): string[] => {
  const found: string[] = []
  const walk = (node: unknown): void => {
    if (typeof node === 'string') found.push(node)
    else if (Array.isArray(node)) node.forEach(walk)
    else if (typeof node === 'object' && node !== null) Object.values(node).forEach(walk)
  }
  walk(value)
  return found
}

test('a text cut at any offset gives the values before the cut and the beginning of the cut string', () => {
  const text = JSON.stringify(MESSAGES)
  const whole = textsOf(MESSAGES)
  for (let end = 1; end < text.length; end++) {
    const reading = readTolerantJson(text.slice(0, end))
    expect(reading).toMatchObject({complete: false, truncated: true})
    const texts = textsOf(reading.value)
    texts.forEach((found, index) => {
      const expected = whole[index] as string
      if (index < texts.length - 1) expect(found).toBe(expected)
      else expect(expected.startsWith(found)).toBe(true)
    })
    if (reading.cut !== undefined) expect(text).toContain(JSON.stringify(reading.cut).slice(0, -1))
  }
})

test('escapes that the cut went through leave no half characters', () => {
  const emoji = '\\ud83d\\ude00'
  for (let end = 0; end <= emoji.length; end++) {
    const {value, cut} = readTolerantJson(`["a${emoji.slice(0, end)}`)
    expect(['a', 'a😀']).toContain((value as string[])[0])
    expect(cut).toBe((value as string[])[0])
  }
  expect(readTolerantJson('["a\ud83d').value).toEqual(['a'])
})

test('broken JSON gives what is readable', () => {
  expect(readTolerantJson('{"a": 1, "b": [1, 2,], }').value).toEqual({a: 1, b: [1, 2]})
  expect(readTolerantJson('{"a": "x" "b": "y"}').value).toEqual({a: 'x', b: 'y'})
  expect(readTolerantJson("{'a': 'it is', b: 2}").value).toEqual({a: 'it is', b: 2})
  expect(readTolerantJson('{"a": "line\nbreak", "n": NaN}').value).toEqual({
    a: 'line\nbreak',
    n: null,
  })
  expect(readTolerantJson('[1, 2').value).toEqual([1, 2])
  expect(readTolerantJson('{"a": {"b": "c"').value).toEqual({a: {b: 'c'}})
  expect(readTolerantJson('{"a": tru').value).toEqual({})
  expect(readTolerantJson('').value).toBeUndefined()
  expect(readTolerantJson('{"a": [1, 2}, "b": 3}').complete).toBe(false)
  expect(({} as {polluted?: unknown}).polluted).toBeUndefined()
  expect(readTolerantJson('{"__proto__": {"polluted": 1}, "a": 1').value).toEqual({a: 1})
})

test('any garbage is read without an error', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          ...'{}[]()"\'\\:,=<>abnu01.- \n'.split(''),
          'None',
          'true',
          '\\u00e',
          '"""',
          '`',
        ),
        {
          maxLength: 60,
        },
      ),
      (parts) => {
        readTolerantJson(parts.join(''))
        parseStructured(parts.join(''))
      },
    ),
    {numRuns: 2000},
  )
})

test('deep nesting and long strings stay cheap', () => {
  const deep = readTolerantJson('[{"a":'.repeat(50_000))
  expect(deep.complete).toBe(false)
  // Each escape used to search for the closing quote again: seconds instead of milliseconds.
  const escapes = `["${'\\n'.repeat(400_000)}`
  const start = process.cpuUsage()
  expect((readTolerantJson(escapes).value as string[])[0]).toHaveLength(400_000)
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(1500)
})

test('JSON inside a JSON string is opened, plain strings are not structured', () => {
  expect(parseStructured(JSON.stringify(JSON.stringify({a: 1})))?.value).toEqual({a: 1})
  expect(parseStructured('"just a word"')?.value).toBe('just a word')
  expect(parseStructured('plain words')).toBeUndefined()
  expect(parseStructured('[not] json (at all)')?.complete ?? false).toBe(false)
})
