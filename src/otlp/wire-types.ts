/**
 * The shapes of OTLP/JSON, as loosely as they are met: every field may be missing, 64-bit integers
 * come as strings or numbers, enums as integers or names, and unknown fields are carried along.
 */

export type OtlpAnyValue = {
  stringValue?: string | undefined
  boolValue?: boolean | undefined
  intValue?: number | string | undefined
  doubleValue?: number | string | undefined
  arrayValue?: {values?: OtlpAnyValue[] | undefined} | undefined
  kvlistValue?: {values?: OtlpKeyValue[] | undefined} | undefined
  /** Base64. */
  bytesValue?: string | undefined
}

export type OtlpKeyValue = {key: string; value?: OtlpAnyValue | undefined}

export type OtlpScope = {
  name?: string | undefined
  version?: string | undefined
  attributes?: OtlpKeyValue[] | undefined
}

export type OtlpResource = {attributes?: OtlpKeyValue[] | undefined}

export type OtlpEvent = {
  timeUnixNano?: number | string | undefined
  name?: string | undefined
  attributes?: OtlpKeyValue[] | undefined
  droppedAttributesCount?: number | undefined
}

export type OtlpLink = {
  traceId?: string | undefined
  spanId?: string | undefined
  traceState?: string | undefined
  attributes?: OtlpKeyValue[] | undefined
  droppedAttributesCount?: number | undefined
  flags?: number | undefined
}

export type OtlpStatus = {code?: number | string | undefined; message?: string | undefined}

export type OtlpSpan = {
  traceId?: string | undefined
  spanId?: string | undefined
  parentSpanId?: string | undefined
  traceState?: string | undefined
  flags?: number | undefined
  name?: string | undefined
  kind?: number | string | undefined
  startTimeUnixNano?: number | string | undefined
  endTimeUnixNano?: number | string | undefined
  attributes?: OtlpKeyValue[] | undefined
  droppedAttributesCount?: number | undefined
  events?: OtlpEvent[] | undefined
  droppedEventsCount?: number | undefined
  links?: OtlpLink[] | undefined
  droppedLinksCount?: number | undefined
  status?: OtlpStatus | undefined
}

export type OtlpScopeSpans = {
  scope?: OtlpScope | undefined
  spans?: OtlpSpan[] | undefined
  schemaUrl?: string | undefined
}

export type OtlpResourceSpans = {
  resource?: OtlpResource | undefined
  scopeSpans?: OtlpScopeSpans[] | undefined
  schemaUrl?: string | undefined
}

/** `ExportTraceServiceRequest`, and `TracesData` of a file: the same shape. */
export type OtlpTraces = {resourceSpans?: OtlpResourceSpans[] | undefined}

export type OtlpLogRecord = {
  timeUnixNano?: number | string | undefined
  observedTimeUnixNano?: number | string | undefined
  severityNumber?: number | string | undefined
  severityText?: string | undefined
  eventName?: string | undefined
  body?: OtlpAnyValue | undefined
  attributes?: OtlpKeyValue[] | undefined
  droppedAttributesCount?: number | undefined
  flags?: number | undefined
  traceId?: string | undefined
  spanId?: string | undefined
}

export type OtlpScopeLogs = {
  scope?: OtlpScope | undefined
  logRecords?: OtlpLogRecord[] | undefined
  schemaUrl?: string | undefined
}

export type OtlpResourceLogs = {
  resource?: OtlpResource | undefined
  scopeLogs?: OtlpScopeLogs[] | undefined
  schemaUrl?: string | undefined
}

/** `ExportLogsServiceRequest`, and `LogsData` of a file. */
export type OtlpLogs = {resourceLogs?: OtlpResourceLogs[] | undefined}
