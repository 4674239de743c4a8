import {createTraceState} from '@opentelemetry/api'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {MAX_VALUE_DEPTH} from '../../src/otlp/any-value.ts'
import {resourceFromOtlp, scopeFromOtlp, spanFromOtlp, spanToOtlp} from '../../src/otlp/json.ts'
import type {OtlpAnyValue, OtlpKeyValue, OtlpSpan} from '../../src/otlp/wire-types.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {otlpSpan} from './arbitraries.ts'

const resource = resourceFromOtlp({attributes: [{key: 'service.name', value: {stringValue: 's'}}]})
const scope = scopeFromOtlp({name: 'ai', version: '6'}, 'https://example.com/schema')
const read = (json: OtlpSpan): ReadableSpanLike => spanFromOtlp(resource, scope, json)

const SPAN: OtlpSpan = {
  traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
  spanId: '051581bf3cb55c13',
  parentSpanId: '5fb397be34d26b51',
  traceState: 'vendor=1',
  flags: 0x301,
  name: 'chat gpt-5',
  kind: 3,
  startTimeUnixNano: '1795474678336000123',
  endTimeUnixNano: '1795474680336000123',
  attributes: [{key: 'gen_ai.usage.output_tokens', value: {intValue: '12'}}],
  droppedAttributesCount: 2,
  events: [
    {
      timeUnixNano: '1795474679336000123',
      name: 'first chunk',
      attributes: [{key: 'a', value: {boolValue: true}}],
      droppedAttributesCount: 0,
    },
  ],
  droppedEventsCount: 1,
  links: [
    {
      traceId: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      spanId: 'bbbbbbbbbbbbbbbb',
      attributes: [],
      droppedAttributesCount: 0,
      flags: 0x101,
    },
  ],
  droppedLinksCount: 0,
  status: {code: 2, message: 'stopped'},
}

describe('reading', () => {
  test('every field is found', () => {
    const span = read(SPAN)
    expect(span).toMatchObject({
      name: 'chat gpt-5',
      kind: 2,
      parentSpanContext: {spanId: '5fb397be34d26b51', isRemote: true},
      startTime: [1_795_474_678, 336_000_123],
      endTime: [1_795_474_680, 336_000_123],
      duration: [2, 0],
      status: {code: 2, message: 'stopped'},
      attributes: {'gen_ai.usage.output_tokens': 12},
      events: [{time: [1_795_474_679, 336_000_123], name: 'first chunk', attributes: {a: true}}],
      links: [{context: {traceId: 'a'.repeat(32), spanId: 'b'.repeat(16)}}],
      ended: true,
      resource: {attributes: {'service.name': 's'}},
      instrumentationScope: {name: 'ai', version: '6', schemaUrl: 'https://example.com/schema'},
      droppedAttributesCount: 2,
      droppedEventsCount: 1,
    })
    expect(span.spanContext()).toMatchObject({
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      traceFlags: 1,
    })
    expect(span.spanContext().traceState?.serialize()).toBe('vendor=1')
    expect(span.spanContext()).toBe(span.spanContext())
  })

  test('names of enums and base64 ids are understood', () => {
    const span = read({
      traceId: 'W4qlotLIcugyHPNzCNad8g==',
      spanId: 'BRWBvzy1XBM=',
      kind: 'SPAN_KIND_SERVER',
      status: {code: 'STATUS_CODE_ERROR'},
    })
    expect(span.kind).toBe(1)
    expect(span.status.code).toBe(2)
    expect(span.spanContext().traceId).toBe('5b8aa5a2d2c872e8321cf37308d69df2')
    expect(spanToOtlp(span)).toMatchObject({
      traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
      spanId: '051581bf3cb55c13',
    })
  })

  test('a span without flags counts as sampled', () => {
    expect(read({flags: 0x100}).spanContext().traceFlags).toBe(1)
    expect(read({}).spanContext().traceFlags).toBe(1)
  })

  test('anything at all is read without a throw, and written again', () => {
    const field = fc.constantFrom(...Object.keys(SPAN), 'x')
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue({maxDepth: 5})), (json) => {
        const span = read(json as OtlpSpan)
        expect(typeof span.name).toBe('string')
        JSON.stringify(spanToOtlp(span))
      }),
    )
  })

  test('a value that lies too deep is taken out and counted', () => {
    let deep: OtlpAnyValue = {stringValue: 'secret'}
    for (let i = 0; i <= MAX_VALUE_DEPTH; i++) deep = {arrayValue: {values: [deep]}}
    const deepOne = [{key: 'deep', value: deep}]
    const span = read({...SPAN, attributes: deepOne, events: [{name: 'e', attributes: deepOne}]})
    expect(span.droppedAttributesCount).toBe(3)
    expect(JSON.stringify(spanToOtlp(span))).not.toContain('secret')
  })

  test('what a policy could not see is not carried along', () => {
    const attributes = [
      {key: 'output', value: {stringValue: 'secret'}},
      {key: 'output', value: {stringValue: 'shown'}},
      {key: 'future', value: {futureText: 'secret'}},
      {key: 'empty', value: {}},
    ] as OtlpKeyValue[]
    const span = read({...SPAN, attributes, events: [{name: 'e', attributes}]})
    expect(span.attributes).toEqual({output: 'shown'})
    expect(spanToOtlp(span)).toMatchObject({
      attributes: [attributes[1], attributes[3]],
      droppedAttributesCount: 4,
    })
    expect(JSON.stringify(spanToOtlp(span))).not.toContain('secret')
  })
})

