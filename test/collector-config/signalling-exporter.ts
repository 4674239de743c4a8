/**
 * Adds a signal to the last block of a trace that it is told of, as the analysis would have written
 * it. Stands in for the `checks` option of the processor, for as long as there is none.
 */
import type {SignalName} from '../../src/model.ts'
import {SIGNAL_SEVERITY} from '../../src/model.ts'
import type {ReadableSpanLike, SpanExporterLike} from '../../src/readable-span.ts'
import * as semconv from '../../src/semconv.ts'

export class SignallingExporter implements SpanExporterLike {
  /** Trace id → the signal that its second block carries. */
  readonly signals = new Map<string, SignalName>()
  /** What its evidence says. */
  evidence: string | undefined
  /** Trace id → how many of its spans were handed on. */
  readonly spanCounts = new Map<string, number>()
  readonly #next: SpanExporterLike

  constructor(next: SpanExporterLike) {
    this.#next = next
  }

  /** Spans of a trace, or of all, that were handed on. */
  spanCount(traceId?: string): number {
    if (traceId !== undefined) return this.spanCounts.get(traceId) ?? 0
    return [...this.spanCounts.values()].reduce((sum, count) => sum + count, 0)
  }

  export(spans: ReadableSpanLike[], done: Parameters<SpanExporterLike['export']>[1]): void {
    for (const span of spans) {
      const {traceId} = span.spanContext()
      this.spanCounts.set(traceId, this.spanCount(traceId) + 1)
    }
    this.#next.export(
      spans.map((span) => this.#withSignal(span)),
      done,
    )
  }

  #withSignal(span: ReadableSpanLike): ReadableSpanLike {
    const {traceId} = span.spanContext()
    const name = this.signals.get(traceId)
    if (name === undefined || span.name !== semconv.SPAN_REASONING) return span
    // One block of the trace, and it once.
    this.signals.delete(traceId)
    const severity = SIGNAL_SEVERITY[name]
    const event = {
      name: semconv.EVENT_SIGNAL,
      time: span.startTime,
      attributes: {
        [semconv.ATTR_SIGNAL_NAME]: name,
        [semconv.ATTR_SIGNAL_SEVERITY]: severity,
        [semconv.ATTR_SIGNAL_CONFIDENCE]: 1,
        [semconv.ATTR_SIGNAL_DETECTOR]: 'checks/1',
        ...(this.evidence !== undefined && {[semconv.ATTR_SIGNAL_EVIDENCE]: this.evidence}),
        [semconv.ATTR_REQUEST_MODEL]: span.attributes[semconv.ATTR_REQUEST_MODEL],
        [semconv.ATTR_PROMPT_NAME]: span.attributes[semconv.ATTR_PROMPT_NAME],
        [semconv.ATTR_PROMPT_VERSION]: span.attributes[semconv.ATTR_PROMPT_VERSION],
      },
      droppedAttributesCount: 0,
    }
    const attributes = {
      ...span.attributes,
      [semconv.ATTR_SIGNALS]: [name],
      [semconv.ATTR_SEVERITY]: severity,
    }
    return Object.create(span, {
      attributes: {value: attributes, enumerable: true},
      events: {value: [...span.events, event], enumerable: true},
    }) as ReadableSpanLike
  }

  async forceFlush(): Promise<void> {
    await this.#next.forceFlush?.()
  }

  async shutdown(): Promise<void> {
    await this.#next.shutdown()
  }
}
