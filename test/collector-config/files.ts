/** The shipped files as the tests start them: other ports, and where it is said, other durations. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {configFolder} from '../backends/collector.ts'
import type {MonitoringFiles} from '../backends/monitoring.ts'

export const readConfig = (file: string): string => readFileSync(join(configFolder, file), 'utf8')

/**
 * Minutes become seconds, hours minutes: an alert that resolves after 15 minutes does so in a test
 * as well. Names of rules (`new5m`, `share:1h`) keep their meaning, for all of them change alike.
 */
const quickened = (yaml: string): string =>
  yaml.replace(/(?<![A-Za-z0-9_])(\d+)([mhd])\b/g, (_, count: string, unit: string) =>
    unit === 'm' ? `${count}s` : unit === 'h' ? `${count}m` : `${Number(count) * 24}m`,
  )

/** @throws Error where `from` does not stand there: the file and the test have parted */
function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`expected to find \`${from}\``)
  return text.replaceAll(from, to)
}

export interface Addresses {
  metrics: string
  ownMetrics: string
  libraryMetrics: string
  webhook: string
  jaegerUrl: string
}

/** Prometheus with 1 s between scrapes and evaluations, its rules and Alertmanager quickened. */
export function quickMonitoring(addresses: Addresses): MonitoringFiles {
  const {metrics, ownMetrics, libraryMetrics, webhook, jaegerUrl} = addresses
  return {
    prometheus: (alertmanager) => {
      let text = readConfig('prometheus/prometheus.yaml')
      text = replaced(text, 'scrape_interval: 5s', 'scrape_interval: 1s')
      text = replaced(text, 'evaluation_interval: 5s', 'evaluation_interval: 1s')
      text = replaced(text, '127.0.0.1:9093', alertmanager)
      text = replaced(text, '127.0.0.1:8889', metrics)
      text = replaced(text, '127.0.0.1:8890', libraryMetrics)
      return replaced(text, '127.0.0.1:8888', ownMetrics)
    },
    rules: replaced(
      quickened(readConfig('prometheus/rules.yaml')),
      'http://127.0.0.1:16686',
      jaegerUrl,
    ),
    alertmanager: replaced(quickened(readConfig('alertmanager.yaml')), '127.0.0.1:9099', webhook),
  }
}
