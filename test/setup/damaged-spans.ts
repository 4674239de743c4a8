/** Spans that lack fields, or hold what does not belong there: made by hand, or by a broken SDK. */
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {chatSpan, makeSpan} from './make-span.ts'

const FIELDS = [
  'name',
  'kind',
  'spanContext',
  'startTime',
  'endTime',
  'status',
  'attributes',
  'links',
  'events',
  'duration',
  'resource',
  'instrumentationScope',
] as const

const THOUGHT = 'First I plan it. Wait, let me check that again. Therefore it is done.'

/** The same ones each time: short calls, long ones and others, each without one to three fields. */
export function damagedSpans(count: number): ReadableSpanLike[] {
  let seed = 7
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  return Array.from({length: count}, (_, i) => {
    const parts = {traceId: (i + 1).toString(16).padStart(32, '0'), parentSpanId: 'a'.repeat(16)}
    const whole = [
      chatSpan(THOUGHT, parts),
      chatSpan(`${THOUGHT} `.repeat(200), parts),
      makeSpan({...parts, attributes: {'url.full': 'http://x', list: ['a', 'b']}}),
    ][next(3)]
    const span: Record<string, unknown> = {...whole}
    for (let n = next(3); n >= 0; n -= 1) {
      const field = FIELDS[next(FIELDS.length)] as string
      span[field] = [undefined, null, 7, 'text', {}][next(5)]
    }
    return span as unknown as ReadableSpanLike
  })
}
