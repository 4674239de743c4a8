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
  declare readonly kind: SpanKind
  declare readonly status: SpanStatus
  declare readonly links: Link[]
  declare readonly ended: boolean
  declare readonly instrumentationScope: ScopeLike
  declare readonly droppedAttributesCount: number
  declare readonly droppedEventsCount: number
  declare readonly droppedLinksCount: number
  readonly name: string
  readonly parentSpanContext: SpanContext
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly attributes: Attributes
  readonly events: TimedEventLike[]
  readonly resource: ResourceLike
  /** Not a `#private` field: a copy that inherits from the span must be able to read it. */
  readonly context: SpanContext

  constructor(
    name: string,
    spanId: string,
    parent: SpanContext,
    times: Interval,
    attributes: Attributes,
    events: TimedEventLike[] | undefined,
    resource: ResourceLike,
  ) {
    const {traceId, traceFlags, traceState} = parent
    this.name = name
    this.context =
      traceState === undefined
        ? {traceId, spanId, traceFlags}
        : {traceId, spanId, traceFlags, traceState}
    this.parentSpanContext = parent
    this.startTime = times.start
    this.endTime = times.end
    this.attributes = attributes
    this.events = events ?? NO_EVENTS
    this.resource = resource
  }

  get duration(): HrTime {
    return durationOf(nanosBetween(this.startTime, this.endTime))
  }

  spanContext(): SpanContext {
    return this.context
  }
}

// The same for every span of ours, so they stand on the prototype: 64 a call need not carry them.
Object.assign(ReasoningSpan.prototype, {
  kind: SpanKind.INTERNAL,
  status: UNSET,
  links: NO_LINKS,
  ended: true,
  instrumentationScope: SCOPE,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
})

/** Whether a span is one of ours, whichever copy of the package made it. */
export const isReasoningSpan = (span: Pick<ReadableSpanLike, 'instrumentationScope'>): boolean =>
  span.instrumentationScope?.name === SCOPE_NAME
