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
import {SCHEMA_URL, SCOPE_VERSION} from '../../semconv.ts'
import type {WireCall} from '../wire/wire-call.ts'
import {providerName} from './provider-name.ts'
import type {ModelRequest} from './shapes.ts'

const SCOPE_NAME = 'otel-reasoning/ai-sdk'

/** Starts before the model is called, so that whoever else looks at the call finds it. */
export function startCallSpan(
  {provider, modelId}: ModelRequest,
  startTime: HrTime,
  parent: Context,
  tracerProvider: TracerProvider | undefined,
): Span {
  const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer(
    SCOPE_NAME,
    SCOPE_VERSION,
    {schemaUrl: SCHEMA_URL},
  )
  const attributes: Attributes = {'gen_ai.operation.name': 'chat'}
  const name = providerName(provider)
  if (name !== undefined) attributes['gen_ai.provider.name'] = name
  if (modelId !== undefined) attributes['gen_ai.request.model'] = modelId
  return tracer.startSpan(
    modelId === undefined ? 'chat' : `chat ${modelId}`,
    {kind: SpanKind.CLIENT, startTime, attributes},
    parent,
  )
}

export interface CallOutcome {
  /** `undefined` where there was no answer to read. */
  call: WireCall | undefined
  end: HrTime
  /** Seconds. */
  timeToFirstChunk: number | undefined
  errorType: string | undefined
  /** The caller gave it up: the span has the error's name and no status. */
  isAborted: boolean
}

export function endCallSpan(
  span: Span,
  {call, end, timeToFirstChunk, errorType, isAborted}: CallOutcome,
): void {
  const attributes: Attributes = {
    'gen_ai.response.id': call?.responseId,
    'gen_ai.response.model': call?.model,
    'gen_ai.response.time_to_first_chunk': timeToFirstChunk,
    'gen_ai.usage.input_tokens': call?.inputTokens,
    'gen_ai.usage.output_tokens': call?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': call?.reasoningTokens,
    'error.type': errorType,
  }
  if (call !== undefined && call.finishReasons.length > 0) {
    attributes['gen_ai.response.finish_reasons'] = [...call.finishReasons]
  }
  for (const key of Object.keys(attributes)) {
    if (attributes[key] !== undefined) span.setAttribute(key, attributes[key])
  }
  // No message: a provider's words may quote the request.
  if (errorType !== undefined && !isAborted) span.setStatus({code: SpanStatusCode.ERROR})
  span.end(end)
}
