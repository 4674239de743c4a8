/** Which keys of a span or log record are whose: an ordered table of dialects, one file each. */
import {aiSdk} from './ai-sdk.ts'
import {IGNORED, NAMED_THOUGHT} from './dialect.ts'
import type {Dialect, Entry, Role} from './dialect.ts'
import {genAi} from './genai.ts'
import {genkit} from './genkit.ts'
import {langfuse} from './langfuse.ts'
import {langsmith} from './langsmith.ts'
import {litellm} from './litellm.ts'
import {livekit} from './livekit.ts'
import {logfire} from './logfire.ts'
import {mastra} from './mastra.ts'
import {mlflow} from './mlflow.ts'
import {openInference} from './openinference.ts'
import {traceloop} from './traceloop.ts'
import {isTelling, unknown} from './unknown.ts'

/**
 * The dialects in the order in which they are asked for a key, and count where they tell the same.
 * A new one is a file and a line here.
 */
export const DIALECTS: readonly Dialect[] = [
  aiSdk,
  logfire,
  langfuse,
  langsmith,
  mlflow,
  mastra,
  genkit,
  livekit,
  litellm,
  traceloop,
  openInference,
  genAi,
  unknown,
]

/** A key's role with the dialect that gave it. */
interface Known {
  readonly dialect: Dialect
  readonly role: Role
}

/** Distinct keys that are remembered; over this the memory starts anew. */
const MAX_KEYS = 4096
/** A longer key (UTF-16 code units) is not remembered. */
const MAX_KEY_LENGTH = 256
const keys = new Map<string, Known | null>()

/** `null` for keys that mean nothing, so that one look-up tells them from new ones. */
function learn(key: string): Known | null {
  let known: Known | null = null
  for (const dialect of DIALECTS) {
    const role = dialect.role(key)
    if (role === undefined) continue
    if (role !== IGNORED) known = {dialect, role}
    break
  }
  if (keys.size >= MAX_KEYS) keys.clear()
  if (key.length <= MAX_KEY_LENGTH) keys.set(key, known)
  return known
}

/** An attribute whose key means something, and to whom. */
export interface Sighting extends Entry {
  readonly dialect: Dialect
}

/** The attributes that mean something, in their order; `undefined` where none does. */
export function sight(attributes: Readonly<Record<string, unknown>>): Sighting[] | undefined {
  let seen: Sighting[] | undefined
  for (const key in attributes) {
    let known = keys.get(key)
    if (known === undefined) known = learn(key)
    if (known === null) continue
    const value = attributes[key]
    const mustTell = known.dialect === unknown || known.role === NAMED_THOUGHT
    if (mustTell && !isTelling(known.role, value)) continue
    if (seen === undefined) seen = []
    seen.push({key, value, role: known.role, dialect: known.dialect})
  }
  return seen
}
