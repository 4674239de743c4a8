/** The instruments of `METRICS`, made when there is somebody who reads them. */
import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  metrics,
  type UpDownCounter,
} from '@opentelemetry/api'
import {
  DURATION_BUCKETS,
  type MetricDescription,
  METRIC_BLOCKS,
  METRIC_BLOCKS_WITH_MISSED_CHECKS,
  METRIC_BLOCK_DURATION,
  METRIC_CALLS,
  METRIC_CHECKS,
  METRIC_PROCESSOR_ANALYSIS_DURATION,
  METRIC_PROCESSOR_DROPS,
  METRIC_PROCESSOR_ERRORS,
  METRIC_PROCESSOR_PENDING,
  METRIC_SIGNAL_EVENTS,
  METRIC_STEPS,
  METRIC_STEP_DURATION,
  METRIC_TOKENS,
  METRICS,
  SCOPE_NAME,
  SCOPE_VERSION,
} from '../semconv.ts'

export interface Instruments {
  readonly calls: Counter
  readonly blocks: Counter
  readonly steps: Counter
  readonly signals: Counter
  readonly checks: Counter
  readonly blocksWithMissedChecks: Counter
  readonly tokens: Counter
  readonly stepDuration: Histogram
  readonly blockDuration: Histogram
  readonly pending: UpDownCounter
  readonly drops: Counter
  readonly errors: Counter
  readonly analysisDuration: Histogram
}

function describe(name: string): MetricOptions {
  const {description, unit} = METRICS.find((metric) => metric.name === name) as MetricDescription
  return {description, unit}
}

function make(meter: Meter): Instruments {
  const counter = (name: string): Counter<Attributes> => meter.createCounter(name, describe(name))
  const histogram = (name: string): Histogram<Attributes> =>
    meter.createHistogram(name, {
      ...describe(name),
      advice: {explicitBucketBoundaries: [...DURATION_BUCKETS]},
    })
  return {
    calls: counter(METRIC_CALLS),
    blocks: counter(METRIC_BLOCKS),
    steps: counter(METRIC_STEPS),
    signals: counter(METRIC_SIGNAL_EVENTS),
    checks: counter(METRIC_CHECKS),
    blocksWithMissedChecks: counter(METRIC_BLOCKS_WITH_MISSED_CHECKS),
    tokens: counter(METRIC_TOKENS),
    stepDuration: histogram(METRIC_STEP_DURATION),
    blockDuration: histogram(METRIC_BLOCK_DURATION),
    pending: meter.createUpDownCounter(
      METRIC_PROCESSOR_PENDING,
      describe(METRIC_PROCESSOR_PENDING),
    ),
    drops: counter(METRIC_PROCESSOR_DROPS),
    errors: counter(METRIC_PROCESSOR_ERRORS),
    analysisDuration: histogram(METRIC_PROCESSOR_ANALYSIS_DURATION),
  }
}

/** Without a provider the API's meters are all this one. */
const NOOP_METER = createNoopMeter()

/**
 * Gives the instruments of the provider there is now: the given one, or the global one, which
 * applications register late and tests replace.
 */
export class LazyInstruments {
  readonly #given: MeterProvider | undefined
  readonly #onMade: (instruments: Instruments) => void
  #provider: MeterProvider | undefined
  #instruments: Instruments | undefined

  /** @param onMade told of instruments that were just made: they know nothing of what came before */
  constructor(
    given: MeterProvider | undefined,
    onMade: (instruments: Instruments) => void = () => {},
  ) {
    this.#given = given
    this.#onMade = onMade
  }

  /** `undefined` where nobody reads metrics. */
  current(): Instruments | undefined {
    const provider = this.#given ?? metrics.getMeterProvider()
    if (provider === this.#provider) return this.#instruments
    this.#provider = provider
    const meter = provider.getMeter(SCOPE_NAME, SCOPE_VERSION)
    this.#instruments = meter === NOOP_METER ? undefined : make(meter)
    if (this.#instruments !== undefined) this.#onMade(this.#instruments)
    return this.#instruments
  }
}
