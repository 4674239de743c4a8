import fc from 'fast-check'
import {expect, test} from 'vitest'
import {chunkText, cutText} from '../../src/spans/text.ts'

const anyText = fc.string({unit: 'grapheme', maxLength: 400})

test('cuts between code points, at the last one that fits', () => {
  fc.assert(
    fc.property(anyText, fc.nat(500), (text, maxBytes) => {
      const cut = cutText(text, 0, text.length, maxBytes)
      expect(text.startsWith(cut)).toBe(true)
      expect(cut.isWellFormed()).toBe(true)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
      const next = text.slice(
        0,
        cut.length + ((text.codePointAt(cut.length) ?? 0) > 0xffff ? 2 : 1),
      )
      if (next !== cut) expect(Buffer.byteLength(next)).toBeGreaterThan(maxBytes)
    }),
  )
})

test('chunks join to the text that fits in all', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const chunks = chunkText(text, 0, text.length, 40, 200)
      expect(chunks.join('')).toBe(cutText(text, 0, text.length, 200))
      for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(40)
    }),
  )
})

test("obeys the SDK's limit in UTF-16 code units without halving a pair", () => {
  expect(cutText('ab😀cd', 0, 6, 2000, 3)).toBe('ab')
  expect(cutText('ab😀cd', 0, 6, 2000, 4)).toBe('ab😀')
})
