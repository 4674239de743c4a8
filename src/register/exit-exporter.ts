/**
 * Stands in front of an OTLP exporter and knows what it has not confirmed, so that a process that
 * ends can send it in another way.
 */
import type {FaultReport} from '../fault-report.ts'

interface ExportResult {
  code: number
  error?: Error | undefined
}

type Done = (result: ExportResult) => void

export interface SpanExporter {
  export(spans: readonly unknown[], done: Done): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

export interface ExitExporter extends SpanExporter {
  /** Spans were given whose fate is not known. */
  readonly isBusy: boolean
  /** Resolves when the fate of all that was given is known. */
  settled(): Promise<void>
  /**
   * From now on spans are collected and taken for sent.
   *
   * @returns what was given since, and what was under way: at the worst a span is sent twice
   */
  collect(): (readonly unknown[])[]
}

const SUCCESS = 0

/**
 * Batches under way of which the batch processor is told at once that they were sent: while it waits
 * for an answer it keeps the program alive. Over it, it waits, and what comes meanwhile fills its queue.
 */
const MAX_AHEAD = 4

/** @param faults is told when the exporter fails */
export function createExitExporter(inner: SpanExporter, faults: FaultReport): ExitExporter {
  const underWay = new Set<readonly unknown[]>()
  let collected: (readonly unknown[])[] | undefined
  let waiting: (() => void)[] = []
  const settle = (spans: readonly unknown[]): void => {
    underWay.delete(spans)
    if (underWay.size > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }
  return {
    get isBusy() {
      return underWay.size > 0
    },
    export(spans, done) {
      if (collected !== undefined) {
        collected.push(spans)
        done({code: SUCCESS})
        return
      }
      underWay.add(spans)
      const isAhead = underWay.size <= MAX_AHEAD
      inner.export(spans, (result) => {
        settle(spans)
        if (result.code !== SUCCESS) faults.tell('spans were not sent', result.error ?? 'no reason')
        if (!isAhead) done(result)
      })
      if (isAhead) done({code: SUCCESS})
    },
    settled: () =>
      new Promise((resolve) => {
        if (underWay.size === 0) resolve()
        else waiting.push(resolve)
      }),
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
    collect() {
      collected = [...underWay]
      underWay.clear()
      return collected
    },
  }
}
