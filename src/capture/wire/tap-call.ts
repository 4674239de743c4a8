/**
 * One tapped call, from `fetch` to the end of its body: what its response said goes to the hub, for
 * the span that the call belongs to, or for one of ours where nobody made one.
 */
import {
  type Context,
  context,
  createContextKey,
  type HrTime,
  isSpanContextValid,
  type SpanContext,
  trace,
  TraceFlags,
  type TracerProvider,
} from '@opentelemetry/api'
import type {FaultReport} from '../../fault-report.ts'
import {getHub} from '../../hub.ts'
import {getModelSpans, isOpenModelCall, type OpenSpan, type SeenSpan} from '../../model-spans.ts'
import type {CapturedCall} from '../../model.ts'
import {nanosBetween} from '../../spans/hr-time.ts'
import type {WireFormat} from './formats.ts'
import type {WireLimits} from './limits.ts'
import {providerOf, recogniseResponse} from './recognise.ts'
import {readRequest, type WireRequest} from './request.ts'
import {cameAtOnce, firstArrival, withoutArrivals} from './tap-arrivals.ts'
import {attemptKey, type Attempts} from './tap-attempts.ts'
import {createTapClock} from './tap-clock.ts'
import {createBatchedFeed} from './tap-feed.ts'
import type {TappedRequest} from './tap-request.ts'
import {watchResponse} from './tap-response.ts'
import {type CallSpan, startCallSpan} from './tap-span.ts'
import type {WireCall} from './wire-call.ts'
import {createWireParser, type WireParser} from './wire-parser.ts'

/** What all calls of one tap share. */
export interface Tap {
  readonly createSpans: boolean | undefined
  readonly tracerProvider: TracerProvider | undefined
  readonly limits: Partial<WireLimits> | undefined
  readonly attempts: Attempts
  readonly faults: FaultReport
}

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
const PROBE = createContextKey('otel-reasoning context manager probe')

/** Without one the active span is never known, and with it not whether somebody made a span. */
const hasContextManager = (): boolean =>
  context.with(
    context.active().setValue(PROBE, true),
    () => context.active().getValue(PROBE) === true,
  )

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

/** Failures after which clients try again. */
const isRetried = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || status >= 500

/** A page or an image is no answer, whatever the request was. */
const isReadableType = (contentType: string | null): boolean =>
  recogniseResponse({url: '/responses', contentType}).length > 0

const RETRY_WAIT_MILLIS = 10_000
const MAX_RETRY_WAIT_MILLIS = 60_000

/** How long until a client will have tried again, by the header that asks it to wait. */
function retryWait(headers: Headers): number {
  const millis = Number(headers.get('retry-after-ms') ?? Number.NaN)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const asked = Number.isFinite(millis) ? millis : Number.isFinite(seconds) ? seconds * 1000 : 0
  return Math.min(Math.max(asked, 0) + RETRY_WAIT_MILLIS, MAX_RETRY_WAIT_MILLIS)
}

const nameOfError = (error: unknown): string =>
  error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'error'

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
  return followCall(request, formats, tap, parent, active, span as OpenSpan | undefined)
}

