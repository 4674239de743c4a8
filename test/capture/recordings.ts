/**
 * Responses as real providers sent them. They are not part of this project: tests read them from a
 * `shared` folder in or beside the checkout, and say so where there is none.
 */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import type {Visibility} from '../../src/model.ts'

export interface Recording {
  id: string
  format: string
  stream: boolean
  body?: string
  body_base64?: string
  expected: {
    blocks: {visibility: Visibility; text: string}[]
    tool_calls: {id: string | null; name: string}[]
    answer: string
    reasoning_tokens: number | null
  }
}

const FILE = 'shared/corpora/recordings/recordings.jsonl.gz'
const ROOT = join(import.meta.dirname, '../..')

/** The recordings, `undefined` where they are not on this machine. */
export function loadRecordings(): Recording[] | undefined {
  const file = [join(ROOT, FILE), join(ROOT, '..', FILE)].find((path) => existsSync(path))
  if (file === undefined) return undefined
  return gunzipSync(readFileSync(file))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recording)
}
