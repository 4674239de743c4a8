/** Faults are counted each time and told once: a log line a span would be a second fault. */
import {diag} from '@opentelemetry/api'

export interface FaultReport {
  /** Faults of any kind, so far. */
  readonly count: number
  /** Tells `diag` of the first fault of this kind and the user's function of each. */
  tell(kind: string, error: unknown): void
}

/**
 * @param owner what the lines begin with
 * @param onError the user's function; guarded already
 */
export function createFaultReport(owner: string, onError: (error: unknown) => void): FaultReport {
  const told = new Set<string>()
  let count = 0
  return {
    get count() {
      return count
    },
    tell(kind, fault) {
      count += 1
      // What `JSON.parse` throws quotes the text that it could not parse.
      const error = fault instanceof SyntaxError ? new SyntaxError('text cannot be parsed') : fault
      onError(error)
      if (told.has(kind)) return
      told.add(kind)
      // The message only: an error's own fields may hold what it choked on.
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      diag.warn(`${owner}: ${kind}: ${message.slice(0, 300)} (told once; later ones are counted)`)
    },
  }
}
