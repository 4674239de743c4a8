/** The labelled sets, which are not part of the repository and not on every machine. */
import {existsSync, readFileSync} from 'node:fs'
import {gunzipSync} from 'node:zlib'

const FOLDER = new URL('../../../shared/datasets/', import.meta.url)

/** Whether the sets are on this machine. */
export const haveDatasets = () => existsSync(FOLDER)

/**
 * The rows of a set: `readDataset('signals/made-loops')`.
 *
 * @returns `undefined` where the set is not on this machine
 */
export function readDataset(name) {
  const file = new URL(`${name}.jsonl.gz`, FOLDER)
  if (!existsSync(file)) return undefined
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** A number below `count` that depends on the id alone, the same for what was made of one trace. */
export function foldOf(id, count) {
  // A made row's id ends with the id of the trace that it was made from.
  const key = String(id).replace(/^(?:right|tool|argument|(?:loop|cut|ans)\/\w+)\//, '')
  let hash = 0x811c9dc5
  for (const character of key) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  hash ^= hash >>> 15
  return (hash >>> 0) % count
}

/** Splits rows in two, by their ids. */
export const inFirstHalf = (id) => foldOf(id, 2) === 0
