// Somebody on SDK 3.x.
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {NodeSDK} from '@opentelemetry/sdk-node'
import {
  BatchSpanProcessor,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import {
  expandSpan,
  ReasoningLogRecordProcessor,
  ReasoningSpanExporter,
  ReasoningSpanProcessor,
  type ReasoningBlock,
} from 'otel-reasoning'

export const sdk = new NodeSDK({
  spanProcessors: [
    new ReasoningSpanProcessor({next: new BatchSpanProcessor({exporter: new OTLPTraceExporter()})}),
  ],
  logRecordProcessors: [new ReasoningLogRecordProcessor({})],
})

const exporter: SpanExporter = new ReasoningSpanExporter({exporter: new OTLPTraceExporter()})
const processor: SpanProcessor = new ReasoningSpanProcessor({
  next: new SimpleSpanProcessor({exporter}),
  content: 'mask',
  hashKey: 'secret',
  forward: 'reasoning',
})
export const provider = new TracerProvider({spanProcessors: [processor]})

const logProcessor: LogRecordProcessor = new ReasoningLogRecordProcessor({
  next: new SimpleLogRecordProcessor({exporter: new InMemoryLogRecordExporter()}),
})
export const loggerProvider = new LoggerProvider({processors: [logProcessor]})

export function names(span: ReadableSpan, blocks: ReasoningBlock[]): string[] {
  return expandSpan(span, blocks, {}).map(({name}) => name)
}
