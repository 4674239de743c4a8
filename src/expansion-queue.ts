/**
 * Runs expansions in slices, so that a long text never blocks the event loop: begun in the order in
 * which their spans ended, parked while an async classifier thinks.
 */
import type {Expanded, ExpansionStep} from './expand.ts'
import type {KindLabel} from './model.ts'

/** One span's expansion. None of these may throw. */
export interface ExpansionTask {
  /** Groups tasks whose order matters: a later span of a trace may repeat what an earlier one told. */
  readonly traceId: string
  /** Looks at the span; `undefined` where there is nothing to analyse. May throw. */
  begin(): ExpansionStep | undefined
  /** Takes what came of it, exactly once: `undefined` where the span leaves as it is. */
  done(expanded: Expanded | undefined): void
  /** Takes the place of `done` after a fault. */
  failed(error: unknown): void
}

interface Running {
  task: ExpansionTask
  steps: ExpansionStep
  /** What to go on with. */
  labels: readonly KindLabel[] | undefined
}

/** Time that one turn of the event loop gives to analysis. A single slice takes less. */
const TURN_MILLIS = 2

const defer: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

export interface ExpansionQueueOptions {
  /** Milliseconds that a task waits for labels before it goes on with the rules. */
  readonly maxHoldMillis: number
  readonly onTimeout: () => void
  readonly onClassifierError: (error: unknown) => void
}

export class ExpansionQueue {
  readonly #options: ExpansionQueueOptions
  #waiting: ExpansionTask[] = []
  /** Index of the next waiting task: shifting an array is linear in its length. */
  #next = 0
  #ready: Running[] = []
  #parked = 0
  /** Tasks of a trace that have not begun. */
  readonly #unbegun = new Map<string, number>()
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(options: ExpansionQueueOptions) {
    this.#options = options
  }

  /** Tasks that are not done. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#ready.length + this.#parked
  }

  /** Whether a task of this trace still has to begin, so that a later span must line up behind it. */
  isWaiting(traceId: string): boolean {
    return this.#unbegun.size > 0 && this.#unbegun.has(traceId)
  }

  /** Runs a task now, up to its end or until it has to wait for labels. */
  runNow(task: ExpansionTask): void {
    this.#begin(task, Infinity)
    if (this.#ready.length > 0) this.#schedule()
  }

  /** Lines a task up. */
  add(task: ExpansionTask): void {
    this.#waiting.push(task)
    this.#unbegun.set(task.traceId, (this.#unbegun.get(task.traceId) ?? 0) + 1)
    this.#schedule()
  }

  /** Resolves when nothing is left. */
  async idle(): Promise<void> {
    if (this.size === 0) return
    // The timers of held spans are unref'd: without this a program that only waits for its flush
    // would exit in the middle of it.
    const keepAlive = setInterval(() => {}, 1000)
    await new Promise<void>((resolve) => this.#idle.push(resolve))
    clearInterval(keepAlive)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    defer(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    const until = performance.now() + TURN_MILLIS
    while (this.#ready.length > 0 || this.#next < this.#waiting.length) {
      if (performance.now() >= until) {
        this.#schedule()
        return
      }
      const running = this.#ready.shift()
      if (running !== undefined) this.#advance(running, until)
      else this.#beginNext(until)
    }
    this.#tellIdle()
  }

  #beginNext(until: number): void {
    const task = this.#waiting[this.#next] as ExpansionTask
    this.#next += 1
    if (this.#next === this.#waiting.length || this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    const left = (this.#unbegun.get(task.traceId) ?? 1) - 1
    if (left === 0) this.#unbegun.delete(task.traceId)
    else this.#unbegun.set(task.traceId, left)
    this.#begin(task, until)
  }

  #begin(task: ExpansionTask, until: number): void {
    let steps: ExpansionStep | undefined
    try {
      steps = task.begin()
    } catch (error) {
      task.failed(error)
      return
    }
    if (steps === undefined) task.done(undefined)
    else this.#advance({task, steps, labels: undefined}, until)
  }

  #advance(running: Running, until: number): void {
    const {task, steps} = running
    for (;;) {
      let step: IteratorResult<PromiseLike<readonly KindLabel[]> | undefined, Expanded>
      try {
        step = steps.next(running.labels)
      } catch (error) {
        task.failed(error)
        return
      }
      running.labels = undefined
      if (step.done === true) {
        task.done(step.value)
        return
      }
      if (step.value !== undefined) {
        this.#park(running, step.value)
        return
      }
      if (performance.now() >= until) {
        this.#ready.unshift(running)
        return
      }
    }
  }

  #park(running: Running, labels: PromiseLike<readonly KindLabel[]>): void {
    this.#parked += 1
    let isParked = true
    const resume = (result: readonly KindLabel[] | undefined): void => {
      if (!isParked) return
      isParked = false
      clearTimeout(timer)
      this.#parked -= 1
      running.labels = result
      this.#ready.push(running)
      this.#schedule()
    }
    const timer = setTimeout(() => {
      if (isParked) this.#options.onTimeout()
      resume(undefined)
    }, this.#options.maxHoldMillis)
    // A span that waits must not keep a finished program alive; flushing waits for it.
    ;(timer as {unref?: () => void}).unref?.()
    labels.then(resume, (error: unknown) => {
      if (isParked) this.#options.onClassifierError(error)
      resume(undefined)
    })
  }

  #tellIdle(): void {
    if (this.size > 0) return
    const waiting = this.#idle
    this.#idle = []
    for (const resolve of waiting) resolve()
  }
}
