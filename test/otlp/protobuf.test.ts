import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {decodeOtlp, decodeOtlpFile} from '../../src/otlp/protobuf.ts'
import {readRequest} from '../../src/otlp/request.ts'
import {readSpans} from './sdk-spans.ts'

const {spans, logs} = readSpans()

const plain = (value: unknown) => {
  const request = readRequest(value)
  if (request === undefined) throw new Error('not read')
  const {logs: records} = request
  const read = request.spans.map((span) => ({
    fields: Object.fromEntries(Object.entries(span)),
    context: span.spanContext(),
  }))
  for (const {fields} of read) delete fields['spanContext']
  return {read, records}
}

const json = (bytes: Uint8Array | undefined): unknown =>
  JSON.parse(Buffer.from(bytes ?? []).toString())
const protobufSpans = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array
const protobufLogs = ProtobufLogsSerializer.serializeRequest(logs) as Uint8Array

test('what the SDK writes as protobuf is what it writes as JSON', () => {
  expect(plain(decodeOtlp(protobufSpans))).toEqual(
    plain(json(JsonTraceSerializer.serializeRequest(spans))),
  )
  expect(plain(decodeOtlp(protobufSpans)).read.length).toBe(spans.length)
})

test('log records are told from spans', () => {
  expect(plain(decodeOtlp(protobufLogs))).toEqual(
    plain(json(JsonLogsSerializer.serializeRequest(logs))),
  )
  expect(plain(decodeOtlp(protobufLogs)).records.length).toBe(logs.length)
})

const varint = (length: number): number[] =>
  length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...varint(length >> 7)]

const fourBytes = (length: number): number[] => [
  length >>> 24,
  (length >>> 16) & 0xff,
  (length >>> 8) & 0xff,
  length & 0xff,
]

describe('a sequence of messages with their lengths', () => {
  test.each([
    ['as varints', varint],
    ['as four bytes, as the Collector’s file exporter writes them', fourBytes],
  ])('%s is read', (_, prefix) => {
    const parts = [protobufSpans, protobufLogs, protobufSpans]
    const file = Buffer.concat(parts.flatMap((part) => [Buffer.from(prefix(part.length)), part]))
    const messages = decodeOtlpFile(file)
    expect(messages?.map(({error}) => error)).toEqual([undefined, undefined, undefined])
    expect(messages?.map(({value}) => Object.keys(value ?? {})[0])).toEqual([
      'resourceSpans',
      'resourceLogs',
      'resourceSpans',
    ])
  })
})

test('one message alone is read', () => {
  expect(decodeOtlpFile(protobufSpans)).toHaveLength(1)
})

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 300}), (bytes) => {
      decodeOtlpFile(bytes)
    }),
  )
  fc.assert(
    fc.property(fc.nat(protobufSpans.length - 1), fc.nat(255), (at, byte) => {
      const broken = Uint8Array.from(protobufSpans)
      broken[at] = byte
      decodeOtlpFile(broken)
    }),
  )
  expect(decodeOtlpFile(protobufSpans.subarray(0, 50))).toBeUndefined()
})
