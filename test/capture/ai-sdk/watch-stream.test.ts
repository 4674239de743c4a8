import {expect, test} from 'vitest'
import {type StreamWatcher, watchStream} from '../../../src/capture/ai-sdk/watch-stream.ts'

function createLog(): {log: unknown[]; watcher: StreamWatcher} {
  const log: unknown[] = []
  return {
    log,
    watcher: {
      chunk: (chunk) => log.push(chunk),
      end: () => log.push('end'),
      fail: (error) => log.push(['fail', error]),
      cancel: () => log.push('cancel'),
    },
  }
}

const tick = (): Promise<void> => new Promise((ok) => setTimeout(ok, 0))

test('the same chunks pass, and nothing is asked for before the reader asks', async () => {
  const asked: number[] = []
  const objects = [{a: 1}, {b: 2}, {c: 3}]
  const source = new ReadableStream<unknown>(
    {
      pull(controller) {
        const next = objects[asked.length]
        asked.push(asked.length)
        if (next === undefined) controller.close()
        else controller.enqueue(next)
      },
    },
    {highWaterMark: 0},
  )
  const {log, watcher} = createLog()
  const stream = watchStream(source, watcher)
  await tick()
  expect(asked).toEqual([])
  expect(source.locked).toBe(false)
  const reader = stream.getReader()
  const first = await reader.read()
  await tick()
  expect(first.value).toBe(objects[0])
  expect(asked).toEqual([0])
  expect((await reader.read()).value).toBe(objects[1])
  expect((await reader.read()).value).toBe(objects[2])
  expect(await reader.read()).toEqual({done: true, value: undefined})
  expect(log).toEqual([...objects, 'end'])
})

test('an error between two reads is passed on as it is, at once', async () => {
  let fail: (error: unknown) => void = () => {}
  const source = new ReadableStream<unknown>({
    start(controller) {
      controller.enqueue(1)
      fail = (error) => controller.error(error)
    },
  })
  const {log, watcher} = createLog()
  const reader = watchStream(source, watcher).getReader()
  await reader.read()
  const error = new Error('broken')
  fail(error)
  await expect(reader.closed).rejects.toBe(error)
  expect(log).toEqual([1, ['fail', error]])
})

test('giving up reaches the source with its reason, read from or not', async () => {
  for (const isRead of [false, true]) {
    const reasons: unknown[] = []
    const source = new ReadableStream<unknown>({
      start: (controller) => controller.enqueue(1),
      cancel: (reason) => void reasons.push(reason),
    })
    const {log, watcher} = createLog()
    const reader = watchStream(source, watcher).getReader()
    if (isRead) await reader.read()
    await reader.cancel('enough')
    expect(reasons).toEqual(['enough'])
    expect(log).toEqual(isRead ? [1, 'cancel'] : ['cancel'])
  }
})

test('whoever reads the original instead still can', async () => {
  const source = new ReadableStream<unknown>({
    start(controller) {
      controller.enqueue(1)
      controller.close()
    },
  })
  const {log, watcher} = createLog()
  watchStream(source, watcher)
  await tick()
  expect((await source.getReader().read()).value).toBe(1)
  expect(log).toEqual([])
})
