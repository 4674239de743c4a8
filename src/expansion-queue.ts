/**
 * Runs expansions in slices, so that a long text never blocks the event loop: begun in the order in
 * which their spans ended, parked while an async classifier thinks.
 */
import {classifierGaveNoLabels, classifierThrew} from './analysis/in-slices.ts'
import type {Expanded, ExpansionStep} from './expansion.ts'
import type {KindLabel} from './model.ts'
import {inBackground} from './suppress-tracing.ts'

/** One span's expansion. */
export interface ExpansionTask {
  /** Groups tasks whose order matters: a later span of a trace may repeat what an earlier one told. */
  readonly traceId: string
  /** Looks at the span; `undefined` where there is nothing to analyse. May throw. */
  begin(): ExpansionStep | undefined
  /**
   * Takes what came of it, exactly once: `undefined` where the span leaves as it is. Never throws.
   *
   * @param workMillis of all slices together
   */
  done(expanded: Expanded | undefined, workMillis: number): void
  /** Takes the place of `done` after a fault. Never throws. */
  failed(error: unknown): void
}

interface Running {
  readonly task: ExpansionTask
  /** Tasks are numbered in the order in which they came. */
  readonly number: number
  /** When it came, in milliseconds: its time in the queue is time that its span is held. */
  readonly since: number
  steps: ExpansionStep | undefined
  /** What to go on with. */
  labels: readonly KindLabel[] | undefined
  timedOut: boolean
  /** Milliseconds of work so far, and when the present turn of it began. */
  worked: number
  began: number
}

interface Waiter {
  /** Number of the first task that it does not wait for. */
  readonly before: number
  left: number
  readonly resolve: () => void
}

/** Time that one turn of the event loop gives to analysis. A single slice takes less. */
const TURN_MILLIS = 2

/** A timer that is set for longer fires at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1

const defer: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

export interface ExpansionQueueOptions {
  /**
   * Milliseconds from the moment at which a task came that it waits for labels, of all its blocks
   * together, before it goes on with the rules. As long as it takes, from 2^31 on.
   */
  readonly maxHoldMillis: number
  /** Told once a task. */
  readonly onTimeout: () => void
  readonly onClassifierError: (error: unknown) => void
}

export class ExpansionQueue {
  readonly #options: ExpansionQueueOptions
  #waiting: Running[] = []
  /** Index of the next waiting task: shifting an array is linear in its length. */
  #next = 0
  #ready: Running[] = []
  #size = 0
  #number = 0
  /** Tasks of a trace that have not begun. */
  readonly #unbegun = new Map<string, number>()
  #scheduled = false
  #idle: Waiter[] = []

  constructor(options: ExpansionQueueOptions) {
    this.#options = options
  }

  /** Tasks that are not done. */
  get size(): number {
    return this.#size
  }

  /** Whether a task of this trace still has to begin, so that a later span must line up behind it. */
  isWaiting(traceId: string): boolean {
    return this.#unbegun.size > 0 && this.#unbegun.has(traceId)
  }

