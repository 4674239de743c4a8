/** Expanding spans that were recorded: any order in, each thought once out. */
import {MentionsByTrace} from './checks/trace-mentions.ts'
import {beginExpansion, withholdThoughts} from './begin-expansion.ts'
import type {Expanded, ExpansionContext} from './expansion.ts'
import {finishExpansion, runExpansion} from './finish-expansion.ts'
import type {Contribution} from './hub.ts'
import {type ExpandOptions, resolveOptions} from './options.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {Thoughts} from './thoughts.ts'

const keyOf = (span: ReadableSpanLike): string => {
  const {traceId, spanId} = span.spanContext()
  return `${traceId}:${spanId}`
}

/** Children before their parents, as they would have ended in the process that made them. */
function inEndOrder(spans: readonly ReadableSpanLike[]): number[] {
  const indexes = new Map<string, number>()
  spans.forEach((span, i) => indexes.set(keyOf(span), i))
  const children = new Map<number, number[]>()
  const roots: number[] = []
  spans.forEach((span, i) => {
    const parentId = span.parentSpanContext?.spanId
    const parent =
      parentId === undefined ? undefined : indexes.get(`${span.spanContext().traceId}:${parentId}`)
    const siblings = parent === undefined ? undefined : children.get(parent)
    if (parent === undefined || parent === i) roots.push(i)
    else if (siblings === undefined) children.set(parent, [i])
    else siblings.push(i)
  })
  const order: number[] = []
  const seen = new Set<number>()
  // An explicit stack: a recorded chain may be deeper than the call stack.
  const visit = (root: number): void => {
    const stack: [number, boolean][] = [[root, false]]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [i, childrenDone] = top
      if (childrenDone) {
        order.push(i)
        continue
      }
      if (seen.has(i)) continue
      seen.add(i)
      stack.push([i, true])
      for (const child of (children.get(i) ?? []).toReversed()) stack.push([child, false])
    }
  }
  roots.forEach(visit)
  // What is left are spans that are their own ancestors: broken input, which still must come out.
  spans.forEach((_, i) => visit(i))
  return order
}

/**
 * Expands recorded spans.
 *
 * @param spans in any order, of any number of traces
 * @param contributions what log events told, by `traceId:spanId`
 * @returns one result a span, in the order of `spans`
 * @throws TypeError on wrong options
 */
export function expandTrace(
  spans: readonly ReadableSpanLike[],
  contributions: ReadonlyMap<string, readonly Contribution[]> = new Map(),
  options: ExpandOptions = {},
): Expanded[] {
  const context: ExpansionContext = {
    options: resolveOptions('expandTrace', options),
    thoughts: new Thoughts(),
    mentions: new MentionsByTrace(),
  }
  const results: Expanded[] = spans.map((span) => ({
    span,
    children: [],
    signals: [],
    checks: [],
    stepCount: 0,
    stepsWithheld: 0,
    byRules: false,
  }))
  // A file may tell of an echo before it tells of the thought.
  for (const span of spans) withholdThoughts(span, contributions.get(keyOf(span)) ?? [], context)
  for (const i of inEndOrder(spans)) {
    const span = spans[i] as ReadableSpanLike
    const expansion = beginExpansion(span, contributions.get(keyOf(span)) ?? [], context)
    if (expansion !== undefined) results[i] = runExpansion(finishExpansion(expansion, context))
  }
  return results
}
