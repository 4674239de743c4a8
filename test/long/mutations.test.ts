import type {Attributes} from '@opentelemetry/api'
import {expect, test} from 'vitest'
import {expandSpan} from '../../src/expand.ts'
import {loadCases} from '../capture/corpus.ts'
import {makeSpan} from '../setup/make-span.ts'

/** A small generator with a seed, so that a failure can be run again. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const SEED = Number(process.env['SEED'] ?? 1)
const ROUNDS = Number(process.env['ROUNDS'] ?? 1_000_000)
const NOISE = [
  '"',
  "'",
  '\\',
  '{',
  '[',
  '}',
  ']',
  '<think>',
  '</think>',
  '\u0000',
  '\ud800',
  ':',
  ',',
  'null',
  '9'.repeat(400),
]

function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length)
  const noise = NOISE[Math.floor(random() * NOISE.length)] as string
  switch (Math.floor(random() * 4)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + noise + text.slice(at)
    case 2:
      return text.slice(0, at) + text.slice(at + Math.floor(random() * 20))
    default:
      return text.slice(0, at) + noise + text.slice(at + noise.length)
  }
}

test(`${ROUNDS.toLocaleString('en')} mutations of real spans throw nothing and lose no span`, () => {
  const random = createRandom(SEED)
  const spans = loadCases().flatMap((one) => one.spans)
  let lost = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const original = spans[Math.floor(random() * spans.length)]!
    const attributes: Attributes = {...original.attributes}
    const keys = Object.keys(attributes)
    const key = keys[Math.floor(random() * keys.length)]
    const value = key === undefined ? undefined : attributes[key]
    if (key !== undefined && typeof value === 'string') attributes[key] = mutate(value, random)
    else if (key !== undefined) delete attributes[key]
    const span = makeSpan({attributes, name: original.name})
    let result
    try {
      result = expandSpan(span)
    } catch (error) {
      throw new Error(`seed ${SEED}, round ${round}, ${key}: ${String(error)}`, {cause: error})
    }
    if (result[0]?.spanContext() !== span.spanContext()) lost += 1
  }
  expect(lost).toBe(0)
})
