/**
 * Reasoning that is told of a call after its span has ended (a log event behind time, a stream that
 * outlives its span, a recorder that is ended last) still becomes spans under it.
 */
import {
  beginLateExpansion,
  blockTexts,
  type Expansion,
  finishExpansion,
  parentOf,
} from './expand.ts'
import {type Contribution, getHub} from './hub.ts'
import type {CapturedCall} from './model.ts'
import type {ResolvedOptions} from './options.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import type {SpanExpander} from './span-expander.ts'

interface EndedCall {
  span: ReadableSpanLike
  call: CapturedCall | undefined
  blockCount: number
  texts: string[]
  length: number
}

/** Calls that have left and may still be told of. */
const MAX_CALLS = 256
/** UTF-16 code units of their blocks' text (8 MiB). */
const MAX_LENGTH = 4 * 1024 * 1024

export class LateReasoning {
  readonly #ended = new Map<string, EndedCall>()
  readonly #expander: SpanExpander
  readonly #options: ResolvedOptions
  readonly #deliver: (children: readonly ReadableSpanLike[]) => void
  readonly #unsubscribe: () => void
  #length = 0

  constructor(
    expander: SpanExpander,
    options: ResolvedOptions,
    deliver: (children: readonly ReadableSpanLike[]) => void,
  ) {
    this.#expander = expander
    this.#options = options
    this.#deliver = deliver
    this.#unsubscribe = getHub().subscribe((traceId, spanId, contribution) => {
      const ended = this.#ended.get(`${traceId}:${spanId}`)
      if (ended !== undefined) this.#expand(traceId, ended, contribution)
    })
  }

  /** Keeps a call that left in mind: the newest 256, or fewer where their thoughts are long. */
  remember({span, call, blockCount, ...expansion}: Expansion): void {
    if (!getHub().isAnnounced()) return
    const {traceId, spanId} = span.spanContext()
    const texts = blockTexts({span, call, blockCount, ...expansion})
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    this.#ended.set(`${traceId}:${spanId}`, {span, call, blockCount, texts, length})
    this.#length += length
    for (const [oldest, {length: freed}] of this.#ended) {
      if (this.#ended.size <= MAX_CALLS && this.#length <= MAX_LENGTH) break
      this.#ended.delete(oldest)
      this.#length -= freed
    }
  }

  stop(): void {
    this.#unsubscribe()
    this.#ended.clear()
    this.#length = 0
  }

  #expand(traceId: string, ended: EndedCall, contribution: Contribution): void {
    const {context} = this.#expander
    this.#expander.expandLate(
      traceId,
      () => {
        const expansion = beginLateExpansion(ended.span, contribution, ended.texts, context)
        if (expansion === undefined) return undefined
        const firstIndex = ended.blockCount
        ended.blockCount += expansion.blockCount
        ended.texts.push(...blockTexts(expansion))
        this.#expander.stats.lateBlocks += expansion.blockCount
        this.#expander.stats.blocks += expansion.blockCount
        const parent = parentOf(ended.span, ended.call ?? expansion.call, this.#options, true)
        return finishExpansion(expansion, context, parent, firstIndex)
      },
      ({children}) => this.#deliver(children),
    )
  }
}
