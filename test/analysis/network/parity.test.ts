import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {loadNetwork} from '../../../src/analysis/network/load.ts'
import {LOOK_AHEAD, startNetwork} from '../../../src/analysis/network/network.ts'
import {newReader} from '../../../src/analysis/network/reader.ts'
import {splitSentences} from '../../../src/analysis/sentences.ts'

interface Parity {
  text: string
  tools: string[]
  /** Of each sentence as it was cut when the network was trained. */
  ranges: [start: number, end: number][]
  scores: number[][]
}

const parity = JSON.parse(
  readFileSync(new URL('../../fixtures/kinds-parity.json', import.meta.url), 'utf8'),
) as Parity

test('scores sentences as the network did that was trained in Python', () => {
  const weights = loadNetwork()!
  const toolCalls = parity.tools.map((name) => ({name}))
  const reader = newReader(weights.wordRow, toolCalls)
  const network = startNetwork(weights)
  const scores: number[][] = []
  const row = new Float64Array(weights.outputs)
  const score = (left: number): void => {
    network.score(left, true, row)
    scores.push([...row])
  }
  parity.ranges.forEach(([start, end], i) => {
    reader.read(parity.text, {start, end})
    network.add(reader.rows)
    if (i >= LOOK_AHEAD) score(LOOK_AHEAD)
  })
  for (let left = LOOK_AHEAD - 1; left >= 0; left -= 1) score(left)
  expect(scores).toHaveLength(parity.scores.length)
  const apart = scores.flatMap((ours, i) => ours.map((x, k) => Math.abs(x - parity.scores[i]![k]!)))
  expect(Math.max(...apart)).toBeLessThan(1e-3)
})

test('the text of that comparison is still cut into about the sentences that it was', () => {
  const starts = new Set(splitSentences(parity.text).map(({start}) => start))
  const same = parity.ranges.filter(([start]) => starts.has(start))
  expect(same.length).toBeGreaterThan(parity.ranges.length * 0.8)
})
