import fc from 'fast-check'
import {expect, test} from 'vitest'
import {parseJson} from '../../src/otlp/parse-json.ts'
import {cpuNow} from '../setup/cpu-time.ts'

test('integers beyond 2^53 keep their digits', () => {
  expect(
    parseJson('{"startTimeUnixNano":1795474678336000123,"n":[1, -9007199254740993 ,2]}'),
  ).toEqual({
    startTimeUnixNano: '1795474678336000123',
    n: [1, '-9007199254740993', 2],
  })
})

test('digits in strings, fractions and exponents stay what they are', () => {
  const text =
    '{"a":"[1795474678336000123,","b":0.12345678901234567890,"c":1e300,"d":"\\"1795474678336000123","e":1234567890123456.5,"f":[1795474678336000123]}'
  expect(parseJson(text)).toEqual({...JSON.parse(text), f: ['1795474678336000123']})
})

test('other JSON is parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue({maxDepth: 4}), (value) => {
      const text = JSON.stringify(value)
      // Long integers of doubles (1e20 is written with all its digits) are the one difference.
      const plain = JSON.parse(text, (_, v) =>
        Number.isInteger(v) && Math.abs(v) >= 1e15 ? String(v) : v,
      )
      const ours = JSON.parse(JSON.stringify(parseJson(text)), (_, v) =>
        typeof v === 'string' && /^-?\d{16,}$/.test(v)
          ? String(Number(v))
          : Number.isInteger(v) && Math.abs(v) >= 1e15
            ? String(v)
            : v,
      )
      expect(ours).toEqual(plain)
    }),
  )
})

test('bad JSON throws as ever', () => {
  for (const text of ['', '{', '{"a":1795474678336000123', 'x', '["\\"']) {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  }
})

test('a text of quotes and backslashes is read in linear time', () => {
  const text = JSON.stringify({a: '\\"'.repeat(200_000), n: 0}).replace(
    /0\}$/,
    '1795474678336000123}',
  )
  const started = cpuNow()
  expect(parseJson(text)).toMatchObject({n: '1795474678336000123'})
  expect(cpuNow() - started).toBeLessThan(1000)
})
