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

/**
 * A pipeline whose calls are analysed to the end, by one classifier, within what is counted.
 *
 * @param {'network' | 'rules'} classifier
 */
function setUpCalls(classifier) {
  const batch = new BatchSpanProcessor(noopExporter, {maxQueueSize: 10_000})
  let handedOn = 0
  /** @type {any} */
  const counting = {
    onStart() {},
    /** @param {any} span */
    onEnd(span) {
      handedOn += 1
      batch.onEnd(span)
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const processor = new ReasoningSpanProcessor({
    next: counting,
    classifier,
    maxSpansPerSecond: Infinity,
    maxNetworkMillis: Infinity,
  })
  const provider = new BasicTracerProvider({spanProcessors: [processor]})
  return {
    tracer: provider.getTracer('bench'),
    finish: () => processor.forceFlush(),
    async settle() {
      await batch.forceFlush()
      const {unexpandedOverload, labelledByRules} = processor.getStats()
      // Otherwise something easier would have been measured.
      if (unexpandedOverload + labelledByRules > 0 || handedOn === 0) {
        throw new Error('calls left without being analysed')
      }
    },
  }
}

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
  const rules = setUpCalls('rules')
  const network = setUpCalls('network')
  const call = await measure(
    {
      without: span(without, () => attributes),
      rules: {...span(rules, () => attributes), finish: rules.finish},
      network: {...span(network, () => attributes), finish: network.finish},
    },
    {operations: 1000},
  )
  const pairs = http.with.rounds.map((micros, i) => micros - (http.without.rounds[i] ?? 0))
  const plainExtra = median(pairs)
  const rulesExtra = call.rules.micros - call.without.micros
  const networkExtra = call.network.micros - call.without.micros
  const heapExtra = call.network.heapBytes - call.without.heapBytes
  return [
    {
      what: 'span without reasoning, added CPU',
      figure: `${plainExtra.toFixed(2)} µs`,
      bar: '0.5 µs',
      met: plainExtra <= 0.5,
      beside: `${http.without.micros.toFixed(1)} µs without us`,
    },
    {
      what: '2.7 KB call, added CPU, rules',
      figure: `${rulesExtra.toFixed(0)} µs`,
      bar: '40 µs',
      met: rulesExtra <= 40,
      beside: `${call.without.micros.toFixed(1)} µs without us`,
    },
    {
      what: '2.7 KB call, added CPU, network, off the end of the span',
      figure: `${networkExtra.toFixed(0)} µs`,
      bar: 'none',
      met: true,
      beside: 'at most `maxNetworkMillis` a second',
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
