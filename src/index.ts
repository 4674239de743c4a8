export {analyzeReasoning, type AnalyzeOptions} from './analysis/analyze.ts'
export type {
  Check,
  CheckCondition,
  CheckInput,
  CheckMention,
  CheckOutcome,
  CheckPattern,
  CheckResult,
} from './checks/check.ts'
export {ReasoningSpanExporter, type ReasoningSpanExporterOptions} from './exporter.ts'
export {expandSpan} from './expand.ts'
export {
  type LogRecordLike,
  type LogRecordProcessorLike,
  ReasoningLogRecordProcessor,
  type ReasoningLogRecordProcessorOptions,
} from './logs.ts'
export type {
  Analysis,
  Arrival,
  ClassifierContext,
  ContentPolicy,
  GivenStep,
  Granularity,
  KindClassifier,
  KindLabel,
  ReasoningBlock,
  Sentence,
  Severity,
  Signal,
  SignalName,
  Step,
  StepKind,
  Timing,
  ToolCall,
  Visibility,
} from './model.ts'
export type {Compat, DeliveryOptions, ExpandOptions} from './options.ts'
export type {
  ContentContext,
  ContentOption,
  ContentOrigin,
  ContentRule,
  ContentRuleObject,
  DetectorName,
} from './policy.ts'
export {ReasoningSpanProcessor, type ReasoningSpanProcessorOptions} from './processor.ts'
export type {
  ExportResultLike,
  ReadableSpanLike,
  ResourceLike,
  ScopeLike,
  SpanExporterLike,
  SpanProcessorLike,
  TimedEventLike,
} from './readable-span.ts'
export {ReasoningRecorder, type ReasoningRecorderOptions} from './recorder.ts'
export type {ReasoningStats} from './stats.ts'
