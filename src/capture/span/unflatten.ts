/** Outputs that are spread over indexed keys (`prefix.0.content`) become nested values again. */
import type {Entry} from './dialect.ts'

/** Nested objects; what had numbers for keys is an array in the order of its numbers. */
export type Nested = Record<string, unknown>

/** Levels of a key that are followed; a deeper leaf is left out. */
const MAX_LEVELS = 16

const toArrays = (node: unknown): unknown => {
  if (typeof node !== 'object' || node === null || !(node instanceof Map)) return node
  const keys = [...(node as Map<string, unknown>).keys()]
  const isList = keys.length > 0 && keys.every((key) => /^\d{1,9}$/.test(key))
  if (isList) {
    // Gaps are no elements: an index says order, not place.
    return keys
      .sort((a, b) => Number(a) - Number(b))
      .map((key) => toArrays((node as Map<string, unknown>).get(key)))
  }
  const object: Nested = {}
  for (const [key, value] of node as Map<string, unknown>) {
    if (key !== '__proto__') object[key] = toArrays(value)
  }
  return object
}

/**
 * Builds the value whose leaves the entries are. Keys may come in any order and with gaps.
 *
 * @param prefix what every key begins with, its last dot included
 */
export function unflatten(entries: readonly Entry[], prefix: string): unknown {
  const root = new Map<string, unknown>()
  for (const {key, value} of entries) {
    const path = key.slice(prefix.length).split('.')
    if (path.length > MAX_LEVELS) continue
    let node = root
    for (const segment of path.slice(0, -1)) {
      let next = node.get(segment)
      if (!(next instanceof Map)) {
        next = new Map<string, unknown>()
        node.set(segment, next)
      }
      node = next as Map<string, unknown>
    }
    const leaf = path.at(-1) as string
    // A leaf whose key is also a branch would cut the branch off.
    if (!(node.get(leaf) instanceof Map)) node.set(leaf, value)
  }
  return toArrays(root)
}
