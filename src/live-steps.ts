/**
 * Steps of calls that still run: each is exported when it has ended, as the call's expansion would
 * make it, so that a call of several minutes can be watched. The rest comes with the call's end.
 */
import {type SpanContext, TraceFlags} from '@opentelemetry/api'
import type {BuiltInClassifier} from './analysis/classify.ts'
import type {ExpansionContext} from './expansion.ts'
import {
  beginLiveBlock,
  growLiveBlock,
  liveSpan,
  type OpenBlock,
  piecesOf,
  stopLiveBlock,
  type TimedStep,
} from './live-block.ts'
import {getLiveChannel, type LiveCall, type LiveGrowth} from './live-channel.ts'
import {createLiveMemory, keyOf} from './live-memory.ts'
import {hashText, type LiveRecord, type LiveStep} from './live-record.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {inBackground} from './suppress-tracing.ts'

export interface LiveStepsSetup {
  readonly context: ExpansionContext
  readonly classifier: BuiltInClassifier
  /** Takes a step's span. */
  deliver(span: ReadableSpanLike): void
  /** Told of each call that is not followed, or no longer, because a limit was reached. */
  onDrop(): void
}

interface FollowedBlock extends OpenBlock {
  /** Code units that its analysis holds. */
  held: number
  /** Steps that ended behind the last one that has left. */
  waiting: LiveStep[]
}

interface OpenCall {
  readonly key: string
  readonly live: LiveCall
  readonly blocks: Map<number, FollowedBlock>
  readonly record: {index: number; steps: LiveStep[]}[]
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
/** Time that one turn of the event loop gives to analysis. */
const TURN_MILLIS = 2

const defer: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

const spanOf = ({span}: LiveCall): ReadableSpanLike => span as ReadableSpanLike

export class LiveSteps {
  readonly #setup: LiveStepsSetup
  readonly #isNetwork: boolean
  readonly #unsubscribe: () => void
  /** Open spans of the provider that we stand in: those of another one are not ours to export. */
  readonly #started = new WeakSet<object>()
  readonly #letGo = new WeakSet<LiveCall>()
  readonly #open = new Map<string, OpenCall>()
  readonly #memory = createLiveMemory()
  #queue: Heard[] = []
  #next = 0
  #isScheduled = false
  #length = 0
  #idle: (() => void)[] = []

  constructor(setup: LiveStepsSetup) {
    this.#setup = setup
    this.#isNetwork = setup.classifier === 'network'
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
    const key = keyOf(span.spanContext())
    if (!this.#memory.end(key)) return
    const open = this.#open.get(key)
    if (open !== undefined) this.#close(open)
  }

  /** What has left of a call whose span has ended; `undefined` where nothing has. */
  recordOf(context: SpanContext): LiveRecord | undefined {
    return this.#memory.recordOf(context)
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
    if (open === undefined) return
    open.touchedAt = performance.now()
    for (const growth of growths) {
      if (this.#length + growth.text.length > MAX_LENGTH) {
        this.#letGoOf(live)
        this.#close(open)
        return
      }
      this.#length += growth.text.length
      for (const piece of piecesOf(growth)) this.#queue.push({open, growth: piece})
    }
    this.#schedule()
  }

  #hearEnd(live: LiveCall): void {
    if (!this.#started.has(live.span)) return
    const open = this.#open.get(keyOf(spanOf(live).spanContext()))
    if (open?.live !== live) return
    this.#queue.push({open, growth: undefined})
    this.#schedule()
  }

  #openOf(live: LiveCall): OpenCall | undefined {
    const key = keyOf(spanOf(live).spanContext())
    const known = this.#open.get(key)
    if (known !== undefined || this.#memory.has(key)) {
      return known?.live === live ? known : undefined
    }
    const isBusy = this.#isNetwork && this.#setup.context.work?.allows() === false
    if (isBusy || !this.#memory.hasRoom() || !this.#hasRoom()) {
      this.#letGoOf(live)
      return undefined
    }
    const touchedAt = performance.now()
    const open = {key, live, blocks: new Map(), record: [], touchedAt, isClosed: false}
    this.#open.set(key, open)
    this.#memory.open(key, open.record, live.span)
    return open
  }

  #letGoOf(live: LiveCall): void {
    this.#letGo.add(live)
    this.#setup.onDrop()
  }

  #hasRoom(): boolean {
    if (this.#open.size < MAX_CALLS) return true
    const oldest = performance.now() - MAX_IDLE_MILLIS
    for (const open of this.#open.values()) {
      if (open.touchedAt > oldest) continue
      this.#letGoOf(open.live)
      this.#close(open)
    }
    return this.#open.size < MAX_CALLS
  }

  #close(open: OpenCall): void {
    if (open.isClosed) return
    open.isClosed = true
    this.#open.delete(open.key)
    for (const block of open.blocks.values()) {
      stopLiveBlock(block)
      this.#recount(block)
    }
    open.blocks.clear()
  }

  #recount(block: FollowedBlock): void {
    const held = block.analysis?.heldLength ?? 0
    this.#length += held - block.held
    block.held = held
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
    const {options, work} = this.#setup.context
    let since = performance.now()
    const until = since + TURN_MILLIS
    while (this.#next < this.#queue.length && since < until) {
      const {open, growth} = this.#queue[this.#next] as Heard
      this.#next += 1
      this.#length -= growth?.text.length ?? 0
      if (open.isClosed) continue
      try {
        if (growth === undefined) this.#close(open)
        else this.#grow(open, growth)
      } catch (error) {
        this.#close(open)
        options.faults.tell('steps of a call come with its end', error)
      }
      const now = performance.now()
      if (this.#isNetwork) work?.spend(now - since)
      since = now
    }
    // Shifting an array is linear in its length.
    if (this.#next === this.#queue.length || this.#next > 1024) {
      this.#queue = this.#queue.slice(this.#next)
      this.#next = 0
    }
    if (this.#queue.length > this.#next) this.#schedule()
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  #grow(open: OpenCall, growth: LiveGrowth): void {
    const {context, classifier} = this.#setup
    let block = open.blocks.get(growth.index)
    if (block === undefined) {
      const begun = beginLiveBlock(open.live, growth, context, classifier)
      block = {...begun, held: 0, waiting: []}
      open.blocks.set(growth.index, block)
    }
    for (const step of growLiveBlock(block, growth)) this.#end(open, block, step)
    this.#recount(block)
  }

  #end(open: OpenCall, block: FollowedBlock, timed: TimedStep): void {
    const {context} = this.#setup
    const {step, text} = timed.ended
    const own = open.record.find(({index}) => index === block.index)
    const index = (own?.steps.length ?? 0) + block.waiting.length
    const isExported =
      !timed.mayLeadToCall &&
      this.#fits(open, block.index, index + 1) &&
      (context.allowSteps?.(1) ?? true)
    block.waiting.push({step, hash: hashText(text), isExported})
    if (!isExported) return
    const steps = own?.steps ?? []
    if (own === undefined) open.record.push({index: block.index, steps})
    steps.push(...block.waiting.splice(0))
    this.#setup.deliver(liveSpan(open.live, block, timed, index, context))
  }

  /** Each block keeps a step for what comes with the call's end. */
  #fits({record}: OpenCall, index: number, count: number): boolean {
    let used = count + 1
    for (const block of record) if (block.index !== index) used += block.steps.length + 1
    return used <= this.#setup.context.options.maxSteps
  }
}
