/** The exporter form, for pipelines in which only the exporter can be changed. */
import {prepareRules} from './analysis/kinds.ts'
import type {FaultReport} from './fault-report.ts'
import {LateReasoning} from './late.ts'
import {type DeliveryOptions, type ExpandOptions, resolveOptions} from './options.ts'
import type {ExportResultLike, ReadableSpanLike, SpanExporterLike} from './readable-span.ts'
import {sizeOf} from './spans/size.ts'
import {SpanExpander} from './span-expander.ts'
import type {ReasoningStats} from './stats.ts'

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
const NEVER_INLINE = -1

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
 * @example
 * new BatchSpanProcessor(new ReasoningSpanExporter({exporter: new OTLPTraceExporter()}))
 * @public
 */
export class ReasoningSpanExporter {
  readonly #exporter: SpanExporterLike
  readonly #expander: SpanExpander
  readonly #late: LateReasoning
  readonly #faults: FaultReport
  readonly #forwardsAll: boolean
  #waiting: ReadableSpanLike[] = []
  #waitingBytes = 0
  #sending: Promise<void> | undefined
  #expanding = new Set<Promise<void>>()
  #shutdown: Promise<void> | undefined

  /** @throws TypeError on a missing or wrong `exporter`, on wrong values and on unknown options */
  constructor(options: ReasoningSpanExporterOptions) {
    this.#exporter = checkExporter((options as ReasoningSpanExporterOptions | undefined)?.exporter)
    const resolved = resolveOptions('ReasoningSpanExporter', options, ['exporter'])
    this.#expander = new SpanExpander(resolved, NEVER_INLINE)
    this.#faults = resolved.faults
    this.#forwardsAll = resolved.forward === 'all'
    // Now and not in the first batch: it takes some milliseconds.
    if (resolved.classifier === 'rules') prepareRules()
    this.#late = new LateReasoning(this.#expander, resolved, (children) => this.#send(children))
  }

  /** Expands a batch, exports the user's spans, reports their result, then sends ours. */
  export(
    spans: readonly ReadableSpanLike[],
    resultCallback: (result: ExportResultLike) => void,
  ): void {
    if (this.#shutdown !== undefined) {
      resultCallback({code: 1, error: new Error('ReasoningSpanExporter is shut down')})
      return
    }
    const leaving: ReadableSpanLike[] = []
    const children: ReadableSpanLike[] = []
    let left = spans.length
    const finish = (): void => {
      if (!this.#forwardsAll) {
        resultCallback({code: 0})
        this.#send(children)
        return
      }
      this.#export(leaving, (result) => {
        resultCallback(result)
        this.#send(children)
      })
    }
    if (left === 0) {
      finish()
      return
    }
    const expanded = new Promise<void>((resolve) => {
      spans.forEach((span, i) => {
        this.#expander.expand(span, (copy, ours, expansion) => {
          leaving[i] = copy
          children.push(...ours)
          if (expansion !== undefined) this.#late.remember(expansion)
          left -= 1
          if (left > 0) return
          resolve()
          finish()
        })
      })
    })
    this.#expanding.add(expanded)
    void expanded.then(() => this.#expanding.delete(expanded))
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
      this.#late.stop()
      await this.#drain()
      await this.#exporter.shutdown()
    })()
    return this.#shutdown
  }

  /** Counters since construction, and what waits now. */
  getStats(): ReasoningStats {
    return this.#expander.getStats()
  }

  async #drain(): Promise<void> {
    await this.#expander.idle()
    await Promise.all(this.#expanding)
    await this.#sending
  }

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
      tellOnce({code: 1, error: error instanceof Error ? error : new Error(String(error))})
    }
  }

  /** Lines our spans up; one request at a time, so that they never compete with the user's. */
  #send(children: readonly ReadableSpanLike[]): void {
    for (const child of children) {
      const bytes = sizeOf(child)
      if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
        this.#expander.stats.spansDropped += 1
        continue
      }
      this.#waitingBytes += bytes
      this.#waiting.push(child)
    }
    if (this.#waiting.length > 0) this.#sending ??= this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const request = this.#takeRequest()
      const result = await new Promise<ExportResultLike>((resolve) =>
        this.#export(request, resolve),
      )
      if (result.code !== 0) {
        this.#expander.stats.spansFailed += request.length
        this.#faults.tell(
          'reasoning spans were not exported',
          result.error ?? new Error('the exporter reported a failure'),
        )
      }
    }
    this.#sending = undefined
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
