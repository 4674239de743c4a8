/** What processor and exporter tell of their work as metrics. */
import type {Attributes, MeterProvider} from '@opentelemetry/api'
import {warn} from '../fault-report.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {
  ATTR_BLOCK_INDEX,
  ATTR_CHECKS_MET,
  ATTR_CHECKS_MISSED,
  ATTR_SIGNAL_NAME,
  ATTR_SIGNAL_SEVERITY,
  ATTR_STEP_KIND,
  ATTR_TOKEN_COUNT,
  ATTR_VISIBILITY,
  EVENT_SIGNAL,
  METRIC_ATTR_CHECK_RESULT,
  METRIC_ATTR_DROP_REASON,
} from '../semconv.ts'
import {nanosBetween} from '../spans/hr-time.ts'
import {type Instruments, LazyInstruments} from './instruments.ts'
import {LabelGroups} from './label-groups.ts'

/** Which limit or fault took spans of ours; a closed set. */
export type DropReason =
  | 'span_budget'
  | 'overload'
  | 'fault'
  | 'late'
  | 'shutdown'
  | 'export_failed'
  | 'exporter_queue'

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

const seconds = ({startTime, endTime}: ReadableSpanLike): number =>
  Math.max(nanosBetween(startTime, endTime), 0) / 1e9

/** Never throws: a meter that does costs metrics, and is not asked again. */
export class ReasoningMetrics {
  readonly #lazy: LazyInstruments
  readonly #groups = new LabelGroups()
  #pending = 0
  #isBroken = false

  constructor(provider: MeterProvider | undefined) {
    this.#lazy = new LazyInstruments(provider, ({pending}) => pending.add(this.#pending))
  }

  /** Whether anybody reads them: what is counted for nothing else need not be made. */
  get areRead(): boolean {
    let areRead = false
    this.#tell(() => {
      areRead = true
    })
    return areRead
  }

  /**
   * Counts spans of ours, as a Collector would that sees them: the same numbers by either way.
   *
   * @param children each block before its steps
   */
  spans(children: readonly ReadableSpanLike[]): void {
    if (children.length === 0) return
    this.#tell((instruments) => {
      for (const span of children) countSpan(instruments, span, this.#groups.of(span.attributes))
    })
  }

  /** @param count spans of ours that were not made or went nowhere; of whole calls, calls */
  drop(reason: DropReason, count = 1): void {
    if (count === 0) return
    this.#tell(({drops}) => drops.add(count, {[METRIC_ATTR_DROP_REASON]: reason}))
  }

  error(): void {
    this.#tell(({errors}) => errors.add(1))
  }

  /** A call waits, or no longer does. */
  wait(change: 1 | -1): void {
    // Instruments that are made just now begin with what waited before.
    this.#tell(({pending}) => pending.add(change))
    this.#pending += change
  }

  /** @param millis of work on one call */
  analysed(millis: number): void {
    this.#tell(({analysisDuration}) => analysisDuration.record(millis / 1000))
  }

  #tell(action: (instruments: Instruments) => void): void {
    if (this.#isBroken) return
    try {
      const instruments = this.#lazy.current()
      if (instruments !== undefined) action(instruments)
    } catch (error) {
      this.#isBroken = true
      warn(`otel-reasoning: no more metrics, since a meter threw: ${String(error)}`)
    }
  }
}

function countSpan(instruments: Instruments, span: ReadableSpanLike, group: Attributes): void {
  const {attributes} = span
  if (attributes[ATTR_BLOCK_INDEX] !== undefined) countBlock(instruments, span, group)
  else if (attributes[ATTR_STEP_KIND] !== undefined) {
    const kind = {[ATTR_STEP_KIND]: attributes[ATTR_STEP_KIND]}
    instruments.steps.add(1, {...kind, ...group})
    instruments.stepDuration.record(seconds(span), kind)
  }
  for (const {name, attributes: told} of span.events) {
    if (name !== EVENT_SIGNAL || told === undefined) continue
    instruments.signals.add(1, {
      [ATTR_SIGNAL_NAME]: told[ATTR_SIGNAL_NAME],
      [ATTR_SIGNAL_SEVERITY]: told[ATTR_SIGNAL_SEVERITY],
      ...group,
    })
  }
}

function countBlock(instruments: Instruments, span: ReadableSpanLike, group: Attributes): void {
  const {attributes} = span
  const {calls, blocks, checks, tokens, blockDuration} = instruments
  if (attributes[ATTR_BLOCK_INDEX] === 0) calls.add(1, group)
  blocks.add(1, {[ATTR_VISIBILITY]: attributes[ATTR_VISIBILITY], ...group})
  for (const [result, key] of [
    ['met', ATTR_CHECKS_MET],
    ['missed', ATTR_CHECKS_MISSED],
  ] as const) {
    const count = lengthOf(attributes[key])
    if (count > 0) checks.add(count, {[METRIC_ATTR_CHECK_RESULT]: result, ...group})
  }
  if (lengthOf(attributes[ATTR_CHECKS_MISSED]) > 0) instruments.blocksWithMissedChecks.add(1, group)
  const tokenCount = attributes[ATTR_TOKEN_COUNT]
  if (typeof tokenCount === 'number') tokens.add(tokenCount, group)
  blockDuration.record(seconds(span), group)
}
