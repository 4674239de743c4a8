/** The exporter form, for pipelines in which only the exporter can be changed. */
import {context} from '@opentelemetry/api'
import {prepareClassifier} from './analysis/classify.ts'
import type {FaultReport} from './fault-report.ts'
import {type DeliveryOptions, type ExpandOptions, resolveOptions} from './options.ts'
import type {ExportResultLike, ReadableSpanLike, SpanExporterLike} from './readable-span.ts'
import {sizeOf} from './spans/size.ts'
import {type Deliver, SpanExpander} from './span-expander.ts'
import type {ReasoningStats} from './stats.ts'
import {inBackground} from './suppress-tracing.ts'

/** @public */
export interface ReasoningSpanExporterOptions extends ExpandOptions, DeliveryOptions {
  /** The exporter that sends. */
  exporter: SpanExporterLike
}

/** Bytes of our spans in one request: gRPC receivers refuse 4 MiB. */
const MAX_REQUEST_BYTES = 3.5 * 1024 * 1024
/** Bytes of our spans that wait for the exporter; over it they are dropped and counted. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

/** A batch comes in one turn of the event loop: expanding all of it there would block it. */
const TURN_MILLIS = 2

/** The SDK gives an export as long. */
const ANSWER_MILLIS = 30_000

/** A batch of the user's on its way through. */
interface Batch {
  readonly leaving: ReadableSpanLike[]
  readonly children: ReadableSpanLike[]
  /** Spans that have not been delivered. */
  left: number
}

function checkExporter(exporter: unknown): SpanExporterLike {
  const candidate = exporter as Partial<SpanExporterLike> & {onEnd?: unknown}
  if (typeof candidate === 'object' && candidate !== null) {
    if (typeof candidate.export === 'function' && typeof candidate.shutdown === 'function') {
      return candidate as SpanExporterLike
    }
    if (typeof candidate.onEnd === 'function') {
      throw new TypeError(
        'ReasoningSpanExporter: expected `exporter` to be a span exporter, got a span processor. Did you mean `new ReasoningSpanProcessor({next: processor})`?',
      )
    }
  }
  throw new TypeError(
    `ReasoningSpanExporter: expected \`exporter\` to be a span exporter, got ${
      exporter === null ? 'null' : typeof exporter
    }. Write \`new ReasoningSpanExporter({exporter: new OTLPTraceExporter()})\`.`,
  )
}

/**
 * Wraps an exporter: the user's spans go first and in requests of their own, and the result is
 * theirs; ours follow, in requests of less than 3.5 MiB, and their failures are counted.
 *
 * `forceFlush()` and `shutdown()` wait for ours, each request for up to 30 s. The SDK's batch
 * processor does not ask its exporter to flush, though: where a function is frozen after
 * `provider.forceFlush()`, ours may stay behind. Use `ReasoningSpanProcessor` there.
 *
 * @example
 * new BatchSpanProcessor(new ReasoningSpanExporter({exporter: new OTLPTraceExporter()}))
 * @public
 */
export class ReasoningSpanExporter {
  readonly #exporter: SpanExporterLike
  readonly #expander: SpanExpander
  readonly #faults: FaultReport
  readonly #forwardsAll: boolean
  #waiting: ReadableSpanLike[] = []
  #waitingBytes = 0
  #isSending = false
  /** Spans of ours that ever lined up, and those of them whose request was answered. */
  #linedUp = 0
  #answered = 0
  #whenAnswered: {upTo: number; resolve: () => void}[] = []
  /** One for each batch whose result is not known yet. */
  readonly #open = new Set<Promise<void>>()
  #shutdown: Promise<void> | undefined

