/**
 * Tells of a tapped call's reasoning while it is written. Where it cannot be known which block of
 * which span a text will be in the end, nothing is told: its steps come with the call's end.
 */
import {isSpanContextValid, type Span, type SpanContext, TraceFlags} from '@opentelemetry/api'
import {getHub} from '../../hub.ts'
import {getLiveChannel, type LiveCall, type LiveGrowth} from '../../live-channel.ts'
import type {Arrival, ReasoningBlock} from '../../model.ts'
import {nanosBetween} from '../../spans/hr-time.ts'
import {inBackground} from '../../suppress-tracing.ts'
import {MAX_RATE} from './tap-arrivals.ts'
import {type CallState, requestOf} from './tap-state.ts'

import {findTarget, mayMakeSpan} from './tap-target.ts'
import type {AnyEntry, ReasoningEntry} from './transcript.ts'
import type {WireParser} from './wire-parser.ts'

/** A reasoning entry that is told of. */
interface Told {
  readonly index: number
  readonly block: ReasoningBlock
  /** Code units that were told, and the last of them. */
  sent: number
  tail: string
  isDone: boolean
}

/** What was told of one call. */
export interface TappedLive {
  /** `undefined`: nothing is told of this call. */
  readonly call: LiveCall | undefined
  readonly told: Map<ReasoningEntry, Told>
  /** Milliseconds of the monotonic clock. */
  toldAt: number
}

/**
 * Milliseconds between two tellings: each joins all of the text once more, which must not add up
 * with the number of chunks.
 */
const MIN_MILLIS = 100
/** Code units by which a text that was replaced is told from one that grew. */
const TAIL_LENGTH = 16
/** The last block that a call may have can stand for several. */
const MAX_INDEX = 62

const NOTHING: TappedLive = Object.freeze({call: undefined, told: new Map(), toldAt: 0})

/** Spans of which something was told, by any tap: a second response's blocks would get the ids of the first's. */
const TAKEN = Symbol.for('otel-reasoning.live-spans.v1')
function takenSpans(): WeakSet<object> {
  const shared = globalThis as {[TAKEN]?: WeakSet<object>}
  shared[TAKEN] ??= new WeakSet()
  return shared[TAKEN]
}

const isSampled = ({traceFlags}: Pick<SpanContext, 'traceFlags'>): boolean =>
  (traceFlags & TraceFlags.SAMPLED) !== 0

const isThought = (entry: AnyEntry): entry is ReasoningEntry =>
  entry.type === 'reasoning' && entry.text !== ''

/** The target as the SDK made it: what is active may be somebody's wrapper around it. */
function targetSpan({seen, target, table}: CallState): object | undefined {
  if (target === undefined) return undefined
  const known = seen ?? table.find(target.traceId, target.spanId, undefined)
  return known?.spanId === target.spanId ? known.span : undefined
}

/**
 * The call's span, which is made now where there is none.
 *
 * @param startOwn makes it
 */
function spanOf(state: CallState, startOwn: () => Span): object | undefined {
  findTarget(state, false)
  const {target, active, agents, hasSpanEnded} = state
  if (target !== undefined) {
    const span = hasSpanEnded || !isSampled(target) ? undefined : targetSpan(state)
    if (span === undefined || takenSpans().has(span)) return undefined
    // What another response said of this span comes before what this one says.
    const told = getHub().read(target.traceId, target.spanId)
    return told.some(({origin}) => origin === 'wire') ? undefined : span
  }
  const {toolsOffered, carried} = requestOf(state)
  // Whether an agent's span stands above it is only known when the response has asked for tools.
  const mayHaveAgent = agents !== undefined && active === undefined
  if (mayHaveAgent && (toolsOffered.length > 0 || carried !== undefined)) return undefined
  if (!mayMakeSpan(state)) return undefined
  const own = startOwn()
  state.own = own
  const spanContext = own.spanContext()
  return isSpanContextValid(spanContext) && isSampled(spanContext) ? own : undefined
}

function begin(state: CallState, parser: WireParser, startOwn: () => Span): TappedLive {
  // Alternatives stand one after the other in the end, however they came.
  if (requestOf(state).choices > 1) return NOTHING
  const entries = parser.entries()
  // Calls before the first thought are taken for its own in the end.
  if (entries.some(({type, choice}) => choice > 0 || type === 'tool_call')) return NOTHING
  const span = spanOf(state, startOwn)
  if (span === undefined) return NOTHING
  takenSpans().add(span)
  const {model, promptName, promptVersion, toolsOffered} = requestOf(state)
  const said = parser.result()
  const call = {
    ...said,
    items: [],
    model: model ?? said.model,
    promptName,
    promptVersion,
    toolsOffered,
    finishReasons: [],
    reasoningTokens: undefined,
  }
  return {call: {span, call}, told: new Map(), toldAt: 0}
}

