/** Spans of an agent and its tools that nobody reported: they say that they are inferred. */
import {
  type Attributes,
  type Context,
  type HrTime,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import {CALL_SCOPE_NAME} from '../../model-spans.ts'
import {ATTR_INFERRED, ATTR_TIMING, SCHEMA_URL, SCOPE_VERSION} from '../../semconv.ts'
import {isAfter} from '../../spans/hr-time.ts'
import type {ToolResult} from './tool-results.ts'

/** A tool call that a response asked for. */
export interface AskedTool {
  id: string | undefined
  name: string
  /** Its arguments where it has no id, as `canonicalJson` has them. */
  key: string
  /** When the response that asked for it ended. */
  asked: HrTime
  /** JSON text, where content may be shown. */
  arguments: string | undefined
}

/** Code units of arguments and results that are shown. */
const MAX_SHOWN = 8 * 1024

const tracerOf = (provider: TracerProvider | undefined): Tracer =>
  (provider ?? trace.getTracerProvider()).getTracer(CALL_SCOPE_NAME, SCOPE_VERSION, {
    schemaUrl: SCHEMA_URL,
  })

function withoutGaps(attributes: Attributes): Attributes {
  for (const key of Object.keys(attributes)) {
    if (attributes[key] === undefined) delete attributes[key]
  }
  return attributes
}

/** The span above the calls of one run; whoever starts it ends it. */
export function startAgentSpan(
  first: {
    start: HrTime
    parent: Context
    provider: string | undefined
    model: string | undefined
  },
  provider: TracerProvider | undefined,
): Span {
  return tracerOf(provider).startSpan(
    'invoke_agent',
    {
      kind: SpanKind.INTERNAL,
      startTime: first.start,
      attributes: withoutGaps({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': first.provider,
        'gen_ai.request.model': first.model,
        [ATTR_INFERRED]: true,
      }),
    },
    first.parent,
  )
}

/** A tool's span, from the response that asked for it to the request with its result. */
export function endToolSpan(
  tool: AskedTool,
  result: ToolResult,
  answered: HrTime,
  parent: Context,
  provider: TracerProvider | undefined,
): void {
  const span = tracerOf(provider).startSpan(
    tool.name === '' ? 'execute_tool' : `execute_tool ${tool.name}`,
    {
      kind: SpanKind.INTERNAL,
      startTime: tool.asked,
      attributes: withoutGaps({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool.name || undefined,
        'gen_ai.tool.call.id': tool.id,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.arguments': tool.arguments?.slice(0, MAX_SHOWN),
        'gen_ai.tool.call.result': result.text?.slice(0, MAX_SHOWN),
        'error.type': result.isError ? '_OTHER' : undefined,
        [ATTR_INFERRED]: true,
        [ATTR_TIMING]: 'estimated',
      }),
    },
    parent,
  )
  if (result.isError) span.setStatus({code: SpanStatusCode.ERROR})
  // Two calls have a clock each, a millisecond apart at most.
  span.end(isAfter(tool.asked, answered) ? tool.asked : answered)
}