  /** @throws TypeError on a missing or wrong `exporter`, on wrong values and on unknown options */
  constructor(options: ReasoningSpanExporterOptions) {
    this.#exporter = checkExporter((options as ReasoningSpanExporterOptions | undefined)?.exporter)
    if ((options as {live?: unknown}).live !== undefined) {
      throw new TypeError(
        'ReasoningSpanExporter: `live` needs a ReasoningSpanProcessor: an exporter hears of a call only when it has ended',
      )
    }
    const resolved = resolveOptions('ReasoningSpanExporter', options, ['exporter'])
    this.#faults = resolved.faults
    this.#forwardsAll = resolved.forward === 'all'
    this.#expander = new SpanExpander(resolved, (children) => this.#send(children))
    // Now and not in the first batch: it takes some milliseconds.
    if (!this.#expander.isDisabled) prepareClassifier(resolved.classifier)
  }

  /** Expands a batch, exports the user's spans, reports their result, then sends ours. */
  export(
    spans: readonly ReadableSpanLike[],
    resultCallback: (result: ExportResultLike) => void,
  ): void {
    if (this.#shutdown !== undefined) {
      this.#expander.lose('shutdown', spans.length)
      resultCallback({code: 1, error: new Error('ReasoningSpanExporter is shut down')})
      return
    }
    const caller = context.active()
    const batch: Batch = {leaving: [], children: [], left: spans.length}
    const close = this.#openBatch()
    // In the context of the call, which says that this is not to be traced, and not in ours.
    const finish = (): void =>
      context.with(caller, () => this.#finish(batch, resultCallback, close))
    if (batch.left === 0) {
      finish()
      return
    }
    const until = performance.now() + TURN_MILLIS
    for (const [i, span] of spans.entries()) {
      const deliver: Deliver = (copy, ours) => {
        batch.leaving[i] = copy
        for (const child of ours) batch.children.push(child)
        batch.left -= 1
        if (batch.left === 0) finish()
      }
      this.#expander.expand(span, deliver, performance.now() < until)
    }
  }

  /** Waits for what is being analysed and sent, then flushes the exporter. */
  async forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown
    await this.#drain()
    await this.#exporter.forceFlush?.()
  }

  /** As `forceFlush`, then shuts the exporter down. A second call returns the first one's promise. */
  shutdown(): Promise<void> {
    this.#shutdown ??= (async () => {
      this.#expander.stop()
      await this.#drain()
      await this.#exporter.shutdown()
    })()
    return this.#shutdown
  }

  /** Counters since construction, and what waits now. */
  getStats(): ReasoningStats {
    return this.#expander.getStats()
  }

  /** Waits for what has come until now, whatever comes meanwhile. */
  async #drain(): Promise<void> {
    const open = [...this.#open]
    // The timers that bound this are unref'd: a program that only waits for its flush would exit.
    const keepAlive = setInterval(() => {}, 1000)
    try {
      await this.#expander.idle()
      await Promise.all(open)
      if (this.#answered >= this.#linedUp) return
      await new Promise<void>((resolve) => {
        this.#whenAnswered.push({upTo: this.#linedUp, resolve})
      })
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** @returns an end to the batch */
  #openBatch(): () => void {
    let close: () => void = () => {}
    const closed = new Promise<void>((resolve) => {
      close = resolve
    })
    this.#open.add(closed)
    return () => {
      this.#open.delete(closed)
      close()
    }
  }

  #finish(
    {leaving, children}: Batch,
    resultCallback: (result: ExportResultLike) => void,
    close: () => void,
  ): void {
    let isSent = false
    const sendOurs = (): void => {
      if (isSent) return
      isSent = true
      this.#send(children)
      close()
    }
    const conclude = (result: ExportResultLike): void => {
      clearTimeout(timer)
      try {
        resultCallback(result)
      } catch (error) {
        this.#faults.tell('the callback of an export threw', error)
      } finally {
        sendOurs()
      }
    }
    // Who waits for us must not wait for ever where the exporter never answers.
    const timer = setTimeout(sendOurs, ANSWER_MILLIS)
    unref(timer)
    if (this.#forwardsAll) this.#export(leaving, conclude)
    else conclude({code: 0})
  }

  /** `callback` is called once at most, and once at least where the exporter answers or throws. */
  #export(spans: ReadableSpanLike[], callback: (result: ExportResultLike) => void): void {
    let isTold = false
    const tellOnce = (result: ExportResultLike): void => {
      if (isTold) return
      isTold = true
      callback(result)
    }
    try {
      this.#exporter.export(spans, tellOnce)
    } catch (error) {
      tellOnce({code: 1, error: error instanceof Error ? error : new Error('the exporter threw')})
    }
  }

  /** Lines our spans up; one request at a time, so that they never compete with the user's. */
  #send(children: readonly ReadableSpanLike[]): void {
    for (const child of children) {
      const bytes = sizeOf(child)
      if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
        this.#expander.lose('exporter_queue')
        continue
      }
      this.#waitingBytes += bytes
      this.#linedUp += 1
      this.#waiting.push(child)
    }
    if (!this.#isSending) this.#sendNext()
  }

  #sendNext(): void {
    this.#isSending = this.#waiting.length > 0
    if (!this.#isSending) return
    const request = this.#takeRequest()
    let isAnswered = false
    const answer = (result: ExportResultLike): void => {
      if (isAnswered) return
      isAnswered = true
      clearTimeout(timer)
      if (result.code !== 0) {
        this.#expander.lose('export_failed', request.length)
        this.#faults.tell(
          'reasoning spans were not exported',
          result.error ?? new Error('the exporter reported a failure'),
        )
      }
      this.#answered += request.length
      this.#tellAnswered()
      // Later, since an exporter that answers at once would call itself over and over.
      inBackground(() => queueMicrotask(() => this.#sendNext()))
    }
    const timer = setTimeout(
      () => answer({code: 1, error: new Error('the exporter did not answer within 30 s')}),
      ANSWER_MILLIS,
    )
    unref(timer)
    inBackground(() => this.#export(request, answer))
  }

  #tellAnswered(): void {
    if (this.#whenAnswered.length === 0) return
    const answered = this.#answered
    const reached = this.#whenAnswered.filter(({upTo}) => upTo <= answered)
    this.#whenAnswered = this.#whenAnswered.filter(({upTo}) => upTo > answered)
    for (const {resolve} of reached) resolve()
  }

  #takeRequest(): ReadableSpanLike[] {
    let bytes = 0
    let count = 0
    for (const span of this.#waiting) {
      const size = sizeOf(span)
      if (count > 0 && bytes + size > MAX_REQUEST_BYTES) break
      bytes += size
      count += 1
    }
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, count)
  }
}

function unref(timer: ReturnType<typeof setTimeout>): void {
  ;(timer as {unref?: () => void}).unref?.()
}
