/**
 * Which spans of model calls are open in this process, so that a tapped response finds the span that
 * an instrumentation made for it, and none of ours is made beside it. Processors tell of every span
 * that starts and ends; while nobody taps, that costs a comparison.
 */
import type {Attributes} from '@opentelemetry/api'

/** What is read of a span of the SDK, while it is open and after. */
export interface OpenSpan {
  readonly attributes?: Attributes | undefined
  readonly parentSpanContext?: {readonly spanId: string} | undefined
  readonly instrumentationScope?: {readonly name: string} | undefined
  spanContext(): {readonly traceId: string; readonly spanId: string}
}

/** A span that was seen to start. */
export interface SeenSpan {
  readonly span: OpenSpan
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  /** Milliseconds of the monotonic clock; `Infinity` while it is open. */
  endedAt: number
  /** Requests that belong to it and whose response has not ended. */
  open: number
  /** Requests that ever belonged to it. */
  claims: number
}

type EndListener = () => void

interface Trace {
  readonly spans: Map<string, SeenSpan>
  /** Spans in it that have not ended. */
  open: number
  /** Model calls in it that have ended, oldest first. */
  readonly ended: SeenSpan[]
  /** Requests in it whose response has not ended: until then its ended calls are remembered. */
  requests: number
}

/**
 * Version 1 of what is shared under `Symbol.for('otel-reasoning.model-spans.v1')`: the entries of
 * the package are separate files, so they meet here. This shape never changes.
 */
export interface ModelSpans {
  /** Somebody taps: from now on spans are remembered. */
  watch(): void
  started(span: OpenSpan): void
  ended(span: OpenSpan): void
  /** @returns an end to the request, to be called once */
  openRequest(traceId: string): () => void
  /**
   * The model call's span that a request belongs to, if there is one: the span `activeId` itself or
   * the nearest one above it; otherwise one below it (without `activeId`: one without a parent)
   * that no open request belongs to, of this model where both are known, the longest open first.
   *
   * @param since milliseconds of the monotonic clock: spans that ended before are not meant;
   *   `undefined` asks for open spans only
   */
  find(
    traceId: string | undefined,
    activeId: string | undefined,
    model: string | undefined,
    since?: number | undefined,
  ): SeenSpan | undefined
  /**
   * Whether a model call that no request belongs to was open in this trace at `since` or later. Not
   * meant are those above `activeId`: had it been theirs, `find` would have said so.
   */
  hasStranger(traceId: string, activeId: string, since: number): boolean
  /** The model call's span that started in this very run of the event loop's queue, if one did. */
  startedJustNow(): SeenSpan | undefined
  /**
   * The outermost of the open model calls that stand directly above this one, each the next one's
   * parent: a client that makes spans of its own inside those of its instrumentation. None where a
   * request that is not this one belonged to it before, or where their models differ.
   */
  enclosing(traceId: string, spanId: string): SeenSpan | undefined
  /** Calls back once, when the span ends, before it is expanded. @returns an end to that */
  onEnd(spanId: string, listener: EndListener): () => void
}

const KEY = Symbol.for('otel-reasoning.model-spans.v1')
const TOOLS = Symbol.for('otel-reasoning.tool-spans.v1')

/** Spans that we make for calls that nobody else made one for. */
export const CALL_SCOPE_NAME = 'otel-reasoning/fetch'

/** Traces with an open span. */
const MAX_TRACES = 5_000
/** Spans of one trace. */
const MAX_SPANS = 4_096
/** Ended model calls of one trace. */
const MAX_ENDED = 256

const OPERATIONS = new Set(['chat', 'text_completion', 'generate_content', 'completion'])
const OTHER_KINDS = /^(?:tool|agent|execute_tool|invoke_agent|create_agent)$/i

/** Whether an open span is a call of a model: what instrumentations say of it from the start. */
export function isOpenModelCall(attributes: Attributes | undefined): boolean {
  if (attributes === undefined) return false
  const kind = attributes['openinference.span.kind']
  if (kind !== undefined) return kind === 'LLM'
  const aiSdk = attributes['ai.operationId']
  if (typeof aiSdk === 'string') return /\.do(?:Generate|Stream)$/.test(aiSdk)
  const operation = attributes['gen_ai.operation.name']
  if (operation !== undefined) return OPERATIONS.has(String(operation))
  const observation = attributes['langfuse.observation.type']
  if (observation !== undefined) return observation === 'generation'
  const request = attributes['llm.request.type']
  if (request !== undefined) return OPERATIONS.has(String(request))
  return attributes['gen_ai.request.model'] !== undefined
}

