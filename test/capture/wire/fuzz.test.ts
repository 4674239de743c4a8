import {describe, expect, test} from 'vitest'
import {WIRE_FORMATS} from '../../../src/capture/wire/index.ts'
import {fuzzFormat} from './fuzz.ts'

describe('10,000 mutated responses a format', () => {
  test.each(WIRE_FORMATS)(
    '%s: no error, no hang, and the same in any chunking',
    {timeout: 60_000},
    (format) => {
      expect(fuzzFormat(format, 10_000, 7)).toBeGreaterThan(1000)
    },
  )
})
