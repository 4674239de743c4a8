import {expect, test} from 'vitest'
import {STEP_KINDS} from '../src/model.ts'
import * as semconv from '../src/semconv.ts'

const names = Object.entries(semconv)
  .filter(([name]) => /^(?:ATTR|EVENT|SPAN)_/.test(name))
  .map(([, value]) => value as string)

test('describes every attribute that there is a name for, once', () => {
  const described = semconv.ATTRIBUTES.map((row) => row.key)
  expect(new Set(described).size).toBe(described.length)
  const attributes = Object.entries(semconv)
    .filter(([name]) => name.startsWith('ATTR_'))
    .map(([, value]) => value as string)
  expect(described.toSorted()).toEqual(attributes.toSorted())
})

test('no attribute is a dotted prefix of another: some stores make objects of them', () => {
  for (const row of semconv.ATTRIBUTES) {
    const inside = semconv.ATTRIBUTES.filter((other) => other.key.startsWith(`${row.key}.`))
    expect(inside.map((other) => other.key)).toEqual([])
  }
})

test('names are lower case, with dots and underscores only', () => {
  for (const name of names) expect(name).toMatch(/^[a-z]+(?:[._][a-z]+)*$/)
})

test('span names come from a closed set, the kind and nothing else', () => {
  expect(STEP_KINDS.map(semconv.stepSpanName)).toEqual(
    STEP_KINDS.map((kind) => `reasoning ${kind}`),
  )
})
