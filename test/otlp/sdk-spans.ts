/** Spans and log records of the SDK, with every kind of field that OTLP has. */
import {context, SpanKind, SpanStatusCode, trace, TraceFlags} from '@opentelemetry/api'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

export const readSpans = (): {spans: ReadableSpan[]; logs: ReadableLogRecord[]} => {
  const resource = resourceFromAttributes({'service.name': 'refund-agent', 'service.instances': 3})
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('ai', '6.0.0', {schemaUrl: 'https://example.com/schema'})
  const parent = tracer.startSpan('invoke_agent', {kind: SpanKind.INTERNAL, startTime: [1000, 5]})
  const inside = trace.setSpan(context.active(), parent)
  const link = {traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED}
  const span = tracer.startSpan(
    'chat gpt-5',
    {
      kind: SpanKind.CLIENT,
      startTime: [1000, 123_456_789],
      links: [{context: link, attributes: {why: 'retry'}}],
      attributes: {
        text: 'ä😀',
        count: 9_007_199_254_740_991,
        negative: -5,
        share: 0.25,
        yes: true,
        list: ['a', 'b'],
        numbers: [1, 2.5],
      },
    },
    inside,
  )
  span.addEvent('first chunk', {index: 0}, [1000, 200_000_000])
  span.setStatus({code: SpanStatusCode.ERROR, message: 'stopped'})
  span.end([1002, 1])
  parent.end([1003, 0])

  const logExporter = new InMemoryLogRecordExporter()
  const loggerProvider = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({exporter: logExporter})],
  })
  loggerProvider.getLogger('openai', '1').emit({
    eventName: 'gen_ai.choice',
    timestamp: [1001, 7],
    observedTimestamp: [1001, 8],
    severityNumber: 9,
    body: {message: {content: 'hello', parts: [1, 2]}},
    attributes: {'gen_ai.system': 'openai', nested: {a: [true]}},
    context: trace.setSpan(context.active(), span),
  })
  return {spans: exporter.getFinishedSpans(), logs: logExporter.getFinishedLogRecords()}
}
