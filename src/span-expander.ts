/**
 * What processor and exporter share: takes ended spans, gives them back expanded, in slices where
 * they are long, and never loses one.
 */
import type {Attributes} from '@opentelemetry/api'
import {
  beginExpansion,
  copySpan,
  type Expanded,
  type Expansion,
  type ExpansionContext,
  type ExpansionStep,
  finishExpansion,
} from './expand.ts'
import {ExpansionQueue, type ExpansionTask} from './expansion-queue.ts'
import {type Contribution, getHub} from './hub.ts'
import type {ResolvedOptions} from './options.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {createSpanBudget} from './span-budget.ts'
import {emptyStats, type ReasoningStats} from './stats.ts'
import {Thoughts} from './thoughts.ts'

/** Takes a span as it leaves, and ours that follow it. */
export type Deliver = (
  span: ReadableSpanLike,
  children: readonly ReadableSpanLike[],
  expansion: Expansion | undefined,
) => void

const NO_CHILDREN: readonly ReadableSpanLike[] = Object.freeze([])

/** Stands for a structured value, whose size is not known without a walk. */
const STRUCTURED_LENGTH = 8 * 1024

export class SpanExpander {
  readonly stats: ReasoningStats = emptyStats()
  readonly context: ExpansionContext
  readonly #options: ResolvedOptions
  readonly #queue: ExpansionQueue
  readonly #inlineLength: number
  #pendingLength = 0

