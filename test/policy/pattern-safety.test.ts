import {describe, expect, test} from 'vitest'
import {compilePattern} from '../../src/policy/pattern-safety.ts'
import {cpuNow} from '../setup/cpu-time.ts'

const matches = (pattern: RegExp | string, text: string): string[] =>
  [...text.matchAll(compilePattern(pattern))].map(([match]) => match)

test('a pattern without `g` finds every match, and `y` is taken away', () => {
  expect(matches(/A-\d+/, 'A-1 and A-22')).toEqual(['A-1', 'A-22'])
  expect(matches(/A-\d+/y, 'x A-1')).toEqual(['A-1'])
})

test('the other flags stay', () => {
  expect(matches(/acme/i, 'ACME and Acme')).toEqual(['ACME', 'Acme'])
  expect(matches(/^acme$/im, 'x\nACME\ny')).toEqual(['ACME'])
  expect(matches(/\p{Lu}\p{Ll}+/u, 'so Émile said')).toEqual(['Émile'])
})

test('a string is taken literally', () => {
  expect(matches('a.b (c)', 'a.b (c), axb (c)')).toEqual(['a.b (c)'])
  expect(matches('C:\\temp', 'C:\\temp')).toEqual(['C:\\temp'])
})

test.each([
  /\bcustomer-\d{4,}\b/,
  /[A-Z]{2}\d{6}[A-Z]?/,
  /\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}/,
  /(?:\d{1,3}\.){3}\d{1,3}/,
  /name is \w+\s?\w+/,
  /\w+@corp\.example/,
  /password=.*;/,
  /BEGIN[^]*?END/,
  /(?:[A-Z]+-)+\d+/,
  /(?:foo|bar|baz)+!/,
  /(?:\w{1,20} ){1,5}Street/,
  /(?<=id: )\w+/,
  /(?<year>\d{4})-\d\d/,
  /(?:(?!END)[^\n])*END/,
  /\w+\b/,
  /ssn: (?:\d{3}-\d{2}-\d{4}|none)/,
  /[\w.]+\s*=\s*"[^"]*"/,
  /\u{1F600}+/u,
  /\x41\cA\t/,
])('accepts %s', (pattern) => {
  const compiled = compilePattern(pattern)
  expect(compiled.global).toBe(true)
})

test.each([
  [/(a+)+b/, 'many ways'],
  [/(a*)*b/, 'many ways'],
  [/(?:a|a)*b/, 'many ways'],
  [/(?:a|aa)+b/, 'many ways'],
  [/(?:\w+\s?)+:/, 'many ways'],
  [/^(\w+\s?)*$/, 'many ways'],
  [/(?:[a-z]|\w)+x/, 'many ways'],
  [/(?:\w{1,30}){1,30}x/, 'many ways'],
  [/(?:.*,)+x/, 'many ways'],
  [/\d+\d+x/, 'share the same text'],
  [/.*foo.*bar/, 'share the same text'],
  [/\s*\s*x/, 'share the same text'],
  [/\w*\d*_/, 'share the same text'],
  [/(\w)\1/, 'backreference'],
  [/(?<c>\w)\k<c>/, 'backreference'],
  [/(?=(?:a+)+b)x/, 'many ways'],
  [/(?:(?=a+b)a)+/, 'lookaround'],
] as const)('refuses %s', (pattern, reason) => {
  expect(() => compilePattern(pattern)).toThrow(TypeError)
  expect(() => compilePattern(pattern)).toThrow(reason)
  expect(() => compilePattern(pattern)).toThrow(String(pattern))
})

test('refuses what is no pattern', () => {
  expect(() => compilePattern('')).toThrow(/empty/)
  expect(() => compilePattern(5 as never)).toThrow(/got `5` \(number\)/)
  expect(() => compilePattern(null as never)).toThrow(TypeError)
})

test('a repetition at the end is as long as the text wants; one in front of more is bounded', () => {
  const long = 'x'.repeat(5000)
  expect(matches(/SECRET-\w+/, `SECRET-${long}`)).toEqual([`SECRET-${long}`])
  expect(matches(/SECRET-\w+\b/, `SECRET-${long}`)).toEqual([`SECRET-${long}`])
  expect(matches(/\w+@corp/, `${'x'.repeat(200)}@corp`)).toEqual([`${'x'.repeat(200)}@corp`])
  expect(matches(/BEGIN[^]*?END/, `BEGIN${'x'.repeat(900)}END`)).toHaveLength(1)
})

describe('accepted patterns take time that grows with the text', () => {
  const time = (pattern: RegExp, text: string): number => {
    let best = Infinity
    for (let round = 0; round < 3; round++) {
      const start = cpuNow()
      text.replace(pattern, '')
      best = Math.min(best, cpuNow() - start)
    }
    return best
  }
  test.each([
    [/\w+@corp\.example/, 'a'],
    [/password=.*;/, 'password='],
    [/(?:[A-Z]+-)+\d+/, 'ABC-'],
    [/[\w.]+\s*=\s*"[^"]*"/, 'a='],
    [/(?:\w{1,20} ){1,5}Street/, 'word '],
    [/(?:(?!END)[^\n])*END/, 'EN'],
    [/(?=.*x)y/, 'y'],
  ] as const)('%s', (pattern, unit) => {
    const compiled = compilePattern(pattern)
    const small = time(compiled, unit.repeat(16_384 / unit.length))
    const large = time(compiled, unit.repeat((175 * 1024) / unit.length))
    // Linear is 11; quadratic would be 120.
    expect(large / Math.max(small, 0.5)).toBeLessThan(40)
  })
})
