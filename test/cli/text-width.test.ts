import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {cutToWidth, oneLine, textWidth, wrapToWidth} from '../../src/cli/text-width.ts'
import {cpuNow} from '../setup/cpu-time.ts'

test('wide characters take two columns, combining marks none', () => {
  expect(textWidth('refund')).toBe(6)
  expect(textWidth('返金')).toBe(4)
  expect(textWidth('e\u0301')).toBe(1)
  expect(textWidth('👍🏽')).toBe(2)
  expect(textWidth('👩‍👩‍👧')).toBe(2)
  expect(textWidth('…')).toBe(1)
})

test('a cut text ends with an ellipsis and never is too wide', () => {
  expect(cutToWidth('The refund is approved', 10)).toBe('The refun…')
  expect(cutToWidth('The refund', 10)).toBe('The refund')
  expect(cutToWidth('返金返金', 5)).toBe('返金…')
  expect(cutToWidth('abc', 0)).toBe('')
  fc.assert(
    fc.property(fc.string({unit: 'grapheme'}), fc.nat(30), (text, columns) => {
      expect(textWidth(cutToWidth(text, columns))).toBeLessThanOrEqual(columns)
    }),
  )
})

test('a cut never splits a character', () => {
  fc.assert(
    fc.property(fc.string({unit: 'grapheme'}), fc.nat(30), (text, columns) => {
      expect(cutToWidth(text, columns).isWellFormed()).toBe(true)
    }),
  )
})

describe('one line', () => {
  test('has no newline and no doubled space', () => {
    expect(oneLine('  a\n\n b\tc ')).toBe('a b c')
  })

  test('has nothing that a terminal would obey', () => {
    expect(oneLine('\u001b[31mred\u001b]0;title\u0007')).toBe('[31mred ]0;title')
    expect(oneLine('a\u202eb\u2066c')).toBe('a b c')
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  test('keeps emoji that are joined', () => {
    expect(oneLine('👩‍👩‍👧')).toBe('👩‍👩‍👧')
  })
})

test('wrapped text keeps all its words, in lines that fit', () => {
  expect(wrapToWidth('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrapToWidth('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij'])
  expect(wrapToWidth('返金返金', 4)).toEqual(['返金', '返金'])
  fc.assert(
    fc.property(
      fc.array(fc.string({unit: 'grapheme-ascii'})),
      fc.integer({min: 2, max: 20}),
      (words, columns) => {
        const text = oneLine(words.join(' '))
        const lines = wrapToWidth(text, columns)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns)
      },
    ),
  )
})

// A busy machine may stretch one measurement, not four.
test('a long text without spaces is wrapped in linear time', {retry: 3}, () => {
  const started = cpuNow()
  expect(wrapToWidth('金'.repeat(60_000), 60)).toHaveLength(2000)
  expect(cpuNow() - started).toBeLessThan(2000)
})
