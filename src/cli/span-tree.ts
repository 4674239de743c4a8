/** Spans as trees: one for each trace, children under their parents in the order of time. */
import type {HrTime} from '@opentelemetry/api'
import type {ReadableSpanLike} from '../readable-span.ts'
import {ATTR_BLOCK_INDEX, ATTR_STEP_INDEX} from '../semconv.ts'
import {isAfter} from '../spans/hr-time.ts'

/** A span with those below it. */
export interface SpanNode {
  span: ReadableSpanLike
  children: SpanNode[]
  /** Its parent is named but not there. */
  isOrphan: boolean
}

/** A trace's spans. */
export interface TraceTree {
  traceId: string
  roots: SpanNode[]
  spanCount: number
  start: HrTime
  end: HrTime
}

const earlier = (a: HrTime, b: HrTime): number => (isAfter(a, b) ? 1 : isAfter(b, a) ? -1 : 0)

const position = ({attributes}: ReadableSpanLike): number => {
  const index = attributes[ATTR_STEP_INDEX] ?? attributes[ATTR_BLOCK_INDEX]
  return typeof index === 'number' ? index : 0
}

/** By start; ties, which estimated times may have, by the position that the span tells. */
const inOrder = (a: SpanNode, b: SpanNode): number =>
  earlier(a.span.startTime, b.span.startTime) || position(a.span) - position(b.span)

/** Takes a node and everything below it out of those that are left. */
const reach = (from: SpanNode, left: Set<SpanNode>): void => {
  const stack = [from]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (left.delete(node)) stack.push(...node.children)
  }
}

const traceTree = (traceId: string, spans: readonly ReadableSpanLike[]): TraceTree => {
  const nodes: SpanNode[] = []
  const byId = new Map<string, SpanNode>()
  for (const span of spans) {
    const node: SpanNode = {span, children: [], isOrphan: false}
    nodes.push(node)
    byId.set(span.spanContext().spanId, node)
  }
  const roots: SpanNode[] = []
  for (const node of nodes) {
    const parentId = node.span.parentSpanContext?.spanId
    const parent = parentId === undefined ? undefined : byId.get(parentId)
    if (parent !== undefined && parent !== node) {
      parent.children.push(node)
    } else {
      node.isOrphan = parentId !== undefined
      roots.push(node)
    }
  }
  const left = new Set(nodes)
  for (const root of roots) reach(root, left)
  for (const node of left) {
    // Spans that are their own ancestors: the ring is opened at one, so that none is lost.
    const parent = byId.get(node.span.parentSpanContext?.spanId ?? '')
    if (parent !== undefined) parent.children = parent.children.filter((child) => child !== node)
    node.isOrphan = true
    roots.push(node)
    reach(node, left)
  }
  let {startTime: start, endTime: end} = spans[0] as ReadableSpanLike
  for (const node of nodes) {
    node.children.sort(inOrder)
    if (isAfter(start, node.span.startTime)) start = node.span.startTime
    if (isAfter(node.span.endTime, end)) end = node.span.endTime
  }
  roots.sort(inOrder)
  return {traceId, roots, spanCount: nodes.length, start, end}
}

/** One tree for each trace, in the order of their starts. */
export const spanTrees = (spans: readonly ReadableSpanLike[]): TraceTree[] => {
  const byTrace = new Map<string, ReadableSpanLike[]>()
  for (const span of spans) {
    const {traceId} = span.spanContext()
    const known = byTrace.get(traceId)
    if (known === undefined) byTrace.set(traceId, [span])
    else known.push(span)
  }
  return [...byTrace]
    .map(([traceId, members]) => traceTree(traceId, members))
    .sort((a, b) => earlier(a.start, b.start))
}
