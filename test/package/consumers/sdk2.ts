// Somebody on SDK 2.x, by the packages that most have.
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {NodeSDK} from '@opentelemetry/sdk-node'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {
  expandSpan,
  ReasoningLogRecordProcessor,
  ReasoningSpanExporter,
  ReasoningSpanProcessor,
  type ReasoningBlock,
} from 'otel-reasoning'

export const sdk = new NodeSDK({
  spanProcessors: [
    new ReasoningSpanProcessor({next: new BatchSpanProcessor(new OTLPTraceExporter())}),
  ],
  logRecordProcessors: [new ReasoningLogRecordProcessor({})],
})

const exporter: SpanExporter = new ReasoningSpanExporter({exporter: new OTLPTraceExporter()})
const processor: SpanProcessor = new ReasoningSpanProcessor({
  next: new SimpleSpanProcessor(new InMemorySpanExporter()),
  content: 'mask',
  hashKey: 'secret',
  forward: 'reasoning',
})
export const provider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter), processor],
})

const logProcessor: LogRecordProcessor = new ReasoningLogRecordProcessor({
  next: new SimpleLogRecordProcessor({exporter: new InMemoryLogRecordExporter()}),
})
export const loggerProvider = new LoggerProvider({processors: [logProcessor]})

export function names(span: ReadableSpan, blocks: ReasoningBlock[]): string[] {
  return expandSpan(span, blocks, {}).map(({name}) => name)
}
