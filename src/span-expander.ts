/**
 * What processor and exporter share: takes ended spans, gives them back expanded, in slices where
 * they are long, and never loses one.
 */
import {MentionsByTrace} from './checks/trace-mentions.ts'
import {isBuiltIn} from './analysis/classify.ts'
import {beginExpansion} from './begin-expansion.ts'
import {copySpan} from './copied-span.ts'
import type {Expanded, Expansion, ExpansionContext} from './expansion.ts'
import {finishExpansion} from './finish-expansion.ts'
import {ExpansionQueue, type ExpansionTask} from './expansion-queue.ts'
import {getHub} from './hub.ts'
import {LateReasoning} from './late.ts'
import {LiveSteps} from './live-steps.ts'
import {ReasoningMetrics} from './metrics/reasoning-metrics.ts'
import {tellExpander} from './model-spans.ts'
import type {ResolvedOptions} from './options.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {textLength} from './text-length.ts'
import {createWorkBudget, type WorkBudget} from './work-budget.ts'
import {isSdkDisabled} from './sdk-disabled.ts'
import {createSpanBudget} from './span-budget.ts'
import {emptyStats, type ReasoningStats} from './stats.ts'
import {Thoughts} from './thoughts.ts'
import {leaveUnexpanded} from './unexpanded.ts'

/** Takes a span as it leaves, and ours that follow it. */
export type Deliver = (span: ReadableSpanLike, children: readonly ReadableSpanLike[]) => void

/** What is known of a span before it is looked at. */
interface Arrived {
  readonly span: ReadableSpanLike
  readonly traceId: string
  /** UTF-16 code units of text that the span holds and that others told of it. */
  readonly length: number
  readonly deliver: Deliver
}

const NO_CHILDREN: readonly ReadableSpanLike[] = Object.freeze([])

/**
 * UTF-16 code units of text that are expanded at once: some 100 µs. Longer ones are taken up in the
 * next turns of the event loop.
 */
const INLINE_LENGTH = 8 * 1024

/** The network takes some ten times as long as the rules. */
const NETWORK_INLINE_LENGTH = 1024

export class SpanExpander {
  readonly stats: ReasoningStats = emptyStats()
  readonly #context: ExpansionContext
  readonly #options: ResolvedOptions
  readonly #queue: ExpansionQueue
  readonly #metrics: ReasoningMetrics
  readonly #work: WorkBudget
  readonly #isDisabled = isSdkDisabled()
  readonly #late: LateReasoning | undefined
  readonly #live: LiveSteps | undefined
  /** Spans that count against `maxPendingSpans`, and their text. */
  #pendingSpans = 0
  #pendingLength = 0

