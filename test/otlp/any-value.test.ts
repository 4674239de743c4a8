import type {Attributes} from '@opentelemetry/api'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  attributesFromOtlp,
  attributesOverOriginal,
  attributesToOtlp,
  MAX_VALUE_DEPTH,
  tooDeep,
  valueFromOtlp,
  valueToOtlp,
} from '../../src/otlp/any-value.ts'
import type {OtlpAnyValue, OtlpKeyValue} from '../../src/otlp/wire-types.ts'
import {anyValue, keyValues} from './arbitraries.ts'

const nested = (levels: number, leaf: OtlpAnyValue): OtlpAnyValue => {
  let value = leaf
  for (let i = 0; i < levels; i++) value = {arrayValue: {values: [value]}}
  return value
}

describe('reading', () => {
  test.each<[OtlpAnyValue, unknown]>([
    [{stringValue: ''}, ''],
    [{boolValue: false}, false],
    [{intValue: '42'}, 42],
    [{intValue: 42}, 42],
    [{intValue: '-7'}, -7],
    [{doubleValue: 0.5}, 0.5],
    [{doubleValue: 'Infinity'}, Infinity],
    [{doubleValue: 'NaN'}, Number.NaN],
    [{bytesValue: 'AQI='}, new Uint8Array([1, 2])],
    [{arrayValue: {}}, []],
    [{arrayValue: {values: [{stringValue: 'a'}, {}]}}, ['a', null]],
    [{kvlistValue: {values: [{key: 'a', value: {intValue: '1'}}]}}, {a: 1}],
    [{}, undefined],
  ])('%j is %j', (value, expected) => {
    expect(valueFromOtlp(value)).toEqual(expected)
  })

  test('anything at all is read without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        valueFromOtlp(value)
        expect(typeof attributesFromOtlp(value)).toBe('object')
        expect(tooDeep(value)).toBe(false)
      }),
    )
  })

  test('an attribute named __proto__ is an attribute', () => {
    const attributes = attributesFromOtlp([{key: '__proto__', value: {stringValue: 'x'}}])
    expect(Object.keys(attributes)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  test('lists deeper than the limit are told from those within it', () => {
    expect(tooDeep(nested(MAX_VALUE_DEPTH, {intValue: 1}))).toBe(false)
    expect(tooDeep(nested(MAX_VALUE_DEPTH + 1, {intValue: 1}))).toBe(true)
  })
})

describe('writing', () => {
  const written: [unknown, OtlpAnyValue][] = [
    ['a', {stringValue: 'a'}],
    [true, {boolValue: true}],
    [42, {intValue: '42'}],
    [0.5, {doubleValue: 0.5}],
    [1e20, {doubleValue: 1e20}],
    [Number.NaN, {doubleValue: 'NaN'}],
    [-Infinity, {doubleValue: '-Infinity'}],
    [9_007_199_254_740_993n, {intValue: '9007199254740993'}],
    [2n ** 80n, {stringValue: (2n ** 80n).toString()}],
    [new Uint8Array([1, 2]), {bytesValue: 'AQI='}],
    [['a', null], {arrayValue: {values: [{stringValue: 'a'}, {}]}}],
    [{a: 1}, {kvlistValue: {values: [{key: 'a', value: {intValue: '1'}}]}}],
    [null, {}],
    [() => 1, {}],
  ]

  test('each kind of value is written as OTLP says', () => {
    for (const [value, expected] of written) expect(valueToOtlp(value)).toEqual(expected)
  })

  test('what JSON cannot say never gets into it', () => {
    fc.assert(
      fc.property(
        fc.anything({withBigInt: true, withTypedArray: true, withDate: true}),
        (value) => {
          const json = JSON.stringify(valueToOtlp(value))
          expect(JSON.parse(json)).toEqual(valueToOtlp(value))
        },
      ),
    )
  })

  test('a circle ends', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(JSON.stringify(valueToOtlp(circle)).length).toBeGreaterThan(10)
  })

  test('a value reads back as it was', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const read = valueFromOtlp(value)
        expect(valueFromOtlp(valueToOtlp(read))).toEqual(read)
      }),
    )
  })

  test('undefined attributes are left out', () => {
    expect(attributesToOtlp({a: undefined, b: 'x'})).toEqual([
      {key: 'b', value: {stringValue: 'x'}},
    ])
    expect(attributesToOtlp(undefined)).toEqual([])
  })
})

describe('writing over what was read', () => {
  test('unchanged attributes are written as they were', () => {
    fc.assert(
      fc.property(keyValues, (list) => {
        const original = attributesFromOtlp(list)
        const readable = list.filter(({value}) => valueFromOtlp(value) !== undefined)
        expect(attributesOverOriginal({...original}, original, list)).toEqual(readable)
      }),
    )
  })

  test('an integral double stays a double beside a changed attribute', () => {
    const list: OtlpKeyValue[] = [
      {key: 'score', value: {doubleValue: 1}},
      {key: 'big', value: {intValue: '9007199254740993'}},
      {key: 'text', value: {stringValue: 'a'}},
    ]
    const original = attributesFromOtlp(list)
    const changed: Attributes = {...original, text: 'b', added: 3}
    expect(attributesOverOriginal(changed, original, list)).toEqual([
      list[0],
      list[1],
      {key: 'text', value: {stringValue: 'b'}},
      {key: 'added', value: {intValue: '3'}},
    ])
  })

  test('a key that stood twice is written once', () => {
    const list: OtlpKeyValue[] = [
      {key: 'a', value: {stringValue: 'secret'}},
      {key: 'a', value: {stringValue: 'last'}},
    ]
    const original = attributesFromOtlp(list)
    expect(original).toEqual({a: 'last'})
    expect(attributesOverOriginal({...original, b: 1}, original, list)).toEqual([
      list[1],
      {key: 'b', value: {intValue: '1'}},
    ])
  })

  test('a value of a kind that we do not know is kept, but not if it holds text', () => {
    const list = [
      {key: 'index', value: {futureIndex: 4}},
      {key: 'text', value: {futureText: 'secret'}},
      {key: 'empty', value: {}},
    ] as OtlpKeyValue[]
    expect(attributesOverOriginal({a: 1}, {}, list)).toEqual([
      list[0],
      list[2],
      {key: 'a', value: {intValue: '1'}},
    ])
  })
})
