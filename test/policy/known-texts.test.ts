import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {KnownTexts} from '../../src/policy/known-texts.ts'

const THOUGHTS = Array.from(
  {length: 50},
  (_, i) => `The customer said that parcel ${i * 37} came late, so the window is what counts.`,
)

describe('known texts', () => {
  test('are found by the one pass over many as by a search for each alone', () => {
    const piece = fc.constantFrom(...THOUGHTS, 'Nothing of it. ', '"', '\\', ' And so on: ')
    const alone = THOUGHTS.map((text) => new KnownTexts([text]))
    const together = new KnownTexts(THOUGHTS)
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 12}), fc.boolean(), (pieces, isEscaped) => {
        const raw = isEscaped ? JSON.stringify(pieces) : pieces.join(' ')
        const each = alone.flatMap((known) => known.quotations(raw))
        expect(together.quotations(raw)).toEqual(each.sort((a, b) => a.start - b.start))
      }),
    )
  })

  test('that begin alike are told apart', () => {
    const known = new KnownTexts(
      Array.from({length: 500}, (_, i) => `${'I have to think about this again. '.repeat(3)}${i}!`),
    )
    const raw = `She wrote: ${'I have to think about this again. '.repeat(3)}321!`
    expect(known.quotations(raw)).toEqual([expect.objectContaining({start: 11, end: raw.length})])
  })

  test('are forgotten when they were taken back as often as they were added', () => {
    const known = new KnownTexts(THOUGHTS)
    const [first = ''] = THOUGHTS
    known.add(` ${first}`)
    known.delete(first)
    expect(known.has(first)).toBe(true)
    for (const text of THOUGHTS) known.delete(text)
    expect(known.isEmpty).toBe(true)
    expect(known.quotations(THOUGHTS.join(' '))).toEqual([])
    expect(known.continuing(first.slice(0, 40))).toBeUndefined()
  })

  test('are recognised by a beginning that was cut off', () => {
    const known = new KnownTexts(THOUGHTS)
    expect(known.continuing(THOUGHTS[7]?.slice(0, 50) ?? '')).toBe(THOUGHTS[7])
    expect(known.continuing(THOUGHTS[7] ?? '')).toBeUndefined()
    expect(known.continuing('The customer said')).toBeUndefined()
  })
})
