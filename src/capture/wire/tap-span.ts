/** The span of a model call that nobody else made one for. */
import {
  type Attributes,
  type Context,
  type HrTime,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import {CALL_SCOPE_NAME} from '../../model-spans.ts'
import {SCHEMA_URL, SCOPE_VERSION} from '../../semconv.ts'
import type {WireCall} from './wire-call.ts'
import type {WireFormat} from './formats.ts'
import type {WireRequest} from './request.ts'

export interface CallSpan {
  url: string
  format: WireFormat
  request: WireRequest
  /** `undefined` where there was no answer to read. */
  call: WireCall | undefined
  provider: string | undefined
  start: HrTime
  end: HrTime
  /** Seconds. */
  timeToFirstChunk: number | undefined
  errorType: string | undefined
  /** The caller gave it up: the span has the error's name and no status. */
  isAborted: boolean
}

/** Whose dialect it is, where nothing says who answers: what the conventions ask for. */
const flavour = (format: WireFormat): string | undefined =>
  format.startsWith('openai-') ? 'openai' : undefined

const DEFAULT_PORTS: Readonly<Record<string, number>> = {'https:': 443, 'http:': 80}

function serverOf(address: string): {host: string; port: number | undefined} | undefined {
  try {
    const {hostname, port, protocol} = new URL(address)
    return {host: hostname, port: port === '' ? DEFAULT_PORTS[protocol] : Number(port)}
  } catch {
    return undefined
  }
}

function attributesOf(made: CallSpan): Attributes {
  const {request, call, format, errorType, timeToFirstChunk} = made
  const server = serverOf(made.url)
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': call?.provider ?? made.provider ?? flavour(format),
    'gen_ai.request.model': request.model ?? call?.model,
    'gen_ai.request.choice.count': request.choices > 1 ? request.choices : undefined,
    'gen_ai.response.id': call?.responseId,
    'gen_ai.response.model': call?.model,
    'gen_ai.response.time_to_first_chunk': timeToFirstChunk,
    'gen_ai.usage.input_tokens': call?.inputTokens,
    'gen_ai.usage.output_tokens': call?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': call?.reasoningTokens,
    'server.address': server?.host,
    'server.port': server?.port,
    'error.type': errorType,
  }
  if (call !== undefined && call.finishReasons.length > 0) {
    attributes['gen_ai.response.finish_reasons'] = [...call.finishReasons]
  }
  for (const key of Object.keys(attributes)) {
    if (attributes[key] === undefined) delete attributes[key]
  }
  return attributes
}

/** Starts it, where the call began: `end` ends it where the call ended. */
export function startCallSpan(
  made: CallSpan,
  parent: Context,
  provider: TracerProvider | undefined,
): Span {
  const tracer = (provider ?? trace.getTracerProvider()).getTracer(CALL_SCOPE_NAME, SCOPE_VERSION, {
    schemaUrl: SCHEMA_URL,
  })
  const attributes = attributesOf(made)
  const model = attributes['gen_ai.request.model']
  const span = tracer.startSpan(
    model === undefined ? 'chat' : `chat ${String(model)}`,
    {kind: SpanKind.CLIENT, startTime: made.start, attributes},
    parent,
  )
  // No message: a provider's words may quote the request.
  if (made.errorType !== undefined && !made.isAborted) {
    span.setStatus({code: SpanStatusCode.ERROR})
  }
  return span
}

/** What is known of one that was started before its call was over. */
export function completeCallSpan(span: Span, made: CallSpan): void {
  span.setAttributes(attributesOf(made))
  if (made.errorType !== undefined && !made.isAborted) {
    span.setStatus({code: SpanStatusCode.ERROR})
  }
}
