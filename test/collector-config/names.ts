/** Every expression in rules, dashboard and docs, and every name that may stand in one. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {configFolder} from '../backends/collector.ts'
import {ATTRIBUTES, type MetricDescription, METRICS} from '../../src/semconv.ts'
import {readConfig} from './files.ts'

export interface Rule {
  record?: string
  alert?: string
  expr: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

export const rules = (
  parse(readConfig('prometheus/rules.yaml')) as {groups: {rules: Rule[]}[]}
).groups.flatMap((group) => group.rules)

interface Panel {
  title: string
  targets?: {expr?: string; query?: string; queryType?: string}[]
  fieldConfig?: {defaults: {links?: {url: string}[]}}
}
interface Dashboard {
  panels: Panel[]
  templating: {list: {type: string; query: string | {query: string}}[]}
}
export const dashboard = JSON.parse(readConfig('grafana/dashboard.json')) as Dashboard

const docs = (file: string): string => readFileSync(join(configFolder, '../docs', file), 'utf8')
export const observability = docs('observability.md')
export const runbooks = docs('runbooks.md')

export interface Expression {
  from: string
  text: string
}

/** Code in the last column of the table of questions whose middle column says so. */
const questions = (language: string): Expression[] =>
  [...observability.matchAll(/^\|[^|]+\| (\w+) +\| (.*?) +\|$/gm)]
    .filter(([, column]) => column === language)
    .map(([, , cell]) => ({
      from: 'docs/observability.md',
      text: (cell ?? '').replace(/^`|`$/g, '').replaceAll(String.raw`\|`, '|'),
    }))

/** Grafana puts values in place of its variables before it asks. */
const withoutVariables = (text: string): string =>
  text
    .replaceAll(/\$__(?:rate_interval|range)/g, '5m')
    .replaceAll(/\$(?:\{[\w.:]+\}|\w+)/g, 'value')

const targets = dashboard.panels.flatMap((panel) =>
  (panel.targets ?? []).map((target) => ({panel: panel.title, ...target})),
)

export const promql: Expression[] = [
  ...rules.map(({expr, alert, record}) => ({from: alert ?? record ?? '', text: expr})),
  ...targets.flatMap(({panel, expr}) =>
    expr === undefined ? [] : [{from: `dashboard, ${panel}`, text: withoutVariables(expr)}],
  ),
  ...questions('PromQL'),
  ...[...runbooks.matchAll(/`([^`]*(?:_total|_bytes|_size|up\{)[^`]*)`/g)].map(([, text]) => ({
    from: 'docs/runbooks.md',
    text: text ?? '',
  })),
]

/** As a browser reads the address: a bare `&` would end the parameter. */
const panesQuery = (url: string): string[] => {
  const {searchParams} = new URL(url, 'http://grafana')
  const panes = JSON.parse(searchParams.get('panes') ?? '') as Record<
    string,
    {queries: {query: string}[]}
  >
  return Object.values(panes).flatMap(({queries}) => queries.map(({query}) => query))
}

export const traceql: Expression[] = [
  ...targets.flatMap(({panel, query, queryType}) =>
    queryType === 'traceql'
      ? [{from: `dashboard, ${panel}`, text: withoutVariables(query ?? '')}]
      : [],
  ),
  ...dashboard.panels.flatMap((panel) =>
    (panel.fieldConfig?.defaults.links ?? []).flatMap(({url}) =>
      panesQuery(url).map((query) => ({
        from: `link of ${panel.title}`,
        text: withoutVariables(query),
      })),
    ),
  ),
  ...questions('TraceQL'),
]

/** As the Prometheus exporter writes it: dots, the unit, `_total`. */
export function prometheusNames({name, instrument, unit}: MetricDescription): string[] {
  const suffix = {s: '_seconds', By: '_bytes'}[unit] ?? ''
  const base = name.replaceAll('.', '_') + suffix
  if (instrument === 'counter') return [`${base}_total`]
  if (instrument === 'histogram') return ['_bucket', '_sum', '_count'].map((end) => base + end)
  return [base]
}

export const metricNames = new Set(METRICS.flatMap(prometheusNames))
export const labelNames = new Set(
  METRICS.flatMap(({attributes}) => attributes).map((key) => key.replaceAll('.', '_')),
)
export const attributeKeys = new Set(ATTRIBUTES.map(({key}) => key))
