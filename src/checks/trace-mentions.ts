/** What the calls of each trace have spoken of: ids of patterns, never text. */
import type {TraceMentions} from './evaluate.ts'

/** Traces that are remembered; over it the oldest is forgotten. */
const MAX_TRACES = 10_000

export class MentionsByTrace {
  readonly #byTrace = new Map<string, Set<number>>()

  of(traceId: string): TraceMentions {
    return {
      has: (id) => this.#byTrace.get(traceId)?.has(id) === true,
      add: (id) => {
        let ids = this.#byTrace.get(traceId)
        if (ids === undefined) {
          ids = new Set()
          this.#byTrace.set(traceId, ids)
          if (this.#byTrace.size > MAX_TRACES) {
            for (const oldest of this.#byTrace.keys()) {
              this.#byTrace.delete(oldest)
              break
            }
          }
        }
        ids.add(id)
      },
    }
  }
}
