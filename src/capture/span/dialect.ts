/** What a dialect is: which attribute keys mean what, and how its outputs are read. */
import type {OutputItem} from '../../model.ts'
import type {Output, OutputHints} from '../output.ts'

/**
 * What is read from under a key.
 *
 * - `ignored`: nothing: what went in, settings, ids
 * - `mark`: nothing, but the key shows a model call
 * - `kind`: the word that says what sort of span this is
 * - `output`: an output, as a structured value, JSON text, a Python repr or plain text
 * - `answer`, `thought`, `calls`: the answer's text, the reasoning's text, a list of tool calls
 * - `part`: one leaf of an output that is flattened over indexed keys
 * - `mime`: whether the output beside it is plain text
 * - `finish`, `tokens`, `usage`, `tools`, …: facts of the call
 */
export type RoleName =
  | 'ignored'
  | 'mark'
  | 'kind'
  | 'output'
  | 'answer'
  | 'thought'
  | 'calls'
  | 'part'
  | 'mime'
  | 'provider'
  | 'model'
  | 'responseModel'
  | 'finish'
  | 'tokens'
  | 'usage'
  | 'firstChunkSeconds'
  | 'firstChunkMillis'
  | 'firstChunkTime'
  | 'prompt'
  | 'promptName'
  | 'promptVersion'
  | 'tools'
  | 'toolName'

/** The role of a key in its dialect. */
export interface Role {
  readonly as: RoleName
  /** Of several keys that tell the same, the one with the lowest rank counts. */
  readonly rank: number
  /** The key alone shows that the span is a model call. */
  readonly call: boolean
  /** Read the value as if it stood in an object under this name: `content`, `choices`, … */
  readonly field?: string | undefined
}

/** One attribute of a span with the role of its key. */
export interface Entry {
  readonly key: string
  readonly value: unknown
  readonly role: Role
}

/** One telling of the output, and what it says of the call. */
export type Telling = Output

/** How one family of instrumentations writes outputs on spans. */
export interface Dialect {
  /** Becomes `dialect` of the call and `source` of the blocks. */
  readonly name: string
  /** The role of a key, `undefined` where it is none of this dialect's. Pure; asked once a key. */
  readonly role: (key: string) => Role | undefined
  /** Reads the flattened leaves; `read` of an entry list by default takes the other roles. */
  readonly readParts?: ((parts: readonly Entry[], hints: OutputHints) => Telling) | undefined
}

export const IGNORED: Role = {as: 'ignored', rank: 0, call: false}
export const MARK: Role = {as: 'mark', rank: 0, call: true}

/** A role whose key shows a model call. */
export const ofCall = (as: RoleName, rank = 0, field?: string): Role => ({
  as,
  rank,
  call: true,
  field,
})
/** A role whose key may stand on any span. */
export const ofAny = (as: RoleName, rank = 0, field?: string): Role => ({
  as,
  rank,
  call: false,
  field,
})

/** A key that says that its value is reasoning, and that may also name a setting; see `isTelling`. */
export const NAMED_THOUGHT: Role = ofAny('thought', 9)

/** A telling without facts. */
export const telling = (items: OutputItem[], incomplete = false): Telling => ({
  items,
  finishReasons: [],
  incomplete,
})
