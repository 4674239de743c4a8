import fc from 'fast-check'
import {expect, test} from 'vitest'
import {derivedSpanId, idSeed} from '../../src/spans/ids.ts'

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length})

test('gives valid ids that depend on nothing but where the span stands', () => {
  fc.assert(
    fc.property(
      hex(32),
      hex(16),
      fc.nat(500),
      fc.integer({min: -1, max: 2000}),
      (trace, span, block, step) => {
        const id = derivedSpanId(idSeed(trace, span), block, step)
        expect(id).toMatch(/^[0-9a-f]{16}$/)
        expect(id).not.toBe('0000000000000000')
        expect(derivedSpanId(idSeed(trace, span), block, step)).toBe(id)
      },
    ),
  )
})

test('gives 200,000 positions of 100 neighbouring calls 200,000 ids', () => {
  const seen = new Set<string>()
  for (let call = 0; call < 100; call += 1) {
    const seed = idSeed('0af7651916cd43dd8448eb211c80319c', call.toString(16).padStart(16, '0'))
    for (let block = 0; block < 20; block += 1) {
      for (let step = -1; step < 99; step += 1) seen.add(derivedSpanId(seed, block, step))
    }
  }
  expect(seen.size).toBe(200_000)
})
