/** What the standard variables of OpenTelemetry say. */

export type Environment = Readonly<Record<string, string | undefined>>

export type Protocol = 'http/protobuf' | 'http/json' | 'grpc'

export interface OtlpTarget {
  protocol: Protocol
  /** Nobody said which, so that another one does as well. */
  isDefault: boolean
  /** Where traces go. */
  url: string
  headers: Readonly<Record<string, string>>
  /** Milliseconds for a request. */
  timeoutMillis: number
  isCompressed: boolean
  /** A certificate or key is given in a way that only the exporter understands. */
  hasCertificates: boolean
}

const read = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined

const DEFAULT_ENDPOINT = 'http://localhost:4318'

const PROTOCOLS: readonly string[] = ['http/protobuf', 'http/json', 'grpc'] satisfies Protocol[]

/** Percent-encoded members, as `key=value,key=value`. */
function readHeaders(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const member of text?.split(',') ?? []) {
    const at = member.indexOf('=')
    if (at < 1) continue
    const value = member.slice(at + 1).trim()
    try {
      headers[member.slice(0, at).trim().toLowerCase()] = decodeURIComponent(value)
    } catch {
      headers[member.slice(0, at).trim().toLowerCase()] = value
    }
  }
  return headers
}

/** @param say is told of a protocol that does not exist; the default is taken */
export function readOtlpTarget(env: Environment, say: (message: string) => void): OtlpTarget {
  const named =
    read(env, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read(env, 'OTEL_EXPORTER_OTLP_PROTOCOL')
  const isKnown = named !== undefined && PROTOCOLS.includes(named)
  if (named !== undefined && !isKnown) {
    say(
      `expected OTEL_EXPORTER_OTLP_PROTOCOL to be one of ${PROTOCOLS.join(', ')}, got '${named}'; http/protobuf is taken`,
    )
  }
  const protocol = isKnown ? (named as Protocol) : 'http/protobuf'
  const base = read(env, 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? DEFAULT_ENDPOINT
  const given =
    read(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ??
    `${base}${base.endsWith('/') ? '' : '/'}v1/traces`
  const isAddress = protocol === 'grpc' || (/^https?:/i.test(given) && URL.canParse(given))
  if (!isAddress) {
    say(
      `expected OTEL_EXPORTER_OTLP_ENDPOINT to be an address with http:// or https://, got '${given}'; ${DEFAULT_ENDPOINT} is taken`,
    )
  }
  return {
    protocol,
    isDefault: named === undefined,
    url: isAddress ? given : `${DEFAULT_ENDPOINT}/v1/traces`,
    headers: {
      ...readHeaders(read(env, 'OTEL_EXPORTER_OTLP_HEADERS')),
      ...readHeaders(read(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS')),
    },
    timeoutMillis:
      readNumber(env, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ??
      readNumber(env, 'OTEL_EXPORTER_OTLP_TIMEOUT') ??
      10_000,
    isCompressed:
      (read(env, 'OTEL_EXPORTER_OTLP_TRACES_COMPRESSION') ??
        read(env, 'OTEL_EXPORTER_OTLP_COMPRESSION')) === 'gzip',
    hasCertificates: Object.keys(env).some((name) =>
      /^OTEL_EXPORTER_OTLP_(?:TRACES_)?(?:CLIENT_)?(?:CERTIFICATE|KEY)$/.test(name),
    ),
  }
}

const EXPORTERS = ['otlp', 'console', 'none'] as const
export type ExporterName = (typeof EXPORTERS)[number]

/** Names in `OTEL_TRACES_EXPORTER`; `otlp` where it is not set, nothing for `none`. */
export function readExporters(env: Environment, say: (message: string) => void): ExporterName[] {
  const names = (read(env, 'OTEL_TRACES_EXPORTER') ?? 'otlp').toLowerCase().split(/[\s,]+/)
  const known = EXPORTERS.filter((name) => names.includes(name))
  const unknown = names.find((name) => name !== '' && !EXPORTERS.some((each) => each === name))
  if (unknown !== undefined) {
    say(
      `expected OTEL_TRACES_EXPORTER to be one of ${EXPORTERS.join(', ')}, got '${unknown}', which is left out`,
    )
  }
  return known.includes('none') ? [] : known
}

function readNumber(env: Environment, name: string): number | undefined {
  const value = Number(read(env, name) ?? Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function present(options: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const given: Record<string, number> = {}
  for (const [name, value] of Object.entries(options)) if (value !== undefined) given[name] = value
  return given
}

/** A batch processor told to send none at a time would never come to an end. */
const atLeastOne = (value: number | undefined, otherwise: number): number =>
  value !== undefined && value >= 1 ? Math.floor(value) : otherwise

/** For a batch processor: that of `sdk-trace` does not read them, and none looks whether they are sound. */
export const readBatchOptions = (env: Environment): Record<string, number> =>
  present({
    maxQueueSize: atLeastOne(readNumber(env, 'OTEL_BSP_MAX_QUEUE_SIZE'), 2048),
    scheduledDelayMillis: readNumber(env, 'OTEL_BSP_SCHEDULE_DELAY'),
    exportTimeoutMillis: readNumber(env, 'OTEL_BSP_EXPORT_TIMEOUT'),
    maxExportBatchSize: atLeastOne(readNumber(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'), 512),
  })

/** For a provider that does not read them itself. */
export const readSpanLimits = (env: Environment): Record<string, number> =>
  present({
    attributeValueLengthLimit:
      readNumber(env, 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ??
      readNumber(env, 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    attributeCountLimit:
      readNumber(env, 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ??
      readNumber(env, 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
  })

/** `OTEL_TRACES_SAMPLER`, its argument beside it; `undefined` where it is not set. */
export function readSampler(env: Environment): {name: string; ratio: number} | undefined {
  const name = read(env, 'OTEL_TRACES_SAMPLER')
  if (name === undefined) return undefined
  const ratio = readNumber(env, 'OTEL_TRACES_SAMPLER_ARG') ?? 1
  return {name, ratio: Math.min(ratio, 1)}
}

/** Whether text of messages may stand on spans. */
export const allowsContent = (env: Environment): boolean =>
  /^(?:true|span_only|span_and_event)$/i.test(
    read(env, 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT') ?? '',
  )
