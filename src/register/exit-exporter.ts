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
  /**
   * From now on spans are collected and taken for sent.
   *
   * @returns what was given since, and what was under way: at the worst a span is sent twice
   */
  collect(): (readonly unknown[])[]
}

const SUCCESS = 0

/** @param faults is told when the exporter fails */
export function createExitExporter(inner: SpanExporter, faults: FaultReport): ExitExporter {
  const underWay = new Set<readonly unknown[]>()
  let collected: (readonly unknown[])[] | undefined
  return {
    export(spans, done) {
      if (collected !== undefined) {
        collected.push(spans)
        done({code: SUCCESS})
        return
      }
      underWay.add(spans)
      inner.export(spans, (result) => {
        underWay.delete(spans)
        if (result.code !== SUCCESS) faults.tell('spans were not sent', result.error ?? 'no reason')
        done(result)
      })
    },
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
    collect() {
      collected = [...underWay]
      underWay.clear()
      return collected
    },
  }
}
