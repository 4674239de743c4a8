import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {
  attemptKey,
  createAttempts,
  type FailedAttempt,
} from '../../src/capture/wire/tap-attempts.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const failure = (giveUp?: () => void): FailedAttempt => ({
  attempt: 1,
  start: [1, 0],
  since: 0,
  waitMillis: 1000,
  giveUp,
})

test('the same request under the same span is a retry, another one is none', () => {
  const long = 'x'.repeat(20_000)
  const key = attemptKey('a', 'POST', '/v1/messages', long)
  expect(attemptKey('a', 'POST', '/v1/messages', 'x'.repeat(20_000))).toBe(key)
  for (const other of [
    attemptKey('b', 'POST', '/v1/messages', long),
    attemptKey('a', 'POST', '/v1/other', long),
    attemptKey('a', 'POST', '/v1/messages', `${long}x`),
    attemptKey('a', 'POST', '/v1/messages', `y${long.slice(1)}`),
    attemptKey('a', 'POST', '/v1/messages', `${long.slice(1)}y`),
    attemptKey('a', 'POST', '/v1/messages', undefined),
  ]) {
    expect(other).not.toBe(key)
  }
})

test('a failure is given up after its wait, once, unless it is tried again', () => {
  const attempts = createAttempts(() => Date.now())
  const first = vi.fn()
  const second = vi.fn()
  attempts.failed('a', failure(first))
  attempts.failed('b', failure(second))
  expect(attempts.previous('a')?.attempt).toBe(1)
  vi.advanceTimersByTime(5000)
  expect(first).not.toHaveBeenCalled()
  expect(second).toHaveBeenCalledTimes(1)
  attempts.giveUp()
  expect(first).not.toHaveBeenCalled()
  expect(second).toHaveBeenCalledTimes(1)
})

test('a request that succeeded, or failed long ago, is not tried again', () => {
  const attempts = createAttempts(() => Date.now())
  attempts.failed('a', failure())
  attempts.succeeded('a')
  expect(attempts.previous('a')).toBeUndefined()
  attempts.failed('b', failure())
  vi.advanceTimersByTime(121_000)
  expect(attempts.previous('b')).toBeUndefined()
})

test('at most 1,000 failures are remembered; the oldest is given up', () => {
  const attempts = createAttempts(() => Date.now())
  const giveUp = vi.fn()
  attempts.failed('first', failure(giveUp))
  for (let i = 0; i < 999; i += 1) attempts.failed(`${i}`, failure())
  expect(giveUp).not.toHaveBeenCalled()
  attempts.failed('one more', failure())
  expect(giveUp).toHaveBeenCalledTimes(1)
  expect(attempts.previous('first')).toBeUndefined()
})
