/** Labels that were given before: a thought that is echoed or replayed costs no second request. */
import type {KindLabel} from '../model.ts'

/** UTF-16 code units of keys that are kept (8 MiB). */
const MAX_LENGTH = 4 * 1024 * 1024

/** The least recently used go first, by number and by length of their keys. */
export class LabelCache {
  readonly #labels = new Map<string, readonly KindLabel[]>()
  readonly #maxEntries: number
  #length = 0

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(key: string): readonly KindLabel[] | undefined {
    const labels = this.#labels.get(key)
    if (labels === undefined) return undefined
    this.#labels.delete(key)
    this.#labels.set(key, labels)
    return labels
  }

  set(key: string, labels: readonly KindLabel[]): void {
    if (key.length > MAX_LENGTH || this.#maxEntries === 0) return
    if (this.#labels.delete(key)) this.#length -= key.length
    this.#labels.set(key, labels)
    this.#length += key.length
    for (const oldest of this.#labels.keys()) {
      if (this.#labels.size <= this.#maxEntries && this.#length <= MAX_LENGTH) break
      this.#labels.delete(oldest)
      this.#length -= oldest.length
    }
  }
}
