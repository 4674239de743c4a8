/**
 * One call of a model, from before it is made to its last chunk: what it said goes to the hub, for
 * the span that the call belongs to, or for one of ours where nobody made one.
 */
import {
  type Context,
  context,
  createContextKey,
  type HrTime,
  isSpanContextValid,
  type Span,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import {hasContextManager} from '../../context-manager.ts'
import {getHub} from '../../hub.ts'
import {getModelSpans, isOpenModelCall, type OpenSpan, type SeenSpan} from '../../model-spans.ts'
import type {CapturedCall} from '../../model.ts'
import {nanosBetween} from '../../spans/hr-time.ts'
import {asName} from '../wire/message-facts.ts'
import {cameAtOnce, firstArrival, withoutArrivals} from '../wire/tap-arrivals.ts'
import {createTapClock} from '../wire/tap-clock.ts'
import type {WireCall} from '../wire/wire-call.ts'
import {endCallSpan, startCallSpan} from './call-span.ts'
import type {Hook} from './options.ts'
import {createResultReader, errorTypeOf, type ResultReader} from './result-reader.ts'
import {isStream, type ModelRequest} from './shapes.ts'
import {watchStream} from './watch-stream.ts'

export interface FollowedCall {
  /** Makes the call, once an attempt. What comes back is what the model gave. */
  run<T>(execute: () => PromiseLike<T>): Promise<T>
  /** What the model gave, from somebody who saw all of it; for nothing where we did. */
  told(result: Record<string, unknown>): void
  /** No further attempt will be made: over it is, unless its stream still runs. */
  settle(): void
  /** Nothing more will come of it. @param isAborted because the caller wanted that */
  close(isAborted: boolean): void
  /** Attempts so far, those before this object among them. */
  readonly attempts: number
  /** Whether another attempt is this call's too: its span is ours, and has not ended. */
  mayGoOn(): boolean
}

// The key that `suppressTracing` of @opentelemetry/core sets.
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const FOLLOWED = Symbol.for('otel-reasoning.ai-sdk-followed.v1')

/**
 * Streams and contents that one of our hooks has told of, and for which span: another one around it
 * does not tell that span again.
 */
function followed(): WeakMap<object, string> {
  const shared = globalThis as {[FOLLOWED]?: WeakMap<object, string>}
  shared[FOLLOWED] ??= new WeakMap()
  return shared[FOLLOWED]
}

interface Result {
  stream?: unknown
  content?: unknown
}

const isResult = (value: unknown): value is Result => typeof value === 'object' && value !== null

const isRetryable = (error: unknown): boolean =>
  isResult(error) && (error as {isRetryable?: unknown}).isRetryable === true

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'ResponseAborted')

const toolNames = (tools: unknown): string[] =>
  Array.isArray(tools)
    ? tools.flatMap((tool: unknown) => {
        const name = isResult(tool) ? asName((tool as {name?: unknown}).name) : ''
        return name === '' ? [] : [name]
      })
    : []

export interface FollowOptions {
  /** The span that an instrumentation made for this very call, where that is known. */
  given?: SeenSpan | undefined
  /** Whether whoever calls says when no further attempt will follow a failed one. */
  mayRetry: boolean
  /** How often the same call failed before. @defaultValue 0 */
  attempts?: number | undefined
}

/**
 * Begins to follow a call of a model. Never throws.
 *
 * @returns `undefined` where nobody wants to know: tracing is suppressed, the trace is not sampled
 */
export function followCall(
  request: ModelRequest,
  hook: Hook,
  options: FollowOptions,
): FollowedCall | undefined {
  try {
    return beginCall(request, hook, options)
  } catch (error) {
    hook.faults.tell('a model call was not followed', error)
    return undefined
  }
}