  /** Runs a task now, up to its end or until it has to wait for labels. */
  runNow(task: ExpansionTask): void {
    this.#begin(this.#take(task), Infinity)
    if (this.#ready.length > 0) this.#schedule()
  }

  /** Lines a task up. */
  add(task: ExpansionTask): void {
    this.#waiting.push(this.#take(task))
    this.#unbegun.set(task.traceId, (this.#unbegun.get(task.traceId) ?? 0) + 1)
    this.#schedule()
  }

  /** Runs every task to its end now, but for those that wait for labels: there is no later turn. */
  drain(): void {
    while (this.#ready.length > 0 || this.#next < this.#waiting.length) this.#turn(Infinity)
  }

  /** Resolves when every task that came before this call is done, whatever comes meanwhile. */
  async idle(): Promise<void> {
    if (this.#size === 0) return
    // The timers of held spans are unref'd: without this a program that only waits for its flush
    // would exit in the middle of it.
    const keepAlive = setInterval(() => {}, 1000)
    await new Promise<void>((resolve) =>
      this.#idle.push({before: this.#number, left: this.#size, resolve}),
    )
    clearInterval(keepAlive)
  }

  #take(task: ExpansionTask): Running {
    const number = this.#number
    this.#number += 1
    this.#size += 1
    return {
      task,
      number,
      since: performance.now(),
      steps: undefined,
      labels: undefined,
      timedOut: false,
      worked: 0,
      began: 0,
    }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // Not in the context of whichever request happened to schedule it.
    inBackground(() =>
      defer(() => {
        this.#scheduled = false
        this.#turn()
      }),
    )
  }

  #turn(until = performance.now() + TURN_MILLIS): void {
    while (this.#ready.length > 0 || this.#next < this.#waiting.length) {
      if (performance.now() >= until) {
        this.#schedule()
        return
      }
      const running = this.#ready.shift()
      if (running !== undefined) {
        running.began = performance.now()
        this.#advance(running, until)
      } else this.#beginNext(until)
    }
  }

  #beginNext(until: number): void {
    const running = this.#waiting[this.#next] as Running
    this.#next += 1
    if (this.#next === this.#waiting.length || this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    const {traceId} = running.task
    const left = (this.#unbegun.get(traceId) ?? 1) - 1
    if (left === 0) this.#unbegun.delete(traceId)
    else this.#unbegun.set(traceId, left)
    this.#begin(running, until)
  }

  #begin(running: Running, until: number): void {
    const {task} = running
    running.began = performance.now()
    try {
      running.steps = task.begin()
    } catch (error) {
      this.#end(running, () => task.failed(error))
      return
    }
    if (running.steps === undefined) this.#end(running, () => task.done(undefined, 0))
    else this.#advance(running, until)
  }

  #advance(running: Running, until: number): void {
    const {task, steps} = running
    for (;;) {
      let step: IteratorResult<PromiseLike<readonly KindLabel[]> | undefined, Expanded>
      try {
        step = (steps as ExpansionStep).next(running.labels)
      } catch (error) {
        this.#end(running, () => task.failed(error))
        return
      }
      running.labels = undefined
      if (step.done === true) {
        const {value} = step
        const millis = running.worked + performance.now() - running.began
        this.#end(running, () => task.done(value, millis))
        return
      }
      if (step.value !== undefined) {
        running.worked += performance.now() - running.began
        this.#park(running, step.value)
        return
      }
      const now = performance.now()
      if (now >= until) {
        running.worked += now - running.began
        this.#ready.unshift(running)
        return
      }
    }
  }

  #park(running: Running, labels: PromiseLike<readonly KindLabel[]>): void {
    let isParked = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const resume = (result: readonly KindLabel[] | undefined): void => {
      isParked = false
      clearTimeout(timer)
      running.labels = result
      this.#ready.push(running)
      this.#schedule()
    }
    const giveUp = (): void => {
      if (!isParked) return
      if (!running.timedOut) this.#options.onTimeout()
      running.timedOut = true
      resume(undefined)
    }
    // A thenable may throw or call back twice: a promise of our own does neither.
    Promise.resolve(labels).then(
      (result: readonly KindLabel[] | undefined) => {
        if (!isParked) return
        // `undefined` would read as "no labels in time".
        if (result === undefined) this.#options.onClassifierError(classifierGaveNoLabels())
        resume(result)
      },
      (error: unknown) => {
        if (!isParked) return
        this.#options.onClassifierError(classifierThrew(error))
        resume(undefined)
      },
    )
    const {maxHoldMillis} = this.#options
    const left = running.since + maxHoldMillis - performance.now()
    if (left > MAX_TIMER_MILLIS) return
    if (left <= 0) {
      giveUp()
      return
    }
    timer = setTimeout(giveUp, left)
    // A span that waits must not keep a finished program alive; flushing waits for it.
    ;(timer as {unref?: () => void}).unref?.()
  }

  #end({number}: Running, tell: () => void): void {
    this.#size -= 1
    // Before `tell`: who begins to wait in there does not wait for this task.
    const satisfied = this.#idle.filter((waiter) => {
      if (number < waiter.before) waiter.left -= 1
      return waiter.left === 0
    })
    tell()
    if (satisfied.length === 0) return
    this.#idle = this.#idle.filter((waiter) => !satisfied.includes(waiter))
    for (const {resolve} of satisfied) resolve()
  }
}