  /**
   * @param deliverApart takes spans of ours whose call has left, or has not ended
   * @param isLive whether steps are delivered while their call runs
   */
  constructor(
    options: ResolvedOptions,
    deliverApart: (children: readonly ReadableSpanLike[]) => void,
    isLive = false,
  ) {
    this.#options = options
    this.#metrics = new ReasoningMetrics(options.meterProvider)
    options.faults.listen(() => this.#metrics.error())
    this.#work = createWorkBudget(options.maxNetworkMillis)
    this.#context = {
      options,
      thoughts: new Thoughts(),
      mentions: new MentionsByTrace(),
      work: this.#work,
      allowSteps: createSpanBudget(options.maxSpansPerSecond),
      liveSteps: isLive ? (spanContext) => this.#live?.recordOf(spanContext) : undefined,
    }
    this.#queue = new ExpansionQueue({
      maxHoldMillis: options.maxHoldMillis,
      onTimeout: () => {
        this.stats.heldTooLong += 1
      },
      onClassifierError: options.onError,
    })
    if (this.#isDisabled) return
    tellExpander()
    if (isLive && isBuiltIn(options.classifier)) {
      this.#live = new LiveSteps({
        context: this.#context,
        classifier: options.classifier,
        deliver: (span) => {
          this.stats.liveSteps += 1
          this.stats.spansMade += 1
          this.#metrics.spans([span])
          deliverApart([span])
        },
        onDrop: () => {
          this.stats.liveCallsDropped += 1
        },
      })
    }
    this.#late = new LateReasoning(this.#context, (traceId, length, begin, blockCount) => {
      if (this.#isFull(length)) {
        this.#metrics.drop('late')
        options.faults.tell('late reasoning was lost', new Error('too much waits for analysis'))
        return
      }
      this.#hold(length)
      this.#queue.add({
        traceId,
        begin,
        done: (expanded, millis) => {
          this.#release(length)
          if (expanded === undefined) return
          this.stats.lateBlocks += blockCount()
          this.stats.blocks += blockCount()
          this.#count(expanded, millis)
          try {
            deliverApart(expanded.children)
          } catch (error) {
            options.faults.tell('late reasoning was lost', error)
          }
        },
        failed: (error) => {
          this.#release(length)
          options.faults.tell('late reasoning was lost', error)
        },
      })
    })
  }

  /** `OTEL_SDK_DISABLED` was true: spans are handed on under the policy, without additions. */
  get isDisabled(): boolean {
    return this.#isDisabled
  }

  /**
   * Expands an ended span; `deliver` is called once, now or in a later turn. Never throws.
   *
   * @param mayRunNow whether there is time to expand a short one at once
   */
  expand(span: ReadableSpanLike, deliver: Deliver, mayRunNow = true): void {
    this.stats.spans += 1
    if (this.#isDisabled) {
      this.#deliver(deliver, leaveUnexpanded(span, this.#context), NO_CHILDREN)
      return
    }
    let arrived: Arrived
    let isShort: boolean
    let isWaiting: boolean
    try {
      const {traceId, spanId} = span.spanContext()
      const length = textLength(span) + getHub().lengthOf(traceId, spanId)
      isShort = length <= INLINE_LENGTH
      isWaiting = this.#queue.isWaiting(traceId)
      arrived = {span, traceId, length, deliver}
      // Others mutate ended spans; strings cannot change, so a shallow copy keeps what was there.
      if (!isShort || isWaiting || !mayRunNow) arrived = {...arrived, span: snapshot(span)}
    } catch (error) {
      this.#leaveAfterFault(span, error, deliver)
      return
    }
    if (isShort && !isWaiting && mayRunNow) this.#expandNow(arrived)
    // A short one has to be looked at to know whether it is a call at all, so it is not turned away.
    else if (isShort) this.#queue.add(this.#task(arrived, false))
    else if (this.#isFull(arrived.length)) this.#leaveForOverload(span, deliver)
    else this.#queue.add(this.#task(arrived, true))
  }

  /**
   * Analyses a span that nobody exports, for metrics alone: where they are read, and where there is
   * room for it. Never throws.
   */
  measure(span: ReadableSpanLike): void {
    if (this.#isDisabled || !this.#metrics.areRead) return
    try {
      const {traceId, spanId} = span.spanContext()
      const length = textLength(span) + getHub().lengthOf(traceId, spanId)
      if (this.#isFull(length)) {
        this.#metrics.drop('overload')
        return
      }
      this.#hold(length)
      const kept = snapshot(span)
      const context: ExpansionContext = {...this.#context, allowSteps: undefined}
      this.#queue.add({
        traceId,
        begin: () => {
          const expansion = beginExpansion(kept, getHub().read(traceId, spanId), context)
          return expansion === undefined ? undefined : finishExpansion(expansion, context)
        },
        done: (expanded, millis) => {
          this.#release(length)
          if (expanded === undefined || expanded.children.length === 0) return
          this.#metrics.spans(expanded.children)
          this.#metrics.analysed(millis)
          if (!expanded.byRules) this.#work.spend(millis)
        },
        failed: (error) => {
          this.#release(length)
          this.#options.faults.tell('a span was not measured', error)
        },
      })
    } catch (error) {
      this.#options.faults.tell('a span was not measured', error)
    }
  }

  /** A span has started, of whose reasoning a tap may tell while it is written. */
  noteStart(span: unknown): void {
    this.#live?.started(span)
  }

  /** A span has ended; to be called before it is expanded. */
  noteEnd(span: ReadableSpanLike): void {
    this.#live?.ended(span)
  }

  /** Our spans that went nowhere, for a reason that only the shell knows. */
  lose(reason: 'shutdown' | 'export_failed' | 'exporter_queue', count = 1): void {
    if (reason === 'shutdown') this.stats.spansAfterShutdown += count
    else if (reason === 'export_failed') this.stats.spansFailed += count
    else this.stats.spansDropped += count
    this.#metrics.drop(reason, count)
  }

  /** The span without our additions, under the policy; itself where nothing is withheld. */
  unexpanded(span: ReadableSpanLike): ReadableSpanLike {
    return leaveUnexpanded(span, this.#context)
  }

  /** Resolves when every span that was taken has been delivered, and what was told of it till then. */
  async idle(): Promise<void> {
    await this.#live?.idle()
    await this.#queue.idle()
    // What was told of a call while it was held follows it as a task of its own.
    await this.#queue.idle()
  }

  /** Delivers all that can be delivered without waiting for anybody, in this very turn. */
  drain(): void {
    this.#queue.drain()
  }

  /** Hears of no more late reasoning. */
  stop(): void {
    this.#late?.stop()
    this.#live?.stop()
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

  #expandNow(arrived: Arrived): void {
    const {span, deliver, length} = arrived
    let expansion: Expansion | undefined
    try {
      expansion = this.#begin(span)
    } catch (error) {
      this.#leaveAfterFault(span, error, deliver)
      return
    }
    if (expansion === undefined) {
      // Most spans of most programs end here: nothing is allocated for them.
      this.#deliver(deliver, span, NO_CHILDREN)
      this.#leave(span)
    } else if (this.#mustTurnAway(expansion, length)) {
      this.#leaveForOverload(span, deliver)
      this.#leave(span)
    } else if (this.#options.classifier === 'network' && length > NETWORK_INLINE_LENGTH) {
      this.#queue.add(this.#task(arrived, true, detached(expansion)))
    } else this.#queue.runNow(this.#task(arrived, true, expansion))
  }

  #begin(span: ReadableSpanLike): Expansion | undefined {
    const {traceId, spanId} = span.spanContext()
    return beginExpansion(span, getHub().read(traceId, spanId), this.#context)
  }

  /** A call may be short and still wait long, for its classifier. */
  #mustTurnAway({blockCount}: Expansion, length: number): boolean {
    return blockCount > 0 && typeof this.#options.classifier === 'function' && this.#isFull(length)
  }

  /**
   * @param counts whether it counts against what may wait from now on
   * @param begun what was seen of the span, where it has been looked at already
   */
  #task(
    {span, traceId, length, deliver}: Arrived,
    counts: boolean,
    begun?: Expansion,
  ): ExpansionTask {
    let expansion = begun
    let isCounted = counts
    let isTurnedAway = false
    if (counts) this.#hold(length)
    // From the moment of the look on, what is told of it comes too late for it.
    if (begun !== undefined) this.#late?.begin(begun)
    const release = (): void => {
      if (isCounted) this.#release(length)
    }
    return {
      traceId,
      begin: () => {
        expansion ??= this.#begin(span)
        if (expansion === undefined) return undefined
        if (!isCounted) {
          isTurnedAway = this.#mustTurnAway(expansion, length)
          if (isTurnedAway) return undefined
          isCounted = true
          this.#hold(length)
        }
        if (begun === undefined) this.#late?.begin(expansion)
        return finishExpansion(expansion, this.#context)
      },
      done: (expanded, millis) => {
        release()
        if (isTurnedAway) this.#leaveForOverload(span, deliver)
        else if (expanded === undefined) this.#deliver(deliver, span, NO_CHILDREN)
        else {
          if (expanded.children.length > 0) this.stats.calls += 1
          this.stats.blocks += expansion?.blockCount ?? 0
          this.#count(expanded, millis)
          this.#deliver(deliver, expanded.span, expanded.children)
        }
        this.#leave(span)
      },
      failed: (error) => {
        release()
        this.#leaveAfterFault(span, error, deliver)
        if (expansion !== undefined) this.#leave(span)
      },
    }
  }

  #leave(span: ReadableSpanLike): void {
    try {
      this.#late?.leave(span)
    } catch (error) {
      this.#options.faults.tell('late reasoning was lost', error)
    }
  }

  #leaveAfterFault(span: ReadableSpanLike, error: unknown, deliver: Deliver): void {
    this.stats.unexpandedFault += 1
    this.#metrics.drop('fault')
    this.#options.faults.tell('a span left unexpanded', error)
    this.#deliver(deliver, leaveUnexpanded(span, this.#context), NO_CHILDREN)
  }

  #leaveForOverload(span: ReadableSpanLike, deliver: Deliver): void {
    this.stats.unexpandedOverload += 1
    this.#metrics.drop('overload')
    this.#deliver(deliver, leaveUnexpanded(span, this.#context), NO_CHILDREN)
  }

  #isFull(length: number): boolean {
    return (
      this.#pendingSpans >= this.#options.maxPendingSpans ||
      this.#pendingLength + length > this.#options.maxPendingLength
    )
  }

  #hold(length: number): void {
    this.#pendingSpans += 1
    this.#metrics.wait(1)
    this.#pendingLength += length
  }

  #release(length: number): void {
    this.#pendingSpans -= 1
    this.#metrics.wait(-1)
    this.#pendingLength -= length
  }

  #count(expanded: Expanded, millis: number): void {
    const stats = this.stats
    this.#metrics.spans(expanded.children)
    this.#metrics.drop('span_budget', expanded.stepsWithheld)
    if (expanded.children.length > 0) this.#metrics.analysed(millis)
    if (expanded.byRules) stats.labelledByRules += 1
    else if (this.#options.classifier === 'network') this.#work.spend(millis)
    stats.steps += expanded.stepCount
    stats.signals += expanded.signals.length
    stats.spansMade += expanded.children.length
    stats.stepsOverBudget += expanded.stepsWithheld
  }

  #deliver(deliver: Deliver, span: ReadableSpanLike, children: readonly ReadableSpanLike[]): void {
    try {
      deliver(span, children)
    } catch (error) {
      this.#options.faults.tell('a span was not handed on', error)
    }
  }
}

/** What was begun at once, of a span that others may change until it is finished. */
function detached(expansion: Expansion): Expansion {
  const {span, attributes, events} = expansion
  const kept = snapshot(span)
  return {
    ...expansion,
    span: kept,
    attributes: attributes === span.attributes ? kept.attributes : attributes,
    events: events === span.events ? kept.events : events,
  }
}

const snapshot = (span: ReadableSpanLike): ReadableSpanLike =>
  copySpan(span, {attributes: {...span.attributes}, events: [...(span.events ?? [])]})
