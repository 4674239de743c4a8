/** The reasoning tree as JSON, for `show --json`. */
import type {HrTime} from '@opentelemetry/api'
import {nanosFromHrTime} from '../otlp/time.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {EVENT_SIGNAL} from '../semconv.ts'
import {isReasoningSpan} from '../spans/reasoning-span.ts'
import {nanosBetween} from '../spans/hr-time.ts'
import {type SpanNode, spanTrees} from './span-tree.ts'

/** A span of the tree. */
export interface JsonSpan {
  spanId: string
  parentSpanId?: string
  /** 0 for a root. */
  depth: number
  name: string
  /** ISO 8601, to the millisecond; the nanoseconds are in `startTimeUnixNano`. */
  startTime: string
  startTimeUnixNano: string
  durationMillis: number
  /** All attributes of our spans; of a call, what says how its reasoning was found. */
  reasoning?: Record<string, unknown>
  signals?: Record<string, unknown>[]
}

/** A trace. Its spans stand in the order of the tree, each after the one it is below of. */
export interface JsonTrace {
  traceId: string
  spanCount: number
  durationMillis: number
  spans: JsonSpan[]
}

const isoTime = (time: HrTime): string => {
  const date = new Date(time[0] * 1000 + Math.floor(time[1] / 1e6))
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

const PREFIX = 'reasoning.'

const reasoningOf = (span: ReadableSpanLike): Record<string, unknown> | undefined => {
  const own = Object.entries(span.attributes).filter(
    ([key]) => isReasoningSpan(span) || key.startsWith(PREFIX),
  )
  return own.length === 0 ? undefined : Object.fromEntries(own)
}

const toJson = ({span}: SpanNode, depth: number): JsonSpan => {
  const parentSpanId = span.parentSpanContext?.spanId
  const reasoning = reasoningOf(span)
  const signals = span.events.filter(({name}) => name === EVENT_SIGNAL)
  return {
    spanId: span.spanContext().spanId,
    ...(parentSpanId === undefined ? {} : {parentSpanId}),
    depth,
    name: span.name,
    startTime: isoTime(span.startTime),
    startTimeUnixNano: nanosFromHrTime(span.startTime),
    durationMillis: nanosBetween(span.startTime, span.endTime) / 1e6,
    ...(reasoning === undefined ? {} : {reasoning}),
    ...(signals.length === 0 ? {} : {signals: signals.map(({attributes = {}}) => attributes)}),
  }
}

// A list and not objects within objects: a recorded chain may be deeper than what JSON can nest.
const inTreeOrder = (roots: readonly SpanNode[]): JsonSpan[] => {
  const spans: JsonSpan[] = []
  const stack = roots.toReversed().map((node) => ({node, depth: 0}))
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const {node, depth} = next
    spans.push(toJson(node, depth))
    for (const child of node.children.toReversed()) stack.push({node: child, depth: depth + 1})
  }
  return spans
}

/** One object for each trace, in the order of their starts. */
export const treesToJson = (spans: readonly ReadableSpanLike[]): JsonTrace[] =>
  spanTrees(spans).map(({traceId, spanCount, roots, start, end}) => ({
    traceId,
    spanCount,
    durationMillis: nanosBetween(start, end) / 1e6,
    spans: inTreeOrder(roots),
  }))
