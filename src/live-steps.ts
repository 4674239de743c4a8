/**
 * Steps of calls that still run: each is exported when it has ended, as the call's expansion would
 * make it, so that a call of several minutes can be watched. The rest comes with the call's end.
 */
import {type HrTime, type SpanContext, TraceFlags} from '@opentelemetry/api'
import {type BuiltInClassifier, startLabelling} from './analysis/classify.ts'
import {beginAnalysis, type EndedStep, type IncrementalAnalysis} from './analysis/incremental.ts'
import {findMentions} from './analysis/tool-mentions.ts'
import {captureSpan} from './capture/span/index.ts'
import type {ExpansionContext} from './expansion.ts'
import {parentOf, valueLengthLimit} from './finish-expansion.ts'
import {getLiveChannel, type LiveCall, type LiveGrowth} from './live-channel.ts'
import {hashText, type LiveRecord, type LiveStep} from './live-record.ts'
import {mergeCall, NOTHING_CAPTURED} from './merge.ts'
import type {Arrival, CapturedCall} from './model.ts'
import {redactSpan} from './policy-on-spans.ts'
import {applyPolicy, type ResolvedPolicy} from './policy.ts'
import {policyOf} from './prepare-blocks.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {buildLiveStep, type ParentCall, type StepOwner} from './spans/build.ts'
import {addNanos, isAfter} from './spans/hr-time.ts'
import {inBackground} from './suppress-tracing.ts'

export interface LiveStepsSetup {
  readonly context: ExpansionContext
  readonly classifier: BuiltInClassifier
  /** Takes a step's span. */
  deliver(span: ReadableSpanLike): void
  /** Told of each call that is no longer followed, because a limit was reached. */
  onDrop(): void
}

interface OpenBlock {
  readonly index: number
  readonly parent: ParentCall
  readonly policy: ResolvedPolicy
  /** `undefined` where nothing more leaves early. */
  analysis: IncrementalAnalysis | undefined
  /** Code units that were fed, and those of them that the analysis holds. */
  fed: number
  held: number
  /** From the open step on. */
  arrivals: Arrival[]
  /** When the open step began. */
  start: HrTime | undefined
  /** Steps that ended behind the last one that has left. */
  waiting: LiveStep[]
}

interface OpenCall {
  readonly key: string
  readonly live: LiveCall
  readonly blocks: Map<number, OpenBlock>
  readonly record: {index: number; steps: LiveStep[]}[]
  readonly tools: readonly {name: string}[]
  touchedAt: number
  isClosed: boolean
}

interface Heard {
  readonly open: OpenCall
  /** `undefined`: the call is over. */
  readonly growth: LiveGrowth | undefined
}

/** Calls that are followed at once; others are not live. */
const MAX_CALLS = 1_024
/** UTF-16 code units that wait or are held of all of them (8 MiB); over it the call at hand is let go. */
const MAX_LENGTH = 4 * 1024 * 1024
/** A call of which nothing was heard for ten minutes makes room for another one. */
const MAX_IDLE_MILLIS = 600_000
/** Calls whose early steps are remembered until their span is expanded, beside those that are followed. */
const MAX_RECORDS = 2_048
/** Code units that are analysed between two looks at the clock: some 2 ms. */
const PIECE_LENGTH = 8 * 1024
/** Time that one turn of the event loop gives to analysis. */
const TURN_MILLIS = 2
/** Tools that are looked for in a step: each costs a scan of it. */
const MAX_TOOLS = 16
const MICROSECOND = 1_000

const defer: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

const keyOf = ({traceId, spanId}: Pick<SpanContext, 'traceId' | 'spanId'>): string =>
  `${traceId}:${spanId}`

