/** The table of `docs/instrumentations.md`, from a run over the corpus. */
import type {Visibility} from '../../src/model.ts'
import {captureCase} from './corpus.ts'
import type {Case} from './corpus.ts'

/** What one case of the corpus gave. */
interface Outcome {
  streaming: boolean
  /** Visibilities in the order of the model, each once. */
  visibilities: Visibility[]
  dialect: string
  /** Reasoning text was sent to the instrumentation. */
  sent: boolean
  /** It arrived in logs and not on the span. */
  fromLogs: boolean
  /** Parts that were sent apart came as one. */
  joined: boolean
  /** A redacted block was sent and nothing tells of it. */
  lostRedacted: boolean
}

function outcomeOf(item: Case): Outcome {
  const {blocks} = captureCase(item)
  const {blocks: onSpans} = captureCase({...item, logs: []})
  const readable = blocks.filter(({text}) => text !== '')
  const readableOnSpans = onSpans.filter(({text}) => text !== '')
  return {
    streaming: item.streaming,
    visibilities: [...new Set(blocks.map(({visibility}) => visibility))],
    dialect: blocks[0]?.source ?? '',
    sent: item.texts.length > 0,
    fromLogs: readable.length > readableOnSpans.length,
    lostRedacted:
      item.visibility === 'redacted' && !blocks.some(({visibility}) => visibility === 'redacted'),
    joined: readable.length > 0 && readable.length < item.texts.length,
  }
}

const isReadable = (visibility: Visibility): boolean =>
  visibility === 'full' || visibility === 'summary'

/** `traceloop` and others under the names that people install. */
const packageOf = (release: string): string => {
  const [, language, rest] = /^(js|py)-(.*)$/.exec(release) as unknown as [string, string, string]
  const [name = '', version = ''] = rest.split('@')
  const scoped = name
    .replace(/^arizeai-openinference/, '@arizeai/openinference')
    .replace(/^opentelemetry-instrumentation-openai$/, (whole) =>
      language === 'js' ? '@opentelemetry/instrumentation-openai' : whole,
    )
    .replace(/^traceloop-instrumentation/, '@traceloop/instrumentation')
    .replace(/^anthropic-ai-sdk$/, '@anthropic-ai/sdk')
    .replace(/^ai-sdk-otel-legacy$/, '@ai-sdk/otel (legacy telemetry)')
    .replace(/^ai-sdk-otel$/, '@ai-sdk/otel')
  return `${scoped} ${version}${language === 'py' ? ' (Python)' : ''}`
}

function capturedCell(outcomes: readonly Outcome[]): string {
  const shown = new Set(outcomes.flatMap(({visibilities}) => visibilities))
  const names = ['full', 'summary', 'redacted', 'encrypted', 'hidden'].filter((name) =>
    shown.has(name as Visibility),
  )
  return names.length === 0 ? '—' : names.join(' + ')
}

function notesCell(outcomes: readonly Outcome[]): string {
  const notes: string[] = []
  const reads = (streaming: boolean): boolean =>
    outcomes.some((one) => one.streaming === streaming && one.visibilities.some(isReadable))
  const sent = outcomes.some((one) => one.sent)
  if (!sent) notes.push('no text is sent')
  else if (!reads(true) && !reads(false)) notes.push('dropped by the instrumentation')
  else if (!reads(true)) notes.push('lost when streaming')
  else if (!reads(false)) notes.push('lost when not streaming')
  if (outcomes.some(({fromLogs}) => fromLogs)) notes.push('in log events only')
  if (outcomes.some(({lostRedacted}) => lostRedacted)) notes.push('no trace of the redacted block')
  if (outcomes.some(({joined}) => joined)) notes.push('parts come joined')
  return notes.join('; ')
}

/** Renders the table: a row an instrumentation and provider, over all variants of the corpus. */
export function supportTable(cases: readonly Case[]): string {
  const rows = new Map<string, Outcome[]>()
  for (const item of cases) {
    const key = `${packageOf(item.release)} | ${item.provider}`
    rows.set(key, [...(rows.get(key) ?? []), outcomeOf(item)])
  }
  const lines = [
    '| instrumentation | provider | captured | dialect | notes |',
    '|---|---|---|---|---|',
  ]
  for (const [key, outcomes] of rows) {
    const dialects = [...new Set(outcomes.map(({dialect}) => dialect))].filter(
      (name) => name !== '',
    )
    const cells = [key, capturedCell(outcomes), dialects.join(', '), notesCell(outcomes)]
    lines.push(`| ${cells.join(' | ')} |`)
  }
  return lines.join('\n')
}
