// Somebody on `sdk-trace` 2.9 or later: the options objects of 3.x, on the 2.x line.
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
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
  ReasoningSpanExporter,
  ReasoningSpanProcessor,
  type ReasoningBlock,
} from 'otel-reasoning'

const processor: SpanProcessor = new ReasoningSpanProcessor({
  next: new BatchSpanProcessor({exporter: new OTLPTraceExporter()}),
})
const exporter: SpanExporter = new ReasoningSpanExporter({exporter: new OTLPTraceExporter()})
export const provider = new TracerProvider({
  spanProcessors: [processor, new SimpleSpanProcessor({exporter})],
})

export function names(span: ReadableSpan, blocks: ReasoningBlock[]): string[] {
  return expandSpan(span, blocks, {}).map(({name}) => name)
}