describe('writing', () => {
  test('an unchanged span is written back as the very object that was read', () => {
    fc.assert(
      fc.property(otlpSpan, (json) => {
        expect(spanToOtlp(read(json))).toBe(json)
      }),
    )
  })

  test('a span of ours is written whole', () => {
    const source = read(SPAN)
    const context = {
      traceId: 'c'.repeat(32),
      spanId: 'd'.repeat(16),
      traceFlags: 1,
      traceState: createTraceState('vendor=1'),
    }
    const made: ReadableSpanLike = {
      name: 'reasoning plan',
      kind: 0,
      spanContext: () => context,
      parentSpanContext: source.spanContext(),
      startTime: [5, 6],
      endTime: [7, 8],
      duration: [2, 2],
      status: {code: 0},
      attributes: {n: 1, share: Number.NaN, list: ['a']},
      links: source.links,
      events: [{time: [5, 7], name: 'reasoning.signal'}],
      ended: true,
      resource,
      instrumentationScope: scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }
    expect(spanToOtlp(made)).toEqual({
      traceId: 'c'.repeat(32),
      spanId: 'd'.repeat(16),
      traceState: 'vendor=1',
      parentSpanId: SPAN.spanId,
      flags: 0x101,
      name: 'reasoning plan',
      kind: 1,
      startTimeUnixNano: '5000000006',
      endTimeUnixNano: '7000000008',
      attributes: [
        {key: 'n', value: {intValue: '1'}},
        {key: 'share', value: {doubleValue: 'NaN'}},
        {key: 'list', value: {arrayValue: {values: [{stringValue: 'a'}]}}},
      ],
      droppedAttributesCount: 0,
      events: [
        {
          timeUnixNano: '5000000007',
          name: 'reasoning.signal',
          attributes: [],
          droppedAttributesCount: 0,
        },
      ],
      droppedEventsCount: 0,
      links: SPAN.links,
      droppedLinksCount: 0,
      status: {code: 0},
    })
  })

  test('a span that is written and read again is the same span', () => {
    fc.assert(
      fc.property(otlpSpan, (json) => {
        const {[Object.getOwnPropertySymbols(read(json))[0] as never]: _, ...plain} = read(json)
        const again = read(spanToOtlp(plain as ReadableSpanLike))
        expect(again.attributes).toEqual(plain.attributes)
        expect(again.events).toEqual(plain.events)
        expect(again.links).toEqual(plain.links)
        expect(again.startTime).toEqual(plain.startTime)
        expect(again.endTime).toEqual(plain.endTime)
        expect(again.kind).toBe(plain.kind)
        expect(again.status).toEqual(plain.status)
        expect(again.parentSpanContext).toEqual(plain.parentSpanContext)
        expect(again.spanContext()).toEqual(plain.spanContext())
      }),
    )
  })

  test('a copy with other attributes and events keeps all the rest as it was', () => {
    fc.assert(
      fc.property(otlpSpan, (json) => {
        const span = read(json)
        const copy = Object.create(span, {
          attributes: {value: {...span.attributes, added: 'x'}, enumerable: true},
        }) as ReadableSpanLike
        const {attributes, ...rest} = spanToOtlp(copy)
        const {attributes: _, ...others} = json
        expect(rest).toEqual(others)
        expect(attributes?.at(-1)).toEqual({key: 'added', value: {stringValue: 'x'}})
      }),
    )
  })

  test('a changed event keeps what is unknown of it, others stay as they were', () => {
    const events = [
      {
        timeUnixNano: '1',
        name: 'a',
        attributes: [{key: 'x', value: {stringValue: 'secret'}}],
        z: 1,
      },
      {timeUnixNano: '2', name: 'b', attributes: [{key: 'x', value: {doubleValue: 1}}], z: 2},
      {timeUnixNano: '3', name: 'c', attributes: [], z: 3},
    ]
    const span = read({...SPAN, events})
    const [first, second, third] = span.events
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('events')
    const copy = Object.create(span, {
      // The first is left out, the second is another object, the third the very same.
      events: {value: [{...second, attributes: {...second.attributes, y: 1}}, third]},
    }) as ReadableSpanLike
    expect(spanToOtlp(copy).events).toEqual([
      {
        timeUnixNano: '2',
        name: 'b',
        attributes: [
          {key: 'x', value: {doubleValue: 1}},
          {key: 'y', value: {intValue: '1'}},
        ],
        droppedAttributesCount: 0,
        z: 2,
      },
      events[2],
    ])
  })

  test('other changes of a copy are written, too', () => {
    const copy = Object.create(read(SPAN), {
      name: {value: 'other'},
      status: {value: {code: 0}},
      endTime: {value: [9, 9]},
      links: {value: []},
      droppedAttributesCount: {value: 7},
    }) as ReadableSpanLike
    expect(spanToOtlp(copy)).toEqual({
      ...SPAN,
      name: 'other',
      status: {code: 0},
      endTimeUnixNano: '9000000009',
      links: [],
      droppedAttributesCount: 7,
    })
  })
})
