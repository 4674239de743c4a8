/**
 * The SDK line of this run: 2.x, or 3.x where `OTEL_SDK=3`. A test file that imports this one is
 * run on both lines by `npm test`; what needs one line imports that line's helper and runs once.
 */
import type {SdkSet} from './sdk-set.ts'

const set: SdkSet =
  process.env['OTEL_SDK'] === '3'
    ? (await import('../sdk3/sdk.ts')).sdk3
    : (await import('./sdk2.ts')).sdk2

export const {
  sdkLine,
  createProvider,
  createBatchProcessor,
  createSimpleProcessor,
  createLoggerProvider,
  createSimpleLogProcessor,
  createMeterProvider,
  createContextManager,
  InMemorySpanExporter,
  InMemoryLogRecordExporter,
  OTLPTraceExporter,
  OTLPProtoTraceExporter,
  JsonTraceSerializer,
} = set

export type {MemoryLogExporter, MemorySpanExporter, Provider} from './sdk-set.ts'
