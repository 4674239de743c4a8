// @ts-check
/** How long a call of 175 KB holds the event loop: in `end()`, and in any later turn. */
import {BasicTracerProvider} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {callAttributes} from './fixtures.mjs'
import {median} from './measure.mjs'

const next = {onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {}}

/** @returns {Promise<import('./measure.mjs').Result[]>} */
export async function measureLongCall() {
  const processor = new ReasoningSpanProcessor({next, maxSpansPerSecond: Infinity})
  const tracer = new BasicTracerProvider({spanProcessors: [processor]}).getTracer('bench')
  const attributes = callAttributes(175 * 1024)
  /** @type {number[]} */
  const ends = []
  /** @type {number[]} */
  const slices = []
  for (let round = 0; round < 30; round += 1) {
    const span = tracer.startSpan('chat', {attributes})
    const started = performance.now()
    span.end()
    ends.push(performance.now() - started)
    // Everything that runs between two of these runs is one turn of somebody's: of ours, here.
    let longest = 0
    let last = performance.now()
    while (processor.getStats().pendingSpans > 0) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
    slices.push(longest)
  }
  // The first rounds run code that is not compiled yet; they are told of, not left out.
  const end = median(ends)
  const slice = median(slices)
  return [
    {
      what: '175 KB call, span.end()',
      figure: `${end.toFixed(2)} ms`,
      bar: '1 ms',
      met: end <= 1,
      beside: `first ${(ends[0] ?? 0).toFixed(2)} ms, worst ${Math.max(...ends).toFixed(2)} ms of 30`,
    },
    {
      what: '175 KB call, longest turn',
      figure: `${slice.toFixed(2)} ms`,
      bar: '4 ms',
      met: slice <= 4,
      beside: `first ${(slices[0] ?? 0).toFixed(2)} ms, worst ${Math.max(...slices).toFixed(2)} ms of 30`,
    },
  ]
}
