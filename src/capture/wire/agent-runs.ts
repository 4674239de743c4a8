/**
 * Which calls belong to one run of an agent that nobody instrumented: a response asks for tools, a
 * later request brings their results. Such calls get one `invoke_agent` span above them, and each
 * tool call an `execute_tool` span between its response and the request with its result.
 */
import {
  type Context,
  type HrTime,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import {isAfter} from '../../spans/hr-time.ts'
import {getToolSpans, type ToolSpans} from '../../tool-spans.ts'
import {type AskedTool, endToolSpan, startAgentSpan} from './agent-spans.ts'
import {canonicalJson, type CarriedResults, type ToolResult} from './tool-results.ts'
import type {WireCall} from './wire-call.ts'

/** A call that is over, before its span is made. */
export interface PlacedCall {
  carried: CarriedResults | undefined
  /** `undefined` where there was no answer to read. */
  call: WireCall | undefined
  start: HrTime
  end: HrTime
  /** The active span when it was requested. */
  parent: Context
  /** What stands above the call's span; tools would stand beside it. At least its span id. */
  above: Partial<SpanContext> | undefined
  /** The call has no span but the one that we are about to make. */
  isOurs: boolean
  provider: string | undefined
  model: string | undefined
  /** It broke: what it said is not the run's last word. */
  isBroken: boolean
}

export interface Placed {
  /** Where the call's own span belongs; `undefined` where it belongs below what was active. */
  readonly parent: Context | undefined
  /** The call's span is made. */
  settle(): void
}

export interface AgentRuns {
  /** Results are read with their text, and shown. */
  readonly withContent: boolean
  /**
   * A call is on its way: runs do not grow old meanwhile.
   *
   * @param cutShort is called where the process ends before the call does
   * @returns an end to that
   */
  begin(cutShort: () => void): () => void
  place(call: PlacedCall): Placed
  /** Ends all runs where their last call ended: the process ends. */
  endAll(): void
  /** Runs that wait for a tool's result. */
  readonly open: number
  /** Runs that were ended before their last call, because too many were open. */
  readonly evicted: number
}

interface PendingTool extends AskedTool {
  /** Milliseconds of the monotonic clock. */
  since: number
}

interface Run {
  readonly root: Span | undefined
  /** What its tools stand below; `undefined` where there is nothing to put them under. */
  readonly parent: Context | undefined
  /** The trace, where it is not ours alone. */
  readonly foreignTrace: string | undefined
  readonly ids: Set<string>
  readonly responses: Set<string>
  pending: PendingTool[]
  lastEnd: HrTime
  touchedAt: number
  isClosed: boolean
}

export interface AgentRunsOptions {
  /** @defaultValue the global one */
  tracerProvider?: TracerProvider | undefined
  withContent?: boolean | undefined
  toolSpans?: ToolSpans | undefined
  /** Called when a run is ended before its last call, because too many are open. */
  onEvict?: (() => void) | undefined
  /** Called when a call begins. */
  onBegin?: (() => void) | undefined
  /** Milliseconds of the monotonic clock; replaceable for tests. */
  now?: (() => number) | undefined
}

/** Runs that are remembered; over it the oldest is ended. */
const MAX_RUNS = 1_000
/** Tool calls of one run that are remembered, and responses. */
const MAX_CALLS = 1_024
/** Ten minutes: a run whose tool takes longer is ended where its last call ended. */
const MAX_IDLE_MILLIS = 600_000

const keep = (set: Set<string>, value: string): void => {
  set.add(value)
  const oldest = set.size > MAX_CALLS ? set.values().next() : undefined
  if (oldest !== undefined && oldest.done !== true) set.delete(oldest.value)
}

const isAnswered = (tool: PendingTool, result: ToolResult): boolean =>
  result.id === undefined
    ? tool.id === undefined &&
      (result.arguments === undefined
        ? tool.name === result.name
        : tool.name === result.name && tool.key === result.arguments)
    : tool.id === result.id

const isWhole = (above: Partial<SpanContext> | undefined): above is SpanContext =>
  above !== undefined && isSpanContextValid({traceId: '', spanId: '', traceFlags: 0, ...above})

const KEY = Symbol.for('otel-reasoning.agent-runs.v1')

/** The table of this process, if somebody wants agents to have spans. */
export const getAgentRuns = (): AgentRuns | undefined =>
  (globalThis as {[KEY]?: AgentRuns | undefined})[KEY]

/** Sets or removes it. */
export function setAgentRuns(runs: AgentRuns | undefined): void {
  ;(globalThis as {[KEY]?: AgentRuns | undefined})[KEY] = runs
}

export function createAgentRuns(options: AgentRunsOptions = {}): AgentRuns {
  const {
    tracerProvider,
    withContent = false,
    toolSpans = getToolSpans(),
    now = () => performance.now(),
    onBegin,
    onEvict,
  } = options
  // In the order in which they began.
  const runs = new Set<Run>()
  const inFlight = new Set<() => void>()
  let open = 0
  let evicted = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  toolSpans.watch()

  const close = (run: Run): void => {
    if (run.isClosed) return
    run.isClosed = true
    open -= 1
    run.pending = []
    run.root?.end(run.lastEnd)
  }

  const sweep = (): void => {
    timer = undefined
    const oldest = now() - MAX_IDLE_MILLIS
    for (const run of runs) {
      if (run.touchedAt > oldest || (inFlight.size > 0 && !run.isClosed)) continue
      close(run)
      runs.delete(run)
    }
    watch()
  }

  const watch = (): void => {
    if (timer !== undefined || runs.size === 0) return
    timer = setTimeout(sweep, MAX_IDLE_MILLIS)
    // Waiting for a tool must not keep the program alive.
    ;(timer as {unref?: () => void}).unref?.()
  }

  const remember = (run: Run): void => {
    runs.add(run)
    open += 1
    for (const old of runs) {
      if (runs.size <= MAX_RUNS) break
      if (!old.isClosed) {
        evicted += 1
        onEvict?.()
      }
      close(old)
      runs.delete(old)
    }
    watch()
  }

  /** The run that a request goes on with. */
  const find = ({carried, start}: PlacedCall): Run | undefined => {
    if (carried === undefined) return undefined
    const {results, previousResponseId} = carried
    for (const run of runs) {
      // What begins after the last word of a run is a conversation that goes on, not this run.
      if (run.isClosed && !isAfter(run.lastEnd, start)) continue
      if (previousResponseId !== undefined && run.responses.has(previousResponseId)) return run
      const isMeant = results.some((result) =>
        result.id === undefined
          ? run.pending.some((tool) => isAnswered(tool, result))
          : run.ids.has(result.id),
      )
      if (isMeant) return run
    }
    return undefined
  }

  const mayMakeTool = (run: Run, tool: PendingTool): boolean =>
    run.parent !== undefined &&
    // Without a processor of ours in that trace nobody could say whose tools have spans already.
    (run.foreignTrace === undefined || toolSpans.isTold()) &&
    !toolSpans.isMade({...tool, traceId: run.foreignTrace})

  const answer = (run: Run, {results}: CarriedResults, start: HrTime): void => {
    for (const result of results) {
      const at = run.pending.findIndex((tool) => isAnswered(tool, result))
      if (at === -1) continue
      const [tool] = run.pending.splice(at, 1)
      if (tool === undefined || !mayMakeTool(run, tool)) continue
      endToolSpan(tool, result, start, run.parent as Context, tracerProvider)
    }
  }

  const begin = (placed: PlacedCall, hasTools: boolean): Run | undefined => {
    if (!hasTools) return undefined
    const {above, isOurs, parent, end} = placed
    const isAlone = isOurs && above === undefined
    const root = isAlone ? startAgentSpan(placed, tracerProvider) : undefined
    const below =
      root !== undefined
        ? trace.setSpan(parent, root)
        : isWhole(above)
          ? trace.setSpanContext(ROOT_CONTEXT, above)
          : undefined
    const run: Run = {
      root,
      parent: below,
      foreignTrace: root === undefined ? above?.traceId : undefined,
      ids: new Set(),
      responses: new Set(),
      pending: [],
      lastEnd: end,
      touchedAt: now(),
      isClosed: false,
    }
    remember(run)
    return run
  }

  const note = (run: Run, call: WireCall, end: HrTime): void => {
    if (call.responseId !== undefined) keep(run.responses, call.responseId)
    const since = now()
    for (const item of call.items) {
      if (item.type !== 'tool_call' || run.pending.length >= MAX_CALLS) continue
      const {id, name, arguments: args = ''} = item.call
      if (id !== undefined) keep(run.ids, id)
      run.pending.push({
        id,
        name,
        since,
        asked: end,
        key: id === undefined ? canonicalJson(args) : '',
        arguments: withContent ? args : undefined,
      })
    }
  }

  return {
    withContent,
    begin(cutShort) {
      onBegin?.()
      inFlight.add(cutShort)
      return () => inFlight.delete(cutShort)
    },
    place(placed) {
      const {call, carried, start, end} = placed
      const hasTools = call?.items.some((item) => item.type === 'tool_call') ?? false
      const known = find(placed)
      const run = known ?? begin(placed, hasTools)
      if (run === undefined) return {parent: undefined, settle() {}}
      if (known !== undefined && carried !== undefined) answer(run, carried, start)
      run.touchedAt = now()
      if (isAfter(end, run.lastEnd)) run.lastEnd = end
      return {
        parent: placed.above === undefined && run.root !== undefined ? run.parent : undefined,
        settle() {
          if (run.isClosed) return
          if (call !== undefined && hasTools) note(run, call, end)
          else if (call !== undefined && !placed.isBroken) close(run)
        },
      }
    },
    endAll() {
      for (const cutShort of inFlight) cutShort()
      clearTimeout(timer)
      timer = undefined
      for (const run of runs) close(run)
      runs.clear()
    },
    get open() {
      return open
    },
    get evicted() {
      return evicted
    },
  }
}
