import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {buildCollector} from '../backends/build.ts'
import {configFolder} from '../backends/collector.ts'
import {findMonitoring} from '../backends/monitoring.ts'
import {SIGNAL_SEVERITY} from '../../src/model.ts'
import {DURATION_BUCKETS, METRICS} from '../../src/semconv.ts'
import {readConfig} from './files.ts'
import {
  attributeKeys,
  dashboard,
  labelNames,
  metricNames,
  observability,
  promql,
  rules,
  runbooks,
  traceql,
} from './names.ts'

const collector = await buildCollector()
const {programs, reason} = findMonitoring()
const skipped = (why: string | undefined): string => (why === undefined ? '' : ` (skipped: ${why})`)

const run = (command: string, args: string[], cwd = configFolder): string =>
  execFileSync(command, args, {cwd, encoding: 'utf8', stdio: 'pipe'})

describe.skipIf(collector.path === undefined)(
  `the Collector${skipped(collector.reason)} takes`,
  () => {
    test.each([
      ['collector-minimal.yaml', {}],
      ['collector.yaml', {}],
      ['collector.yaml', {TRACE_EXPORTERS: '[otlp_http/jaeger, otlp_http/tempo]'}],
      ['collector.yaml', {REASONING_TEXT: 'drop', KEEP_PERCENT: '12.5', DECISION_WAIT: '1h'}],
    ])('%s with %o', (file, env) => {
      const queue = mkdtempSync(join(tmpdir(), 'otel-reasoning-queue-'))
      const {status, stderr} = spawnSync(
        collector.path as string,
        ['validate', `--config=${join(configFolder, file)}`],
        {encoding: 'utf8', env: {...process.env, QUEUE_DIRECTORY: queue, ...env}},
      )
      rmSync(queue, {recursive: true})
      expect(stderr).toBe('')
      expect(status).toBe(0)
    })
  },
)

