/**
 * OTLP protobuf to OTLP/JSON. Loaded only where a file turns out to be protobuf: protobufjs costs
 * more time to import than the rest of the package.
 */
import protobuf from 'protobufjs/light.js'
import {OTLP_SCHEMA} from './protobuf-schema.ts'
import type {OtlpLogs, OtlpTraces} from './wire-types.ts'

const root = protobuf.Root.fromJSON(OTLP_SCHEMA)
const TracesData = root.lookupType('TracesData')
const LogsData = root.lookupType('LogsData')

type Json = Record<string, unknown>

const decode = (type: typeof TracesData, bytes: Uint8Array): Json => {
  const reader = protobuf.Reader.create(bytes)
  // A field that is newer than our schema stays on the message instead of vanishing from it.
  reader.discardUnknown = false
  // Enums as integers, 64-bit integers as decimal strings, bytes as base64: OTLP/JSON but for ids,
  // which it writes in hex; `idFromOtlp` takes both.
  return type.toObject(type.decode(reader), {longs: String, bytes: String})
}

const each = (value: unknown, ...path: string[]): Json[] => {
  let found: unknown[] = [value]
  for (const key of path) {
    found = found.flatMap((item) => ((item as Json)[key] as unknown[] | undefined) ?? [])
  }
  return found as Json[]
}

const isId = (value: unknown, base64Length: number): boolean =>
  typeof value === 'string' && value.length === base64Length

const tracesIn = (bytes: Uint8Array): OtlpTraces | undefined => {
  const traces = decode(TracesData, bytes)
  const spans = each(traces, 'resourceSpans', 'scopeSpans', 'spans')
  const isSpan = (span: Json): boolean => isId(span['traceId'], 24) && isId(span['spanId'], 12)
  return spans.length > 0 && spans.every(isSpan) ? traces : undefined
}

const logsIn = (bytes: Uint8Array): OtlpLogs | undefined => {
  const logs = decode(LogsData, bytes)
  const records = each(logs, 'resourceLogs', 'scopeLogs', 'logRecords')
  const isRecord = (log: Json): boolean =>
    log['timeUnixNano'] !== undefined || log['observedTimeUnixNano'] !== undefined
  return records.length > 0 && records.every(isRecord) ? logs : undefined
}

/**
 * Decodes one message, spans or logs: nothing in the bytes says which, so what it is read as has to
 * make sense.
 *
 * @throws Error where it is neither
 */
export const decodeOtlp = (bytes: Uint8Array): OtlpTraces | OtlpLogs => {
  if (bytes.length === 0) return {resourceSpans: []}
  let reason = 'neither OTLP spans nor OTLP log records'
  for (const read of [tracesIn, logsIn]) {
    try {
      const found = read(bytes)
      if (found !== undefined) return found
    } catch (error) {
      // protobufjs tells offsets and wire types, never content.
      reason = `not OTLP protobuf: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  throw new Error(reason)
}

/** Reads a length prefix: its value and where the message begins. */
type ReadLength = (bytes: Uint8Array, at: number) => {length: number; start: number} | undefined

const varintLength: ReadLength = (bytes, at) => {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return {length, start: at + i + 1}
  }
  return undefined
}

/** What the Collector's file exporter writes with `format: proto`. */
const fourByteLength: ReadLength = (bytes, at) => {
  if (at + 4 > bytes.length) return undefined
  return {length: new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0), start: at + 4}
}

/** The messages of a sequence, or `undefined` where the lengths do not add up to the whole. */
const split = (bytes: Uint8Array, readLength: ReadLength): Uint8Array[] | undefined => {
  const messages: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const prefix = readLength(bytes, at)
    if (prefix === undefined || prefix.length === 0) return undefined
    at = prefix.start + prefix.length
    if (at > bytes.length) return undefined
    messages.push(bytes.subarray(prefix.start, at))
  }
  return messages
}

/** One message of a file, or why it could not be read. */
export type DecodedMessage =
  | {value: OtlpTraces | OtlpLogs; error?: undefined}
  | {error: string; value?: undefined}

const tryDecode = (bytes: Uint8Array): DecodedMessage => {
  try {
    return {value: decodeOtlp(bytes)}
  } catch (error) {
    return {error: error instanceof Error ? error.message : String(error)}
  }
}

/**
 * Decodes a file: one message, or a sequence with a length before each, as a varint or as four
 * bytes (what the Collector's file exporter writes). Gives `undefined` for what is none of them.
 */
export const decodeOtlpFile = (bytes: Uint8Array): DecodedMessage[] | undefined => {
  const whole = tryDecode(bytes)
  if (whole.error === undefined) return [whole]
  for (const readLength of [varintLength, fourByteLength]) {
    const messages = split(bytes, readLength)?.map(tryDecode)
    if (messages?.some(({error}) => error === undefined) === true) return messages
  }
  return undefined
}
