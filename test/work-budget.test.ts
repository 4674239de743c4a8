import {expect, test} from 'vitest'
import {createWorkBudget} from '../src/work-budget.ts'

test('allows two seconds’ worth at once, what was begun beyond it, and refills with time', () => {
  let now = 0
  const budget = createWorkBudget(100, () => now)
  budget.spend(199)
  expect(budget.allows()).toBe(true)
  budget.spend(50)
  expect(budget.allows()).toBe(false)
  now = 400
  expect(budget.allows()).toBe(false)
  now = 500
  expect(budget.allows()).toBe(true)
})

test('never holds more, however long nothing was done', () => {
  let now = 0
  const budget = createWorkBudget(100, () => now)
  now = 3_600_000
  expect(budget.allows()).toBe(true)
  budget.spend(200)
  expect(budget.allows()).toBe(false)
})

test('has a bound neither where none is wanted, nor anything to give where nothing is', () => {
  const endless = createWorkBudget(Infinity)
  endless.spend(1e12)
  expect(endless.allows()).toBe(true)
  expect(createWorkBudget(0).allows()).toBe(false)
})
