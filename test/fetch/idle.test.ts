/** Readers that let go of a body unread and tell nobody, as some clients do. */
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {watchIdle} from '../../src/capture/wire/tap-idle.ts'
import {tapFetch} from '../../src/fetch.ts'
import {
  answering,
  END,
  type LocalServer,
  type Pipeline,
  REQUEST,
  serve,
  startEvents,
  startPipeline,
  thinking,
} from './tapped.ts'

let pipeline: Pipeline
let server: LocalServer
beforeEach(async () => {
  pipeline = startPipeline()
  server = await serve(async (_req, res) => {
    startEvents(res)
    res.write(thinking('First I look it up. '))
    await sleep(20)
    res.write(thinking('Then I compare it. '))
    await sleep(20)
    res.end(answering('Yes.') + END)
  })
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
  await pipeline.stop()
})

const ask = (): Promise<Response> => tapFetch(fetch)(`${server.url}/v1/chat/completions`, REQUEST)

test('what arrived is kept when the span around it ends and nobody reads on', async () => {
  await pipeline.under('agent', async () => {
    const reader = (await ask()).body!.getReader()
    await reader.read()
    reader.releaseLock()
  })
  expect(pipeline.calls()).toEqual([])
  await expect.poll(() => pipeline.blocks().length, {timeout: 5000}).toBe(1)
  const texts = pipeline.steps().map(({attributes}) => attributes['reasoning.text'])
  expect(texts).toEqual(['First I look it up.'])
  expect(pipeline.blocks()[0]?.attributes['reasoning.signals']).toContain('truncated')
  expect(pipeline.calls()).toHaveLength(1)
  expect(pipeline.calls()[0]?.status.code).toBe(0)
})

test('a reader that goes on after the span around it ended gets all of it, and so do we', async () => {
  let response: Response | undefined
  await pipeline.under('agent', async () => {
    response = await ask()
  })
  const text = await response!.text()
  expect(text).toContain('Yes.')
  await expect.poll(() => pipeline.blocks().length).toBe(1)
  expect(pipeline.blocks()[0]?.attributes['reasoning.signals'] ?? []).not.toContain('truncated')
})

test('a reader that waits is there; one that stays away for half a minute is gone', () => {
  vi.useFakeTimers()
  const gone = vi.fn()
  const idle = watchIdle(gone)
  idle.asked()
  vi.advanceTimersByTime(300_000)
  expect(gone).not.toHaveBeenCalled()
  idle.given()
  vi.advanceTimersByTime(29_000)
  expect(gone).not.toHaveBeenCalled()
  vi.advanceTimersByTime(32_000)
  expect(gone).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(300_000)
  expect(gone).toHaveBeenCalledTimes(1)
})

test('a second is enough when the span has ended, unless chunks go on being taken', () => {
  vi.useFakeTimers()
  const gone = vi.fn()
  const idle = watchIdle(gone)
  idle.asked()
  idle.given()
  idle.spanEnded()
  vi.advanceTimersByTime(900)
  idle.asked()
  idle.given()
  vi.advanceTimersByTime(200)
  expect(gone).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(gone).toHaveBeenCalledTimes(1)
})

test('a body that never says that it is asked for is left alone', () => {
  vi.useFakeTimers()
  const gone = vi.fn()
  const idle = watchIdle(gone)
  idle.given()
  idle.spanEnded()
  vi.advanceTimersByTime(300_000)
  expect(gone).not.toHaveBeenCalled()
  idle.stop()
  expect(vi.getTimerCount()).toBe(0)
})
