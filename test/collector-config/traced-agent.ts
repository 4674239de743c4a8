/** A tracer provider with the real processor, sending to a Collector. */
import type {Tracer} from '@opentelemetry/api'
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-proto'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-base'
import {type ReasoningSpanProcessorOptions, ReasoningSpanProcessor} from '../../src/processor.ts'
import {SignallingExporter} from './signalling-exporter.ts'

export interface TracedAgent {
  tracer: Tracer
  exporter: SignallingExporter
  flush(): Promise<void>
  stop(): Promise<void>
}

export interface TraceOptions {
  /** @defaultValue 'refund-agent' */
  service?: string | undefined
  /** @defaultValue random ones */
  newTraceId?: (() => string) | undefined
  options?: Partial<ReasoningSpanProcessorOptions> | undefined
}

export function traceAgent(
  otlpTracesUrl: string,
  {service = 'refund-agent', newTraceId, options}: TraceOptions = {},
): TracedAgent {
  const exporter = new SignallingExporter(new OTLPTraceExporter({url: otlpTracesUrl}) as never)
  const processor = new ReasoningSpanProcessor({
    next: new BatchSpanProcessor(exporter as never, {
      scheduledDelayMillis: 500,
      maxQueueSize: 100_000,
    }) as never,
    maxSpansPerSecond: Infinity,
    ...options,
  })
  const ids = new RandomIdGenerator()
  const provider = new BasicTracerProvider({
    spanProcessors: [processor as never],
    resource: resourceFromAttributes({'service.name': service}),
    idGenerator: {
      generateSpanId: () => ids.generateSpanId(),
      generateTraceId: newTraceId ?? (() => ids.generateTraceId()),
    },
  })
  return {
    tracer: provider.getTracer('agent'),
    exporter,
    flush: () => provider.forceFlush(),
    stop: () => provider.shutdown(),
  }
}
