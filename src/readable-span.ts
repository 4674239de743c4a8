/**
 * The SDK's span, processor and exporter as structural types of our own, so that the package needs
 * no SDK at all and one build serves SDK 2.x and 3.x. A test compiles them against both.
 */
import type {
  Attributes,
  Context,
  HrTime,
  Link,
  SpanContext,
  SpanKind,
  SpanStatus,
} from '@opentelemetry/api'

export interface TimedEventLike {
  time: HrTime
  name: string
  attributes?: Attributes
  droppedAttributesCount?: number
}

export interface ScopeLike {
  readonly name: string
  readonly version?: string
  readonly schemaUrl?: string
}

export interface ResourceLike {
  readonly attributes: Attributes
}

/** What we read of an ended span. @public */
export interface ReadableSpanLike {
  readonly name: string
  readonly kind: SpanKind
  readonly spanContext: () => SpanContext
  readonly parentSpanContext?: SpanContext
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly status: SpanStatus
  readonly attributes: Attributes
  readonly links: Link[]
  readonly events: TimedEventLike[]
  readonly duration: HrTime
  readonly ended: boolean
  readonly resource: ResourceLike
  readonly instrumentationScope: ScopeLike
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
}

/** The processor that ours hands spans to. @public */
export interface SpanProcessorLike {
  // Method syntax on purpose: parameters are then bivariant, so both SDK lines' processors fit.
  forceFlush(): Promise<void>
  onStart(span: unknown, parentContext: Context): void
  onEnding?(span: unknown): void
  onEnd(span: unknown): void
  shutdown(): Promise<void>
}

/** 0 is success, 1 is failure, as in `ExportResultCode` of `@opentelemetry/core`. @public */
export interface ExportResultLike {
  code: 0 | 1
  error?: Error
}

/** The exporter that ours hands spans to. @public */
export interface SpanExporterLike {
  export(spans: unknown[], resultCallback: (result: ExportResultLike) => void): void
  shutdown(): Promise<void>
  forceFlush?(): Promise<void>
}
