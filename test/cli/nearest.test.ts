import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {nearest} from '../../src/cli/nearest.ts'

const NAMES = ['demo', 'show', 'expand', 'analyze', 'doctor']

describe('the nearest name', () => {
  test.each([
    ['shwo', 'show'],
    ['SHOW', 'show'],
    ['dem', 'demo'],
    ['doc', 'doctor'],
    ['analyse', 'analyze'],
    ['explode', 'expand'],
    ['tree', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('of %j is %j', (typed, name) => expect(nearest(typed, NAMES)).toBe(name))

  test('is the name itself, where it is one', () => {
    for (const name of NAMES) expect(nearest(name, NAMES)).toBe(name)
  })

  test('is one of them or none, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 60}), (typed) => {
        expect([...NAMES, undefined]).toContain(nearest(typed, NAMES))
      }),
    )
  })
})
