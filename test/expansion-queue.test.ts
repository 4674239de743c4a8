import {context, createContextKey, ROOT_CONTEXT} from '@opentelemetry/api'
import {isTracingSuppressed} from '@opentelemetry/core'
import {expect, test, vi} from 'vitest'
import type {Expanded, ExpansionStep} from '../src/expansion.ts'
import {ExpansionQueue, type ExpansionTask} from '../src/expansion-queue.ts'
import type {KindLabel} from '../src/model.ts'
import {makeSpan} from './setup/make-span.ts'
import {createContextManager} from './setup/sdk.ts'

const EXPANDED: Expanded = {
  span: makeSpan(),
  children: [],
  signals: [],
  checks: [],
  stepCount: 0,
  stepsWithheld: 0,
  byRules: false,
}

const LABELS: readonly KindLabel[] = [{kind: 'plan', confidence: 1}]

function createQueue(maxHoldMillis = 1000): {
  queue: ExpansionQueue
  timeouts: () => number
  errors: unknown[]
} {
  let timeouts = 0
  const errors: unknown[] = []
  const queue = new ExpansionQueue({
    maxHoldMillis,
    onTimeout: () => {
      timeouts += 1
    },
    onClassifierError: (error) => errors.push(error),
  })
  return {queue, timeouts: () => timeouts, errors}
}

function withResolvers(): {
  promise: Promise<readonly KindLabel[]>
  resolve: (labels: readonly KindLabel[]) => void
} {
  let resolve: (labels: readonly KindLabel[]) => void = () => {}
  const promise = new Promise<readonly KindLabel[]>((settle) => {
    resolve = settle
  })
  return {promise, resolve}
}

function task(
  log: string[],
  name: string,
  steps: () => ExpansionStep | undefined,
  traceId = 't',
): ExpansionTask {
  return {
    traceId,
    begin: () => {
      log.push(`begin ${name}`)
      return steps()
    },
    done: (expanded) => log.push(`${expanded === undefined ? 'unchanged' : 'done'} ${name}`),
    failed: (error) => log.push(`failed ${name}: ${(error as Error).message}`),
  }
}

function* atOnce(): ExpansionStep {
  return EXPANDED
}

function* waitingFor(labels: PromiseLike<readonly KindLabel[]>, got: unknown[]): ExpansionStep {
  got.push(yield labels)
  return EXPANDED
}

test('begins tasks in the order in which they came', async () => {
  const log: string[] = []
  const {queue} = createQueue()
  for (const name of ['a', 'b', 'c']) queue.add(task(log, name, () => undefined))
  expect(log).toEqual([])
  await queue.idle()
  expect(log).toEqual([
    'begin a',
    'unchanged a',
    'begin b',
    'unchanged b',
    'begin c',
    'unchanged c',
  ])
  expect(queue.size).toBe(0)
})

test('runs a task at once where it is asked to', () => {
  const log: string[] = []
  const {queue} = createQueue()
  queue.runNow(task(log, 'a', atOnce))
  expect(log).toEqual(['begin a', 'done a'])
})

test('knows which traces have tasks that did not begin', async () => {
  const {queue} = createQueue()
  queue.add(task([], 'a', () => undefined, 't1'))
  queue.add(task([], 'b', () => undefined, 't1'))
  expect(queue.isWaiting('t1')).toBe(true)
  expect(queue.isWaiting('t2')).toBe(false)
  await queue.idle()
  expect(queue.isWaiting('t1')).toBe(false)
})

test('lets others run while labels are on their way, and goes on with them', async () => {
  const log: string[] = []
  const got: unknown[] = []
  const {queue, timeouts} = createQueue()
  const {promise, resolve} = withResolvers()
  queue.add(task(log, 'slow', () => waitingFor(promise, got)))
  queue.add(task(log, 'quick', atOnce))
  await vi.waitFor(() => expect(log).toEqual(['begin slow', 'begin quick', 'done quick']))
  resolve(LABELS)
  await queue.idle()
  expect(log.at(-1)).toBe('done slow')
  expect(got).toEqual([LABELS])
  expect(timeouts()).toBe(0)
})

test('holds a task no longer than it may, and ignores labels that come later', async () => {
  const log: string[] = []
  const got: unknown[] = []
  const {queue, timeouts} = createQueue(20)
  const {promise, resolve} = withResolvers()
  queue.runNow(task(log, 'a', () => waitingFor(promise, got)))
  await queue.idle()
  resolve(LABELS)
  await promise
  expect(log).toEqual(['begin a', 'done a'])
  expect(got).toEqual([undefined])
  expect(timeouts()).toBe(1)
})

test('goes on with the rules when the classifier fails', async () => {
  const log: string[] = []
  const got: unknown[] = []
  const {queue, errors} = createQueue()
  queue.runNow(task(log, 'a', () => waitingFor(Promise.reject(new Error('no model')), got)))
  await queue.idle()
  expect(log).toEqual(['begin a', 'done a'])
  expect(got).toEqual([undefined])
  expect((errors[0] as Error).message).toBe('the classifier threw')
})

test('tells a fault of one task and runs the next', async () => {
  const log: string[] = []
  const {queue} = createQueue()
  queue.add(
    task(log, 'a', () => {
      throw new Error('broken')
    }),
  )
  queue.add(task(log, 'b', () => undefined))
  await queue.idle()
  expect(log).toEqual(['begin a', 'failed a: broken', 'begin b', 'unchanged b'])
})

