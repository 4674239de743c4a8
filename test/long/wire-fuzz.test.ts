import {describe, expect, test} from 'vitest'
import {WIRE_FORMATS} from '../../src/capture/wire/index.ts'
import {fuzzFormat} from '../capture/wire/fuzz.ts'

const ROUNDS = 100

describe('1,000,000 mutated responses a format', () => {
  test.each(WIRE_FORMATS)('%s: no error, no hang, and the same in any chunking', (format) => {
    let withReasoning = 0
    for (let round = 0; round < ROUNDS; round++) {
      withReasoning += fuzzFormat(format, 1_000_000 / ROUNDS, 1000 + round)
    }
    expect(withReasoning).toBeGreaterThan(100_000)
  })
})