export class LiveSteps {
  readonly #setup: LiveStepsSetup
  readonly #unsubscribe: () => void
  /** Spans of the provider that we stand in: those of another one are not ours to export. */
  readonly #started = new WeakSet<object>()
  readonly #letGo = new WeakSet<LiveCall>()
  readonly #open = new Map<string, OpenCall>()
  /** The longest unused first. */
  readonly #records = new Map<string, LiveRecord>()
  #queue: Heard[] = []
  #next = 0
  #isScheduled = false
  #length = 0
  #idle: (() => void)[] = []

  constructor(setup: LiveStepsSetup) {
    this.#setup = setup
    // The channel outlives processors that are dropped without being shut down.
    const self = new WeakRef(this)
    const unsubscribe = getLiveChannel().subscribe({
      grown: (call, growths) => {
        const live = self.deref()
        if (live === undefined) unsubscribe()
        else live.#hear(call, growths)
      },
      over: (call) => {
        const live = self.deref()
        if (live !== undefined) live.#hearEnd(call)
      },
    })
    this.#unsubscribe = unsubscribe
  }

  /** A span of ours has started. Nothing leaves of one that nobody exports. */
  started(span: unknown): void {
    if (typeof span !== 'object' || span === null) return
    const {traceFlags} = (span as ReadableSpanLike).spanContext()
    if ((traceFlags & TraceFlags.SAMPLED) !== 0) this.#started.add(span)
  }

