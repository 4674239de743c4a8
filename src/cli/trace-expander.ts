/** Expands recorded spans trace by trace, when somebody asks for the first of a trace. */
import {MentionsByTrace} from '../checks/trace-mentions.ts'
import {Thoughts} from '../thoughts.ts'
import {leaveUnexpanded} from '../unexpanded.ts'
import {expandTrace} from '../expand-trace.ts'
import type {Contribution} from '../hub.ts'
import {type ExpandOptions, resolveOptions} from '../options.ts'
import type {ReadableSpanLike} from '../readable-span.ts'

/** A span as it leaves, then those that were made of it. */
export type SpanGroup = readonly [ReadableSpanLike, ...ReadableSpanLike[]]

const INVALID_TRACE_ID = /^0*$/

/**
 * Expands spans with what log events told of them. Trace by trace, so that the spans that are made
 * need not all be in memory while the first ones are written.
 */
export class TraceExpander {
  readonly #contributions: ReadonlyMap<string, readonly Contribution[]>
  readonly #options: ExpandOptions
  /** Spans that wait, by trace. */
  readonly #waiting = new Map<string, ReadableSpanLike[]>()
  readonly #groups = new Map<ReadableSpanLike, SpanGroup>()
  /** Model calls that got reasoning spans, and how many spans they got. */
  readonly counts = {calls: 0, spans: 0}

  constructor(contributions: ReadonlyMap<string, readonly Contribution[]>, options: ExpandOptions) {
    this.#contributions = contributions
    this.#options = options
  }

  /** Adds spans, in any order. All of a trace must be there before `take` asks for one of it. */
  add(spans: readonly ReadableSpanLike[]): void {
    for (const span of spans) {
      const {traceId} = span.spanContext()
      const known = this.#waiting.get(traceId)
      if (known === undefined) this.#waiting.set(traceId, [span])
      else known.push(span)
    }
  }

  /** The span as it leaves, and its reasoning spans; a span can be taken once. */
  take(span: ReadableSpanLike): SpanGroup {
    const {traceId} = span.spanContext()
    const waiting = this.#waiting.get(traceId)
    if (waiting !== undefined) {
      this.#waiting.delete(traceId)
      this.#expand(traceId, waiting)
    }
    const group = this.#groups.get(span) ?? [span]
    this.#groups.delete(span)
    return group
  }

  #expand(traceId: string, spans: readonly ReadableSpanLike[]): void {
    // Ids of ours are made of the call's: without them there is nothing to hang a child on.
    if (INVALID_TRACE_ID.test(traceId)) {
      const context = {
        options: resolveOptions('expand', this.#options),
        thoughts: new Thoughts(),
        mentions: new MentionsByTrace(),
      }
      for (const span of spans) this.#groups.set(span, [leaveUnexpanded(span, context)])
      return
    }
    const expanded = expandTrace(spans, this.#contributions, this.#options)
    expanded.forEach(({span, children}, i) => {
      this.#groups.set(spans[i] as ReadableSpanLike, [span, ...children])
      if (children.length === 0) return
      this.counts.calls++
      this.counts.spans += children.length
    })
  }
}
