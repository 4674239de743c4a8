/** Metrics from the library instead of from spans, as the comment in collector.yaml describes it. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {JsonMetricsSerializer} from '@opentelemetry/otlp-transformer'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {MeterProvider, MetricReader} from '@opentelemetry/sdk-metrics'
import {describe, expect, test} from 'vitest'
import {parse, stringify} from 'yaml'
import {REFUND_CHECKS} from '../../examples/refund-agent/checks.js'
import {buildCollector} from '../backends/build.ts'
import {scrape, startCollector, total, until} from '../backends/collector.ts'
import {
  findMonitoring,
  type MonitoringFiles,
  startMonitoring,
  startWebhook,
} from '../backends/monitoring.ts'
import {startOtlpSink} from '../backends/otlp-sink.ts'
import {quickMonitoring, readConfig} from './files.ts'
import {playRun} from './refund-agent.ts'
import {traceAgent} from './traced-agent.ts'

const built = await buildCollector()
const {programs, reason: noMonitoring} = findMonitoring()
const reason = built.reason ?? noMonitoring

interface Pipeline {
  processors?: string[]
  exporters: string[]
}

/** `collector.yaml` without what counts from spans. */
function withoutCounting(): string {
  const config = parse(readConfig('collector.yaml')) as {
    processors: Record<string, unknown>
    connectors: Record<string, unknown>
    service: {pipelines: Record<string, Pipeline>}
  }
  const {pipelines} = config.service
  delete config.connectors['count']
  delete config.connectors['signal_to_metrics']
  delete config.processors['filter/own_health']
  delete pipelines['metrics/from_spans']
  const kept = (names: readonly string[] = []): string[] =>
    names.filter((name) => !['count', 'signal_to_metrics', 'filter/own_health'].includes(name))
  for (const pipeline of Object.values(pipelines)) {
    pipeline.processors = kept(pipeline.processors)
    if (Array.isArray(pipeline.exporters)) pipeline.exporters = kept(pipeline.exporters)
  }
  return stringify(config)
}

const withoutJob = (job: string, files: MonitoringFiles): MonitoringFiles => ({
  ...files,
  prometheus: (alertmanager) => {
    const config = parse(files.prometheus(alertmanager)) as {scrape_configs: {job_name: string}[]}
    config.scrape_configs = config.scrape_configs.filter(({job_name}) => job_name !== job)
    return stringify(config)
  },
})

class PushingReader extends MetricReader {
  /** Sends what there is now, as a periodic reader does every minute. */
  async push(otlpUrl: string): Promise<number> {
    const {resourceMetrics} = await this.collect()
    const response = await fetch(`${otlpUrl}/v1/metrics`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: Buffer.from(JsonMetricsSerializer.serializeRequest(resourceMetrics) ?? []),
    })
    return response.status
  }
  protected override onForceFlush = (): Promise<void> => Promise.resolve()
  protected override onShutdown = (): Promise<void> => Promise.resolve()
}

describe.skipIf(reason !== undefined)(
  `the library’s own metrics${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    test('fire the same alerts through the Collector, from a counter that is born at 1', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-library-route-'))
      const config = join(folder, 'collector.yaml')
      writeFileSync(config, withoutCounting())
      await using backend = await startOtlpSink()
      await using collector = await startCollector({config, env: {JAEGER_OTLP: backend.url}})
      const webhook = await startWebhook()
      await using monitoring = await startMonitoring(
        programs as never,
        withoutJob(
          'otel-collector',
          quickMonitoring({
            metrics: collector.metrics,
            ownMetrics: collector.ownMetrics,
            libraryMetrics: collector.libraryMetrics,
            webhook: webhook.hostAndPort,
            jaegerUrl: 'http://127.0.0.1:16686',
          }),
        ),
      )
      const reader = new PushingReader()
      const meterProvider = new MeterProvider({
        readers: [reader],
        resource: resourceFromAttributes({
          'service.name': 'refund-agent',
          'service.instance.id': 'pod-1',
        }),
      })
      const checks = REFUND_CHECKS.map((check) => ({...check, severity: 'critical'}))
      const agent = traceAgent(collector.otlpTracesUrl, {
        options: {meterProvider, checks: checks as never},
      })
      try {
        await until('the first scrape', async () => {
          const url = `${monitoring.prometheusUrl}/api/v1/query?query=sum(up)`
          const {data} = (await (await fetch(url)).json()) as {data: {result: {value: string[]}[]}}
          return data.result[0]?.value[1] === '2' ? true : undefined
        })
        playRun(agent.tracer, {run: 'missed-condition'})
        await agent.flush()
        expect(await reader.push(collector.otlpUrl)).toBe(200)
        const alertOf = (name: string) =>
          until(
            name,
            () =>
              webhook.alerts.find(
                ({labels, status}) => labels['alertname'] === name && status === 'firing',
              ),
            60_000,
          )
        const page = await alertOf('ReasoningSignalCritical')
        expect(page.labels).toMatchObject({service: 'refund-agent', signal: 'check_missed'})
        expect((await alertOf('ReasoningChecksMissed')).annotations['summary']).toContain('33.33%')
        // Both from one sample: nothing went from 0 to 1.
        const samples = await scrape(collector.libraryMetrics)
        const labels = {job: 'refund-agent', instance: 'pod-1'}
        expect(total(samples, 'reasoning_signal_events_total', labels)).toBe(1)
        expect(total(samples, 'reasoning_calls_total', labels)).toBe(3)
      } finally {
        await agent.stop()
        await webhook.close()
        rmSync(folder, {recursive: true})
      }
    }, 120_000)
  },
)