/** A tool or an agent: a request below it does not belong to the call above it. */
const isBoundary = (attributes: Attributes | undefined): boolean =>
  OTHER_KINDS.test(
    String(
      attributes?.['gen_ai.operation.name'] ??
        attributes?.['openinference.span.kind'] ??
        attributes?.['traceloop.span.kind'] ??
        '',
    ),
  ) || attributes?.['ai.operationId'] === 'ai.toolCall'

const MODEL_KEYS = ['gen_ai.request.model', 'llm.model_name', 'ai.model.id'] as const

function modelOf({span}: SeenSpan): string | undefined {
  for (const key of MODEL_KEYS) {
    const known = span.attributes?.[key]
    if (typeof known === 'string' && known !== '') return known
  }
  return undefined
}

function isOfModel(seen: SeenSpan, model: string | undefined): boolean {
  const known = modelOf(seen)
  return model === undefined || known === undefined || known === model
}

/** @param now milliseconds of the monotonic clock; replaceable for tests */
export function createModelSpans(now: () => number = () => performance.now()): ModelSpans {
  const traces = new Map<string, Trace>()
  const roots = new Map<string, SeenSpan>()
  const listeners = new Map<string, Set<EndListener>>()
  let isWatched = false
  let newest: SeenSpan | undefined

  /** Hooks of one event are called one after the other: whoever comes next may ask for it. */
  const noteNewest = (seen: SeenSpan): void => {
    if (!isOpenModelCall(seen.span.attributes)) return
    newest = seen
    queueMicrotask(() => {
      if (newest === seen) newest = undefined
    })
  }

  const forgetIfOver = (traceId: string, trace: Trace): void => {
    if (trace.open === 0 && trace.requests === 0) traces.delete(traceId)
  }

  const traceOf = (traceId: string): Trace => {
    let trace = traces.get(traceId)
    if (trace === undefined) {
      trace = {spans: new Map(), open: 0, ended: [], requests: 0}
      traces.set(traceId, trace)
      for (const [oldest, {spans}] of traces) {
        if (traces.size <= MAX_TRACES) break
        traces.delete(oldest)
        for (const spanId of spans.keys()) roots.delete(spanId)
      }
    }
    return trace
  }

  const isBelow = (seen: SeenSpan, activeId: string, {spans}: Trace): boolean => {
    let at: SeenSpan | undefined = seen
    for (let depth = 0; at !== undefined && depth < 64; depth++) {
      if (at.parentId === activeId) return true
      at = at.parentId === undefined ? undefined : spans.get(at.parentId)
    }
    return false
  }

  const isFree = (seen: SeenSpan, model: string | undefined, since: number | undefined): boolean =>
    (since === undefined ? seen.endedAt === Infinity && seen.open === 0 : seen.claims === 0) &&
    seen.endedAt >= (since ?? 0) &&
    isOpenModelCall(seen.span.attributes) &&
    isOfModel(seen, model)

  return {
    watch() {
      isWatched = true
    },
    started(span) {
      if (!isWatched || span.instrumentationScope?.name === CALL_SCOPE_NAME) return
      const {traceId, spanId} = span.spanContext()
      const trace = traceOf(traceId)
      // Two processors tell of the same span.
      if (trace.spans.has(spanId) || trace.spans.size >= MAX_SPANS) return
      const parentId = span.parentSpanContext?.spanId
      const seen = {span, traceId, spanId, parentId, endedAt: Infinity, open: 0, claims: 0}
      trace.spans.set(spanId, seen)
      trace.open += 1
      if (parentId === undefined) roots.set(spanId, seen)
      noteNewest(seen)
    },
    ended(span) {
      if (!isWatched) return
      const {traceId, spanId} = span.spanContext()
      const told = listeners.get(spanId)
      if (told !== undefined) {
        listeners.delete(spanId)
        for (const listener of told) listener()
      }
      const trace = traces.get(traceId)
      const seen = trace?.spans.get(spanId)
      if (trace === undefined || seen === undefined) return
      seen.endedAt = now()
      trace.spans.delete(spanId)
      roots.delete(spanId)
      trace.open -= 1
      if (trace.requests > 0 && isOpenModelCall(span.attributes)) {
        trace.ended.push(seen)
        if (trace.ended.length > MAX_ENDED) trace.ended.shift()
      }
      forgetIfOver(traceId, trace)
    },
    openRequest(traceId) {
      const trace = traceOf(traceId)
      trace.requests += 1
      return () => {
        trace.requests -= 1
        if (trace.requests === 0) trace.ended.length = 0
        if (traces.get(traceId) === trace) forgetIfOver(traceId, trace)
      }
    },
    find(traceId, activeId, model, since) {
      if (activeId === undefined || traceId === undefined) {
        for (const seen of roots.values()) if (isFree(seen, model, since)) return seen
        return undefined
      }
      const trace = traces.get(traceId)
      if (trace === undefined) return undefined
      let above = trace.spans.get(activeId)
      for (let depth = 0; above !== undefined && depth < 64; depth++) {
        if (isOpenModelCall(above.span.attributes)) return above
        if (isBoundary(above.span.attributes)) break
        above = above.parentId === undefined ? undefined : trace.spans.get(above.parentId)
      }
      for (const seen of trace.spans.values()) {
        if (isFree(seen, model, since) && isBelow(seen, activeId, trace)) return seen
      }
      if (since === undefined) return undefined
      return trace.ended.find(
        (seen) => isFree(seen, model, since) && isBelow(seen, activeId, trace),
      )
    },
    hasStranger(traceId, activeId, since) {
      const trace = traces.get(traceId)
      if (trace === undefined) return false
      const above = trace.spans.get(activeId)
      return [...trace.spans.values(), ...trace.ended].some(
        (seen) =>
          isFree(seen, undefined, since) &&
          (above === undefined || !isBelow(above, seen.spanId, trace)),
      )
    },
    startedJustNow: () => newest,
    enclosing(traceId, spanId) {
      const trace = traces.get(traceId)
      let at = trace?.spans.get(spanId)
      let outer: SeenSpan | undefined
      for (let depth = 0; at?.parentId !== undefined && depth < 64; depth++) {
        const above = trace?.spans.get(at.parentId)
        if (above === undefined || above.claims > 0) break
        if (!isOpenModelCall(above.span.attributes) || !isOfModel(above, modelOf(at))) break
        outer = above
        at = above
      }
      return outer
    },
    onEnd(spanId, listener) {
      const told = listeners.get(spanId) ?? new Set()
      listeners.set(spanId, told)
      told.add(listener)
      return () => {
        told.delete(listener)
        if (told.size === 0 && listeners.get(spanId) === told) listeners.delete(spanId)
      }
    },
  }
}

