import {describe, expect, test} from 'vitest'
import fc from 'fast-check'
import {createUtf8Decoder} from '../../../src/capture/wire/utf8.ts'

describe('UTF-8 in chunks', () => {
  test('characters that are cut anywhere are whole again', () => {
    const text = 'aü注😀\ufeff𝒳'
    const bytes = new TextEncoder().encode(text)
    for (let length = 1; length <= bytes.length; length++) {
      const decoder = createUtf8Decoder()
      let given = ''
      for (let at = 0; at < bytes.length; at += length) {
        given += decoder.decode(bytes.subarray(at, at + length))
      }
      expect(given).toBe(text)
      expect(decoder.end()).toBe(true)
    }
  })

  test('a character that was never finished is dropped and said to be', () => {
    const decoder = createUtf8Decoder()
    expect(decoder.decode(new Uint8Array([0x61, 0xf0, 0x9f]))).toBe('a')
    expect(decoder.end()).toBe(false)
  })

  test('malformed bytes read the same in any chunking, and as TextDecoder reads them', () => {
    const byte = fc.constantFrom(
      0x41,
      0x80,
      0xbf,
      0xc2,
      0xc0,
      0xe0,
      0xe2,
      0xed,
      0xf0,
      0xf4,
      0xff,
      0x9f,
    )
    fc.assert(
      fc.property(fc.array(byte, {maxLength: 24}), fc.integer({min: 1, max: 5}), (list, length) => {
        // An ASCII character at the end, so that nothing is left open.
        const bytes = new Uint8Array([...list, 0x7a])
        const decoder = createUtf8Decoder()
        let given = ''
        for (let at = 0; at < bytes.length; at += length) {
          given += decoder.decode(bytes.slice(at, at + length))
        }
        expect(given).toBe(new TextDecoder('utf-8', {ignoreBOM: true}).decode(bytes))
        expect(decoder.end()).toBe(true)
      }),
      {numRuns: 3000},
    )
  })
})
