/**
 * The one place in a process where reasoning that does not stand on a span is left for its span:
 * log events, the recorder and taps put it here, processors read it. Read and not consumed, since
 * several processors with several policies may want it.
 */
import {isSpanContextValid, type SpanContext, TraceFlags} from '@opentelemetry/api'
import type {CapturedCall} from './model.ts'

/** How a contribution came. Decides the default policy. */
export type Origin = 'log' | 'wire' | 'hook' | 'recorder'

/** What one log event, response or recorder knows of a call. */
export interface Contribution {
  readonly origin: Origin
  readonly call: CapturedCall
}

/**
 * Told of each contribution, so that one for a span that has already ended is not lost.
 *
 * @returns something true where it was taken: then it is no orphan
 */
export type HubListener = (traceId: string, spanId: string, contribution: Contribution) => unknown

interface Entry {
  readonly contributions: Contribution[]
  length: number
  readonly time: number
  /** Contributions that nobody has read or taken. */
  unread: number
}

/** Ten minutes: longer than a call whose events came before its end should take. */
const MAX_AGE_MILLIS = 600_000
/** UTF-16 code units of text that wait (32 MiB). */
const MAX_LENGTH = 16 * 1024 * 1024
const MAX_ENTRIES = 20_000

/** What an object of a few numbers takes, in code units of text. */
const OBJECT_LENGTH = 32

/**
 * Version 1 of what is shared under `Symbol.for('otel-reasoning.hub.v1')`. Two copies of the
 * package use whichever was made first, so this shape never changes: a new one gets a new symbol.
 */
export interface Hub {
  /** Somebody in this process reads log events, taps responses or records. */
  announce(): void
  /** Whether anybody did: only then is it worth while to remember calls that have ended. */
  isAnnounced(): boolean
  contribute(traceId: string, spanId: string, contribution: Contribution): void
  read(traceId: string, spanId: string): readonly Contribution[]
  /** As much as `read` would give, in UTF-16 code units; does not count as reading. */
  lengthOf(traceId: string, spanId: string): number
  /** @returns a function that ends the subscription */
  subscribe(listener: HubListener): () => void
  /** Contributions that were evicted before any processor read them. */
  orphaned(): number
  /** UTF-16 code units of text that are waiting. */
  length(): number
}

const HUB = Symbol.for('otel-reasoning.hub.v1')

/** UTF-16 code units that a contribution takes; arrival times and steps count 32 each. */
export function lengthOfContribution({call}: Contribution): number {
  let length = 200
  for (const item of call.items) {
    if (item.type === 'text') length += item.text.length
    else if (item.type === 'tool_call')
      length += (item.call.arguments?.length ?? 0) + item.call.name.length
    else {
      const {text, arrivals, steps} = item.block
      length += text.length + OBJECT_LENGTH * ((arrivals?.length ?? 0) + (steps?.length ?? 0))
    }
  }
  return length
}

/**
 * Makes a hub. Entries are evicted after 10 minutes, over 20,000 spans, and over 16 Mi code units
 * (32 MiB) of text, oldest first.
 *
 * @param now milliseconds; replaceable for tests
 */
export function createHub(now: () => number = Date.now): Hub {
  // In order of insertion, so that the oldest come first.
  const entries = new Map<string, Entry>()
  const listeners = new Set<HubListener>()
  let total = 0
  let orphaned = 0
  let announced = false

  const evict = (): void => {
    if (entries.size === 0) return
    const oldestAllowed = now() - MAX_AGE_MILLIS
    for (const [key, entry] of entries) {
      const fits = total <= MAX_LENGTH && entries.size <= MAX_ENTRIES
      if (fits && entry.time >= oldestAllowed) break
      entries.delete(key)
      total -= entry.length
      orphaned += entry.unread
    }
  }

  /** Whether anybody took it. One listener's fault is neither the others' nor the contributor's. */
  const tell = (traceId: string, spanId: string, contribution: Contribution): boolean => {
    let isTaken = false
    for (const listener of listeners) {
      try {
        if (listener(traceId, spanId, contribution)) isTaken = true
      } catch {
        // Listeners tell of their faults themselves.
      }
    }
    return isTaken
  }

  return {
    announce() {
      announced = true
    },
    isAnnounced: () => announced,
    contribute(traceId, spanId, contribution) {
      const key = `${traceId}:${spanId}`
      let entry = entries.get(key)
      if (entry === undefined) {
        entry = {contributions: [], length: 0, time: now(), unread: 0}
        entries.set(key, entry)
      }
      const length = lengthOfContribution(contribution)
      entry.contributions.push(contribution)
      entry.length += length
      total += length
      if (!tell(traceId, spanId, contribution)) entry.unread += 1
      evict()
    },
    read(traceId, spanId) {
      evict()
      const entry = entries.get(`${traceId}:${spanId}`)
      if (entry === undefined) return []
      entry.unread = 0
      return entry.contributions
    },
    lengthOf(traceId, spanId) {
      if (entries.size === 0) return 0
      return entries.get(`${traceId}:${spanId}`)?.length ?? 0
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    orphaned: () => orphaned,
    length() {
      evict()
      return total
    },
  }
}

/** The hub of this process. */
export function getHub(): Hub {
  const shared = globalThis as {[HUB]?: Hub}
  shared[HUB] ??= createHub()
  return shared[HUB]
}

/** Leaves what was told of a span, unless nobody will ever ask: it is not sampled, or no span at all. */
export function contributeTo(span: SpanContext, contribution: Contribution): void {
  if (!isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0) return
  getHub().contribute(span.traceId, span.spanId, contribution)
}
