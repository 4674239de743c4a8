/** Faults are counted each time and told once: a log line a span would be a second fault. */
import {diag} from '@opentelemetry/api'

export interface FaultReport {
  /** Faults of any kind, so far. */
  readonly count: number
  /**
   * Tells `diag` of the first fault of this kind and the user's function of each. Never throws.
   *
   * @param isOurs the message was worded here, so that it quotes nothing
   */
  tell(kind: string, error: unknown, isOurs?: boolean): void
  /** Calls `onFault` with each fault from now on: it is counted elsewhere, too. */
  listen(onFault: () => void): void
}

/** A logger is the user's, too, and may throw. */
export function warn(message: string): void {
  try {
    diag.warn(message)
  } catch {
    // Nobody is left to tell.
  }
}

/** What was thrown may be anything, an object that cannot be printed among it. */
function toError(fault: unknown): Error {
  try {
    if (fault instanceof SyntaxError) {
      // What `JSON.parse` throws quotes the text that it could not parse.
      return new SyntaxError('text cannot be parsed')
    }
    return fault instanceof Error ? fault : new Error(String(fault))
  } catch {
    return new Error('what was thrown cannot be printed')
  }
}

const describe = (error: Error): string => {
  try {
    // The message only: an error's own fields may hold what it choked on.
    return `${error.name}: ${error.message}`.slice(0, 300)
  } catch {
    return 'Error'
  }
}

/** Its kind and no message, which may quote what it is about. */
function withoutMessage(error: Error): Error {
  const bare = new Error('the message is withheld, as reasoning is')
  try {
    bare.name = String(error.name)
  } catch {
    // Then it is an `Error`.
  }
  return bare
}

/**
 * @param owner what the lines begin with
 * @param onError the user's function; guarded already
 * @param withholds whether a policy is in force: messages of others may then quote what must not leave
 */
export function createFaultReport(
  owner: string,
  onError: (error: unknown) => void,
  withholds: () => boolean = () => false,
): FaultReport {
  const told = new Set<string>()
  const listeners: (() => void)[] = []
  let count = 0
  return {
    get count() {
      return count
    },
    tell(kind, fault, isOurs = false) {
      count += 1
      for (const onFault of listeners) onFault()
      const thrown = toError(fault)
      const error = withholds() && !isOurs ? withoutMessage(thrown) : thrown
      onError(error)
      if (told.has(kind)) return
      told.add(kind)
      warn(`${owner}: ${kind}: ${describe(error)} (told once; later ones are counted)`)
    },
    listen(onFault) {
      listeners.push(onFault)
    },
  }
}