/** The table of this process. */
export function getModelSpans(): ModelSpans {
  const shared = globalThis as {[KEY]?: ModelSpans}
  shared[KEY] ??= createModelSpans()
  return shared[KEY]
}

const table = (): ModelSpans | undefined => (globalThis as {[KEY]?: ModelSpans})[KEY]

interface ToolTable {
  tell(span: OpenSpan): void
  expanderMade(): void
}

/** That of `tool-spans.ts`, which only a tap that makes spans for tools brings along. */
const toolTable = (): ToolTable | undefined => (globalThis as {[TOOLS]?: ToolTable})[TOOLS]

/** For processors and exporters, when they are made. Never throws. */
export function tellExpander(): void {
  try {
    toolTable()?.expanderMade()
  } catch {
    // Costs a hint, no span.
  }
}

/** For processors, of each span that starts. Never throws. */
export function tellStart(span: unknown): void {
  try {
    table()?.started(span as OpenSpan)
    toolTable()?.tell(span as OpenSpan)
  } catch {
    // What is not known of costs a join, not a span.
  }
}

/** For processors, of each span that ends, before they expand it. Never throws. */
export function tellEnd(span: unknown): void {
  try {
    table()?.ended(span as OpenSpan)
    toolTable()?.tell(span as OpenSpan)
  } catch {
    // As above.
  }
}
