/** `otel-reasoning doctor`: why there is or is no reasoning in each call of a model. */
import type {SpanContext} from '@opentelemetry/api'
import {nameOf, sourcesOf} from './bytes.ts'
import type {Command} from './command.ts'
import {type Diagnosis, diagnose, type Finding} from './diagnosis.ts'
import type {Mark} from './expanded-call.ts'
import {counted, formatCount} from './format.ts'
import {columnsOf, hasColor, write} from './io.ts'
import {
  gather,
  ofService,
  queryOf,
  SOURCE_HELP,
  SOURCE_OPTIONS,
  SOURCE_OPTIONS_HELP,
} from './sources.ts'
import {isReasoningSpan} from '../spans/reasoning-span.ts'
import {ATTR_BLOCK_COUNT} from '../semconv.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {paintLine, type Role, type Segment} from './style.ts'
import {wrapToWidth} from './text-width.ts'
import {TraceExpander} from './trace-expander.ts'

const HELP = `otel-reasoning doctor [SOURCE…]

Looks at each call of a model (spans and log events, in any order) and says which dialect was
recognised, where was looked, and why there is or is no reasoning; then what to do.

${SOURCE_HELP}

${SOURCE_OPTIONS_HELP}
  --json             one JSON line a call, and a last one {"summary": …}

Findings:
  text, summary       the model's own text, or the provider's summary of it
  redacted, encrypted, hidden
                      withheld, unreadable, or billed and not shown
  already_expanded    it has its reasoning spans: what is on them is told
  told_elsewhere      another span of the same call tells it
  capture_incomplete  attributes were dropped or cut: nothing can be said
  only_logs           content comes as log events, and they are missing
  content_off         no answer is recorded either
  none                an answer and no reasoning`

interface Look {
  mark: string
  role: Role
  /** For the summary. */
  words: string
}

const LOOKS: Readonly<Record<Finding, Look>> = {
  text: {mark: '✓', role: 'ok', words: 'with the model’s text'},
  summary: {mark: '✓', role: 'ok', words: 'with a summary'},
  already_expanded: {mark: '✓', role: 'ok', words: 'expanded before'},
  told_elsewhere: {mark: '·', role: 'dim', words: 'told by another span'},
  redacted: {mark: '○', role: 'info', words: 'redacted'},
  encrypted: {mark: '○', role: 'info', words: 'encrypted'},
  hidden: {mark: '○', role: 'info', words: 'hidden'},
  capture_incomplete: {mark: '▲', role: 'warning', words: 'capture incomplete'},
  only_logs: {mark: '▲', role: 'warning', words: 'log events missing'},
  content_off: {mark: '▲', role: 'warning', words: 'content capture off'},
  none: {mark: '–', role: 'dim', words: 'without reasoning'},
}

const MAX_KEYS = 6

const amounts = ({blocks, steps, textLength, reasoningTokens}: Diagnosis): string => {
  const parts = []
  if (blocks > 0) parts.push(counted(blocks, 'block'))
  if (steps > 0) parts.push(counted(steps, 'step'))
  if (textLength > 0) parts.push(counted(textLength, 'character'))
  if (reasoningTokens !== undefined) parts.push(`${formatCount(reasoningTokens)} reasoning tokens`)
  return parts.join(' · ')
}

const diagnosisLines = (diagnosis: Diagnosis, width: number): Segment[][] => {
  const {mark, role} = LOOKS[diagnosis.finding]
  const {keys} = diagnosis
  const shown = keys.slice(0, MAX_KEYS).join(', ')
  const more = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : ''
  const facts = [
    `${diagnosis.instrumentation || '(no scope)'} · dialect ${diagnosis.dialect ?? 'not recognised'}${diagnosis.hasLogs ? ' · with log events' : ''}`,
    ...(keys.length > 0
      ? [`looked at ${shown}${more}`]
      : diagnosis.expanded === undefined
        ? ['nothing to look at']
        : []),
  ]
  const found = amounts(diagnosis)
  return [
    [
      {text: `${mark} `, role},
      {text: diagnosis.name, role: 'name'},
      {text: `  ${diagnosis.traceId} ${diagnosis.spanId}`, role: 'dim'},
    ],
    [
      {text: `  ${diagnosis.finding.replaceAll('_', ' ')}`, role},
      {text: `: ${diagnosis.reason}`, role: 'plain'},
      ...(diagnosis.expanded?.marks ?? []).map((flag): Segment => ({
        text: ` · ${flag.replaceAll('_', ' ')}`,
        role: 'warning',
      })),
    ],
    ...(found === '' ? [] : [[{text: `  ${found}`, role: 'plain'} as const]]),
    ...facts
      .flatMap((fact) => wrapToWidth(fact, width - 2))
      .map((text): Segment[] => [{text: `  ${text}`, role: 'dim'}]),
    [],
  ]
}

interface Advice {
  instrumentation: string
  finding: Finding
  advice: string
  calls: number
}

interface Summary {
  calls: number
  traces: number
  findings: Partial<Record<Finding, number>>
  /** Calls with each mark of those that were expanded; absent where there is none. */
  marks?: Partial<Record<Mark, number>>
  advice: Advice[]
}