function followCall(
  request: TappedRequest,
  formats: readonly WireFormat[],
  tap: Tap,
  parent: Context,
  active: SpanContext | undefined,
  activeSpan: OpenSpan | undefined,
): TappedCall {
  const {attempts, faults} = tap
  const {url, method, signal} = request
  const table = getModelSpans()
  const clock = createTapClock()
  const key = attemptKey(active?.spanId ?? '', method, url, request.body)
  const before = attempts.previous(key)
  const attempt = (before?.attempt ?? 0) + 1
  const start = before?.start ?? clock.now()
  const since = before?.since ?? clock.madeAt
  const endRequest = active === undefined ? undefined : table.openRequest(active.traceId)
  const format = formats[0] as WireFormat

  let wire: WireRequest | undefined
  let seen: SeenSpan | undefined
  let target: {traceId: string; spanId: string} | undefined
  let stopListening: (() => void) | undefined
  let parser: WireParser | undefined
  let firstChunk: HrTime | undefined
  let lastChunk: HrTime | undefined
  let isOver = false
  const waiting = createBatchedFeed((bytes, time) => parser?.feed(bytes, time))

  const requested = (): WireRequest => {
    if (wire === undefined) {
      wire = readRequest(format, request.body ?? '', url)
      // Not needed any more, and it may be long.
      request.body = undefined
    }
    return wire
  }

  const claim = (found: SeenSpan | undefined): void => {
    if (found === undefined) return
    seen = found
    found.open += 1
    found.claims += 1
    target = found
  }

  /** The span of this call, if an instrumentation made one. @param isLast it may have ended by now */
  const findTarget = (isLast: boolean): void => {
    if (target !== undefined) return
    if (active !== undefined && isOpenModelCall(activeSpan?.attributes)) target = active
    else {
      const model = isLast || wire !== undefined ? requested().model : undefined
      claim(table.find(active?.traceId, active?.spanId, model, isLast ? since : undefined))
    }
  }

  const release = (): void => {
    if (isOver) return
    isOver = true
    stopListening?.()
    endRequest?.()
    if (seen !== undefined) seen.open -= 1
    parser = undefined
  }

  const guarded = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      faults.tell('a response was not read', error)
      release()
    }
  }

  const mayMakeSpan = (): boolean =>
    tap.createSpans !== false &&
    (tap.createSpans === true || hasContextManager()) &&
    (active === undefined || !table.hasStranger(active.traceId, active.spanId, since))

  const secondsUntil = (time: HrTime | undefined): number | undefined =>
    time === undefined ? undefined : nanosBetween(start, time) / 1_000_000_000

  const describe = (
    call: WireCall | undefined,
    errorType: string | undefined,
    isAborted: boolean,
  ): CallSpan => ({
    url,
    format,
    request: requested(),
    call,
    provider: providerOf(url, format),
    start,
    end: lastChunk ?? clock.now(),
    timeToFirstChunk:
      call !== undefined && requested().stream && !cameAtOnce(call.items, lastChunk)
        ? secondsUntil(firstChunk)
        : undefined,
    errorType,
    isAborted,
  })

  const captured = (call: WireCall): CapturedCall => {
    const {toolsOffered, model, promptName, promptVersion} = requested()
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
      timeToFirstChunk: isAtOnce ? undefined : secondsUntil(firstArrival(call.items)),
    }
  }

  /** @param error what broke the body; `undefined` where it ended or was given up */
  const finish = (call: WireCall, error?: unknown): void => {
    if (isOver) return
    if (!call.recognised) {
      release()
      return
    }
    const isAborted = signal?.aborted === true
    const isBroken = error !== undefined && !isAborted
    findTarget(true)
    const contribution = {origin: 'wire', call: captured(call)} as const
    const hub = getHub()
    if (target !== undefined) hub.contribute(target.traceId, target.spanId, contribution)
    else if (mayMakeSpan()) {
      const errorType = error === undefined ? call.errorType : nameOfError(error)
      const made = describe(call, errorType, isAborted)
      const own = startCallSpan(made, parent, tap.tracerProvider)
      const {traceId, spanId} = own.spanContext()
      if (own.isRecording()) hub.contribute(traceId, spanId, contribution)
      own.end(made.end)
    } else if (active !== undefined) {
      hub.contribute(active.traceId, active.spanId, contribution)
    }
    if (isBroken) attempts.failed(key, {attempt, start, since, waitMillis: 0})
    else attempts.succeeded(key)
    release()
  }

  /** There is no answer; maybe the client tries again. @param waitMillis how long to wait for that */
  const fail = (errorType: string, waitMillis: number): void => {
    findTarget(true)
    // Of other programs' servers we know the address only: no span says that it was a model.
    const isOurs = target === undefined && requested().model !== undefined && mayMakeSpan()
    release()
    const made = describe(undefined, errorType, signal?.aborted === true)
    const report = (): void => {
      try {
        startCallSpan(made, parent, tap.tracerProvider).end(made.end)
      } catch (error) {
        faults.tell('a failed call has no span', error)
      }
    }
    if (waitMillis === 0) {
      if (isOurs) report()
      return
    }
    let stop: (() => void) | undefined
    attempts.failed(key, {
      attempt,
      start,
      since,
      waitMillis,
      giveUp: isOurs
        ? () => {
            stop?.()
            report()
          }
        : undefined,
    })
    // Whoever called has given up: nobody tries again.
    if (isOurs && active !== undefined) {
      stop = table.onEnd(active.spanId, () => attempts.giveUp(key))
    }
  }

  /** The call's span ends: whoever reads the body may never come for the rest of it. */
  const onTargetEnd = (): void => {
    if (parser === undefined) return
    waiting.flush()
    if (signal?.aborted === true) finish(parser.abort(), signal.reason ?? 'aborted')
    else {
      const call = parser.result()
      if (call.ended) finish(call)
    }
  }

  const close = (action: (read: WireParser) => void): void => {
    guarded(() => {
      waiting.flush()
      if (parser !== undefined) action(parser)
    })
  }

  const watcher = {
    chunk(bytes: Uint8Array): void {
      if (parser === undefined) return
      try {
        lastChunk = clock.now()
        firstChunk ??= lastChunk
        waiting.feed(bytes, lastChunk)
      } catch (error) {
        faults.tell('a response was not read', error)
        release()
      }
    },
    end: () => close((read) => finish(read.end())),
    fail: (error: unknown) => close((read) => finish(read.abort(), error ?? 'error')),
    cancel: () => close((read) => finish(read.abort())),
  }

  const watch = (response: Response): Response => {
    const contentType = response.headers.get('content-type')
    if (!isReadableType(contentType)) return response
    parser = createWireParser(formats, {
      // Asked for at the end: until then a long request need not have been read.
      get requestModel() {
        return requested().model
      },
      provider: providerOf(url, format),
      limits: tap.limits,
    })
    return watchResponse(response, watcher) ?? response
  }

  return {
    sent() {
      guarded(() => {
        if ((request.body?.length ?? 0) <= MAX_EAGER_BODY) requested()
        findTarget(false)
        if (target !== undefined) {
          stopListening = table.onEnd(target.spanId, () => guarded(onTargetEnd))
        }
      })
    },
    respond(response) {
      let given = response
      guarded(() => {
        if (isOver || tapped().has(response)) return
        if (response.ok) given = watch(response)
        else {
          tapped().add(response)
          const {status} = response
          fail(String(status), isRetried(status) ? retryWait(response.headers) : 0)
        }
      })
      if (given === response) release()
      else tapped().add(given)
      return given
    },
    reject(error) {
      guarded(() => {
        if (isOver || (isObject(error) && tapped().has(error))) return
        if (isObject(error)) tapped().add(error)
        fail(nameOfError(error), RETRY_WAIT_MILLIS)
      })
      release()
    },
    leave: release,
  }
}
