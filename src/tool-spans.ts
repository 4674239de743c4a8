/**
 * Which tool calls have spans that somebody else made, so that none of ours is made beside one.
 * Processors tell of every span; while nobody asks, that costs a comparison.
 */
import type {Attributes} from '@opentelemetry/api'
import {CALL_SCOPE_NAME, type OpenSpan} from './model-spans.ts'

/** A tool call whose span is looked for. */
export interface SoughtTool {
  id: string | undefined
  name: string
  /** The trace in which ours would be; `undefined` where that trace is ours alone. */
  traceId: string | undefined
  /** Milliseconds of the monotonic clock: when the model had asked for it. */
  since: number
}

/** Version 1 of what is shared under `Symbol.for('otel-reasoning.tool-spans.v1')`. */
export interface ToolSpans {
  /** Somebody asks: from now on they are remembered. */
  watch(): void
  /** A processor of ours is there to tell. */
  isTold(): boolean
  /** A processor or exporter of ours was made. */
  expanderMade(): void
  hasExpander(): boolean
  tell(span: OpenSpan): void
  /**
   * Whether somebody made a span for this call: one with its id; in a trace of others any tool's
   * span, since whoever makes one there makes them all; elsewhere one without an id, of its name
   * and seen since then.
   */
  isMade(tool: SoughtTool): boolean
}

const KEY = Symbol.for('otel-reasoning.tool-spans.v1')

/** Tool spans and traces that are remembered. */
const MAX_KNOWN = 5_000

const TOOL = /^(?:tool|execute_tool)$/i
const ID_KEYS = ['gen_ai.tool.call.id', 'ai.toolCall.id', 'tool_call.id'] as const
const NAME_KEYS = ['gen_ai.tool.name', 'ai.toolCall.name', 'tool.name'] as const

const first = (attributes: Attributes, keys: readonly string[]): string | undefined => {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

const isTool = (attributes: Attributes): boolean =>
  TOOL.test(
    String(
      attributes['gen_ai.operation.name'] ??
        attributes['openinference.span.kind'] ??
        attributes['traceloop.span.kind'] ??
        '',
    ),
  ) ||
  attributes['ai.operationId'] === 'ai.toolCall' ||
  attributes['gen_ai.tool.call.id'] !== undefined

/** Keeps the youngest. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_KNOWN) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}

/** @param now milliseconds of the monotonic clock; replaceable for tests */
export function createToolSpans(now: () => number = () => performance.now()): ToolSpans {
  const ids = new Map<string, true>()
  const traces = new Map<string, true>()
  /** When the last span without an id was seen of each name. */
  const names = new Map<string, number>()
  let isWatched = false
  let isTold = false
  let hasExpander = false
  return {
    watch() {
      isWatched = true
    },
    isTold: () => isTold,
    expanderMade() {
      hasExpander = true
    },
    hasExpander: () => hasExpander,
    tell(span) {
      if (!isWatched || span.instrumentationScope?.name === CALL_SCOPE_NAME) return
      isTold = true
      const {attributes} = span
      if (attributes === undefined || !isTool(attributes)) return
      remember(traces, span.spanContext().traceId, true)
      const id = first(attributes, ID_KEYS)
      if (id !== undefined) remember(ids, id, true)
      else remember(names, first(attributes, NAME_KEYS) ?? '', now())
    },
    isMade({id, name, traceId, since}) {
      if (id !== undefined && ids.has(id)) return true
      if (traceId !== undefined) return traces.has(traceId)
      return Math.max(names.get(name) ?? -1, names.get('') ?? -1) >= since
    },
  }
}

/** The table of this process. */
export function getToolSpans(): ToolSpans {
  const shared = globalThis as {[KEY]?: ToolSpans}
  shared[KEY] ??= createToolSpans()
  return shared[KEY]
}