  /** @param inlineLength code units of attribute text that are expanded at once; longer ones wait */
  constructor(options: ResolvedOptions, inlineLength: number) {
    this.#options = options
    this.#inlineLength = inlineLength
    this.context = {
      options,
      thoughts: new Thoughts(),
      allowSteps: createSpanBudget(options.maxSpansPerSecond),
    }
    this.#queue = new ExpansionQueue({
      maxHoldMillis: options.maxHoldMillis,
      onTimeout: () => {
        this.stats.heldTooLong += 1
      },
      onClassifierError: options.onError,
    })
  }

  /** Expands an ended span; `deliver` is called once, now or in a later turn. Never throws. */
  expand(span: ReadableSpanLike, deliver: Deliver): void {
    this.stats.spans += 1
    const {traceId} = span.spanContext()
    const length = textLength(span.attributes)
    if (length <= this.#inlineLength && !this.#queue.isWaiting(traceId)) {
      this.#expandNow(span, traceId, length, deliver)
      return
    }
    const isFull =
      this.#queue.size >= this.#options.maxPendingSpans ||
      this.#pendingLength + length > this.#options.maxPendingLength
    if (isFull) {
      this.stats.unexpandedOverload += 1
      this.#deliverSafely(deliver, this.#unexpanded(span), NO_CHILDREN, undefined)
      return
    }
    // Others mutate ended spans; strings cannot change, so a shallow copy keeps what was there.
    this.#queue.add(this.#task(snapshot(span), traceId, length, deliver))
  }

  /** Makes the spans of blocks whose call has left. */
  expandLate(
    traceId: string,
    begin: () => ExpansionStep | undefined,
    done: (e: Expanded) => void,
  ): void {
    this.#queue.add({
      traceId,
      begin,
      done: (expanded) => {
        if (expanded === undefined) return
        this.#count(expanded)
        this.#deliverSafely(() => done(expanded), expanded.span, NO_CHILDREN, undefined)
      },
      failed: (error) => this.#options.faults.tell('late reasoning was lost', error),
    })
  }

  /** Resolves when every span that was taken has been delivered. */
  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  getStats(): ReasoningStats {
    return {
      ...this.stats,
      errors: this.#options.faults.count,
      pendingSpans: this.#queue.size,
      pendingLength: this.#pendingLength,
      orphaned: getHub().orphaned(),
    }
  }

  #expandNow(span: ReadableSpanLike, traceId: string, length: number, deliver: Deliver): void {
    let expansion: Expansion | undefined
    try {
      expansion = beginExpansion(span, this.#contributions(span), this.context)
    } catch (error) {
      this.#leaveUnexpanded(span, error, deliver)
      return
    }
    // Most spans of most programs end here: nothing is allocated for them.
    if (expansion === undefined) this.#deliverSafely(deliver, span, NO_CHILDREN, undefined)
    else this.#queue.runNow(this.#task(span, traceId, length, deliver, expansion))
  }

  /** @param begun what was seen of the span, where it has been looked at already */
  #task(
    span: ReadableSpanLike,
    traceId: string,
    length: number,
    deliver: Deliver,
    begun?: Expansion,
  ): ExpansionTask {
    this.#pendingLength += length
    let expansion = begun
    return {
      traceId,
      begin: () => {
        expansion ??= beginExpansion(span, this.#contributions(span), this.context)
        return expansion === undefined ? undefined : finishExpansion(expansion, this.context)
      },
      done: (expanded) => {
        this.#pendingLength -= length
        if (expanded === undefined) {
          this.#deliverSafely(deliver, span, NO_CHILDREN, expansion)
          return
        }
        if (expanded.children.length > 0) this.stats.calls += 1
        this.stats.blocks += expansion?.blockCount ?? 0
        this.#count(expanded)
        this.#deliverSafely(deliver, expanded.span, expanded.children, expansion)
      },
      failed: (error) => {
        this.#pendingLength -= length
        this.#leaveUnexpanded(span, error, deliver)
      },
    }
  }

  #leaveUnexpanded(span: ReadableSpanLike, error: unknown, deliver: Deliver): void {
    this.stats.unexpandedFault += 1
    this.#options.faults.tell('a span left unexpanded', error)
    this.#deliverSafely(deliver, this.#unexpanded(span), NO_CHILDREN, undefined)
  }

  #contributions(span: ReadableSpanLike): readonly Contribution[] {
    const {traceId, spanId} = span.spanContext()
    return getHub().read(traceId, spanId)
  }

  #count(expanded: Expanded): void {
    const stats = this.stats
    stats.steps += expanded.stepCount
    stats.signals += expanded.signals.length
    stats.spansMade += expanded.children.length
    stats.stepsOverBudget += expanded.stepsWithheld
  }

  #deliverSafely(
    deliver: Deliver,
    span: ReadableSpanLike,
    children: readonly ReadableSpanLike[],
    expansion: Expansion | undefined,
  ): void {
    try {
      deliver(span, children, expansion)
    } catch (error) {
      this.#options.faults.tell('the next processor threw', error)
    }
  }

  /**
   * The span without our additions. Where the policy withholds anything, its text goes too: what
   * could not be looked at cannot be known to be free of reasoning.
   */
  #unexpanded(span: ReadableSpanLike): ReadableSpanLike {
    if (!this.#options.policy.withholds) return span
    return copySpan(span, withoutText(span.attributes), [])
  }
}

/** UTF-16 code units of the string attributes. */
function textLength(attributes: Attributes): number {
  let length = 0
  for (const key in attributes) {
    const value = attributes[key]
    if (typeof value === 'string') length += value.length
    // SDK 3 keeps structured values: their size is not known without a walk, their presence is.
    else if (typeof value === 'object' && value !== null && !isPlainArray(value))
      length += STRUCTURED_LENGTH
  }
  return length
}

const isPlainArray = (value: object): boolean =>
  Array.isArray(value) && (value.length === 0 || typeof value[0] !== 'object')

const snapshot = (span: ReadableSpanLike): ReadableSpanLike =>
  copySpan(span, {...span.attributes}, [...span.events])

/** Short strings that name things, and everything that is not text. */
function withoutText(attributes: Attributes): Attributes {
  const kept: Attributes = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value
    else if (typeof value === 'string' && NAMES.test(key)) kept[key] = value
  }
  return kept
}

const NAMES =
  /(?:^|\.)(?:model|name|id|type|kind|provider|system|version|address|method|route|scheme|status_code)$/