/** Whether it came so fast that its times say nothing, so that there will be none in the end. */
function isAtOnce(thoughts: readonly ReasoningEntry[]): boolean {
  const first = thoughts[0]?.times[0]
  let last = first
  let length = 0
  for (const {text, lastTime} of thoughts) {
    length += text.length
    last = lastTime ?? last
  }
  if (first === undefined || last === undefined) return true
  return length > (MAX_RATE * nanosBetween(first, last)) / 1_000_000
}

/** Which blocks they will be, as far as is known now. */
function learn(live: TappedLive, parser: WireParser, thoughts: readonly ReasoningEntry[]): void {
  const fresh = thoughts.filter((entry) => !live.told.has(entry) && entry.times.length > 1)
  if (fresh.length === 0) return
  const taken = new Set([...live.told.values()].map(({index}) => index))
  const blocks = parser
    .result()
    .items.flatMap((item) => (item.type === 'reasoning' ? [item.block] : []))
  for (const entry of fresh) {
    const index = blocks.findIndex(({text}, at) => text === entry.text && !taken.has(at))
    const block = blocks[index]
    if (block === undefined || index > MAX_INDEX) continue
    taken.add(index)
    live.told.set(entry, {index, block, sent: 0, tail: '', isDone: false})
  }
}

/** Another thought has begun, and no tool call stands between the two: this one is whole. */
function hasEnded(entry: ReasoningEntry, entries: readonly AnyEntry[]): boolean {
  if (entry.open) return false
  let next = Infinity
  for (const other of entries) {
    if (other.order > entry.order && isThought(other)) next = Math.min(next, other.order)
  }
  return (
    next !== Infinity &&
    !entries.some(({type, order}) => type === 'tool_call' && order > entry.order && order < next)
  )
}

function arrivalsFrom({offsets, times}: ReasoningEntry, from: number): Arrival[] {
  let first = offsets.length
  while (first > 0 && (offsets[first - 1] as number) >= from) first -= 1
  return offsets
    .slice(first)
    .map((offset, i) => ({offset, time: times[first + i] as Arrival['time']}))
}

function grow(
  entry: ReasoningEntry,
  told: Told,
  entries: readonly AnyEntry[],
): LiveGrowth | undefined {
  const {text, lastTime} = entry
  const {index, block, sent, tail} = told
  const broken =
    lastTime === undefined || text.length < sent || !text.startsWith(tail, sent - tail.length)
  const ended = !broken && hasEnded(entry, entries)
  if (!broken && !ended && text.length === sent) return undefined
  const growth: LiveGrowth = {
    index,
    visibility: block.visibility,
    source: block.source,
    text: broken ? '' : text.slice(sent),
    offset: sent,
    arrivals: broken ? [] : arrivalsFrom(entry, sent),
    endTime: lastTime ?? [0, 0],
    ended,
    broken,
  }
  told.sent = text.length
  told.tail = text.slice(-TAIL_LENGTH)
  told.isDone = ended || broken
  return growth
}

const defer: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

/** Calls that are due, told of in one later turn. */
let due: Set<() => void> | undefined

/**
 * Some of the body was read: tells what is new in it, when whoever waits for the bytes has them.
 *
 * @param startOwn makes the call's span, where nobody else made one
 */
export function tellLiveSoon(state: CallState, startOwn: (state: CallState) => Span): void {
  if (state.live === NOTHING || state.isLiveDue) return
  state.isLiveDue = true
  if (due === undefined) {
    const calls = new Set<() => void>()
    due = calls
    // Not in the context of whichever request happened to come first.
    inBackground(() =>
      defer(() => {
        due = undefined
        for (const tell of calls) tell()
      }),
    )
  }
  due.add(() => {
    state.isLiveDue = false
    try {
      tellLive(state, () => startOwn(state))
    } catch (error) {
      endLive(state)
      state.live = NOTHING
      state.tap.faults.tell('steps of a call come with its end', error)
    }
  })
}

function tellLive(state: CallState, startOwn: () => Span): void {
  const {parser, request, live: before} = state
  if (before === NOTHING || parser === undefined) return
  if (state.isOver || state.hasSpanEnded || request.isPending === true) return
  const entries = parser.entries()
  const thoughts = entries.filter(isThought)
  if (thoughts.length === 0 || isAtOnce(thoughts)) return
  const now = performance.now()
  if (before !== undefined && now - before.toldAt < MIN_MILLIS) return
  const live = before ?? begin(state, parser, startOwn)
  state.live = live
  if (live.call === undefined) return
  live.toldAt = now
  if (thoughts.at(-1)?.choice !== 0) {
    // The server gave more alternatives than were asked for.
    endLive(state)
    return
  }
  learn(live, parser, thoughts)
  const growths: LiveGrowth[] = []
  for (const [entry, told] of live.told) {
    const growth = told.isDone ? undefined : grow(entry, told, entries)
    if (growth !== undefined) growths.push(growth)
  }
  if (growths.length > 0) getLiveChannel().grown(live.call, growths)
}

/** Nothing more is told of this call. */
export function endLive(state: CallState): void {
  const call = state.live?.call
  if (call === undefined) return
  state.live = NOTHING
  getLiveChannel().over(call)
}
