/**
 * Reasoning that is told of a call after its span has ended (a log event behind time, a stream that
 * outlives its span, a recorder that is ended last) still becomes spans under it.
 */
import type {Attributes} from '@opentelemetry/api'
import {beginLateExpansion, blockTexts} from './begin-expansion.ts'
import type {Expansion, ExpansionContext, ExpansionStep} from './expansion.ts'
import {finishExpansion, parentOf} from './finish-expansion.ts'
import {type Contribution, getHub, lengthOfContribution} from './hub.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {ATTR_BLOCK_COUNT} from './semconv.ts'
import type {ParentCall} from './spans/plan.ts'
import {isReasoningSpan} from './spans/reasoning-span.ts'

/** What is kept of a span that has ended: not the span, whose prompts may be long. */
interface Ended {
  /** Stands for the span: its times, names and short attributes. */
  readonly span: ReadableSpanLike
  readonly parent: ParentCall
  readonly provider: string | undefined
  blockCount: number
  /** Of the blocks that have left. */
  readonly texts: string[]
  /** Told while the call was held. */
  readonly early: Contribution[]
  /** UTF-16 code units that all this takes. */
  length: number
}

/** Takes one late telling to its end. */
export type ExpandLate = (
  traceId: string,
  length: number,
  begin: () => ExpansionStep | undefined,
  blockCount: () => number,
) => void

/** Calls that have left and may still be told of, and as many other spans. */
const MAX_SPANS = 256
/** UTF-16 code units that is kept of them (8 MiB). */
const MAX_LENGTH = 4 * 1024 * 1024
/** Attributes up to this many code units are kept: a `content` function may ask for them. */
const MAX_VALUE_LENGTH = 256
const MAX_ATTRIBUTES = 128

const keyOf = (span: ReadableSpanLike): string => {
  const {traceId, spanId} = span.spanContext()
  return `${traceId}:${spanId}`
}

export class LateReasoning {
  /** Begun and not left: as many as may wait for analysis. */
  readonly #held = new Map<string, Ended>()
  readonly #calls = new Map<string, Ended>()
  /** Spans in which no call was seen: a recorder may still say that they are one. */
  readonly #others = new Map<string, Ended>()
  readonly #context: ExpansionContext
  readonly #expandLate: ExpandLate
  readonly #unsubscribe: () => void
  #length = 0
  #isStopped = false

  constructor(context: ExpansionContext, expandLate: ExpandLate) {
    this.#context = context
    this.#expandLate = expandLate
    // The hub outlives processors that are dropped without being shut down, and must not keep them.
    const self = new WeakRef(this)
    const unsubscribe = getHub().subscribe((traceId, spanId, contribution) => {
      const late = self.deref()
      if (late !== undefined) return late.#hear(traceId, `${traceId}:${spanId}`, contribution)
      unsubscribe()
      return false
    })
    this.#unsubscribe = unsubscribe
  }

  /** A span was looked at: what is told of it from now on comes too late for its own expansion. */
  begin(expansion: Expansion): void {
    if (!getHub().isAnnounced() || expansion.call === undefined) return
    const key = keyOf(expansion.span)
    this.#length -= this.#held.get(key)?.length ?? 0
    this.#held.set(key, this.#factsOf(expansion.span, expansion))
  }

