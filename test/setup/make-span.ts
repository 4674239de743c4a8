/** Ended spans made by hand, for the pure core: what the SDK's own spans would look like. */
import {type Attributes, type HrTime, type SpanContext, SpanKind} from '@opentelemetry/api'
import {durationOf, nanosBetween} from '../../src/spans/hr-time.ts'
import type {ReadableSpanLike, TimedEventLike} from '../../src/readable-span.ts'

export interface SpanParts {
  name?: string
  traceId?: string
  spanId?: string
  parentSpanId?: string
  startTime?: HrTime
  endTime?: HrTime
  attributes?: Attributes
  events?: TimedEventLike[]
  traceFlags?: number
  scope?: string
  droppedAttributesCount?: number
}

let serial = 0

const RESOURCE = Object.freeze({attributes: Object.freeze({'service.name': 'made'})})

export function makeSpan(parts: SpanParts = {}): ReadableSpanLike {
  serial += 1
  const traceId = parts.traceId ?? 'a'.repeat(32)
  const context: SpanContext = {
    traceId,
    spanId: parts.spanId ?? serial.toString(16).padStart(16, '0'),
    traceFlags: parts.traceFlags ?? 1,
  }
  const startTime = parts.startTime ?? [1_700_000_000, 0]
  const endTime = parts.endTime ?? [startTime[0] + 2, startTime[1]]
  const span = {
    name: parts.name ?? 'chat gpt-5',
    kind: SpanKind.CLIENT,
    spanContext: () => context,
    startTime,
    endTime,
    status: {code: 0},
    attributes: parts.attributes ?? {},
    links: [],
    events: parts.events ?? [],
    duration: durationOf(nanosBetween(startTime, endTime)),
    ended: true,
    resource: RESOURCE,
    instrumentationScope: {name: parts.scope ?? 'made-instrumentation'},
    droppedAttributesCount: parts.droppedAttributesCount ?? 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  return parts.parentSpanId === undefined
    ? span
    : {...span, parentSpanContext: {traceId, spanId: parts.parentSpanId, traceFlags: 1}}
}

/** A `gen_ai` chat span whose model thought `reasoning` and then answered. */
export const chatSpan = (
  reasoning: string | readonly string[],
  {answer = 'Done.', attributes = {}, ...parts}: SpanParts & {answer?: string} = {},
): ReadableSpanLike =>
  makeSpan({
    ...parts,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            ...[reasoning].flat().map((content) => ({type: 'reasoning', content})),
            {type: 'text', content: answer},
          ],
          finish_reason: 'stop',
        },
      ]),
      ...attributes,
    },
  })
