/**
 * The one place in a process where taps tell of reasoning while it is written, for processors that
 * export steps before the call is over. The hub gets the same text again when it is whole.
 */
import type {Arrival, CapturedCall, Visibility} from './model.ts'
import type {HrTime} from '@opentelemetry/api'

/** A call whose response is being read. The same object for as long as it is. */
export interface LiveCall {
  /** The call's span as the SDK made it, open. */
  readonly span: object
  /** What is known of it so far. Its `items` are empty. */
  readonly call: CapturedCall
}

/** What was added to a block of reasoning. */
export interface LiveGrowth {
  /** The block's position among the blocks of its call, as far as can be known. */
  readonly index: number
  readonly visibility: Visibility
  /** The wire format. */
  readonly source: string
  readonly text: string
  /** Where `text` begins in the block, in UTF-16 code units. */
  readonly offset: number
  /**
   * When it was delivered; offsets are those of the block. Of a block that came in one piece nothing
   * is told: its times will be estimated.
   */
  readonly arrivals: readonly Arrival[]
  /** When its last character was delivered. */
  readonly endTime: HrTime
  /** The block is whole, and no tool call followed it. */
  readonly ended: boolean
  /** The provider has put another text in its place: what was told does not hold. */
  readonly broken: boolean
}

export interface LiveListener {
  grown(call: LiveCall, growths: readonly LiveGrowth[]): void
  /** Nothing more will be told of this call. */
  over(call: LiveCall): void
}

/**
 * Version 1 of what is shared under `Symbol.for('otel-reasoning.live.v1')`. Two copies of the
 * package use whichever was made first, so this shape never changes.
 */
export interface LiveChannel {
  /** Somebody listens: only then is it worth while to tell anything. */
  readonly isWatched: boolean
  /** @returns a function that ends the subscription */
  subscribe(listener: LiveListener): () => void
  grown(call: LiveCall, growths: readonly LiveGrowth[]): void
  over(call: LiveCall): void
}

const CHANNEL = Symbol.for('otel-reasoning.live.v1')

function createLiveChannel(): LiveChannel {
  const listeners = new Set<LiveListener>()
  /** One listener's fault is neither the others' nor the tap's. */
  const tell = (action: (listener: LiveListener) => void): void => {
    for (const listener of listeners) {
      try {
        action(listener)
      } catch {
        // Listeners tell of their faults themselves.
      }
    }
  }
  return {
    get isWatched() {
      return listeners.size > 0
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    grown: (call, growths) => tell((listener) => listener.grown(call, growths)),
    over: (call) => tell((listener) => listener.over(call)),
  }
}

/** The channel of this process. */
export function getLiveChannel(): LiveChannel {
  const shared = globalThis as {[CHANNEL]?: LiveChannel}
  shared[CHANNEL] ??= createLiveChannel()
  return shared[CHANNEL]
}

/** Whether anybody in this process exports steps while calls run. */
export const isLiveWatched = (): boolean =>
  (globalThis as {[CHANNEL]?: LiveChannel})[CHANNEL]?.isWatched === true
