/** The 2.x set: api 1.9, sdk-trace-base 2.12, exporters 0.223. */
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http'
import {OTLPTraceExporter as OTLPProtoTraceExporter} from '@opentelemetry/exporter-trace-otlp-proto'
import {JsonTraceSerializer} from '@opentelemetry/otlp-transformer'
import {resourceFromAttributes} from '@opentelemetry/resources'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {MeterProvider, MetricReader} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {pointsOf} from './metric-points.ts'
import type {SdkSet} from './sdk-set.ts'

class CollectingReader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve()
  protected override onShutdown = (): Promise<void> => Promise.resolve()
}

export const sdk2: SdkSet = {
  sdkLine: 2,
  createProvider: ({spanProcessors, limits, resource, sampler}) => {
    const provider = new BasicTracerProvider({
      spanProcessors,
      ...(limits && {spanLimits: limits}),
      ...(resource && {resource: resourceFromAttributes(resource)}),
      ...(sampler && {sampler}),
    })
    return {provider, tracer: (name = 'test', version) => provider.getTracer(name, version)}
  },
  createBatchProcessor: (exporter, options) => new BatchSpanProcessor(exporter, options),
  createSimpleProcessor: (exporter) => new SimpleSpanProcessor(exporter),
  createLoggerProvider: ({processors, resource}) => {
    const provider = new LoggerProvider({
      processors,
      ...(resource && {resource: resourceFromAttributes(resource)}),
    })
    return {provider, logger: (name = 'test') => provider.getLogger(name)}
  },
  createSimpleLogProcessor: (exporter) => new SimpleLogRecordProcessor({exporter}),
  createMeterProvider: () => {
    const reader = new CollectingReader()
    const provider = new MeterProvider({readers: [reader]})
    return {provider, collect: async () => pointsOf(await reader.collect())}
  },
  createContextManager: () => new AsyncLocalStorageContextManager(),
  InMemorySpanExporter,
  InMemoryLogRecordExporter,
  OTLPTraceExporter,
  OTLPProtoTraceExporter,
  JsonTraceSerializer,
}
