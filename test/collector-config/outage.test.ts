import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {buildCollector} from '../backends/build.ts'
import {scrape, startCollector, until} from '../backends/collector.ts'
import {startOtlpSink} from '../backends/otlp-sink.ts'
import {playRun} from './refund-agent.ts'
import {traceAgent} from './traced-agent.ts'

const built = await buildCollector()
const MEBIBYTE = 1_048_576

describe.skipIf(built.path === undefined)(
  `a backend that is away${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    test('gets everything after a restart of the Collector, in requests of less than 4 MiB', async () => {
      const queue = mkdtempSync(join(tmpdir(), 'otel-reasoning-queue-'))
      await using backend = await startOtlpSink()
      backend.status = 503
      const env = {
        JAEGER_OTLP: backend.url,
        QUEUE_DIRECTORY: queue,
        KEEP_PERCENT: '100',
        DECISION_WAIT_AFTER_ROOT: '1s',
      }
      try {
        const before = await startCollector({env})
        const agent = traceAgent(before.otlpTracesUrl)
        // About 12 MB: several requests.
        for (let i = 0; i < 60; i += 1) {
          playRun(agent.tracer, {aside: 'And so on, and so on, as before. '.repeat(500)})
          if (i % 10 === 9) await agent.flush()
        }
        await agent.stop()
        await until('the queue filling', async () => {
          const size = (await scrape(before.ownMetrics)).find(
            ({name, labels}) =>
              name === 'otelcol_exporter_queue_size' && labels['exporter'] === 'otlp_http/jaeger',
          )
          return size !== undefined && size.value > MEBIBYTE ? true : undefined
        })
        await before.stop()
        expect(backend.spans()).toEqual([])

        backend.status = 200
        await using after = await startCollector({env})
        await until('all spans', () =>
          backend.spans().length >= agent.exporter.spanCount() ? true : undefined,
        )
        expect(backend.spans()).toHaveLength(agent.exporter.spanCount())
        expect(after.log()).not.toMatch(/panic|Dropping data/)
        const sizes = backend.bodies.map((body) => body.length)
        expect(sizes.length).toBeGreaterThan(1)
        expect(Math.max(...sizes)).toBeLessThan(4 * MEBIBYTE)
      } finally {
        rmSync(queue, {recursive: true, force: true})
      }
    }, 90_000)

    // All but `otelcol_exporter_enqueue_failed_spans_total`, which is there once a queue was full.
    test('the Collector’s own metrics have the names that the rules ask for', async () => {
      await using backend = await startOtlpSink()
      backend.status = 400
      await using collector = await startCollector({
        env: {JAEGER_OTLP: backend.url, KEEP_PERCENT: '100', DECISION_WAIT_AFTER_ROOT: '1s'},
      })
      const agent = traceAgent(collector.otlpTracesUrl)
      playRun(agent.tracer)
      await agent.stop()
      const names = await until('a failed delivery', async () => {
        const found = new Set((await scrape(collector.ownMetrics)).map(({name}) => name))
        return found.has('otelcol_exporter_send_failed_spans_total') ? found : undefined
      })
      for (const name of [
        'otelcol_exporter_queue_size',
        'otelcol_exporter_queue_capacity',
        'otelcol_receiver_refused_spans_total',
        'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total',
      ]) {
        expect([...names], name).toContain(name)
      }
    }, 60_000)
  },
)
