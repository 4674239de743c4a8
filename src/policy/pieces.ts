/** The pieces of reasoning in one value: what to write of each can depend on all of them. */
import {type Piece, REMOVED, type Replacement} from './replacement.ts'

/** Objects and arrays of one value: what refers to itself has no end. */
const MAX_NODES = 50_000

/** Carries pieces from the walk that collects them to the walk that puts in what replaces them. */
export class Pieces {
  isCollecting = true
  readonly #collected: Piece[] = []
  #replacements: readonly string[] = []
  #next = 0
  #nodes = 0

  take(piece: Piece): string {
    if (!this.isCollecting) return this.#replacements[this.#next++] ?? REMOVED
    this.#collected.push(piece)
    return piece.text
  }

  replaceBy(replacement: Replacement): void {
    this.#replacements = replacement.pieces(this.#collected)
    this.isCollecting = false
    this.#nodes = 0
  }

  /** Whether so many objects were visited that this one is replaced unseen. */
  isExhausted(): boolean {
    return ++this.#nodes > MAX_NODES
  }
}
