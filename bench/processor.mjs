// @ts-check
/** What the processor costs: a span without reasoning, and a model call of 2.7 KB, all in. */
import {BasicTracerProvider, BatchSpanProcessor} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from 'otel-reasoning'
import {callAttributes, plainAttributes} from './fixtures.mjs'
import {measure, median} from './measure.mjs'

/** @type {any} */
const noopExporter = {
  /** @param {unknown} _spans @param {(result: {code: number}) => void} done */
  export: (_spans, done) => done({code: 0}),
  shutdown: async () => {},
}

/** @param {(next: any) => any} wrap */
function setUp(wrap) {
  const batch = new BatchSpanProcessor(noopExporter, {maxQueueSize: 10_000})
  const provider = new BasicTracerProvider({spanProcessors: [wrap(batch)]})
  return {tracer: provider.getTracer('bench'), settle: () => provider.forceFlush()}
}

/** @param {any} next */
const plain = (next) => next
/** @param {any} next */
const reasoning = (next) => new ReasoningSpanProcessor({next, maxSpansPerSecond: Infinity})

/** @returns {Promise<import('./measure.mjs').Result[]>} */
export async function measureProcessor() {
  const without = setUp(plain)
  const withOurs = setUp(reasoning)
  /** @param {ReturnType<typeof setUp>} pipeline @param {() => any} attributes */
  const span = ({tracer, settle}, attributes) => ({
    run: () => tracer.startSpan('span', {attributes: attributes()}).end(),
    settle,
  })
  const http = await measure(
    {
      without: span(without, plainAttributes),
      with: span(withOurs, plainAttributes),
    },
    {operations: 20_000, rounds: 15},
  )
  const attributes = callAttributes(2700)
  const call = await measure(
    {
      without: span(without, () => attributes),
      with: span(withOurs, () => attributes),
    },
    {operations: 3000},
  )
  const pairs = http.with.rounds.map((micros, i) => micros - (http.without.rounds[i] ?? 0))
  const plainExtra = median(pairs)
  const callExtra = call.with.micros - call.without.micros
  const heapExtra = call.with.heapBytes - call.without.heapBytes
  return [
    {
      what: 'span without reasoning, added CPU',
      figure: `${plainExtra.toFixed(2)} µs`,
      bar: '0.5 µs',
      met: plainExtra <= 0.5,
      beside: `${http.without.micros.toFixed(1)} µs without us`,
    },
    {
      what: '2.7 KB call, added CPU',
      figure: `${callExtra.toFixed(1)} µs`,
      bar: '40 µs',
      met: callExtra <= 40,
      beside: `${call.without.micros.toFixed(1)} µs without us`,
    },
    {
      what: '2.7 KB call, added heap',
      figure: `${(heapExtra / 1024).toFixed(1)} KB`,
      bar: '16 KB',
      met: heapExtra <= 16 * 1024,
      beside: `${(call.without.heapBytes / 1024).toFixed(1)} KB without us`,
    },
  ]
}
