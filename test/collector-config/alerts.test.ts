import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {buildCollector, buildJaeger} from '../backends/build.ts'
import {
  type Collector,
  type ConfiguredJaeger,
  configFolder,
  scrape,
  startCollector,
  startConfiguredJaeger,
  total,
  until,
} from '../backends/collector.ts'
import {findTrace} from '../backends/jaeger-query.ts'
import {
  type Alert,
  findMonitoring,
  type Monitoring,
  startMonitoring,
  startWebhook,
  type Webhook,
} from '../backends/monitoring.ts'
import {REFUND_CHECKS} from '../../examples/refund-agent/checks.js'
import {quickMonitoring, readConfig} from './files.ts'
import {playRun} from './refund-agent.ts'
import {type TracedAgent, traceAgent} from './traced-agent.ts'

const [jaegerBuilt, collectorBuilt] = [await buildJaeger(), await buildCollector()]
const {programs, reason: noMonitoring} = findMonitoring()
const reason = jaegerBuilt.reason ?? collectorBuilt.reason ?? noMonitoring

/** What a person reads from the alert: the search that its link opens. */
async function followLink(link: string): Promise<string[]> {
  // Jaeger's page asks its API with the very parameters that stand in the page's address.
  const response = await fetch(link.replace('/search?', '/api/traces?'))
  const {data} = (await response.json()) as {data: {traceID: string}[]}
  return data.map((each) => each.traceID)
}