  /** A span has ended: from now on nothing of it leaves early. */
  ended(span: {spanContext(): SpanContext}): void {
    this.#started.delete(span)
    if (this.#open.size === 0) return
    const open = this.#open.get(keyOf(span.spanContext()))
    if (open !== undefined) this.#close(open)
  }

  /** What has left of a call; `undefined` where nothing has. */
  recordOf(context: SpanContext): LiveRecord | undefined {
    if (this.#records.size === 0) return undefined
    const record = this.#records.get(keyOf(context))
    return record === undefined || record.length === 0 ? undefined : record
  }

  /** Calls that are followed now, and what is held of them in UTF-16 code units. */
  get size(): {calls: number; length: number} {
    return {calls: this.#open.size, length: this.#length}
  }

  /** Resolves when what was told until now has been looked at. */
  async idle(): Promise<void> {
    if (this.#next === this.#queue.length) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Hears of nothing more. */
  stop(): void {
    this.#unsubscribe()
    for (const open of this.#open.values()) this.#close(open)
  }

  #hear(live: LiveCall, growths: readonly LiveGrowth[]): void {
    if (!this.#started.has(live.span) || this.#letGo.has(live)) return
    const open = this.#openOf(live)
    if (open === undefined || open.isClosed) return
    open.touchedAt = performance.now()
    for (const growth of growths) {
      this.#length += growth.text.length
      if (this.#length > MAX_LENGTH) {
        this.#length -= growth.text.length
        this.#giveUp(live)
        this.#close(open)
        return
      }
      for (const piece of piecesOf(growth)) this.#queue.push({open, growth: piece})
    }
    this.#schedule()
  }

  #hearEnd({span}: LiveCall): void {
    const open = this.#started.has(span)
      ? this.#open.get(keyOf((span as ReadableSpanLike).spanContext()))
      : undefined
    if (open === undefined) return
    this.#queue.push({open, growth: undefined})
    this.#schedule()
  }

  #openOf(live: LiveCall): OpenCall | undefined {
    const key = keyOf((live.span as ReadableSpanLike).spanContext())
    const known = this.#open.get(key)
    if (known !== undefined || this.#records.has(key)) {
      return known?.live === live ? known : undefined
    }
    if (this.#open.size >= MAX_CALLS && !this.#makeRoom()) {
      this.#giveUp(live)
      return undefined
    }
    const open: OpenCall = {
      key,
      live,
      blocks: new Map(),
      record: [],
      tools: live.call.toolsOffered.slice(0, MAX_TOOLS).map((name) => ({name})),
      touchedAt: performance.now(),
      isClosed: false,
    }
    this.#open.set(key, open)
    this.#remember(open)
    return open
  }

  #giveUp(live: LiveCall): void {
    this.#letGo.add(live)
    this.#setup.onDrop()
  }

  /** @returns whether there is room now */
  #makeRoom(): boolean {
    const oldest = performance.now() - MAX_IDLE_MILLIS
    for (const open of this.#open.values()) {
      if (open.touchedAt > oldest) continue
      this.#giveUp(open.live)
      this.#close(open)
    }
    return this.#open.size < MAX_CALLS
  }

  #close(open: OpenCall): void {
    if (open.isClosed) return
    open.isClosed = true
    this.#open.delete(open.key)
    for (const block of open.blocks.values()) this.#stopBlock(block)
    open.blocks.clear()
    this.#remember(open)
  }

  #remember({key, record}: OpenCall): void {
    this.#records.delete(key)
    this.#records.set(key, record)
    if (this.#records.size <= MAX_RECORDS + this.#open.size) return
    for (const old of this.#records.keys()) {
      if (this.#open.has(old)) continue
      this.#records.delete(old)
      return
    }
  }

  #stopBlock(block: OpenBlock): void {
    this.#length -= block.held
    block.held = 0
    block.analysis = undefined
    block.arrivals = []
    block.waiting = []
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Not in the context of whichever request happened to schedule it.
    inBackground(() =>
      defer(() => {
        this.#isScheduled = false
        this.#turn()
      }),
    )
  }

  #turn(): void {
    const until = performance.now() + TURN_MILLIS
    while (this.#next < this.#queue.length) {
      const {open, growth} = this.#queue[this.#next] as Heard
      this.#next += 1
      this.#length -= growth?.text.length ?? 0
      if (open.isClosed) continue
      if (growth === undefined) this.#close(open)
      else {
        try {
          this.#grow(open, growth)
        } catch (error) {
          this.#close(open)
          this.#setup.context.options.faults.tell('steps of a call come with its end', error)
        }
      }
      if (performance.now() >= until) break
    }
    if (this.#next === this.#queue.length || this.#next > 1024) {
      this.#queue = this.#queue.slice(this.#next)
      this.#next = 0
    }
    if (this.#queue.length > this.#next) this.#schedule()
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  #grow(open: OpenCall, growth: LiveGrowth): void {
    let block = open.blocks.get(growth.index)
    if (block === undefined) {
      block = this.#begin(open, growth)
      open.blocks.set(growth.index, block)
    }
    const {analysis} = block
    if (analysis === undefined) return
    if (growth.broken || growth.offset !== block.fed) {
      this.#stopBlock(block)
      return
    }
    block.fed += growth.text.length
    for (const arrival of growth.arrivals) block.arrivals.push(arrival)
    for (const ended of analysis.feed(growth.text)) this.#end(open, block, ended, growth, true)
    if (growth.ended) {
      // No tool call follows it, so that none has to be waited for.
      for (const ended of analysis.end()) this.#end(open, block, ended, growth, false)
      this.#stopBlock(block)
      return
    }
    this.#length += analysis.heldLength - block.held
    block.held = analysis.heldLength
  }

  #begin({live}: OpenCall, {index, visibility, source}: LiveGrowth): OpenBlock {
    const {options, thoughts} = this.#setup.context
    const span = live.span as ReadableSpanLike
    const told = [{origin: 'wire' as const, call: live.call}]
    const call: CapturedCall = mergeCall(captureSpan(span), told)?.call ?? NOTHING_CAPTURED
    const policy = policyOf({text: '', visibility, source}, 'wire', call, span.attributes, options)
    const {attributes} = redactSpan(span, call, [policy], options, thoughts)
    return {
      index,
      parent: parentOf(span, call, options, attributes),
      policy,
      // What is to be masked may stand across the end of what has come.
      analysis:
        policy.policy === 'mask'
          ? undefined
          : beginAnalysis(startLabelling(this.#setup.classifier), options.granularity),
      fed: 0,
      held: 0,
      arrivals: [],
      start: undefined,
      waiting: [],
    }
  }

  /** A step has ended. @param mayCall a tool call may follow its block */
  #end(
    open: OpenCall,
    block: OpenBlock,
    ended: EndedStep,
    {endTime}: LiveGrowth,
    mayCall: boolean,
  ): void {
    const {step, text, nextStart} = ended
    const start = block.start ?? timeAt(block, step.start)
    let end = nextStart === undefined ? endTime : timeAt(block, nextStart)
    // As in `measuredTimes`.
    if (nextStart !== undefined && !isAfter(end, start)) end = addNanos(start, MICROSECOND)
    else if (isAfter(start, end)) end = start
    block.start = nextStart === undefined ? undefined : end
    const live = {step, hash: hashText(text)}
    const own = open.record.find(({index}) => index === block.index)
    const count = (own?.steps.length ?? 0) + block.waiting.length + 1
    const isExported =
      !(mayCall && mayLeadToCall(ended, open.tools)) &&
      this.#fits(open, block.index, count) &&
      (this.#setup.context.allowSteps?.(1) ?? true)
    block.waiting.push({...live, isExported})
    if (!isExported) return
    const steps = own?.steps ?? []
    if (own === undefined) open.record.push({index: block.index, steps})
    steps.push(...block.waiting.splice(0))
    this.#setup.deliver(this.#spanOf(open, block, ended, count - 1, start, end))
  }

  /** Each block keeps a step for what comes with the call's end. */
  #fits({record}: OpenCall, index: number, count: number): boolean {
    let used = count + 1
    for (const block of record) if (block.index !== index) used += block.steps.length + 1
    return used <= this.#setup.context.options.maxSteps
  }

  #spanOf(
    {live}: OpenCall,
    {index: blockIndex, parent, policy}: OpenBlock,
    {step, text}: EndedStep,
    index: number,
    start: HrTime,
    end: HrTime,
  ): ReadableSpanLike {
    const {options} = this.#setup.context
    const owner: StepOwner = {
      index: blockIndex,
      block: {text},
      showsText: policy.policy === 'keep',
      showsLength: policy.policy !== 'drop',
    }
    const alone = {
      ...step,
      start: 0,
      end: text.length,
      titleStart: step.titleStart - step.start,
      titleEnd: step.titleEnd - step.start,
    }
    return buildLiveStep(
      parent,
      owner,
      alone,
      index,
      {start, end},
      {
        ...options,
        maxTextLength: valueLengthLimit(live.span as ReadableSpanLike),
        hash: (_, words) => applyPolicy(policy, words).hash,
      },
    )
  }
}

