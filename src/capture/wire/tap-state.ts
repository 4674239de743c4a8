/** What is known of one tapped call while it runs: plain data that the files beside this one fill. */
import type {Context, HrTime, Span, SpanContext, TracerProvider} from '@opentelemetry/api'
import type {FaultReport} from '../../fault-report.ts'
import {getModelSpans, type ModelSpans, type OpenSpan, type SeenSpan} from '../../model-spans.ts'
import {type AgentRuns, getAgentRuns} from './agent-runs.ts'
import type {WireFormat} from './formats.ts'
import type {WireLimits} from './limits.ts'
import {readRequest, type WireRequest} from './request.ts'
import {attemptKey, type Attempts} from './tap-attempts.ts'
import {createTapClock, type TapClock} from './tap-clock.ts'
import {type BatchedFeed, createBatchedFeed} from './tap-feed.ts'
import type {IdleWatch} from './tap-idle.ts'
import type {TappedLive} from './tap-live.ts'
import type {TappedRequest} from './tap-request.ts'
import type {WireParser} from './wire-parser.ts'

/** What all calls of one tap share. */
export interface Tap {
  readonly createSpans: boolean | undefined
  readonly tracerProvider: TracerProvider | undefined
  readonly limits: Partial<WireLimits> | undefined
  readonly attempts: Attempts
  readonly faults: FaultReport
}

/** Where a request was made. */
export interface Origin {
  readonly parent: Context
  /** The active span's, where it is valid. */
  readonly active: SpanContext | undefined
  readonly activeSpan: OpenSpan | undefined
}

export interface CallState extends Origin {
  readonly tap: Tap
  readonly request: TappedRequest
  /** What the response may be, likeliest first. */
  readonly formats: readonly WireFormat[]
  readonly format: WireFormat
  readonly table: ModelSpans
  readonly agents: AgentRuns | undefined
  readonly clock: TapClock
  /** What it has in common with its retries. */
  readonly key: string
  /** From 1. */
  readonly attempt: number
  /** When the first attempt began, as a time and in milliseconds of the monotonic clock. */
  readonly start: HrTime
  readonly since: number
  wire: WireRequest | undefined
  /** The span it belongs to, where somebody made one. */
  target: SpanContext | undefined
  seen: SeenSpan | undefined
  /** `undefined` until there is an answer to read, and when all is done. */
  parser: WireParser | undefined
  /** Chunks on their way to the parser. */
  readonly waiting: BatchedFeed
  firstChunk: HrTime | undefined
  lastChunk: HrTime | undefined
  isOver: boolean
  /** Notices a reader that went away. */
  idle: IdleWatch | undefined
  /** The span that it belongs to, or the one around it, has ended. */
  hasSpanEnded: boolean
  /** What was told of it while it runs; `undefined` until anything is. */
  live: TappedLive | undefined
  isLiveDue: boolean
  /** One of ours that was started early, since its steps are exported while it runs. */
  own: Span | undefined
  /** What `release` has to undo. */
  readonly undo: (() => void)[]
}

export function createCallState(
  request: TappedRequest,
  formats: readonly WireFormat[],
  tap: Tap,
  origin: Origin,
): CallState {
  const {active} = origin
  const table = getModelSpans()
  const clock = createTapClock()
  const key = attemptKey(active?.spanId ?? '', request.method, request.url, request.body)
  const before = tap.attempts.previous(key)
  const state: CallState = {
    ...origin,
    tap,
    request,
    formats,
    format: formats[0] as WireFormat,
    table,
    agents: getAgentRuns(),
    clock,
    key,
    attempt: (before?.attempt ?? 0) + 1,
    start: before?.start ?? clock.now(),
    since: before?.since ?? clock.madeAt,
    wire: undefined,
    target: undefined,
    seen: undefined,
    parser: undefined,
    waiting: createBatchedFeed((bytes, time) => state.parser?.feed(bytes, time)),
    firstChunk: undefined,
    lastChunk: undefined,
    isOver: false,
    idle: undefined,
    hasSpanEnded: false,
    live: undefined,
    isLiveDue: false,
    own: undefined,
    undo: active === undefined ? [] : [table.openRequest(active.traceId)],
  }
  return state
}

/** What the request says; read when it is first asked for. */
export function requestOf(state: CallState): WireRequest {
  if (state.wire === undefined) {
    const {format, request, agents} = state
    const results = agents && {withText: agents.withContent}
    state.wire = readRequest(format, request.body ?? '', request.url, results)
    // Not needed any more, and it may be long.
    request.body = undefined
  }
  return state.wire
}

/** Nothing more is read or told of this call. */
export function release(state: CallState): void {
  if (state.isOver) return
  state.isOver = true
  for (const undo of state.undo) undo()
  state.idle?.stop()
  // Ended already, where the call came to its end.
  state.own?.end()
  state.own = undefined
  if (state.seen !== undefined) state.seen.open -= 1
  state.parser = undefined
}

/** Runs what follows a call; a fault of ours costs this call's reasoning. */
export function guarded(state: CallState, action: () => void): void {
  try {
    action()
  } catch (error) {
    state.tap.faults.tell('a response was not read', error)
    release(state)
  }
}
