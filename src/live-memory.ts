/** Remembers what has left of calls until their spans are expanded: forgotten, it would leave twice. */
import type {SpanContext} from '@opentelemetry/api'
import type {LiveRecord} from './live-record.ts'

/** Calls whose span has ended and whose early steps are remembered until it is expanded. */
const MAX_ENDED = 2_048
/** Calls whose span is open. */
const MAX_OPEN = 16_384
/** So many of these are kept before it is looked whether their spans are gone, unended. */
const LEAST_SWEPT = 2_048

export const keyOf = ({traceId, spanId}: Pick<SpanContext, 'traceId' | 'spanId'>): string =>
  `${traceId}:${spanId}`

export interface LiveMemory {
  /** Whether one more would be remembered. */
  hasRoom(): boolean
  /** Whether anything was remembered of this span. */
  has(key: string): boolean
  /** @param record may grow until the span has ended */
  open(key: string, record: LiveRecord, span: object): void
  /** The span has ended. @returns whether anything was remembered of it */
  end(key: string): boolean
  /** `undefined` where nothing has left. */
  recordOf(context: SpanContext): LiveRecord | undefined
}

export function createLiveMemory(): LiveMemory {
  const open = new Map<string, {record: LiveRecord; span: WeakRef<object>}>()
  // Oldest first.
  const ended = new Map<string, LiveRecord>()
  let sweepAt = LEAST_SWEPT

  /** Forgets spans that nobody can end any more. */
  const sweep = (): void => {
    for (const [key, {span}] of open) if (span.deref() === undefined) open.delete(key)
    sweepAt = Math.max(LEAST_SWEPT, 2 * open.size)
  }

  return {
    hasRoom() {
      if (open.size >= Math.min(sweepAt, MAX_OPEN)) sweep()
      return open.size < MAX_OPEN
    },
    has: (key) => open.has(key) || ended.has(key),
    open(key, record, span) {
      open.set(key, {record, span: new WeakRef(span)})
    },
    end(key) {
      const early = open.get(key)
      if (early === undefined) return false
      open.delete(key)
      ended.set(key, early.record)
      const oldest = ended.size > MAX_ENDED ? ended.keys().next() : undefined
      if (oldest !== undefined && oldest.done !== true) ended.delete(oldest.value)
      return true
    },
    recordOf(context) {
      if (ended.size === 0) return undefined
      const record = ended.get(keyOf(context))
      return record === undefined || record.length === 0 ? undefined : record
    },
  }
}