describe.skipIf(reason !== undefined)(`Prometheus and Alertmanager${skipped(reason)}`, () => {
  const {promtool, amtool} = programs ?? {promtool: '', amtool: ''}

  test('take the configuration and the rules', () => {
    expect(run(promtool, ['check', 'config', 'prometheus/prometheus.yaml'])).toContain('SUCCESS')
    expect(run(amtool, ['check-config', 'alertmanager.yaml'])).toContain('SUCCESS')
  })

  test('fire, resolve and stay quiet as their tests say', () => {
    const cwd = join(configFolder, 'prometheus')
    const files = ['rules_test.yaml', 'rules_changes_test.yaml']
    expect(run(promtool, ['test', 'rules', ...files], cwd)).not.toContain('FAILED')
  }, 60_000)

  test('route a page to the pager and everything else to tickets', () => {
    const routeOf = (...labels: string[]): string =>
      run(amtool, ['config', 'routes', 'test', '--config.file=alertmanager.yaml', ...labels]).trim()
    for (const {labels} of rules.filter(({alert}) => alert !== undefined)) {
      const severity = labels?.['severity'] ?? ''
      expect(routeOf(`severity=${severity}`)).toBe(severity === 'page' ? 'pager' : 'tickets')
    }
    expect(routeOf('severity=unheard-of')).toBe('tickets')
  })

  test('parse every PromQL expression of rules, dashboard and docs', () => {
    expect(promql.length).toBeGreaterThan(50)
    const file = join(mkdtempSync(join(tmpdir(), 'otel-reasoning-promql-')), 'rules.yaml')
    // JSON is YAML. The name of a rule says where its expression stands.
    writeFileSync(
      file,
      JSON.stringify({
        groups: [
          {
            name: 'all',
            rules: promql.map(({from, text}, i) => ({
              record: `expression_${i}`,
              expr: text,
              labels: {from},
            })),
          },
        ],
      }),
    )
    const {status, stderr} = spawnSync(promtool, ['check', 'rules', file], {encoding: 'utf8'})
    rmSync(join(file, '..'), {recursive: true})
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})

describe('names', () => {
  const collectorOwn = /^(?:otelcol_|up$)/
  const recorded = new Set(rules.flatMap(({record}) => record ?? []))
  /** What is no name: functions, words of the language, and what stands in quotes. */
  const words = /\b[a-zA-Z_:][\w:]*\b/g
  const language = new Set(
    (
      'sum by on or and unless offset increase rate deriv avg_over_time sum_over_time ' +
      'count_over_time last_over_time label_replace ' +
      'histogram_quantile group_left le job instance exporter lost'
    ).split(' '),
  )

  test('of metrics and labels in PromQL are those of semconv, or recorded by the rules', () => {
    for (const {from, text} of promql) {
      const names = text
        .replaceAll(/"[^"]*"/g, '')
        .replaceAll(/\[[\w:]+\]|(?<![\w:])\d\w*/g, '')
        .match(words)
      const unknown = (names ?? []).filter(
        (name) =>
          !language.has(name) &&
          !metricNames.has(name) &&
          !labelNames.has(name) &&
          !recorded.has(name) &&
          !collectorOwn.test(name),
      )
      expect(unknown, `${from}: ${text}`).toEqual([])
    }
  })

  test('of attributes in TraceQL and in the docs are those of semconv', () => {
    expect(traceql.length).toBeGreaterThan(10)
    for (const {from, text} of traceql) {
      const keys = [...text.matchAll(/\b(?:span|event)\.([\w.]+)/g)].map(([, key]) => key ?? '')
      expect(
        keys.filter((key) => !attributeKeys.has(key)),
        `${from}: ${text}`,
      ).toEqual([])
      expect(text).not.toMatch(/\breasoning\.[\w.]+/.test(text) && keys.length === 0 ? /./ : /^$/)
    }
    const metrics = new Set(METRICS.map(({name}) => name))
    for (const text of [observability, runbooks]) {
      const keys = [...text.matchAll(/`(reasoning\.[\w.]+)/g)].map(([, key]) => key ?? '')
      const known = (key: string): boolean =>
        attributeKeys.has(key) || metrics.has(key) || key === 'reasoning.signal'
      expect(keys.filter((key) => !known(key))).toEqual([])
    }
  })

  test('of the values in the dashboard’s variables are known', () => {
    const queries = dashboard.templating.list.flatMap(({query}) =>
      typeof query === 'string' ? [] : [query.query],
    )
    for (const query of queries) {
      const [, metric, label] = /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(query) ?? []
      expect(metricNames).toContain(metric)
      expect([...labelNames, 'job']).toContain(label)
    }
  })

  test('in collector.yaml are the metrics of semconv, with their units, labels and buckets', () => {
    interface Counted {
      name: string
      unit: string
      attributes: {key: string}[]
      histogram?: {buckets: number[]}
    }
    const {connectors} = parse(readConfig('collector.yaml')) as {
      connectors: {
        count: {spanevents: Record<string, {attributes: {key: string}[]}>}
        signal_to_metrics: {spans: Counted[]}
      }
    }
    const counted = connectors.signal_to_metrics.spans
    const events = Object.entries(connectors.count.spanevents)
    const names = new Set([...counted.map(({name}) => name), ...events.map(([name]) => name)])
    expect([...names].toSorted()).toEqual(
      METRICS.filter(({fromSpans}) => fromSpans)
        .map(({name}) => name)
        .toSorted(),
    )
    for (const {name, attributes, unit, histogram} of counted) {
      const described = METRICS.find((each) => each.name === name)
      expect(attributes.map(({key}) => key)).toEqual(described?.attributes)
      expect(unit).toBe(described?.unit)
      expect(histogram !== undefined).toBe(described?.instrument === 'histogram')
      if (histogram !== undefined) expect(histogram.buckets).toEqual(DURATION_BUCKETS)
    }
    for (const [name, {attributes}] of events) {
      const described = METRICS.find((each) => each.name === name)
      expect(attributes.map(({key}) => key)).toEqual(described?.attributes)
    }
  })

  test('in jaeger-ui.json are attributes of ours', () => {
    const ui = JSON.parse(readConfig('jaeger-ui.json')) as {
      topTagPrefixes: string[]
      linkPatterns: {key: string; url: string}[]
    }
    for (const key of [...ui.topTagPrefixes, ...ui.linkPatterns.map((link) => link.key)]) {
      expect(attributeKeys).toContain(key)
    }
    for (const {key, url} of ui.linkPatterns) expect(url).toContain(`#{${key}}`)
  })

  test('of signals and severities in test-signal.mjs are those of the library', () => {
    const listed = [
      ...readConfig('test-signal.mjs').matchAll(/^ {2}(\w+): '(critical|warning)',$/gm),
    ]
    expect(Object.fromEntries(listed.map(([, name, severity]) => [name, severity]))).toEqual(
      Object.fromEntries(
        Object.entries(SIGNAL_SEVERITY).filter(([, severity]) => severity !== 'info'),
      ),
    )
    const keys = [...readConfig('test-signal.mjs').matchAll(/'(reasoning\.[\w.]+)'/g)]
    const known = (key: string): boolean =>
      attributeKeys.has(key) || key === 'reasoning.signal' || !key.startsWith('reasoning.')
    expect(keys.map(([, key]) => key ?? '').filter((key) => !known(key))).toEqual([])
  })
})

describe('each alert', () => {
  const alerts = rules.filter(({alert}) => alert !== undefined)
  const ruleTests =
    readConfig('prometheus/rules_test.yaml') + readConfig('prometheus/rules_changes_test.yaml')

  test.each(alerts.map((rule) => [rule.alert as string, rule] as const))(
    '%s has a severity, a summary, a section of its own in the runbooks, and a way to its traces',
    (name, {labels, annotations}) => {
      expect(['page', 'ticket']).toContain(labels?.['severity'])
      expect(annotations?.['summary']).not.toBe('')
      expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${name.toLowerCase()}`)
      const section = runbooks.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? ''
      for (const part of ['Means:', 'Does not mean:', 'Look at:', 'Silence it:']) {
        expect(section).toContain(`**${part}**`)
      }
      expect(section).toContain(`silence add alertname=${name} `)
      const isLoss = /^Reasoning(?:Collector|Spool|SpansDropped)/.test(name)
      expect(section.includes('**Find the trace:**')).toBe(!isLoss)
      expect(annotations?.['traces'] !== undefined).toBe(!isLoss)
      expect(observability).toContain(`\`${name}\``)
      expect(ruleTests).toContain(`alertname: ${name}`)
    },
  )

  test('has no section in the runbooks that none needs', () => {
    const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(sections).toEqual(alerts.map(({alert}) => alert))
  })
})

describe('compose.yaml, which cannot be run here', () => {
  interface Service {
    image: string
    environment?: Record<string, string>
    volumes?: string[]
    configs?: {source: string; target: string}[]
  }
  interface Compose {
    services: Record<string, Service>
    configs: Record<string, {content: string}>
    volumes: Record<string, object>
  }
  const compose = parse(readConfig('compose.yaml')) as Compose

  test('has fields of the Compose specification and no others', () => {
    expect(Object.keys(compose).toSorted()).toEqual(['configs', 'name', 'services', 'volumes'])
    const fields = new Set(
      'image command environment volumes configs ports restart user depends_on'.split(' '),
    )
    for (const service of Object.values(compose.services)) {
      expect(Object.keys(service).filter((field) => !fields.has(field))).toEqual([])
    }
  })

  test('pins every image to a version', () => {
    for (const {image} of Object.values(compose.services)) {
      expect(image).toMatch(/^[\w/.-]+:v?\d+\.\d+\.\d+$/)
    }
  })

  test('mounts files and volumes that there are, at the very paths that the commands name', () => {
    for (const service of Object.values(compose.services)) {
      for (const volume of service.volumes ?? []) {
        const source = volume.split(':')[0] ?? ''
        if (source.startsWith('./')) expect(existsSync(join(configFolder, source))).toBe(true)
        else expect(Object.keys(compose.volumes)).toContain(source)
      }
      for (const {source} of service.configs ?? []) {
        expect(Object.keys(compose.configs)).toContain(source)
      }
    }
  })

  test('sets variables that the files read', () => {
    for (const [name, file] of [
      ['collector', 'collector.yaml'],
      ['jaeger', 'jaeger.yaml'],
    ] as const) {
      for (const variable of Object.keys(compose.services[name]?.environment ?? {})) {
        expect(readConfig(file)).toContain(`\${env:${variable}:-`)
      }
    }
  })

  test('gives Prometheus what prometheus.yaml says, but for the addresses', () => {
    const addresses: Record<string, string> = {
      'alertmanager:9093': '127.0.0.1:9093',
      'collector:8889': '127.0.0.1:8889',
      'collector:8890': '127.0.0.1:8890',
      'collector:8888': '127.0.0.1:8888',
    }
    let text = compose.configs['prometheus']?.content ?? ''
    for (const [there, here] of Object.entries(addresses)) text = text.replace(there, here)
    expect(parse(text)).toEqual(parse(readConfig('prometheus/prometheus.yaml')))
  })

  test('is among files that all say what they are for and what to change', () => {
    const files = readdirSync(configFolder, {recursive: true, encoding: 'utf8'})
    for (const file of files.filter((each) => each.endsWith('.yaml'))) {
      if (file.endsWith('_test.yaml')) continue
      expect(readConfig(file).slice(0, 1_500), file).toMatch(/^# [\s\S]*# What to change/)
    }
  })
})
