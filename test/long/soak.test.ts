import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {expect, test} from 'vitest'
import {ReasoningSpanProcessor} from '../../src/processor.ts'
import {ReasoningRecorder} from '../../src/recorder.ts'
import {chatSpan, makeSpan} from '../setup/make-span.ts'

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 5)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** MiB in use after two collections. */
function heapInUse(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

test(`${MINUTES} minutes of calls, long calls, recordings and lost parents keep the heap bounded`, async () => {
  let handedOn = 0
  const next = {
    onStart() {},
    onEnd() {
      handedOn += 1
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const processor = new ReasoningSpanProcessor({next})
  const end = Date.now() + MINUTES * 60_000
  let serial = 0
  let users = 0
  const give = (span: ReturnType<typeof makeSpan>): void => {
    processor.onEnd(span)
    users += 1
  }
  const samples: number[] = []
  while (Date.now() < end) {
    for (let i = 0; i < 200; i += 1) {
      serial += 1
      const id = serial.toString(16).padStart(16, '0')
      const traceId = serial.toString(16).padStart(32, '0')
      const thought = `First I look at case ${serial}. Wait, let me check it again. So it is done.`
      give(chatSpan(thought, {traceId, spanId: id, parentSpanId: 'f'.repeat(8) + id.slice(8)}))
      give(makeSpan({traceId, attributes: {'http.request.method': 'GET'}}))
      if (serial % 50 === 0) give(chatSpan(`${thought} `.repeat(200), {traceId}))
      if (serial % 10 === 0) {
        const recorder = new ReasoningRecorder({span: makeSpan({traceId}) as never})
        recorder.text(thought)
        recorder.end()
      }
    }
    await processor.forceFlush()
    if (serial % 20_000 === 0) samples.push(heapInUse())
  }
  await processor.forceFlush()
  const stats = processor.getStats()
  expect(handedOn).toBe(users + stats.spansMade)
  expect(stats).toMatchObject({pendingSpans: 0, pendingLength: 0, errors: 0, unexpandedOverload: 0})
  // The first samples fill what is bounded; after that nothing may grow.
  const settled = samples.slice(Math.floor(samples.length / 3))
  const growth = Math.max(...settled) - Math.min(...settled)
  expect(samples.length).toBeGreaterThan(3)
  expect(growth).toBeLessThan(40)
})