const summarise = (diagnoses: readonly Diagnosis[]): Summary => {
  const findings: Partial<Record<Finding, number>> = {}
  const marks: Partial<Record<Mark, number>> = {}
  const advice = new Map<string, Advice>()
  for (const {finding, instrumentation, expanded, advice: text} of diagnoses) {
    findings[finding] = (findings[finding] ?? 0) + 1
    for (const mark of expanded?.marks ?? []) marks[mark] = (marks[mark] ?? 0) + 1
    if (text === undefined) continue
    const key = JSON.stringify([instrumentation, finding, text])
    const known = advice.get(key)
    if (known === undefined) advice.set(key, {instrumentation, finding, advice: text, calls: 1})
    else known.calls++
  }
  return {
    calls: diagnoses.length,
    traces: new Set(diagnoses.map(({traceId}) => traceId)).size,
    findings,
    ...(Object.keys(marks).length === 0 ? {} : {marks}),
    advice: [...advice.values()].sort((a, b) => b.calls - a.calls),
  }
}

const summaryLines = (summary: Summary, width: number): Segment[][] => {
  const {calls, traces, findings, marks = {}, advice} = summary
  const lines: Segment[][] = [
    [
      {
        text: `${counted(calls, 'call')} of a model in ${counted(traces, 'trace')}`,
        role: 'heading',
      },
    ],
  ]
  for (const [finding, look] of Object.entries(LOOKS) as [Finding, Look][]) {
    const count = findings[finding]
    if (count === undefined) continue
    lines.push([
      {text: `  ${formatCount(count).padStart(6)} `, role: 'plain'},
      {text: `${look.mark} `, role: look.role},
      {text: look.words, role: 'plain'},
    ])
  }
  for (const [mark, count] of Object.entries(marks)) {
    lines.push([
      {text: `  ${formatCount(count).padStart(6)} `, role: 'plain'},
      {text: `▲ ${mark.replaceAll('_', ' ')}`, role: 'warning'},
    ])
  }
  if (advice.length > 0) lines.push([], [{text: 'What to do', role: 'heading'}])
  for (const {instrumentation, finding, advice: text, calls: concerned} of advice) {
    const {mark, role, words} = LOOKS[finding]
    lines.push([
      {text: `${mark} `, role},
      {
        text: `${instrumentation || '(no scope)'}, ${counted(concerned, 'call')} (${words})`,
        role: 'plain',
      },
    ])
    for (const line of wrapToWidth(text, width - 2)) lines.push([{text: `  ${line}`, role: 'dim'}])
  }
  return lines
}

const keyOf = (context: SpanContext | undefined): string =>
  context === undefined ? '' : `${context.traceId}:${context.spanId}`

/** @public */
export const doctor: Command = {
  help: HELP,
  options: SOURCE_OPTIONS,
  async run(positionals, values, io) {
    const sources = sourcesOf(positionals, io, 'doctor')
    const query = queryOf(values)
    const {gathered, requests} = await gather(sources, query, io, 'doctor')
    if (requests === 0) {
      io.stderr.write(`otel-reasoning doctor: no OTLP found in ${sources.map(nameOf).join(', ')}\n`)
      return 2
    }
    const {logs} = gathered
    const spans = ofService(gathered.spans, query.service)
    if (spans.length === 0 && (query.trace !== undefined || query.service !== undefined)) {
      io.stderr.write(`otel-reasoning doctor: no such trace in ${sources.map(nameOf).join(', ')}\n`)
      return 2
    }
    const expander = new TraceExpander(logs.contributions, {content: 'keep'})
    expander.add(spans)
    const byId = new Map(spans.map((span) => [keyOf(span.spanContext()), span]))
    const groups = spans.map((span) => expander.take(span))
    const told = new Set(
      groups.flatMap(([span, ...children]) =>
        children.length > 0 || Object.hasOwn(span.attributes, ATTR_BLOCK_COUNT)
          ? [keyOf(span.parentSpanContext)]
          : [],
      ),
    )
    const ownSpans = new Map<string, ReadableSpanLike[]>()
    for (const span of spans) {
      if (!isReasoningSpan(span)) continue
      const key = keyOf(span.parentSpanContext)
      const known = ownSpans.get(key)
      if (known === undefined) ownSpans.set(key, [span])
      else known.push(span)
    }
    const diagnoses = spans.flatMap((span, i) => {
      const key = keyOf(span.spanContext())
      const diagnosis = diagnose({
        span,
        parent: byId.get(keyOf(span.parentSpanContext)),
        isToldBelow: told.has(key),
        group: groups[i] ?? [span],
        ownSpans: ownSpans.get(key) ?? [],
        contributions: logs.contributions.get(key) ?? [],
      })
      return diagnosis === undefined ? [] : [diagnosis]
    })
    const summary = summarise(diagnoses)
    if (values['json'] === true) {
      for (const diagnosis of diagnoses) await write(io.stdout, `${JSON.stringify(diagnosis)}\n`)
      await write(io.stdout, `${JSON.stringify({summary})}\n`)
      return 0
    }
    const width = Math.min(columnsOf(io), 120)
    const color = hasColor(io)
    for (const diagnosis of diagnoses) {
      const lines = diagnosisLines(diagnosis, width)
      await write(io.stdout, lines.map((line) => `${paintLine(line, color)}\n`).join(''))
    }
    for (const line of summaryLines(summary, width)) {
      await write(io.stdout, `${paintLine(line, color)}\n`)
    }
    return 0
  },
}
