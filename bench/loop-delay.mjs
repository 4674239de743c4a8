// @ts-check
/** What 1,000 calls a second of 2.7 KB do to the event loop, beside idle windows of the same run. */
import {monitorEventLoopDelay} from 'node:perf_hooks'
import {BasicTracerProvider, BatchSpanProcessor} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {callAttributes} from './fixtures.mjs'
import {median} from './measure.mjs'

const WINDOW_MILLIS = 2000
const CALLS_A_SECOND = 1000
const TICK_MILLIS = 10

/** @param {() => void} tick @returns {Promise<number>} p99 of the loop's delay, ms */
async function windowOf(tick) {
  const delay = monitorEventLoopDelay({resolution: 1})
  delay.enable()
  const timer = setInterval(tick, TICK_MILLIS)
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MILLIS))
  clearInterval(timer)
  delay.disable()
  return delay.percentile(99) / 1e6
}

/** @returns {Promise<import('./measure.mjs').Result[]>} */
export async function measureLoopDelay() {
  /** @type {any} */
  const exporter = {
    /** @param {unknown} _spans @param {(result: {code: number}) => void} done */
    export: (_spans, done) => done({code: 0}),
    shutdown: async () => {},
  }
  const processor = new ReasoningSpanProcessor({
    next: new BatchSpanProcessor(exporter, {maxQueueSize: 100_000}),
    // All steps are made: the budget would spare most of them.
    maxSpansPerSecond: Infinity,
  })
  const tracer = new BasicTracerProvider({spanProcessors: [processor]}).getTracer('bench')
  const attributes = callAttributes(2700)
  let made = 0
  let due = 0
  const load = () => {
    due += (CALLS_A_SECOND * TICK_MILLIS) / 1000
    while (made < due) {
      tracer.startSpan('chat', {attributes}).end()
      made += 1
    }
  }
  await windowOf(load)
  /** @type {number[]} */
  const idle = []
  /** @type {number[]} */
  const loaded = []
  for (let round = 0; round < 5; round += 1) {
    idle.push(await windowOf(() => {}))
    loaded.push(await windowOf(load))
  }
  const extra = median(loaded.map((p99, i) => p99 - (idle[i] ?? 0)))
  await processor.shutdown()
  return [
    {
      what: '1,000 calls/s of 2.7 KB, p99 of loop delay over idle',
      figure: `${extra.toFixed(2)} ms`,
      bar: '5 ms',
      met: extra <= 5,
      beside: `idle ${median(idle).toFixed(2)} ms, loaded ${median(loaded).toFixed(2)} ms`,
    },
  ]
}
