/** Our child spans: plain ended spans, made without a tracer, that both SDK lines export. */
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanStatus,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api'
import type {ReadableSpanLike, ResourceLike, ScopeLike, TimedEventLike} from '../readable-span.ts'
import {SCHEMA_URL, SCOPE_NAME, SCOPE_VERSION} from '../semconv.ts'
import {durationOf, nanosBetween} from './hr-time.ts'
import type {Interval} from './times.ts'

const SCOPE: ScopeLike = Object.freeze({
  name: SCOPE_NAME,
  version: SCOPE_VERSION,
  schemaUrl: SCHEMA_URL,
})
// Shared by every span of ours: nobody may add to an ended span, and 64 empty arrays a call cost.
const NO_LINKS: Link[] = Object.freeze([]) as unknown as Link[]
const NO_EVENTS: TimedEventLike[] = Object.freeze([]) as unknown as TimedEventLike[]
// Status stays UNSET whatever was found: ERROR would paint every ancestor red in most UIs and trip
// alerts that exist.
const UNSET: SpanStatus = Object.freeze({code: SpanStatusCode.UNSET})

/** A `reasoning` or `reasoning {kind}` span. */
export class ReasoningSpan implements ReadableSpanLike {
  readonly name: string
  readonly kind: SpanKind = SpanKind.INTERNAL
  readonly parentSpanContext: SpanContext
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly duration: HrTime
  readonly status: SpanStatus = UNSET
  readonly attributes: Attributes
  readonly links: Link[] = NO_LINKS
  readonly events: TimedEventLike[]
  readonly ended: boolean = true
  readonly resource: ResourceLike
  readonly instrumentationScope: ScopeLike = SCOPE
  readonly droppedAttributesCount: number = 0
  readonly droppedEventsCount: number = 0
  readonly droppedLinksCount: number = 0
  readonly #context: SpanContext

  constructor(
    name: string,
    spanId: string,
    parent: SpanContext,
    times: Interval,
    attributes: Attributes,
    events: TimedEventLike[] | undefined,
    resource: ResourceLike,
  ) {
    this.name = name
    this.#context = {traceId: parent.traceId, spanId, traceFlags: parent.traceFlags}
    if (parent.traceState !== undefined) this.#context.traceState = parent.traceState
    this.parentSpanContext = parent
    this.startTime = times.start
    this.endTime = times.end
    this.duration = durationOf(nanosBetween(times.start, times.end))
    this.attributes = attributes
    this.events = events ?? NO_EVENTS
    this.resource = resource
  }

  spanContext(): SpanContext {
    return this.#context
  }
}

/** Whether a span is one of ours, whichever copy of the package made it. */
export const isReasoningSpan = (span: Pick<ReadableSpanLike, 'instrumentationScope'>): boolean =>
  span.instrumentationScope?.name === SCOPE_NAME