  /** A span has left: what was told meanwhile follows it. */
  leave(span: ReadableSpanLike): void {
    if (this.#held.size === 0 && !getHub().isAnnounced()) return
    const key = keyOf(span)
    const held = this.#held.get(key)
    if (held === undefined) {
      if (this.#isStopped) return
      const isOurs = isReasoningSpan(span) || Object.hasOwn(span.attributes, ATTR_BLOCK_COUNT)
      if (!isOurs) this.#keep(this.#others, key, this.#factsOf(span, undefined))
      return
    }
    this.#held.delete(key)
    this.#keep(this.#calls, key, held)
    const {traceId} = span.spanContext()
    for (const contribution of held.early.splice(0)) {
      this.#resize(held, -lengthOfContribution(contribution))
      this.#expand(traceId, held, contribution)
    }
  }

  /** Hears of nothing more. What was told of calls that are held still follows them. */
  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    for (const map of [this.#calls, this.#others]) while (map.size > 0) this.#forgetOldest(map)
  }

  /** @returns whether it was taken */
  #hear(traceId: string, key: string, contribution: Contribution): boolean {
    const held = this.#held.get(key)
    if (held !== undefined) {
      const length = lengthOfContribution(contribution)
      if (this.#length + length > MAX_LENGTH) return false
      held.early.push(contribution)
      held.length += length
      this.#length += length
      return true
    }
    const ended = this.#calls.get(key) ?? this.#others.get(key)
    if (ended === undefined) return false
    this.#expand(traceId, ended, contribution)
    return true
  }

  #factsOf(span: ReadableSpanLike, expansion: Expansion | undefined): Ended {
    const {options} = this.#context
    const call = expansion?.call
    const texts = expansion === undefined ? [] : blockTexts(expansion)
    const shown = expansion?.attributes ?? span.attributes
    const {kept, length} = shortOnes(span.attributes)
    const facts: Ended = {
      span: standIn(span, kept),
      parent: parentOf(span, call, options, shown, true),
      provider: call?.provider,
      blockCount: expansion?.blockCount ?? 0,
      texts,
      early: [],
      length: 500 + length,
    }
    for (const text of texts) facts.length += text.length
    for (const value of Object.values(facts.parent.copied)) facts.length += String(value).length
    this.#length += facts.length
    return facts
  }

  #keep(map: Map<string, Ended>, key: string, ended: Ended): void {
    const before = map.get(key)
    if (before !== undefined) {
      map.delete(key)
      this.#length -= before.length
    }
    map.set(key, ended)
    if (map.size > MAX_SPANS) this.#forgetOldest(map)
    // A plain span can be told of by a recorder only, a call by anybody: it goes last.
    while (this.#length > MAX_LENGTH && this.#others.size > 0) this.#forgetOldest(this.#others)
    while (this.#length > MAX_LENGTH && this.#calls.size > 0) this.#forgetOldest(this.#calls)
  }

  #forgetOldest(map: Map<string, Ended>): void {
    for (const [key, {length}] of map) {
      map.delete(key)
      this.#length -= length
      return
    }
  }

  #resize(ended: Ended, change: number): void {
    ended.length += change
    // One that was forgotten meanwhile is no longer counted.
    for (const map of [this.#held, this.#calls, this.#others]) {
      if (map.get(keyOf(ended.span)) !== ended) continue
      this.#length += change
      return
    }
  }

  #expand(traceId: string, ended: Ended, {origin, call}: Contribution): void {
    const context = this.#context
    // The call itself knows best what it was; what is told of it decides where it said nothing.
    const contribution: Contribution = {
      origin,
      call: {
        ...call,
        provider: ended.provider ?? call.provider,
        model: ended.parent.model ?? call.model,
        // These went with the call.
        reasoningTokens: undefined,
        finishReasons: [],
      },
    }
    let blockCount = 0
    this.#expandLate(
      traceId,
      lengthOfContribution(contribution),
      () => {
        const expansion = beginLateExpansion(ended.span, contribution, ended.texts, context)
        if (expansion === undefined) return undefined
        const firstIndex = ended.blockCount
        ended.blockCount += expansion.blockCount
        blockCount = expansion.blockCount
        for (const text of blockTexts(expansion)) {
          ended.texts.push(text)
          this.#resize(ended, text.length)
        }
        const told = parentOf(ended.span, expansion.call, context.options)
        const parent: ParentCall = {
          ...ended.parent,
          model: ended.parent.model ?? told.model,
          promptName: ended.parent.promptName ?? told.promptName,
          promptVersion: ended.parent.promptVersion ?? told.promptVersion,
          timeToFirstChunk: ended.parent.timeToFirstChunk ?? told.timeToFirstChunk,
        }
        return finishExpansion(expansion, context, parent, firstIndex)
      },
      () => blockCount,
    )
  }
}

/** Attributes that are short, and how many code units they take. */
function shortOnes(attributes: Attributes): {kept: Attributes; length: number} {
  const kept: Attributes = {}
  let length = 0
  let count = 0
  for (const key in attributes) {
    const value = attributes[key]
    const isShort = typeof value === 'string' && value.length <= MAX_VALUE_LENGTH
    if (!isShort && typeof value !== 'number' && typeof value !== 'boolean') continue
    if (count === MAX_ATTRIBUTES) break
    kept[key] = value
    length += key.length + (isShort ? value.length : 8)
    count += 1
  }
  return {kept, length}
}

function standIn(span: ReadableSpanLike, attributes: Attributes): ReadableSpanLike {
  const spanContext = span.spanContext()
  const {parentSpanContext} = span
  const slim = {
    name: span.name,
    kind: span.kind,
    spanContext: () => spanContext,
    ...(parentSpanContext === undefined ? {} : {parentSpanContext}),
    startTime: span.startTime,
    endTime: span.endTime,
    status: span.status,
    attributes,
    links: [],
    events: [],
    duration: span.duration,
    ended: true,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    // The SDK's limit on the length of values holds for late spans too.
    _spanLimits: (span as {_spanLimits?: unknown})._spanLimits,
  }
  return slim
}
