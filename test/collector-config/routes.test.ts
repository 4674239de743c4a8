import {describe, expect, test} from 'vitest'
import {REFUND_CHECKS} from '../../examples/refund-agent/checks.js'
import {METRICS} from '../../src/semconv.ts'
import {buildCollector} from '../backends/build.ts'
import {type Sample, scrape, startCollector, until} from '../backends/collector.ts'
import type {Point} from '../setup/metric-points.ts'
import {sdk2} from '../setup/sdk2.ts'
import {prometheusNames} from './names.ts'
import {playRun} from './refund-agent.ts'
import {traceAgent} from './traced-agent.ts'

const built = await buildCollector()
const fromSpans = METRICS.filter(({fromSpans: both}) => both)

/** Name and labels → value, in one form for both; durations by their count and their milliseconds. */
type Series = Record<string, number>

const keyOf = (name: string, labels: Record<string, unknown>): string => {
  const pairs = Object.entries(labels)
    .filter(([key, value]) => value !== '' && key.startsWith('reasoning'))
    .map(([key, value]) => `${key.replaceAll('.', '_')}=${String(value)}`)
  return `${name}{${pairs.toSorted().join()}}`
}

function seriesOfPoints(points: readonly Point[]): Series {
  const series: Series = {}
  for (const point of points) {
    const described = fromSpans.find(({name}) => name === point.name)
    if (described === undefined) continue
    const key = keyOf(point.name, point.attributes)
    if (described.instrument === 'histogram') {
      series[`${key} count`] = point.count
      series[`${key} ms`] = Math.round(point.value * 1_000)
    } else {
      series[key] = point.value
    }
  }
  return series
}

function seriesOfSamples(samples: readonly Sample[]): Series {
  const series: Series = {}
  for (const described of fromSpans) {
    for (const {name, labels, value} of samples) {
      if (!prometheusNames(described).includes(name)) continue
      const key = keyOf(described.name, labels)
      if (name.endsWith('_count')) series[`${key} count`] = value
      else if (name.endsWith('_sum')) series[`${key} ms`] = Math.round(value * 1_000)
      else if (!name.endsWith('_bucket')) series[key] = value
    }
  }
  return series
}

const postMetrics = (otlpUrl: string, name: string): Promise<Response> =>
  fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({
      resourceMetrics: [
        {
          resource: {attributes: [{key: 'service.name', value: {stringValue: 'refund-agent'}}]},
          scopeMetrics: [
            {
              scope: {name: 'otel-reasoning'},
              metrics: [
                {
                  name,
                  unit: '{span}',
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [{asInt: 1_000, timeUnixNano: `${Date.now()}000000`}],
                  },
                },
              ],
            },
          ],
        },
      ],
    }),
  })

describe.skipIf(built.path === undefined)(
  `counted from spans and by the library${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    test('are the same numbers, with the same labels', async () => {
      const {provider: meterProvider, collect} = sdk2.createMeterProvider()
      await using collector = await startCollector()
      const agent = traceAgent(collector.otlpTracesUrl, {
        options: {meterProvider, checks: REFUND_CHECKS as never},
      })
      for (const promptVersion of ['v1', 'v2']) {
        playRun(agent.tracer, {run: 'right-branch', promptVersion})
        playRun(agent.tracer, {run: 'missed-condition', promptVersion})
        await agent.flush()
      }
      await agent.stop()
      const byLibrary = seriesOfPoints(await collect())
      expect(Object.keys(byLibrary).length).toBeGreaterThan(30)
      expect(byLibrary[Object.keys(byLibrary).find((key) => /check_missed/.test(key)) ?? '']).toBe(
        1,
      )
      const calls = (series: Series): number =>
        Object.entries(series)
          .filter(([key]) => key.startsWith('reasoning.calls'))
          .reduce((sum, [, value]) => sum + value, 0)
      const fromCollector = await until('all calls', async () => {
        const series = seriesOfSamples(await scrape(collector.metrics))
        const keys = Object.keys(series).length
        const areThere =
          calls(series) === calls(byLibrary) && keys === Object.keys(byLibrary).length
        return areThere ? series : undefined
      })
      // Sums of thousands of roundings differ in the last digit.
      for (const key of Object.keys(byLibrary).filter((each) => each.endsWith(' ms'))) {
        expect(Math.abs((fromCollector[key] ?? NaN) - (byLibrary[key] ?? NaN)), key).toBeLessThan(2)
        delete fromCollector[key]
        delete byLibrary[key]
      }
      expect(fromCollector).toEqual(byLibrary)
    }, 60_000)

    test('do not count twice: of the library’s own metrics the Collector takes its health', async () => {
      await using collector = await startCollector()
      for (const name of ['reasoning.calls', 'reasoning.processor.drops', 'http.server.requests']) {
        expect((await postMetrics(collector.otlpUrl, name)).status).toBe(200)
      }
      const names = await until('the health', async () => {
        const found = (await scrape(collector.libraryMetrics)).map(({name}) => name)
        return found.includes('reasoning_processor_drops_total') ? found : undefined
      })
      expect(names).not.toContain('reasoning_calls_total')
      const counted = (await scrape(collector.metrics)).map(({name}) => name)
      expect(counted.filter((name) => name.startsWith('reasoning_'))).toEqual([])
      // Another service's metrics are none of our business: give them a pipeline of their own.
      expect(names).not.toContain('http_server_requests_total')
    }, 60_000)
  },
)
