import fc from 'fast-check'
import {expect, test} from 'vitest'
import {logFromOtlp} from '../../src/otlp/log-json.ts'
import type {OtlpLogRecord} from '../../src/otlp/wire-types.ts'

const resource = {attributes: {'service.name': 's'}}
const scope = {name: '@opentelemetry/instrumentation-openai', version: '0.22.0'}

test('every field is found, body and nested attributes as plain values', () => {
  const log = logFromOtlp(resource, scope, {
    timeUnixNano: '1795474678336000123',
    observedTimeUnixNano: 5,
    traceId: '8A36C5B1D7D713F9C1887D3876ECF8C1',
    spanId: 'f3e26b8ba159234c',
    eventName: 'gen_ai.client.inference.operation.details',
    body: {kvlistValue: {values: [{key: 'content', value: {stringValue: 'hello'}}]}},
    attributes: [
      {
        key: 'gen_ai.output.messages',
        value: {
          arrayValue: {
            values: [{kvlistValue: {values: [{key: 'role', value: {stringValue: 'assistant'}}]}}],
          },
        },
      },
    ],
  })
  expect(log).toEqual({
    traceId: '8a36c5b1d7d713f9c1887d3876ecf8c1',
    spanId: 'f3e26b8ba159234c',
    eventName: 'gen_ai.client.inference.operation.details',
    body: {content: 'hello'},
    attributes: {'gen_ai.output.messages': [{role: 'assistant'}]},
    hrTime: [1_795_474_678, 336_000_123],
    hrTimeObserved: [0, 5],
    resource,
    instrumentationScope: scope,
  })
})

test('the name of an event may be an attribute, and its time the time at which it was seen', () => {
  const log = logFromOtlp(resource, scope, {
    observedTimeUnixNano: '1000000002',
    attributes: [{key: 'event.name', value: {stringValue: 'gen_ai.choice'}}],
  })
  expect(log.eventName).toBe('gen_ai.choice')
  expect(log.hrTime).toEqual([1, 2])
  expect(log.traceId).toBe('')
})

test('anything at all is read without a throw', () => {
  const field = fc.constantFrom('body', 'attributes', 'traceId', 'eventName', 'timeUnixNano')
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue({maxDepth: 4})), (json) => {
      expect(typeof logFromOtlp(resource, scope, json as OtlpLogRecord).traceId).toBe('string')
    }),
  )
})
