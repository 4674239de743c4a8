/**
 * What a test may use of an OpenTelemetry SDK, in the words of the 2.x line. `sdk2.ts` and
 * `../sdk3/sdk.ts` both fill this shape, so a test that asks `sdk.ts` runs on either line.
 */
import type {ContextManager, Tracer, TracerProvider} from '@opentelemetry/api'
import type {Logger} from '@opentelemetry/api-logs'
import type {ISerializer} from '@opentelemetry/otlp-transformer'
import type {
  LogRecordExporter,
  LogRecordProcessor,
  ReadableLogRecord,
} from '@opentelemetry/sdk-logs'
import type {
  ReadableSpan,
  Sampler,
  SpanExporter,
  SpanLimits,
  SpanProcessor,
} from '@opentelemetry/sdk-trace'
import type {Meters} from './metric-points.ts'

export interface ProviderOptions {
  spanProcessors: SpanProcessor[]
  limits?: SpanLimits | undefined
  /** Attributes of the resource; `service.name` among them. */
  resource?: Record<string, string> | undefined
  sampler?: Sampler | undefined
}

export interface Provider {
  provider: TracerProvider & {forceFlush(): Promise<void>; shutdown(): Promise<void>}
  tracer: (name?: string, version?: string) => Tracer
}

export interface BatchOptions {
  maxExportBatchSize?: number
  scheduledDelayMillis?: number
  exportTimeoutMillis?: number
  maxQueueSize?: number
}

export interface LoggerProviderOptions {
  processors: LogRecordProcessor[]
  resource?: Record<string, string> | undefined
}

export interface LoggerProvider {
  provider: {forceFlush(): Promise<void>; shutdown(): Promise<void>}
  logger: (name?: string) => Logger
}

export interface OtlpOptions {
  url?: string
  headers?: Record<string, string>
  timeoutMillis?: number
}

export interface MemorySpanExporter extends SpanExporter {
  getFinishedSpans(): ReadableSpan[]
  reset(): void
}

export interface MemoryLogExporter extends LogRecordExporter {
  getFinishedLogRecords(): ReadableLogRecord[]
  reset(): void
}

export interface SdkSet {
  /** Which line this is. */
  sdkLine: 2 | 3
  createProvider: (options: ProviderOptions) => Provider
  createBatchProcessor: (exporter: SpanExporter, options?: BatchOptions) => SpanProcessor
  createSimpleProcessor: (exporter: SpanExporter) => SpanProcessor
  createLoggerProvider: (options: LoggerProviderOptions) => LoggerProvider
  createSimpleLogProcessor: (exporter: LogRecordExporter) => LogRecordProcessor
  createMeterProvider: () => Meters
  /** Not registered: a test that wants it global says so, and takes it away again. */
  createContextManager: () => ContextManager
  InMemorySpanExporter: new () => MemorySpanExporter
  InMemoryLogRecordExporter: new () => MemoryLogExporter
  OTLPTraceExporter: new (options?: OtlpOptions) => SpanExporter
  OTLPProtoTraceExporter: new (options?: OtlpOptions) => SpanExporter
  JsonTraceSerializer: ISerializer<ReadableSpan[], unknown>
}