function beginCall(
  request: ModelRequest,
  hook: Hook,
  {given, mayRetry, attempts = 0}: FollowOptions,
): FollowedCall | undefined {
  const parent = context.active()
  if (parent.getValue(SUPPRESSED) === true) return undefined
  const activeSpan = trace.getSpan(parent)
  const found = activeSpan?.spanContext()
  const active = found !== undefined && isSpanContextValid(found) ? found : undefined
  const isSampled = active === undefined || (active.traceFlags & TraceFlags.SAMPLED) !== 0
  if (!isSampled && activeSpan?.isRecording() !== true) return undefined

  const {faults} = hook
  const table = getModelSpans()
  const clock = createTapClock()
  const start = clock.now()
  let attempt = attempts
  let claimed: SeenSpan | undefined
  let target: {traceId: string; spanId: string} | undefined
  let own: Span | undefined
  let inside: Context = parent
  let reader: ResultReader | undefined
  let firstOutput: HrTime | undefined
  let lastPart: HrTime | undefined
  let failure: string | undefined
  let isGiven = false
  let isOver = false
  let isTold = true
  let stopListening: (() => void) | undefined

  const claim = (seen: SeenSpan | undefined): boolean => {
    if (seen === undefined) return false
    claimed = seen
    seen.open += 1
    seen.claims += 1
    return true
  }

  const mayMakeSpan = (): boolean =>
    hook.createSpans !== false &&
    (hook.createSpans === true || hasContextManager()) &&
    (active === undefined || !table.hasStranger(active.traceId, active.spanId, clock.madeAt))

  const findTarget = (): void => {
    if (active !== undefined && isOpenModelCall((activeSpan as OpenSpan | undefined)?.attributes)) {
      target = active
      claim(table.find(active.traceId, active.spanId, undefined))
      return
    }
    isGiven = given !== undefined && given.endedAt === Infinity
    if (claim(isGiven ? given : table.find(active?.traceId, active?.spanId, request.modelId))) {
      target = claimed
      return
    }
    if (!mayMakeSpan()) return
    own = startCallSpan(request, start, parent, hook.tracerProvider)
    target = own.spanContext()
    inside = trace.setSpan(parent, own)
    // Nobody else's request belongs to it.
    claim(table.find(target.traceId, target.spanId, undefined))
  }

  const release = (): void => {
    if (isOver) return
    isOver = true
    stopListening?.()
    if (claimed !== undefined) claimed.open -= 1
    reader = undefined
  }

  const guarded = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      faults.tell('a model call was not read', error)
      release()
    }
  }

  const secondsUntil = (time: HrTime | undefined): number | undefined =>
    time === undefined ? undefined : nanosBetween(start, time) / 1_000_000_000

  const captured = (call: WireCall, isAtOnce: boolean): CapturedCall => {
    const timed = isAtOnce ? withoutArrivals(call.items) : call.items
    const items =
      attempt <= 1
        ? timed
        : timed.map((item) =>
            item.type === 'reasoning' ? {type: item.type, block: {...item.block, attempt}} : item,
          )
    return {
      ...call,
      items,
      toolsOffered: toolNames(request.tools),
      model: request.modelId ?? call.model,
      timeToFirstChunk: isAtOnce ? undefined : secondsUntil(firstArrival(call.items)),
    }
  }

  const tell = (call: WireCall, isAtOnce: boolean): void => {
    if (!isTold || !request.recordOutputs) return
    const {traceId, spanId} = target ?? active ?? {}
    if (traceId === undefined || spanId === undefined || own?.isRecording() === false) return
    getHub().contribute(traceId, spanId, {origin: 'hook', call: captured(call, isAtOnce)})
  }

  /** @param isAborted the caller gave the call up */
  const finish = (
    call: WireCall | undefined,
    errorType: string | undefined,
    isAborted: boolean,
  ): void => {
    if (isOver) return
    const isAtOnce = call === undefined || cameAtOnce(call.items, lastPart)
    if (call !== undefined) tell(call, isAtOnce)
    const span = own
    const end = lastPart ?? clock.now()
    const timeToFirstChunk = isAtOnce ? undefined : secondsUntil(firstOutput)
    release()
    if (span !== undefined) {
      endCallSpan(span, {
        call,
        end: errorType === undefined ? end : clock.now(),
        timeToFirstChunk,
        errorType: errorType ?? call?.errorType,
        isAborted,
      })
    }
  }

  const isGivenUp = (): boolean => request.abortSignal?.aborted === true

  /** The call's span ends: whoever reads the stream may never come for the rest of it. */
  const onTargetEnd = (): void => {
    if (reader === undefined) return
    if (reader.isEnded()) finish(reader.call(true), undefined, false)
    // Its own instrumentation says that the call is over, before we can know why.
    else if (isGiven || isGivenUp()) finish(reader.call(true), 'AbortError', true)
  }

  const watcher = {
    chunk: (part: unknown) =>
      guarded(() => {
        if (reader === undefined) return
        lastPart = clock.now()
        if (firstOutput === undefined && isOutput(part)) firstOutput = lastPart
        reader.part(part, lastPart)
      }),
    end: () => guarded(() => finish(reader?.call(true), undefined, isGivenUp())),
    fail: (error: unknown) =>
      guarded(() => {
        const wasAborted = isGivenUp() || isAbort(error)
        finish(reader?.call(true), errorTypeOf(error), wasAborted)
      }),
    cancel: () =>
      guarded(() => finish(reader?.call(true), isGivenUp() ? 'AbortError' : undefined, true)),
  }

  /** Not told is what a hook below this one has told the same span: it has seen this very output. */
  const noteTold = (output: object): void => {
    const spanId = (target ?? active)?.spanId ?? ''
    isTold &&= followed().get(output) !== spanId
    followed().set(output, spanId)
  }

  /** In place: whoever hands the result on may know it by its identity. */
  const watch = (result: Result, stream: ReadableStream<unknown>): unknown => {
    noteTold(stream)
    reader = createResultReader(request, hook.limits)
    const watched = watchStream(stream, watcher)
    noteTold(watched)
    try {
      result.stream = watched
      return result
    } catch {
      return {...result, stream: watched}
    }
  }

  const respond = (result: unknown): unknown => {
    let answer = result
    guarded(() => {
      if (isOver || !isResult(result)) return
      if (isStream(result.stream)) answer = watch(result, result.stream)
      else if (Array.isArray(result.content)) {
        noteTold(result.content)
        read(result)
      }
    })
    if (reader === undefined) guarded(() => finish(undefined, undefined, false))
    return answer
  }

  const read = (result: Result): void => {
    const whole = createResultReader(request, hook.limits)
    whole.result(result as Record<string, unknown>)
    finish(whole.call(true), undefined, false)
  }

  guarded(findTarget)
  if (isOver) return undefined
  if (target !== undefined && own === undefined) {
    stopListening = table.onEnd(target.spanId, () => guarded(onTargetEnd))
  }

  return {
    async run<T>(execute: () => PromiseLike<T>): Promise<T> {
      attempt += 1
      failure = undefined
      let result: T
      try {
        result = await (own === undefined ? execute() : context.with(inside, execute))
      } catch (error) {
        guarded(() => {
          const isAborted = isGivenUp() || isAbort(error)
          if (mayRetry && !isAborted && isRetryable(error)) failure = errorTypeOf(error)
          else finish(undefined, errorTypeOf(error), isAborted)
        })
        throw error
      }
      return respond(result) as T
    },
    told(result) {
      guarded(() => {
        // Somebody read the model's own stream, past us.
        if (!isOver && reader !== undefined && lastPart === undefined) read(result)
      })
    },
    settle() {
      guarded(() => {
        if (failure !== undefined || reader === undefined) finish(undefined, failure, false)
      })
    },
    get attempts() {
      return attempt
    },
    mayGoOn: () => !isOver && own !== undefined,
    close(isAborted) {
      guarded(() => {
        const errorType = failure ?? (isAborted ? 'AbortError' : undefined)
        finish(reader?.call(true), errorType, isAborted)
      })
    },
  }
}

const isOutput = (part: unknown): boolean => {
  const type = isResult(part) ? (part as {type?: unknown}).type : undefined
  return typeof type === 'string' && /-delta$|^tool-call$|^file$/.test(type)
}