test('gives the event loop back every few milliseconds', async () => {
  const {queue} = createQueue()
  function* busy(): ExpansionStep {
    for (let i = 0; i < 30; i += 1) {
      const until = performance.now() + 1
      while (performance.now() < until);
      yield undefined
    }
    return EXPANDED
  }
  const log: string[] = []
  queue.add(task(log, 'long', busy))
  let turns = 0
  const count = (): void => {
    turns += 1
    if (queue.size > 0) setImmediate(count)
  }
  setImmediate(count)
  await queue.idle()
  expect(turns).toBeGreaterThan(8)
})

test('idle waits for what came before it, however much comes meanwhile', async () => {
  const log: string[] = []
  const {queue} = createQueue()
  const slow = withResolvers()
  queue.runNow(task(log, 'slow', () => waitingFor(slow.promise, [])))
  const idle = queue.idle().then(() => log.push('idle'))
  const traffic = setInterval(() => {
    const {promise, resolve} = withResolvers()
    queue.runNow(task([], 'later', () => waitingFor(promise, [])))
    setTimeout(() => resolve(LABELS), 20)
  }, 2)
  setTimeout(() => slow.resolve(LABELS), 10)
  await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, 2000))])
  const isBusy = queue.size > 0
  clearInterval(traffic)
  expect(log).toEqual(['begin slow', 'done slow', 'idle'])
  expect(isBusy).toBe(true)
  await queue.idle()
  expect(queue.size).toBe(0)
})

test('holds a task of many blocks no longer than one of one, and counts it once', async () => {
  const {queue, timeouts} = createQueue(40)
  const never = new Promise<readonly KindLabel[]>(() => {})
  function* manyBlocks(): ExpansionStep {
    for (let i = 0; i < 8; i += 1) yield never
    return EXPANDED
  }
  const start = performance.now()
  queue.add(task([], 'a', manyBlocks))
  await queue.idle()
  expect(performance.now() - start).toBeLessThan(160)
  expect(timeouts()).toBe(1)
})

test.each([Infinity, 2 ** 31])('waits as long as it takes where it may for %s ms', async (hold) => {
  const got: unknown[] = []
  const {queue, timeouts} = createQueue(hold)
  const {promise, resolve} = withResolvers()
  queue.runNow(task([], 'a', () => waitingFor(promise, got)))
  setTimeout(() => resolve(LABELS), 20)
  await queue.idle()
  expect(got).toEqual([LABELS])
  expect(timeouts()).toBe(0)
})

test('takes time spent in line for time held', async () => {
  const got: unknown[] = []
  const {queue, timeouts} = createQueue(500)
  queue.add(
    task([], 'busy', () => {
      const until = performance.now() + 600
      while (performance.now() < until);
      return undefined
    }),
  )
  let begun = 0
  queue.add(
    task([], 'a', () => {
      begun = performance.now()
      return waitingFor(new Promise(() => {}), got)
    }),
  )
  await queue.idle()
  // Its time was up before it began.
  expect(performance.now() - begun).toBeLessThan(400)
  expect(got).toEqual([undefined])
  expect(timeouts()).toBe(1)
})

test('takes a promise of nothing for an error, and not for a promise that is late', async () => {
  const got: unknown[] = []
  const {queue, timeouts, errors} = createQueue()
  queue.runNow(task([], 'a', () => waitingFor(Promise.resolve(undefined as never), got)))
  await queue.idle()
  expect(got).toEqual([undefined])
  expect(timeouts()).toBe(0)
  expect(String(errors[0])).toContain('gave labels that cannot be used')
})

test('survives a thenable that throws, and one that calls back twice', async () => {
  const log: string[] = []
  const {queue, errors} = createQueue()
  const throwing = {
    // oxlint-disable-next-line unicorn/no-thenable -- a broken one is what is tested
    then: () => {
      throw new Error('bad thenable')
    },
  } as unknown as PromiseLike<readonly KindLabel[]>
  const twice = {
    // oxlint-disable-next-line unicorn/no-thenable -- a broken one is what is tested
    then: (resolve: (labels: readonly KindLabel[]) => void) => {
      resolve(LABELS)
      resolve(LABELS)
    },
  } as unknown as PromiseLike<readonly KindLabel[]>
  queue.runNow(task(log, 'a', () => waitingFor(throwing, [])))
  queue.add(task(log, 'b', () => waitingFor(twice, [])))
  await queue.idle()
  expect(log.filter((line) => line.startsWith('done'))).toEqual(['done a', 'done b'])
  expect(errors).toHaveLength(1)
  expect(queue.size).toBe(0)
})

test('runs its turns without tracing, in nobody’s context', async () => {
  context.setGlobalContextManager(createContextManager().enable())
  try {
    const key = createContextKey('request')
    const {queue} = createQueue()
    const seen: unknown[] = []
    context.with(ROOT_CONTEXT.setValue(key, 'of a request'), () =>
      queue.add(
        task([], 'a', () => {
          seen.push(isTracingSuppressed(context.active()), context.active().getValue(key))
          return undefined
        }),
      ),
    )
    await queue.idle()
    expect(seen).toEqual([true, undefined])
  } finally {
    context.disable()
  }
})
