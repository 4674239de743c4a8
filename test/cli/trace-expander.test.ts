import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {JoinedLogs} from '../../src/cli/joined-logs.ts'
import {TraceExpander} from '../../src/cli/trace-expander.ts'
import {createJsonLinesParser} from '../../src/otlp/json-lines.ts'
import {type OtlpRequest, readRequest, writeRequest} from '../../src/otlp/request.ts'
import type {ExpandOptions} from '../../src/options.ts'
import {fixture} from './command-line.ts'
import {madeSpan} from './made-spans.ts'

const FILES = ['ai-sdk', 'openinference', 'openai-spans', 'openai-logs'].map((name) =>
  readFileSync(fixture(name), 'utf8').trim(),
)

const expandText = (text: string, options: ExpandOptions): {read: number; written: number} => {
  const requests: OtlpRequest[] = []
  const logs = new JoinedLogs()
  const parser = createJsonLinesParser({
    onValue: (value) => {
      const request = readRequest(value)
      if (request === undefined) return
      logs.add(request.logs)
      requests.push(request)
    },
    onError: () => {},
  })
  parser.feed(text)
  parser.end()
  const expander = new TraceExpander(logs.contributions, options)
  for (const {spans} of requests) expander.add(spans)
  let written = 0
  for (const request of requests) {
    const groups = request.spans.map((span) => expander.take(span))
    written += groups.length
    JSON.stringify(writeRequest(request, groups))
  }
  return {read: requests.reduce((sum, {spans}) => sum + spans.length, 0), written}
}

describe('files that were damaged', () => {
  const text = FILES.join('\n')
  const damage = fc.record({
    at: fc.nat(text.length - 1),
    length: fc.nat(20),
    by: fc.oneof(
      fc.string({unit: 'binary', maxLength: 8}),
      fc.constantFrom('"', '{', '}', '[', ']', 'null', '0', '\n'),
    ),
  })
  const content = fc.constantFrom('keep', 'mask', 'hash', 'length', 'drop' as const)

  test('never throw, and lose no span that could be read', () => {
    fc.assert(
      fc.property(fc.array(damage, {minLength: 1, maxLength: 6}), content, (damages, policy) => {
        let damaged = text
        for (const {at, length, by} of damages) {
          damaged = damaged.slice(0, at) + by + damaged.slice(at + length)
        }
        const {read, written} = expandText(damaged, {content: policy})
        expect(written).toBe(read)
      }),
      {numRuns: 300},
    )
  }, 60_000)
})

test('spans without a trace’s id are passed on as they are', () => {
  const span = madeSpan({
    id: '1',
    traceId: '',
    name: 'chat',
    from: 0,
    until: 9,
    attributes: {
      'gen_ai.output.messages': JSON.stringify([
        {role: 'assistant', parts: [{type: 'reasoning', content: 'The window is 30 days.'}]},
      ]),
    },
  })
  const expander = new TraceExpander(new Map(), {content: 'keep'})
  expander.add([span])
  expect(expander.take(span)).toEqual([span])
  expect(expander.counts).toEqual({calls: 0, spans: 0})
})

test('all of a trace is expanded together, others when they are asked for', () => {
  const call = (id: string, traceId: string, parent?: string) =>
    madeSpan({
      id,
      traceId: traceId.repeat(32),
      ...(parent === undefined ? {} : {parent}),
      name: 'chat',
      from: 0,
      until: 9,
      attributes: {
        'gen_ai.output.messages': JSON.stringify([
          {role: 'assistant', parts: [{type: 'reasoning', content: 'The window is 30 days.'}]},
        ]),
      },
    })
  const [outer, inner, other] = [call('1', 'a'), call('2', 'a', '1'), call('1', 'b')]
  const expander = new TraceExpander(new Map(), {content: 'keep'})
  expander.add([outer, other, inner])
  expect(expander.take(outer)).toEqual([outer])
  expect(expander.counts.calls).toBe(1)
  expect(expander.take(inner).length).toBeGreaterThan(1)
  expect(expander.take(other).length).toBeGreaterThan(1)
  expect(expander.counts.calls).toBe(2)
})
