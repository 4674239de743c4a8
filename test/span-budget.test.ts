import {expect, test} from 'vitest'
import {createSpanBudget} from '../src/span-budget.ts'

test('allows a second’s worth at once and refills with time', () => {
  let now = 0
  const allow = createSpanBudget(100, () => now)
  expect(allow(64)).toBe(true)
  expect(allow(64)).toBe(false)
  expect(allow(36)).toBe(true)
  now = 500
  expect(allow(51)).toBe(false)
  expect(allow(50)).toBe(true)
})

test('never allows more than a second’s worth, however long nothing came', () => {
  let now = 0
  const allow = createSpanBudget(100, () => now)
  now = 3_600_000
  expect(allow(60)).toBe(true)
  expect(allow(41)).toBe(false)
  expect(allow(40)).toBe(true)
})

test('has no bound where none is wanted', () => {
  expect(createSpanBudget(Infinity)(1e9)).toBe(true)
})

test('allows a call with more steps than that from a full bucket, which then owes them', () => {
  let now = 0
  const allow = createSpanBudget(2, () => now)
  expect(allow(3)).toBe(true)
  expect(allow(1)).toBe(false)
  now = 999
  expect(allow(1)).toBe(false)
  now = 1000
  expect(allow(1)).toBe(true)
})

test('allows none where none are wanted', () => {
  const allow = createSpanBudget(0)
  expect(allow(1)).toBe(false)
  expect(allow(0)).toBe(true)
})
