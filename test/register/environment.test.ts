import {expect, test} from 'vitest'
import {
  allowsContent,
  readBatchOptions,
  readExporters,
  readOtlpTarget,
  readSampler,
  readSpanLimits,
} from '../../src/register/environment.ts'

const said: string[] = []
const say = (message: string): void => void said.push(message)

test('without variables, traces go to a collector on this machine as protobuf', () => {
  expect(readOtlpTarget({}, say)).toEqual({
    protocol: 'http/protobuf',
    isDefault: true,
    url: 'http://localhost:4318/v1/traces',
    headers: {},
    timeoutMillis: 10_000,
    isCompressed: false,
    hasCertificates: false,
  })
  expect(readExporters({}, say)).toEqual(['otlp'])
  expect(said).toEqual([])
})

test.each([
  [{OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1'}, 'http://c:1/v1/traces'],
  [{OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1/otlp/'}, 'http://c:1/otlp/v1/traces'],
  [{OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/in'}, 'http://c:1/in'],
  [
    {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/x'},
    'http://b/x',
  ],
  [{OTEL_EXPORTER_OTLP_ENDPOINT: ' '}, 'http://localhost:4318/v1/traces'],
])('%o is the address %s', (env, url) => {
  expect(readOtlpTarget(env as never, say).url).toBe(url)
})

test('headers of traces win over those of all signals; broken ones are left as they are', () => {
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: 'A=1, b=x%20y,broken,=z,c=%zz',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2',
  }
  expect(readOtlpTarget(env, say).headers).toEqual({a: '2', b: 'x y', c: '%zz'})
})

test('a protocol or exporter that does not exist is told of', () => {
  said.length = 0
  expect(readOtlpTarget({OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke'}, say).protocol).toBe('http/protobuf')
  expect(readExporters({OTEL_TRACES_EXPORTER: 'otlp,zipkin'}, say)).toEqual(['otlp'])
  expect(said).toHaveLength(2)
  expect(said[0]).toContain("got 'smoke'")
  expect(said[1]).toContain("got 'zipkin'")
  expect(readExporters({OTEL_TRACES_EXPORTER: 'none'}, say)).toEqual([])
  expect(readExporters({OTEL_TRACES_EXPORTER: 'console, otlp'}, say)).toEqual(['otlp', 'console'])
})

test('a certificate is what only the exporter understands', () => {
  const env = {OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: 'key.pem'}
  expect(readOtlpTarget(env, say).hasCertificates).toBe(true)
})

test('numbers are read where they are numbers', () => {
  expect(readBatchOptions({OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_BSP_MAX_QUEUE_SIZE: 'x'})).toEqual({
    scheduledDelayMillis: 100,
    maxQueueSize: 2048,
    maxExportBatchSize: 512,
  })
  expect(readSpanLimits({OTEL_ATTRIBUTE_COUNT_LIMIT: '9'})).toEqual({attributeCountLimit: 9})
  expect(
    readSampler({OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5'}),
  ).toEqual({name: 'traceidratio', ratio: 0.5})
  expect(readSampler({})).toBeUndefined()
})

test.each([
  ['true', true],
  ['SPAN_ONLY', true],
  ['span_and_event', true],
  ['EVENT_ONLY', false],
  ['', false],
])('content: %o allows it: %s', (value, isAllowed) => {
  const env = {OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: value}
  expect(allowsContent(env)).toBe(isAllowed)
})

test('what cannot be is replaced by what holds without it', () => {
  said.length = 0
  for (const OTEL_EXPORTER_OTLP_ENDPOINT of ['nonsense', 'ftp://collector']) {
    const {url} = readOtlpTarget({OTEL_EXPORTER_OTLP_ENDPOINT}, say)
    expect(url).toBe('http://localhost:4318/v1/traces')
  }
  expect(said[0]).toContain("got 'nonsense/v1/traces'")
  const env = {OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0', OTEL_BSP_MAX_QUEUE_SIZE: '-5'}
  expect(readBatchOptions(env)).toEqual({maxExportBatchSize: 512, maxQueueSize: 2048})
})
