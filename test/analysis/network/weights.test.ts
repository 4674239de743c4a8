import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {hashOf} from '../../../src/analysis/network/tokens.ts'
import {readWeights} from '../../../src/analysis/network/weights.ts'

const file = readFileSync(new URL('../../../src/analysis/network/kinds.bin', import.meta.url))

test('the data file is small, in base64 too', () => {
  expect(file.length).toBeLessThan(1_100_000)
  expect(file.toString('base64').length).toBeLessThan(1_500_000)
})

test('holds no text: no run of letters longer than chance makes it', () => {
  const runs = file.toString('latin1').match(/[A-Za-z ]{10,}/g) ?? []
  expect(runs.filter((run) => / [A-Za-z]{3,} /.test(run))).toEqual([])
})

test('knows common words and no others', () => {
  const {wordRow} = readWeights(file)
  for (const word of ['the', 'check', 'refund', 'policy', 'wait']) {
    expect(wordRow(hashOf(word))).toBeGreaterThan(0)
  }
  expect(wordRow(hashOf('zzyzxqw'))).toBe(0)
})

test('reads the file at any place in a buffer', () => {
  const shifted = new Uint8Array(file.length + 1)
  shifted.set(file, 1)
  expect(readWeights(shifted.subarray(1)).version).toBe(readWeights(file).version)
})

test.each<[name: string, bytes: Uint8Array, message: RegExp]>([
  [
    'is cut off',
    file.subarray(0, file.length - 4),
    /Invalid typed array length|out of bounds|length/i,
  ],
  ['is too long', new Uint8Array([...file, 0, 0, 0, 0]), /wrong length/],
  ['is something else', new Uint8Array(1000), /not a network file/],
  ['is empty', new Uint8Array(0), /too short/],
])('a file that %s is refused', (_, bytes, message) => {
  expect(() => readWeights(bytes)).toThrow(message)
})
