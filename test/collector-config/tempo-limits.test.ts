/**
 * Tempo cannot be started here, so what it does to spans is done to ours: strings cut by bytes, traces
 * refused by size, spans that ended too long ago not counted. What each limit is stands in `tempo.yaml`.
 */
import {ProtobufTraceSerializer} from '@opentelemetry/otlp-transformer'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {expandSpan} from '../../src/expand.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {makeSpan} from '../setup/make-span.ts'
import {readConfig} from './files.ts'

interface TempoConfig {
  distributor: {max_attribute_bytes: number}
  metrics_generator: {metrics_ingestion_time_range_slack: string}
  overrides: {defaults: {global: {max_bytes_per_trace: number}}}
}
const tempo = parse(readConfig('tempo.yaml')) as TempoConfig

const utf8 = new TextEncoder()
/** As the distributor cuts: bytes, in the middle of a character if need be. */
const isCut = (value: unknown): boolean =>
  typeof value === 'string' && utf8.encode(value).length > tempo.distributor.max_attribute_bytes

const sizeOf = (spans: readonly ReadableSpanLike[]): number =>
  ProtobufTraceSerializer.serializeRequest(spans as never)?.length ?? 0

/** A call that thought more than a call can show: 80 steps, each longer than the longest text. */
function longestCall(sentence: string): ReadableSpanLike[] {
  const step = `${sentence.repeat(80)}. `
  const text = step.repeat(80)
  const steps = Array.from({length: 80}, (_, i) => ({
    start: i * step.length,
    end: (i + 1) * step.length,
    kind: i % 2 === 0 ? ('verify' as const) : ('infer' as const),
  }))
  const block = {text, visibility: 'full' as const, source: 'recorder', steps}
  return expandSpan(makeSpan({name: 'chat m'}), [block]).slice(1)
}

describe('the limits of Tempo, simulated', () => {
  test.each([
    ['ASCII', 'the customer bought the speaker in March '],
    ['four bytes a character', '𝛼𝛽𝛾𝛿 👩‍👩‍👧‍👦 und so weiter '],
    ['CJK', '顧客は三月にスピーカーを購入した '],
  ])('no string of our spans is cut: %s', (_, sentence) => {
    const spans = longestCall(sentence)
    expect(spans).toHaveLength(65)
    for (const span of spans) {
      const values = [
        ...Object.values(span.attributes),
        ...span.events.flatMap((event) => Object.values(event.attributes ?? {})),
        ...Object.values(span.resource.attributes ?? {}),
      ]
      expect(values.filter(isCut)).toEqual([])
    }
    // Some text is as long as it may be, or the test would show nothing.
    const longest = Math.max(
      ...spans.map((span) => utf8.encode(String(span.attributes['reasoning.text'] ?? '')).length),
    )
    expect(longest).toBeGreaterThan(1_900)
  })

  test('a trace of the shipped size holds 200 of the longest calls, one of the default size 20', () => {
    const bytes = sizeOf(longestCall('the customer bought the speaker in March '))
    console.log(`the longest call: ${(bytes / 1_000).toFixed(0)} KB of reasoning spans`)
    expect(200 * bytes).toBeLessThan(tempo.overrides.defaults.global.max_bytes_per_trace)
    expect(20 * bytes).toBeLessThan(5_000_000)
  })

  test('steps of a call of ten minutes are within the slack that tempo.yaml sets, not within the default', () => {
    const tenMinutes = 600
    const now = Math.floor(Date.now() / 1_000)
    const call = makeSpan({
      name: 'chat m',
      startTime: [now - tenMinutes, 0],
      endTime: [now, 0],
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [
              {
                type: 'reasoning',
                content: 'First I need a plan. Wait, let me check that. So it holds.',
              },
            ],
          },
        ]),
      },
    })
    const ages = expandSpan(call)
      .slice(1)
      .map((span) => now - span.endTime[0])
    const slack = tempo.metrics_generator.metrics_ingestion_time_range_slack
    expect(slack).toMatch(/^\d+m$/)
    const slackSeconds = Number.parseInt(slack, 10) * 60
    expect(ages.filter((age) => age > slackSeconds)).toEqual([])
    expect(ages.filter((age) => age > 30).length).toBeGreaterThan(0)
  })
})
