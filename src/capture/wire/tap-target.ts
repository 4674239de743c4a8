/** Which span a tapped call belongs to, and whether it may have one of ours. */
import {type SpanContext, TraceFlags} from '@opentelemetry/api'
import {hasContextManager} from '../../context-manager.ts'
import {isOpenModelCall, type SeenSpan} from '../../model-spans.ts'
import {type CallState, requestOf} from './tap-state.ts'

function claim(state: CallState, found: SeenSpan | undefined): void {
  if (found === undefined) return
  state.seen = found
  found.open += 1
  found.claims += 1
  const {traceId, spanId} = found
  // Processors are told of recording spans only; that they say whether they are sampled is not sure.
  const {traceFlags = TraceFlags.SAMPLED}: Partial<SpanContext> = found.span.spanContext()
  state.target = {traceId, spanId, traceFlags}
}

/** Looks for the span that an instrumentation made. @param isLast it may have ended by now */
export function findTarget(state: CallState, isLast: boolean): void {
  if (state.target !== undefined) return
  const {active, activeSpan, table} = state
  if (active !== undefined && isOpenModelCall(activeSpan?.attributes)) {
    // What the outer one keeps of the reasoning must be found to be the same.
    claim(state, table.enclosing(active.traceId, active.spanId))
    state.target ??= active
    return
  }
  const model = isLast || state.wire !== undefined ? requestOf(state).model : undefined
  const since = isLast ? state.since : undefined
  claim(state, table.find(active?.traceId, active?.spanId, model, since))
}

export const mayMakeSpan = ({tap, active, table, since}: CallState): boolean =>
  tap.createSpans !== false &&
  (tap.createSpans === true || hasContextManager()) &&
  (active === undefined || !table.hasStranger(active.traceId, active.spanId, since))
