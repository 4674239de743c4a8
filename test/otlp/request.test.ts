import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readRequest, writeRequest} from '../../src/otlp/request.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {keyValues, otlpSpan} from './arbitraries.ts'

const ID = {traceId: '5b8aa5a2d2c872e8321cf37308d69df2', spanId: '051581bf3cb55c13'}

const must = (value: unknown) => {
  const request = readRequest(value)
  if (request === undefined) throw new Error('not read')
  return request
}

const unchanged = (value: unknown): unknown => {
  const request = must(value)
  return writeRequest(
    request,
    request.spans.map((span) => [span]),
  )
}

const request = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({attributes: keyValues, future: fc.nat()}),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({name: fc.string(), version: fc.string(), attributes: keyValues}),
          spans: fc.array(otlpSpan, {maxLength: 3}),
          schemaUrl: fc.webUrl(),
          future: fc.jsonValue(),
        }),
        {maxLength: 3},
      ),
      schemaUrl: fc.webUrl(),
    }),
    {maxLength: 3},
  ),
  beside: fc.jsonValue(),
})

test('a request that nothing changed is written as it was read, unknown fields included', () => {
  fc.assert(
    fc.property(request, (json) => {
      expect(unchanged(json)).toEqual(json)
    }),
    {numRuns: 50},
  )
})

test('anything at all is read without a throw', () => {
  const keys = ['resourceSpans', 'scopeSpans', 'spans', 'resourceLogs', 'scopeLogs', 'logRecords']
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      {depthSize: 'medium'},
      fc.jsonValue({maxDepth: 1}),
      fc.array(tie('value'), {maxLength: 3}),
      fc.dictionary(fc.constantFrom(...keys, 'scope', 'resource', 'x'), tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(json, (value) => {
      const read = readRequest(value)
      if (read === undefined) return
      const written = writeRequest(
        read,
        read.spans.map((span) => [span]),
      )
      expect(written.resourceSpans).toHaveLength(read.resourceSpans.length)
    }),
  )
})

test('what is no OTLP is told from an empty request', () => {
  for (const value of [null, 5, 'x', [], {}, {spans: []}, {resourceSpans: 5}]) {
    expect(readRequest(value)).toBeUndefined()
  }
  expect(must({resourceSpans: []})).toMatchObject({spans: [], logs: []})
  expect(must({resourceLogs: []})).toMatchObject({spans: [], logs: []})
})

describe('what query APIs answer', () => {
  const resourceSpans = [
    {resource: {attributes: []}, scopeSpans: [{scope: {name: 'a'}, spans: [ID]}]},
  ]

  test.each([
    ['Jaeger’s v3', {result: {resourceSpans}}],
    ['Tempo’s v2', {trace: {resourceSpans}}],
    ['Tempo’s v1', {batches: resourceSpans}],
  ])('%s is a request', (_, answer) => {
    expect(must(answer).spans.map((span) => span.spanContext().spanId)).toEqual([ID.spanId])
    expect(unchanged(answer)).toEqual({resourceSpans})
  })

  test('older names of the scope are read, and written as they are called now', () => {
    const old = {
      resourceSpans: [
        {instrumentationLibrarySpans: [{instrumentationLibrary: {name: 'a'}, spans: [ID]}]},
      ],
    }
    expect(must(old).spans[0]?.instrumentationScope.name).toBe('a')
    expect(unchanged(old)).toEqual({
      resourceSpans: [{scopeSpans: [{scope: {name: 'a'}, spans: [ID]}]}],
    })
  })
})

describe('spans that were made of others', () => {
  const json = {
    resourceSpans: [
      {
        resource: {attributes: [{key: 'service.name', value: {stringValue: 'one'}}]},
        scopeSpans: [
          {scope: {name: 'a'}, spans: [ID, {...ID, spanId: '1111111111111111'}]},
          {scope: {name: 'b'}, spans: [{...ID, spanId: '2222222222222222'}]},
        ],
      },
      {scopeSpans: [{scope: {name: 'c'}, spans: [{...ID, spanId: '3333333333333333'}]}]},
    ],
  }
  const read = must(json)
  const child = (parent: ReadableSpanLike, spanId: string): ReadableSpanLike =>
    Object.assign(Object.create(null), {
      ...parent,
      name: 'reasoning',
      spanContext: () => ({...parent.spanContext(), spanId}),
      instrumentationScope: {name: 'otel-reasoning', version: '1', schemaUrl: 'https://x'},
      parentSpanContext: parent.spanContext(),
      [Object.getOwnPropertySymbols(parent)[0] as symbol]: undefined,
    })
  const groups = read.spans.map((span, i) =>
    i === 1 ? [span] : [span, child(span, `${i}`.repeat(16).replace('0', 'f'))],
  )
  const written = writeRequest(read, groups)

  test('come in one scope group of their own, below the same resource', () => {
    expect(
      written.resourceSpans?.map((entry) => entry.scopeSpans?.map((g) => g.scope?.name)),
    ).toEqual([
      ['a', 'b', 'otel-reasoning'],
      ['c', 'otel-reasoning'],
    ])
    expect(written.resourceSpans?.[0]?.scopeSpans?.[2]).toMatchObject({
      scope: {name: 'otel-reasoning', version: '1'},
      schemaUrl: 'https://x',
    })
    expect(written.resourceSpans?.[0]?.scopeSpans?.[2]?.spans?.map((s) => s.parentSpanId)).toEqual([
      ID.spanId,
      '2222222222222222',
    ])
  })

  test('leave what they were made of as it was', () => {
    expect(written.resourceSpans?.[0]?.scopeSpans?.slice(0, 2)).toEqual(
      json.resourceSpans[0]?.scopeSpans,
    )
  })

  test('groups that do not fit the request are a mistake of the caller', () => {
    expect(() => writeRequest(read, [])).toThrow('one entry for each of the request')
  })
})
