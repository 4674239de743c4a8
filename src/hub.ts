/**
 * The one place in a process where reasoning that does not stand on a span is left for its span:
 * log events, the recorder and taps put it here, processors read it. Read and not consumed, since
 * several processors with several policies may want it.
 */
import type {CapturedCall} from './model.ts'

/** How a contribution came. Decides the default policy. */
export type Origin = 'log' | 'wire' | 'recorder'

/** What one log event, response or recorder knows of a call. */
export interface Contribution {
  readonly origin: Origin
  readonly call: CapturedCall
}

/** Told of each contribution, so that one for a span that has already ended is not lost. */
export type HubListener = (traceId: string, spanId: string, contribution: Contribution) => void

interface Entry {
  contributions: Contribution[]
  length: number
  time: number
  read: boolean
}

/** Ten minutes: longer than a call whose events came before its end should take. */
const MAX_AGE_MILLIS = 600_000
/** UTF-16 code units of text that wait (32 MiB). */
const MAX_LENGTH = 16 * 1024 * 1024
const MAX_ENTRIES = 20_000

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
  /** @returns a function that ends the subscription */
  subscribe(listener: HubListener): () => void
  /** Contributions that were evicted before any processor read them. */
  orphaned(): number
  /** UTF-16 code units of text that are waiting. */
  length(): number
}

const HUB = Symbol.for('otel-reasoning.hub.v1')

const lengthOf = ({call}: Contribution): number => {
  let length = 200
  for (const item of call.items) {
    if (item.type === 'reasoning') length += item.block.text.length
    else if (item.type === 'text') length += item.text.length
    else length += (item.call.arguments?.length ?? 0) + item.call.name.length
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
    const oldestAllowed = now() - MAX_AGE_MILLIS
    for (const [key, entry] of entries) {
      const fits = total <= MAX_LENGTH && entries.size <= MAX_ENTRIES
      if (fits && entry.time >= oldestAllowed) break
      entries.delete(key)
      total -= entry.length
      if (!entry.read) orphaned += entry.contributions.length
    }
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
        entry = {contributions: [], length: 0, time: now(), read: false}
        entries.set(key, entry)
      }
      const length = lengthOf(contribution)
      entry.contributions.push(contribution)
      entry.length += length
      total += length
      evict()
      for (const listener of listeners) listener(traceId, spanId, contribution)
    },
    read(traceId, spanId) {
      if (entries.size === 0) return []
      const entry = entries.get(`${traceId}:${spanId}`)
      if (entry === undefined) return []
      entry.read = true
      return entry.contributions
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    orphaned: () => orphaned,
    length: () => total,
  }
}

/** The hub of this process. */
export function getHub(): Hub {
  const shared = globalThis as {[HUB]?: Hub}
  shared[HUB] ??= createHub()
  return shared[HUB]
}
