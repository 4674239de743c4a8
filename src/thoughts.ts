/**
 * One thought, one block: what an ending span hands to its parent, so that an ancestor that repeats
 * it (`invoke_agent`, the output of a chain) adds nothing; and the texts of a trace that the policy
 * must find wherever they are echoed.
 */

/** Thoughts that ended below one span. */
interface Inherited {
  texts: string[]
  /** A block without readable text was among them. */
  opaque: boolean
  length: number
}

interface TraceTexts {
  texts: Set<string>
  length: number
}

const MAX_PARENTS = 10_000
/** UTF-16 code units of text that are remembered, of each of the two kinds. */
const MAX_LENGTH = 8 * 1024 * 1024

const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

/**
 * Remembers thoughts between spans of a trace. Bounded: over 10,000 parents or 8 Mi code units
 * (16 MiB) of text the oldest are forgotten, and their ancestors may then repeat them.
 */
export class Thoughts {
  readonly #byParent = new Map<string, Inherited>()
  readonly #byTrace = new Map<string, TraceTexts>()
  #parentLength = 0
  #traceLength = 0

  /** Nothing is remembered: a span without reasoning has nothing to hand on. */
  get isEmpty(): boolean {
    return this.#byParent.size === 0
  }

  /** What ended below this span, taken out: a span ends once. */
  take(spanId: string): Inherited | undefined {
    const inherited = this.#byParent.get(spanId)
    if (inherited === undefined) return undefined
    this.#byParent.delete(spanId)
    this.#parentLength -= inherited.length
    return inherited
  }

  /** Hands thoughts on to the parent. */
  hand(
    parentId: string,
    texts: readonly string[],
    opaque: boolean,
    inherited: Inherited | undefined,
  ): void {
    let entry = this.#byParent.get(parentId)
    if (entry === undefined) {
      entry = {texts: [], opaque: false, length: 0}
      this.#byParent.set(parentId, entry)
    }
    const added = inherited === undefined ? texts : [...inherited.texts, ...texts]
    for (const text of added) {
      entry.texts.push(text)
      entry.length += text.length
      this.#parentLength += text.length
    }
    if (opaque || inherited?.opaque === true) entry.opaque = true
    this.#evictParents()
  }

  /** Texts of this trace that the policy must find where they are echoed. */
  textsOf(traceId: string): readonly string[] {
    const entry = this.#byTrace.get(traceId)
    return entry === undefined ? [] : [...entry.texts]
  }

  /** Remembers a text for as long as its trace is among the newest. */
  rememberText(traceId: string, text: string): void {
    if (text.length === 0) return
    let entry = this.#byTrace.get(traceId)
    if (entry === undefined) entry = {texts: new Set(), length: 0}
    else this.#byTrace.delete(traceId)
    this.#byTrace.set(traceId, entry)
    if (!entry.texts.has(text)) {
      entry.texts.add(text)
      entry.length += text.length
      this.#traceLength += text.length
    }
    for (const [oldest, {length}] of this.#byTrace) {
      if (this.#traceLength <= MAX_LENGTH || oldest === traceId) break
      this.#byTrace.delete(oldest)
      this.#traceLength -= length
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

/**
 * Whether a block repeats what ended below its span: the very text, a part of the texts in a row,
 * or all of them joined. White space is ignored, since instrumentations join parts with their own.
 */
export function isEcho(
  text: string,
  inherited: {readonly texts: readonly string[]; readonly opaque: boolean},
): boolean {
  if (text.length === 0) return inherited.opaque || inherited.texts.length > 0
  if (inherited.texts.includes(text)) return true
  const own = withoutSpace(text)
  const joined = inherited.texts.map(withoutSpace)
  const all = joined.join('')
  return all.length > 0 && (all.includes(own) || own.includes(all))
}
