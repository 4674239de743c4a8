/** The corpus of what real instrumentations emitted, read as the product reads it. */
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {HrTime} from '@opentelemetry/api'
import {captureLogRecord} from '../../src/capture/log.ts'
import {captureSpan} from '../../src/capture/span/index.ts'
import type {CapturableSpan} from '../../src/capture/span/index.ts'
import {settledVisibility} from '../../src/capture/visibility.ts'
import type {CapturedCall, ReasoningBlock, ToolCall} from '../../src/model.ts'

interface FixtureSpan {
  spanId: string
  parentSpanId?: string
  scope: string
  name: string
  startTime: HrTime
  dropped?: number
  attributes: Record<string, never>
  events: {name: string; time: HrTime; attributes: Record<string, never>}[]
}

interface FixtureLog {
  spanId: string
  scope: string
  eventName?: string
  body?: unknown
  attributes: Record<string, unknown>
}

/** One run of one instrumentation against one provider. */
export interface Case {
  release: string
  case: string
  provider: string
  model: string
  streaming: boolean
  /** What the mock provider sent, part by part. */
  texts: string[]
  visibility: 'full' | 'summary' | 'redacted' | 'encrypted' | 'none'
  tokens: number
  tokensWhere: string[]
  toolCalls: {name: string; arguments: unknown}[]
  /** Whether the reasoning of every call stands somewhere in spans or logs. */
  found: 'full' | 'partial' | 'absent'
  answerCaptured: boolean
  spans: FixtureSpan[]
  logs: FixtureLog[]
}

const FOLDER = join(import.meta.dirname, '../fixtures/instrumentations')

/** Every case, in the order of releases and names. */
export const loadCases = (): Case[] =>
  readdirSync(FOLDER)
    .toSorted()
    .flatMap((file) =>
      readFileSync(join(FOLDER, file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => ({...(JSON.parse(line) as Case), release: file.replace(/\.jsonl$/, '')})),
    )

/** A fixture's span as the SDK would hand it over. */
export const toSpan = (span: FixtureSpan): CapturableSpan => ({
  name: span.name,
  attributes: span.attributes,
  events: span.events,
  instrumentationScope: {name: span.scope},
  droppedAttributesCount: span.dropped ?? 0,
  startTime: span.startTime,
})

/** What was captured from a case, after ancestors' repetitions are taken out. */
export interface Captured {
  calls: CapturedCall[]
  blocks: ReasoningBlock[]
  toolCalls: ToolCall[]
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

const blocksOf = (call: CapturedCall | undefined): ReasoningBlock[] =>
  (call?.items ?? []).flatMap((item) => (item.type === 'reasoning' ? [item.block] : []))

/**
 * Captures a case's spans and logs. What an ancestor repeats of its descendants is dropped, as the
 * caller of the capture does it, and a log's blocks take the place of a span's that shows none.
 */
export function captureCase({spans, logs}: Case): Captured {
  const calls: CapturedCall[] = []
  const blocks: ReasoningBlock[] = []
  const toolCalls: ToolCall[] = []
  const bySpan = new Map(spans.map((span) => [span.spanId, captureSpan(toSpan(span))]))
  const below = (spanId: string): string[] =>
    spans
      .filter(({parentSpanId}) => parentSpanId === spanId)
      .flatMap((child) => [child.spanId, ...below(child.spanId)])
  for (const {spanId} of spans) {
    const call = bySpan.get(spanId)
    if (call === undefined) continue
    const repeated = new Set(
      below(spanId).flatMap((id) => blocksOf(bySpan.get(id)).map(({text}) => withoutSpace(text))),
    )
    const own = blocksOf(call).filter(({text}) => !repeated.has(withoutSpace(text)))
    const fromLogs = logs
      .filter((log) => log.spanId === spanId)
      .flatMap((log) => {
        const told = captureLogRecord({...log, instrumentationScope: {name: log.scope}})
        if (told !== undefined) calls.push(told)
        for (const item of told?.items ?? [])
          if (item.type === 'tool_call') toolCalls.push(item.call)
        return blocksOf(told)
      })
      .map((block) => ({...block, visibility: settledVisibility(block.visibility, call)}))
    const known = new Set(own.map(({text}) => withoutSpace(text)))
    calls.push(call)
    blocks.push(...own, ...fromLogs.filter(({text}) => !known.has(withoutSpace(text))))
    for (const item of call.items) if (item.type === 'tool_call') toolCalls.push(item.call)
  }
  return {calls, blocks, toolCalls}
}
