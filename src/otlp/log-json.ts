/** OTLP/JSON log records to the log records that the pipeline reads. */
import type {Attributes, HrTime} from '@opentelemetry/api'
import type {ResourceLike, ScopeLike} from '../readable-span.ts'
import {attributesFromOtlp, valueFromOtlp} from './any-value.ts'
import {spanIdFromOtlp, traceIdFromOtlp} from './ids.ts'
import {hrTimeFromNanos} from './time.ts'
import type {OtlpLogRecord} from './wire-types.ts'

/** What we read of a log record. */
export interface OtlpLog {
  /** Lower-case hex, `''` where the record belongs to no trace. */
  readonly traceId: string
  readonly spanId: string
  /** The field of that name, or the attribute `event.name` that came before there was one. */
  readonly eventName: string | undefined
  readonly body: unknown
  readonly attributes: Attributes
  readonly hrTime: HrTime
  readonly hrTimeObserved: HrTime
  readonly resource: ResourceLike
  readonly instrumentationScope: ScopeLike
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Reads one log record; a missing or unreadable field is as an absent one, and nothing throws. */
export const logFromOtlp = (
  resource: ResourceLike,
  scope: ScopeLike,
  json: OtlpLogRecord,
): OtlpLog => {
  const attributes = attributesFromOtlp(json.attributes)
  const observed = hrTimeFromNanos(json.observedTimeUnixNano)
  const time = hrTimeFromNanos(json.timeUnixNano)
  return {
    traceId: traceIdFromOtlp(json.traceId),
    spanId: spanIdFromOtlp(json.spanId),
    eventName: text(json.eventName) ?? text(attributes['event.name']),
    body: valueFromOtlp(json.body),
    attributes,
    // A record whose source knew no time has the time at which it was seen.
    hrTime: time[0] === 0 && time[1] === 0 ? observed : time,
    hrTimeObserved: observed,
    resource,
    instrumentationScope: scope,
  }
}
