/** The end of a tapped call: what it said goes to its span, or to one that is made now. */
import type {HrTime, Span} from '@opentelemetry/api'
import {contributeTo} from '../../hub.ts'
import type {CapturedCall} from '../../model.ts'
import {nanosBetween} from '../../spans/hr-time.ts'
import type {Placed} from './agent-runs.ts'
import {providerOf} from './recognise.ts'
import {cameAtOnce, firstArrival, withoutArrivals} from './tap-arrivals.ts'
import {nameOfError} from './tap-failure.ts'
import {type CallSpan, completeCallSpan, startCallSpan} from './tap-span.ts'
import {type CallState, release, requestOf} from './tap-state.ts'
import {findTarget, mayMakeSpan} from './tap-target.ts'
import type {WireCall} from './wire-call.ts'

/** Seconds from the call's start. */
const secondsUntil = ({start}: CallState, time: HrTime | undefined): number | undefined =>
  time === undefined ? undefined : nanosBetween(start, time) / 1_000_000_000

const endOf = ({lastChunk, clock}: CallState): HrTime => lastChunk ?? clock.now()

const isGivenUp = ({request}: CallState): boolean => request.signal?.aborted === true

function describe(
  state: CallState,
  call: WireCall | undefined,
  errorType: string | undefined,
): CallSpan {
  const {request, format, start, lastChunk, firstChunk} = state
  const wire = requestOf(state)
  const isTimed = call !== undefined && wire.stream && !cameAtOnce(call.items, lastChunk)
  return {
    url: request.url,
    format,
    request: wire,
    call,
    provider: providerOf(request.url, format),
    start,
    end: endOf(state),
    timeToFirstChunk: isTimed ? secondsUntil(state, firstChunk) : undefined,
    errorType,
    // Clients give up themselves when the provider has told of an error: that is a failure.
    isAborted: isGivenUp(state) && call?.errorType === undefined,
  }
}

/** Where the call stands in an agent's run; an agent and tools that nobody reported get spans. */
function place(
  state: CallState,
  call: WireCall | undefined,
  end: HrTime,
  isOurs: boolean,
  isBroken: boolean,
): Placed | undefined {
  const {agents, target, active, activeSpan, seen, request, format, start, parent} = state
  if (agents === undefined) return undefined
  const {carried, model} = requestOf(state)
  return agents.place({
    carried,
    call,
    start,
    end,
    parent,
    above:
      target === undefined
        ? active
        : target.spanId === active?.spanId
          ? activeSpan?.parentSpanContext
          : (active ?? seen?.span.parentSpanContext),
    isOurs,
    provider: call?.provider ?? providerOf(request.url, format),
    model: model ?? call?.model,
    isBroken,
  })
}

/** The call as the hub takes it: with what its request said, and times only where they say something. */
function capturedCall(state: CallState, call: WireCall): CapturedCall {
  const {attempt, lastChunk} = state
  const {toolsOffered, model, promptName, promptVersion} = requestOf(state)
  const isAtOnce = cameAtOnce(call.items, lastChunk)
  const timed = isAtOnce ? withoutArrivals(call.items) : call.items
  const items =
    attempt === 1
      ? timed
      : timed.map((item) =>
          item.type === 'reasoning' ? {type: item.type, block: {...item.block, attempt}} : item,
        )
  return {
    ...call,
    items,
    toolsOffered,
    model: model ?? call.model,
    promptName,
    promptVersion,
    // Of a response that came at once it says nothing but how long all of it took.
    timeToFirstChunk: isAtOnce ? undefined : secondsUntil(state, firstArrival(call.items)),
  }
}

/** The call's span before the call is over: its steps need one to stand below. */
export function startOwnSpan(state: CallState): Span {
  const made = describe(state, state.parser?.result(), undefined)
  const {parent, tap} = state
  return startCallSpan({...made, timeToFirstChunk: undefined}, parent, tap.tracerProvider)
}

/** There was an answer. @param error what broke it; `undefined` where it ended or was given up */
export function finishCall(state: CallState, call: WireCall, error?: unknown): void {
  if (state.isOver) return
  if (!call.recognised) {
    release(state)
    return
  }
  const {tap, key, attempt, start, since, parent, active} = state
  const errorType = call.errorType ?? (error === undefined ? undefined : nameOfError(error))
  const isBroken = errorType !== undefined && (call.errorType !== undefined || !isGivenUp(state))
  // Where there is one of ours already, whoever came after it makes the call's second one.
  if (state.own === undefined) findTarget(state, true)
  const contribution = {origin: 'wire', call: capturedCall(state, call)} as const
  const {target, own: early} = state
  if (early !== undefined) {
    const made = describe(state, call, errorType)
    const placed = place(state, call, made.end, true, errorType !== undefined)
    completeCallSpan(early, made)
    contributeTo(early.spanContext(), contribution)
    early.end(made.end)
    state.own = undefined
    placed?.settle()
  } else if (target !== undefined) {
    contributeTo(target, contribution)
    place(state, call, endOf(state), false, isBroken)?.settle()
  } else if (mayMakeSpan(state)) {
    const made = describe(state, call, errorType)
    const placed = place(state, call, made.end, true, errorType !== undefined)
    const own = startCallSpan(made, placed?.parent ?? parent, tap.tracerProvider)
    contributeTo(own.spanContext(), contribution)
    own.end(made.end)
    placed?.settle()
  } else if (active !== undefined) contributeTo(active, contribution)
  if (isBroken) tap.attempts.failed(key, {attempt, start, since, waitMillis: 0})
  else tap.attempts.succeeded(key)
  release(state)
}

/** There is no answer; maybe the client tries again. @param waitMillis how long to wait for that */
export function failCall(state: CallState, errorType: string, waitMillis: number): void {
  const {tap, key, attempt, start, since, parent, active, table} = state
  findTarget(state, true)
  // Of other programs' servers we know the address only: no span says that it was a model.
  const isOurs =
    state.target === undefined && requestOf(state).model !== undefined && mayMakeSpan(state)
  release(state)
  const made = describe(state, undefined, errorType)
  const report = (): void => {
    try {
      const placed = place(state, undefined, made.end, true, true)
      startCallSpan(made, placed?.parent ?? parent, tap.tracerProvider).end(made.end)
    } catch (error) {
      tap.faults.tell('a failed call has no span', error)
    }
  }
  if (waitMillis === 0) {
    if (isOurs) report()
    return
  }
  let stop: (() => void) | undefined
  const giveUp = (): void => {
    stop?.()
    report()
  }
  tap.attempts.failed(key, {
    attempt,
    start,
    since,
    waitMillis,
    giveUp: isOurs ? giveUp : undefined,
  })
  // Whoever called has given up: nobody tries again.
  if (isOurs && active !== undefined) {
    stop = table.onEnd(active.spanId, () => tap.attempts.giveUp(key))
  }
}
