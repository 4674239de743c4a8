/** The span processor: stands in front of the one that exports, and adds our spans to what it gets. */
import type {Context} from '@opentelemetry/api'
import {TraceFlags} from '@opentelemetry/api'
import {prepareClassifier} from './analysis/classify.ts'
import {type FaultReport, warn} from './fault-report.ts'
import {tellEnd, tellStart} from './model-spans.ts'
import type {KindClassifier} from './model.ts'
import {type DeliveryOptions, type ExpandOptions, readFlag, resolveOptions} from './options.ts'
import type {ReadableSpanLike, SpanProcessorLike} from './readable-span.ts'
import {type Deliver, SpanExpander} from './span-expander.ts'
import type {ReasoningStats} from './stats.ts'

/** @public */
export interface ReasoningSpanProcessorOptions extends ExpandOptions, DeliveryOptions {
  /** The processor that exports, which this one replaces in the provider's list. */
  next: SpanProcessorLike
  /**
   * Export each step when it has ended, while its call still runs: for calls whose response is
   * tapped. Without effect on what `mask` holds, and with a classifier of your own.
   *
   * @defaultValue false, or `REASONING_LIVE`
   */
  live?: boolean | undefined
}

const METHODS = ['onStart', 'onEnd', 'forceFlush', 'shutdown'] as const

function checkNext(next: unknown): SpanProcessorLike {
  const candidate = next as
    | Partial<Record<(typeof METHODS)[number] | 'export', unknown>>
    | undefined
  const missing =
    typeof candidate === 'object' && candidate !== null
      ? METHODS.find((method) => typeof candidate[method] !== 'function')
      : 'onStart'
  if (missing === undefined) return next as SpanProcessorLike
  const hint =
    typeof candidate?.export === 'function'
      ? ' That is an exporter: wrap it in a BatchSpanProcessor, or use ReasoningSpanExporter.'
      : ' Write `new ReasoningSpanProcessor({next: new BatchSpanProcessor(exporter)})`.'
  throw new TypeError(
    `ReasoningSpanProcessor: expected \`next\` to be a span processor, got ${
      next === null ? 'null' : typeof next
    } without \`${missing}\`.${hint}`,
  )
}

/**
 * Turns the visible reasoning of model calls into child spans. It *replaces* the processor in front
 * of an exporter and hands everything on to it; beside that processor every span would be sent
 * twice.
 *
 * Nothing of it throws once it is constructed, and a fault costs reasoning spans, never the user's.
 *
 * @example
 * new NodeSDK({spanProcessors: [
 *   new ReasoningSpanProcessor({next: new BatchSpanProcessor(new OTLPTraceExporter())}),
 * ]})
 * @public
 */
export class ReasoningSpanProcessor {
  readonly #next: SpanProcessorLike
  readonly #expander: SpanExpander
  readonly #faults: FaultReport
  readonly #forwardsAll: boolean
  /** Made once, not for each span. */
  readonly #deliver: Deliver = (leaving, children) => {
    if (this.#forwardsAll) this.#handOn(leaving)
    for (const child of children) this.#handOn(child)
  }
  #shutdown: Promise<void> | undefined

  /** @throws TypeError on a missing or wrong `next`, on wrong values and on unknown options */
  constructor(options: ReasoningSpanProcessorOptions) {
    this.#next = checkNext((options as ReasoningSpanProcessorOptions | undefined)?.next)
    const resolved = resolveOptions('ReasoningSpanProcessor', options, ['next', 'live'])
    this.#faults = resolved.faults
    this.#forwardsAll = resolved.forward === 'all'
    const isLive = readLive(options.live, resolved.classifier)
    this.#expander = new SpanExpander(
      resolved,
      (children) => {
        for (const child of children) this.#handOn(child)
      },
      isLive,
    )
    // Now and not in the first call that ends: it takes some milliseconds.
    if (!this.#expander.isDisabled) prepareClassifier(resolved.classifier)
  }

  /** Hands on, except under `forward: 'reasoning'`: our own spans never start. */
  onStart(span: unknown, parentContext: Context): void {
    tellStart(span)
    this.#note(() => this.#expander.noteStart(span))
    if (!this.#forwardsAll) return
    this.#guard(() => this.#next.onStart(span, parentContext))
  }

  /** Hands on where `next` has it. */
  onEnding(span: unknown): void {
    if (!this.#forwardsAll || this.#next.onEnding === undefined) return
    this.#guard(() => this.#next.onEnding?.(span))
  }

  /** Hands on the span, followed by ours; a long or async one in a later turn of the event loop. */
  onEnd(span: ReadableSpanLike): void {
    if (this.#shutdown !== undefined) {
      this.#expander.lose('shutdown')
      return
    }
    tellEnd(span)
    this.#note(() => this.#expander.noteEnd(span))
    if (isSampled(span)) this.#expander.expand(span, this.#deliver)
    else {
      // Nobody should export it, but whoever looks at it is under the policy too.
      if (this.#forwardsAll) this.#handOn(this.#expander.unexpanded(span))
      this.#expander.measure(span)
    }
  }

  /**
   * Hands on what is being analysed, in this very turn: for a process that ends.
   *
   * @internal
   */
  drain(): void {
    this.#expander.drain()
  }

  /** Waits for what is being analysed, then flushes `next`. */
  async forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown
    await this.#expander.idle()
    await this.#next.forceFlush()
  }

  /** As `forceFlush`, then shuts `next` down. A second call returns the first one's promise. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#finish()
    return this.#shutdown
  }

  /** Counters since construction, and what waits now. */
  getStats(): ReasoningStats {
    return this.#expander.getStats()
  }

  async #finish(): Promise<void> {
    this.#expander.stop()
    await this.#expander.idle()
    await this.#next.shutdown()
  }

  #note(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#faults.tell('steps of a call come with its end', error)
    }
  }

  #handOn(span: ReadableSpanLike): void {
    try {
      this.#next.onEnd(span)
    } catch (error) {
      this.#faults.tell(NEXT_THREW, error)
    }
  }

  /** What is thrown here would reach the application's `startSpan()` or `end()`. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#faults.tell(NEXT_THREW, error)
    }
  }
}

function readLive(explicit: unknown, classifier: KindClassifier | 'network' | 'rules'): boolean {
  const owner = 'ReasoningSpanProcessor'
  const isLive = readFlag(owner, 'live', explicit)
  if (isLive && typeof classifier === 'function') {
    warn(`${owner}: \`live\` has no effect with a classifier of your own, which reads whole texts`)
  }
  return isLive
}

const NEXT_THREW = 'the next processor threw'

/** A span that does not even say so is taken for sampled: it leaves unexpanded then, as a fault. */
function isSampled(span: ReadableSpanLike): boolean {
  try {
    return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
  } catch {
    return true
  }
}