/** A tool call that follows a text is joined to such a step, and is not known yet. */
const mayLeadToCall = ({step, text}: EndedStep, tools: OpenCall['tools']): boolean =>
  tools.length > 0 &&
  (step.kind === 'act' || tools.some((tool) => findMentions(text, [tool]).length > 0))

/** When the character at `offset` was delivered; what came before is then no longer needed. */
function timeAt({arrivals, parent}: OpenBlock, offset: number): HrTime {
  let at = 0
  while (at + 1 < arrivals.length && (arrivals[at + 1] as Arrival).offset <= offset) at += 1
  arrivals.splice(0, at)
  const time = arrivals[0]?.time ?? parent.startTime
  return isAfter(parent.startTime, time) ? parent.startTime : time
}

/** The same in pieces that take no longer than a turn. */
function piecesOf(growth: LiveGrowth): LiveGrowth[] {
  const {text, offset} = growth
  if (text.length <= PIECE_LENGTH) return [growth]
  const pieces: LiveGrowth[] = []
  for (let at = 0; at < text.length; at += PIECE_LENGTH) {
    pieces.push({
      ...growth,
      text: text.slice(at, at + PIECE_LENGTH),
      offset: offset + at,
      arrivals: at === 0 ? growth.arrivals : [],
      ended: growth.ended && at + PIECE_LENGTH >= text.length,
    })
  }
  return pieces
}
