/** A program that ends loses nothing, and ends as it would without us. */

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Libraries that ask how many others listen for a signal, and end the process where nobody does. */
const SIGNAL_EXIT = Symbol.for('signal-exit emitter')
const OLD_SIGNAL_EXIT = '__signal_exit_emitter__'

const isSignalExit = (count: number): boolean => {
  const shared = globalThis as {[SIGNAL_EXIT]?: {count?: number}}
  const before = process as {[key in typeof OLD_SIGNAL_EXIT]?: {count?: number}}
  const known = (shared[SIGNAL_EXIT] ?? before[OLD_SIGNAL_EXIT])?.count
  return known !== undefined && known >= count
}

/**
 * Calls `finish` when the process ends: when nothing is left to do, on `process.exit()`, on an
 * error that nobody caught, and on a signal that nobody else listens for, which then ends it as it
 * would have.
 *
 * @param finish sends what there is in one turn; may be called several times
 */
export function onExit(finish: () => void): void {
  const guarded = (): void => {
    try {
      finish()
    } catch {
      // The process ends: there is nobody left to tell, and nothing that this may stop.
    }
  }
  process.on('exit', guarded)
  // A worker gets no signals.
  if (process.getBuiltinModule?.('node:worker_threads')?.isMainThread === false) return
  for (const signal of SIGNALS) {
    const listener = (): void => {
      // Gone while the others are called: some count who listens.
      process.removeListener(signal, listener)
      const others = process.listenerCount(signal)
      if (others === 0) {
        guarded()
        process.kill(process.pid, signal)
        return
      }
      if (isSignalExit(others)) guarded()
      // They may go on; the next one is for us as well.
      setImmediate(() => process.prependListener(signal, listener)).unref()
    }
    process.prependListener(signal, listener)
  }
}
