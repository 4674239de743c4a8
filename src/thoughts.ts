/**
 * One thought, one block: what an ending span hands to its parent, so that an ancestor that repeats
 * it (`invoke_agent`, the output of a chain) adds nothing; and the texts of a trace that the policy
 * must find wherever they are echoed.
 */
import {KnownTexts, NO_KNOWN_TEXTS, type ResolvedPolicy, strictest} from './policy.ts'

/** Thoughts that ended below one span. */
export interface Inherited {
  readonly texts: readonly string[]
  /** A block without readable text was among them. */
  readonly opaque: boolean
}

interface ParentEntry {
  texts: string[]
  opaque: boolean
  length: number
}

interface TraceEntry {
  policies: Map<string, ResolvedPolicy>
  length: number
  /** Of all policies; made when it is asked for. */
  strictest: ResolvedPolicy | undefined
  /** The same texts, to be looked for; made when they are asked for. */
  texts: KnownTexts | undefined
  shortest: number
}

/** Texts whose policy withholds them, and the strictest of these policies. */
export interface WithheldTexts {
  readonly texts: KnownTexts
  readonly policy: ResolvedPolicy | undefined
  /** UTF-16 code units of the shortest text; Infinity where there is none. */
  readonly shortest: number
}

const NOTHING_WITHHELD: WithheldTexts = Object.freeze({
  texts: NO_KNOWN_TEXTS,
  policy: undefined,
  shortest: Infinity,
})

const MAX_PARENTS = 10_000
/** UTF-16 code units of text that are remembered, of each of the two kinds. */
const MAX_LENGTH = 8 * 1024 * 1024

/** Traces whose withheld texts are remembered. */
const MAX_TRACES = 10_000

/**
 * The text in memory of its own: engines keep the whole document alive for a slice of it. Joining
 * and cutting again makes the copy.
 */
const ownCopy = (text: string): string => ` ${text}`.slice(1)

const keyOf = (traceId: string, spanId: string): string => `${traceId}:${spanId}`

/**
 * Remembers thoughts between spans of a trace. Bounded: over 10,000 parents or 8 Mi code units
 * (16 MiB) of text the oldest are forgotten, and their ancestors may then repeat them.
 */
export class Thoughts {
  readonly #byParent = new Map<string, ParentEntry>()
  readonly #byTrace = new Map<string, TraceEntry>()
  #parentLength = 0
  #traceLength = 0

  /** Nothing is remembered: a span without reasoning has nothing to hand on. */
  get isEmpty(): boolean {
    return this.#byParent.size === 0
  }

  /** What ended below this span, taken out: a span ends once. */
  take(traceId: string, spanId: string): Inherited | undefined {
    if (this.#byParent.size === 0) return undefined
    const key = keyOf(traceId, spanId)
    const inherited = this.#byParent.get(key)
    if (inherited === undefined) return undefined
    this.#byParent.delete(key)
    this.#parentLength -= inherited.length
    return inherited
  }

  /** Hands thoughts on to the parent. */
  hand(
    traceId: string,
    parentId: string,
    texts: readonly string[],
    opaque: boolean,
    inherited: Inherited | undefined,
  ): void {
    const key = keyOf(traceId, parentId)
    let entry = this.#byParent.get(key)
    if (entry === undefined) {
      entry = {texts: [], opaque: false, length: 0}
      this.#byParent.set(key, entry)
    }
    for (const list of [inherited?.texts ?? [], texts]) {
      for (const text of list) {
        entry.texts.push(list === texts ? ownCopy(text) : text)
        entry.length += text.length
        this.#parentLength += text.length
      }
    }
    if (opaque || inherited?.opaque === true) entry.opaque = true
    this.#evictParents()
  }

  /** What was withheld in this trace, for as long as it is among the newest. */
  withheldIn(traceId: string): WithheldTexts {
    const entry = this.#byTrace.get(traceId)
    if (entry === undefined) return NOTHING_WITHHELD
    entry.texts ??= new KnownTexts([...entry.policies.keys()])
    entry.strictest ??= strictest([...entry.policies.values()])
    return {texts: entry.texts, policy: entry.strictest, shortest: entry.shortest}
  }

  /** Remembers a text that the policy withholds: it goes wherever it is echoed. */
  withhold(traceId: string, text: string, policy: ResolvedPolicy): void {
    if (text.length === 0 || policy.policy === 'keep') return
    let entry = this.#byTrace.get(traceId)
    if (entry === undefined) {
      entry = {
        policies: new Map(),
        length: 0,
        strictest: undefined,
        texts: undefined,
        shortest: Infinity,
      }
    } else this.#byTrace.delete(traceId)
    this.#byTrace.set(traceId, entry)
    const known = entry.policies.get(text)
    const kept = known === undefined ? ownCopy(text) : text
    if (known === undefined) {
      entry.length += text.length
      this.#traceLength += text.length
      entry.texts?.add(kept)
      entry.shortest = Math.min(entry.shortest, text.length)
    }
    entry.policies.set(kept, known === undefined ? policy : strictest([known, policy]))
    entry.strictest = undefined
    for (const [oldest, {length}] of this.#byTrace) {
      const fits = this.#traceLength <= MAX_LENGTH && this.#byTrace.size <= MAX_TRACES
      if (fits || oldest === traceId) break
      this.#byTrace.delete(oldest)
      this.#traceLength -= length
    }
    // One trace alone over the limit: its oldest texts go.
    for (const oldest of entry.policies.keys()) {
      if (this.#traceLength <= MAX_LENGTH || oldest === text) break
      entry.policies.delete(oldest)
      entry.texts?.delete(oldest)
      entry.length -= oldest.length
      this.#traceLength -= oldest.length
    }
  }

  #evictParents(): void {
    for (const [oldest, {length}] of this.#byParent) {
      if (this.#byParent.size <= MAX_PARENTS && this.#parentLength <= MAX_LENGTH) break
      this.#byParent.delete(oldest)
      this.#parentLength -= length
    }
  }
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

/** Says of texts whether they repeat what was told; built once for all blocks of a span. */
export interface EchoIndex {
  isEcho(text: string): boolean
}

/**
 * A text repeats what was told when it is one of the texts, or some of them in a row. White space
 * does not count, since instrumentations join parts with their own. A block without text (redacted,
 * encrypted, hidden) repeats whatever was told below it: the wrappers of a call report its tokens
 * once more.
 */
export function createEchoIndex({texts, opaque}: Inherited): EchoIndex {
  const exact = new Set(texts)
  let joined: string | undefined
  const starts: number[] = []
  const ends = new Set<number>()
  const index = (): string => {
    let all = ''
    for (const text of texts) {
      starts.push(all.length)
      all += withoutSpace(text)
      ends.add(all.length)
    }
    joined = all
    return all
  }
  return {
    isEcho(text) {
      if (text.length === 0) return opaque || texts.length > 0
      if (exact.has(text)) return true
      if (texts.length === 0) return false
      const own = withoutSpace(text)
      const all = joined ?? index()
      return starts.some((start) => ends.has(start + own.length) && all.startsWith(own, start))
    },
  }
}
