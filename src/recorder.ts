/** Reasoning reported by hand, for programs whose model calls nobody instruments. */
import {type HrTime, type Span, trace, type Tracer} from '@opentelemetry/api'
import {analyzeReasoning} from './analysis/analyze.ts'
import {warn} from './fault-report.ts'
import {contributeTo, getHub} from './hub.ts'
import {type Analysis, type Arrival, type GivenStep, STEP_KINDS, type StepKind} from './model.ts'

/** @public */
export interface ReasoningRecorderOptions {
  /** The span that the reasoning belongs to. @defaultValue the active span at construction */
  span?: Span | undefined
  /** Starts a span of its own where there is no `span`; `end()` ends it. */
  tracer?: Tracer | undefined
  /** Name of the span that `tracer` starts. @defaultValue 'model call' */
  name?: string | undefined
  /** The model, for spans of ours. */
  model?: string | undefined
}

/** UTF-16 code units of text that are recorded (16 MiB). */
const MAX_LENGTH = 8 * 1024 * 1024
/** Arrival times, and steps. */
const MAX_MARKS = 100_000
/** Pieces that come closer to each other arrived together: a clock can tell no more of them apart. */
const MIN_INTERVAL_MILLIS = 1
/** Pieces that are joined into one. */
const CHUNK_PIECES = 1024

const EMPTY: Analysis = Object.freeze({
  sentences: Object.freeze([]),
  steps: Object.freeze([]),
  signals: Object.freeze([]),
})

/** Wall clock for the start, monotonic clock for what passed since: a clock that is set back must not turn steps round. */
function createClock(): (monotonic: number) => HrTime {
  const wall = Date.now()
  const start = performance.now()
  return (monotonic) => {
    const micros = Math.round((monotonic - start) * 1000)
    const seconds = Math.floor(wall / 1000) + Math.floor(micros / 1_000_000)
    const nanos = (wall % 1000) * 1_000_000 + (micros % 1_000_000) * 1000
    return nanos < 1_000_000_000 ? [seconds, nanos] : [seconds + 1, nanos - 1_000_000_000]
  }
}

/**
 * Records a model's reasoning as it comes. Times are measured. It never throws; without an SDK
 * nothing is exported, and `end()` still returns the analysis.
 *
 * Over 8 Mi UTF-16 code units of text, 100,000 arrivals (1 ms apart at least) or as many steps the
 * rest is ignored, which `diag` is told once, and the block is marked as incomplete.
 *
 * Call `end()` before the span ends: reasoning that comes later is marked `reasoning.late`.
 *
 * @example
 * const recorder = new ReasoningRecorder({span})
 * recorder.text('The window is 30 days. ')
 * recorder.step('verify', '23 days have passed, so it is open.')
 * const {steps} = recorder.end()
 * @public
 */
export class ReasoningRecorder {
  readonly #span: Span | undefined
  readonly #ownsSpan: boolean
  readonly #model: string | undefined
  readonly #timeAt: (monotonic: number) => HrTime
  readonly #arrivals: Arrival[] = []
  readonly #steps: GivenStep[] = []
  // Joined at the end: adding to one string for each token would copy it over and over.
  readonly #chunks: string[] = []
  #pieces: string[] = []
  /** Of the last arrival, in milliseconds of the monotonic clock. */
  #arrivedAt = -Infinity
  #isFull = false
  #length = 0
  #endsInSpace = true
  #analysis: Analysis | undefined

  constructor(options: ReasoningRecorderOptions = {}) {
    const {span, tracer, name = 'model call', model} = attempt(() => ({...options})) ?? {}
    getHub().announce()
    this.#timeAt = createClock()
    this.#model = model
    let own: Span | undefined
    if (span === undefined && tracer !== undefined) {
      own = attempt(() => tracer.startSpan(name))
    }
    this.#ownsSpan = own !== undefined
    this.#span = span ?? own ?? attempt(() => trace.getActiveSpan())
  }

  /** Adds text as it comes; the analysis finds its steps. */
  text(text: string): void {
    if (this.#analysis !== undefined || typeof text !== 'string' || text.length === 0) return
    if (this.#isFull) return
    const room = MAX_LENGTH - this.#length
    if (text.length > room) {
      this.#fill()
      this.#add(text.slice(0, isHighSurrogate(text, room - 1) ? room - 1 : room))
    } else this.#add(text)
  }

  #add(text: string): void {
    if (text.length === 0) return
    const now = performance.now()
    if (now - this.#arrivedAt >= MIN_INTERVAL_MILLIS) {
      if (this.#arrivals.length === MAX_MARKS) {
        this.#fill()
        return
      }
      this.#arrivedAt = now
      this.#arrivals.push({offset: this.#length, time: this.#timeAt(now)})
    }
    this.#pieces.push(text)
    if (this.#pieces.length === CHUNK_PIECES) {
      this.#chunks.push(this.#pieces.join(''))
      this.#pieces = []
    }
    this.#length += text.length
    this.#endsInSpace = /\s$/.test(text)
  }

  #fill(): void {
    this.#isFull = true
    warn('ReasoningRecorder: too much for one block; what follows is ignored (told once)')
  }

  /** Adds a step whose kind is known; it stays one step. An unknown kind is recorded as `other`. */
  step(kind: StepKind, text: string): void {
    if (this.#analysis !== undefined || typeof text !== 'string' || text.length === 0) return
    const isKnown = STEP_KINDS.includes(kind)
    if (!isKnown) {
      // The kind is not named: whoever mixes the arguments up passes the text here.
      warn(`ReasoningRecorder: unknown kind of a step; the kinds are ${STEP_KINDS.join(', ')}`)
    }
    if (!this.#endsInSpace) this.text('\n')
    const start = this.#length
    this.text(text)
    if (this.#length === start) return
    this.#steps.push({start, end: this.#length, kind: isKnown ? kind : 'other'})
    if (this.#steps.length === MAX_MARKS && !this.#isFull) this.#fill()
  }

  /** Hands the reasoning to the span's processors and returns what the analysis made of it. */
  end(): Analysis {
    if (this.#analysis !== undefined) return this.#analysis
    const text = [...this.#chunks, ...this.#pieces].join('')
    const steps = this.#steps.length > 0 ? this.#steps : undefined
    const analysis = attempt(() => analyzeReasoning(text, {steps})) ?? EMPTY
    this.#analysis = analysis
    attempt(() => this.#contribute(text, steps))
    if (this.#ownsSpan) attempt(() => this.#span?.end())
    return analysis
  }

  #contribute(text: string, steps: readonly GivenStep[] | undefined): void {
    // Not asked whether it records: a span that has ended does not, and may still be told of late.
    if (this.#span === undefined || text.length === 0) return
    contributeTo(this.#span.spanContext(), {
      origin: 'recorder',
      call: {
        dialect: 'recorder',
        keys: [],
        items: [
          {
            type: 'reasoning',
            block: {
              text,
              visibility: 'full',
              source: 'recorder',
              arrivals: this.#arrivals,
              endTime: this.#timeAt(performance.now()),
              steps,
              incomplete: this.#isFull,
            },
          },
        ],
        toolsOffered: [],
        model: this.#model,
        finishReasons: [],
        incomplete: this.#isFull,
      },
    })
  }
}

const isHighSurrogate = (text: string, index: number): boolean => {
  const unit = text.charCodeAt(index)
  return unit >= 0xd800 && unit <= 0xdbff
}

/** What the host hands us may throw; the host must not notice. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
