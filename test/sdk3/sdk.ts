/**
 * The 3.x set: api 1.10, sdk-trace 3.1, exporters 0.301. It stands in this folder so that the same
 * package names resolve to the second install: npm refuses both lines in one tree.
 */
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
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import {pointsOf} from '../setup/metric-points.ts'
import type {SdkSet} from '../setup/sdk-set.ts'

class CollectingReader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve()
  protected override onShutdown = (): Promise<void> => Promise.resolve()
}

export const sdk3: SdkSet = {
  sdkLine: 3,
  createProvider: ({spanProcessors, limits, resource, sampler}) => {
    const provider = new TracerProvider({
      spanProcessors,
      ...(limits && {spanLimits: limits}),
      ...(resource && {resource: resourceFromAttributes(resource)}),
      ...(sampler && {sampler}),
    })
    return {provider, tracer: (name = 'test', version) => provider.getTracer(name, version)}
  },
  createBatchProcessor: (exporter, options) => new BatchSpanProcessor({exporter, ...options}),
  createSimpleProcessor: (exporter) => new SimpleSpanProcessor({exporter}),
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
  // 3.x types attribute values and log bodies as `unknown`, wider than 2.x does.
  InMemorySpanExporter: InMemorySpanExporter as unknown as SdkSet['InMemorySpanExporter'],
  InMemoryLogRecordExporter:
    InMemoryLogRecordExporter as unknown as SdkSet['InMemoryLogRecordExporter'],
  OTLPTraceExporter,
  OTLPProtoTraceExporter,
  JsonTraceSerializer,
}