describe.skipIf(reason !== undefined)(
  `alerts that fire${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let jaeger: ConfiguredJaeger
    let collector: Collector
    let monitoring: Monitoring
    let webhook: Webhook
    let agent: TracedAgent
    let missed: string
    let critical: string
    let endedAt: number

    beforeAll(async () => {
      jaeger = await startConfiguredJaeger()
      collector = await startCollector({
        env: {JAEGER_OTLP: jaeger.otlpUrl, DECISION_WAIT_AFTER_ROOT: '1s'},
      })
      webhook = await startWebhook()
      monitoring = await startMonitoring(
        programs as never,
        quickMonitoring({
          metrics: collector.metrics,
          ownMetrics: collector.ownMetrics,
          libraryMetrics: collector.libraryMetrics,
          webhook: webhook.hostAndPort,
          jaegerUrl: jaeger.queryUrl,
        }),
      )
      agent = traceAgent(collector.otlpTracesUrl, {options: {checks: REFUND_CHECKS as never}})
      // Prometheus has seen the Collector before anything is counted: the counters are born later.
      await until('the first scrape', async () => {
        const url = `${monitoring.prometheusUrl}/api/v1/query?query=up`
        const {data} = (await (await fetch(url)).json()) as {data: {result: {value: unknown[]}[]}}
        return data.result.filter(({value}) => value[1] === '1').length === 3 ? true : undefined
      })
    })
    afterAll(async () => {
      await agent?.stop()
      await monitoring?.stop()
      await webhook?.close()
      await collector?.stop()
      await jaeger?.stop()
    })

    const alertOf = (alertname: string, status: Alert['status']): Promise<Alert> =>
      until(
        `${alertname} ${status}`,
        () =>
          webhook.alerts.find(
            (each) => each.labels['alertname'] === alertname && each.status === status,
          ),
        90_000,
      )

    // Both at once: the windows, the waiting and the resolving of the two alerts then overlap.
    test('a missed check: the alert names service and signal, and its link finds the trace', async () => {
      missed = playRun(agent.tracer, {run: 'missed-condition'})
      critical = playRun(agent.tracer, {run: 'right-branch'})
      agent.exporter.signals.set(critical, 'test_gaming')
      endedAt = Date.now()

      const alert = await alertOf('ReasoningChecksMissed', 'firing')
      const seconds = (alert.receivedAt - endedAt) / 1_000
      console.log(`missed check: ${seconds.toFixed(1)} s from the span's end to the webhook`)
      expect(alert.labels).toMatchObject({
        service: 'refund-agent',
        signal: 'check_missed',
        severity: 'ticket',
      })
      expect(alert.path).toBe('/tickets')
      expect(alert.annotations['summary']).toContain('refund-agent')
      expect(alert.annotations['runbook_url']).toBe('docs/runbooks.md#reasoningchecksmissed')

      const found = await until('the trace by its link', async () => {
        const traces = await followLink(alert.annotations['traces'] as string)
        return traces.length > 0 ? traces : undefined
      })
      expect(found).toEqual([missed])
      // The whole trace: agent, 3 calls, 2 tools, 3 blocks and their steps.
      const spans = await findTrace(jaeger.queryUrl, missed, {
        spans: agent.exporter.spanCount(missed),
      })
      expect(spans.filter(({name}) => name.startsWith('chat '))).toHaveLength(3)
      expect(spans.filter(({name}) => name === 'reasoning')).toHaveLength(3)
      expect(spans.filter(({name}) => name.startsWith('reasoning '))).not.toHaveLength(0)
      const checks = spans.flatMap(({events}) =>
        events.map(({attributes}) => attributes['reasoning.signal.check']),
      )
      expect(checks).toEqual(['opened_box'])
      expect(seconds).toBeLessThan(30)
    }, 60_000)

    test('the links of jaeger-ui.json on a step find its trace again', async () => {
      interface Tag {
        key: string
        value: unknown
      }
      const answer = await fetch(`${jaeger.queryUrl}/api/traces/${missed}`)
      const {data} = (await answer.json()) as {
        data: {
          spans: {tags: Tag[]; processID: string}[]
          processes: Record<string, {tags: Tag[]}>
        }[]
      }
      const {spans = [], processes = {}} = data[0] ?? {}
      const {linkPatterns} = JSON.parse(readConfig('jaeger-ui.json')) as {
        linkPatterns: {key: string; url: string; text: string}[]
      }
      expect(linkPatterns.length).toBeGreaterThan(1)
      for (const {key, url, text} of linkPatterns) {
        const span = spans.find(({tags}) => tags.some((tag) => tag.key === key))
        // As the page does it: a name is looked for on the span, then on its process.
        const known = [...(span?.tags ?? []), ...(processes[span?.processID ?? '']?.tags ?? [])]
        const link = `${url} ${text}`.replaceAll(/#\{([^}]+)\}/g, (whole, name: string) => {
          const tag = known.find((each) => each.key === name)
          return tag === undefined ? whole : encodeURIComponent(String(tag.value))
        })
        expect(link).not.toContain('#{')
        expect(await followLink(jaeger.queryUrl + (link.split(' ')[0] ?? ''))).toContain(missed)
      }
    }, 60_000)

    test('the commands of its runbook find the trace and silence the alert', async () => {
      const runbook = readFileSync(join(configFolder, '../docs/runbooks.md'), 'utf8')
        .split('## ReasoningChecksMissed')[1]
        ?.split('\n## ')[0]
      const commands = [...(runbook ?? '').matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text)
      expect(commands).toHaveLength(2)
      const run = (command: string | undefined, service = 'refund-agent'): string =>
        execFileSync(
          'bash',
          [
            '-c',
            (command ?? '')
              .replace('http://127.0.0.1:16686', jaeger.queryUrl)
              .replace('http://127.0.0.1:9093', monitoring.alertmanagerUrl),
          ],
          {encoding: 'utf8', env: {...process.env, SERVICE: service}},
        )
      // With a namespace, as the label has it: Jaeger knows the service without.
      const answer = JSON.parse(run(commands[0], 'shop/refund-agent')) as {
        data: {traceID: string}[]
      }
      expect(answer.data.map(({traceID}) => traceID)).toEqual([missed])
      const silence = run(commands[1]).trim()
      const amtool = programs?.amtool as string
      const server = [`--alertmanager.url=${monitoring.alertmanagerUrl}`, 'silence']
      const silences = execFileSync(amtool, [...server, 'query'], {encoding: 'utf8'})
      expect(silences).toContain('ReasoningChecksMissed')
      // The others of this file want to see it resolve.
      execFileSync(amtool, [...server, 'expire', silence])
    }, 60_000)

    test('a critical signal pages at once, and once more for the second one', async () => {
      const alert = await alertOf('ReasoningSignalCritical', 'firing')
      const seconds = (alert.receivedAt - endedAt) / 1_000
      console.log(`critical signal: ${seconds.toFixed(1)} s from the span's end to the webhook`)
      expect(alert.labels).toMatchObject({
        service: 'refund-agent',
        signal: 'test_gaming',
        severity: 'page',
      })
      expect(alert.path).toBe('/pager')
      await until('the trace by its link', async () => {
        const traces = await followLink(alert.annotations['traces'] as string)
        return traces.includes(critical) ? true : undefined
      })
      await alertOf('ReasoningSignalCritical', 'resolved')

      // Now the counter goes from 1 to 2.
      const second = playRun(agent.tracer, {run: 'wrong-branch'})
      agent.exporter.signals.set(second, 'test_gaming')
      await until(
        'a second page',
        () => {
          const pages = webhook.alerts.filter(
            (each) =>
              each.labels['alertname'] === 'ReasoningSignalCritical' && each.status === 'firing',
          )
          return pages.length > 1 ? true : undefined
        },
        60_000,
      )
      expect(seconds).toBeLessThan(30)
    }, 150_000)

    test('the counters are those that the spans say', async () => {
      const samples = await scrape(collector.metrics)
      const runs = 3
      expect(total(samples, 'reasoning_calls_total', {job: 'refund-agent'})).toBe(runs * 3)
      expect(total(samples, 'reasoning_blocks_total', {reasoning_visibility: 'full'})).toBe(
        runs * 3,
      )
      expect(total(samples, 'reasoning_tokens_total')).toBe(runs * 3 * 100)
      const steps = total(samples, 'reasoning_steps_total')
      expect(steps).toBe(total(samples, 'reasoning_step_duration_seconds_count'))
      // Agent, calls, tools and blocks are 9 a run; everything else is a step.
      expect(steps).toBe(agent.exporter.spanCount() - runs * 9)
      expect(total(samples, 'reasoning_block_duration_seconds_count')).toBe(runs * 3)
      const signals = (name: string) =>
        total(samples, 'reasoning_signal_events_total', {reasoning_signal_name: name})
      expect([signals('check_missed'), signals('test_gaming')]).toEqual([1, 2])
      const checks = (result: string) =>
        total(samples, 'reasoning_checks_total', {reasoning_check_result: result})
      expect(checks('missed')).toBe(1)
      expect(checks('met')).toBeGreaterThan(3)
    })

    test('the missed check resolves', async () => {
      const alert = await alertOf('ReasoningChecksMissed', 'resolved')
      expect(alert.path).toBe('/tickets')
    }, 90_000)
  },
)
