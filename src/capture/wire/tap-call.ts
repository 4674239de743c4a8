/**
 * One tapped call, from `fetch` to the end of its body: what its response said goes to the hub, for
 * the span that the call belongs to, or for one of ours where nobody made one.
 */
import {
  context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import type {OpenSpan} from '../../model-spans.ts'
import type {WireFormat} from './formats.ts'
import {nameOfError, RETRY_WAIT_MILLIS, retryWait} from './tap-failure.ts'
import {closeBody, listenToSpans, readBody} from './tap-read.ts'
import {failCall, finishCall} from './tap-report.ts'
import type {TappedRequest} from './tap-request.ts'
import {
  type CallState,
  createCallState,
  guarded,
  release,
  requestOf,
  type Tap,
} from './tap-state.ts'
import {findTarget} from './tap-target.ts'

export type {Tap} from './tap-state.ts'

export interface TappedCall {
  /** The request is on its way; what takes time may be done now. */
  sent(): void
  /** @returns what the caller gets: the same response, or one whose body is watched */
  respond(response: Response): Response
  /** There is no response. */
  reject(error: unknown): void
  /** It is not ours to follow. */
  leave(): void
}

// The key that `suppressTracing` of @opentelemetry/core sets.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

const TAPPED = Symbol.for('otel-reasoning.tapped.v1')

/** Responses and errors that a tap has dealt with: a tap around it leaves them alone. */
function tapped(): WeakSet<object> {
  const shared = globalThis as {[TAPPED]?: WeakSet<object>}
  shared[TAPPED] ??= new WeakSet()
  return shared[TAPPED]
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A body of this many code units is read at once; a longer one when the call is over. */
const MAX_EAGER_BODY = 64 * 1024

const isUnsampled = (spanContext: SpanContext, isRecording: boolean): boolean =>
  !isRecording && (spanContext.traceFlags & TraceFlags.SAMPLED) === 0

/**
 * Begins to follow a request.
 *
 * @param formats what its response may be
 * @returns `undefined` where nobody wants to know: tracing is suppressed, the trace is not sampled
 */
export function beginCall(
  request: TappedRequest,
  formats: readonly WireFormat[],
  tap: Tap,
): TappedCall | undefined {
  const parent = context.active()
  if (parent.getValue(SUPPRESSED) === true) return undefined
  const span = trace.getSpan(parent)
  const spanContext = span?.spanContext()
  const active =
    spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined
  if (active !== undefined && isUnsampled(active, span?.isRecording() ?? false)) return undefined
  const activeSpan = span as OpenSpan | undefined
  return followCall(createCallState(request, formats, tap, {parent, active, activeSpan}))
}

function followCall(state: CallState): TappedCall {
  const {request} = state

  const sent = (): void => {
    const isShort = (request.body?.length ?? 0) <= MAX_EAGER_BODY
    if (isShort && request.isPending !== true) requestOf(state)
    findTarget(state, false)
    listenToSpans(state)
  }

  const respond = (response: Response): Response => {
    if (state.isOver || tapped().has(response)) return response
    if (response.ok) return readBody(state, response)
    tapped().add(response)
    const {status, headers} = response
    failCall(state, String(status), retryWait(status, headers))
    return response
  }

  const reject = (error: unknown): void => {
    if (state.isOver || (isObject(error) && tapped().has(error))) return
    if (isObject(error)) tapped().add(error)
    failCall(state, nameOfError(error), RETRY_WAIT_MILLIS)
  }

  const cutShort = (): void => {
    if (state.isOver) return
    if (state.parser === undefined) failCall(state, 'process_exit', 0)
    else closeBody(state, (parser) => finishCall(state, parser.abort()))
  }
  const arrived = state.agents?.begin(() => guarded(state, cutShort))
  if (arrived !== undefined) state.undo.push(arrived)

  return {
    sent: () => guarded(state, sent),
    respond(response) {
      let given = response
      guarded(state, () => {
        given = respond(response)
      })
      if (given === response) release(state)
      else tapped().add(given)
      return given
    },
    reject(error) {
      guarded(state, () => reject(error))
      release(state)
    },
    leave: () => release(state),
  }
}
