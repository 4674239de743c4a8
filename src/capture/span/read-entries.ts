/** Reads the outputs among a dialect's entries; each becomes one telling. */
import type {OutputItem} from '../../model.ts'
import type {Reading} from '../lenient-reader.ts'
import {readWholeOutput} from '../output.ts'
import type {OutputHints} from '../output.ts'
import {readReasoning} from '../reasoning-blocks.ts'
import {looksStructured, parseStructured} from '../structured.ts'
import {readToolCall} from '../tool-calls.ts'
import {addText, createWalk} from '../walk.ts'
import {telling} from './dialect.ts'
import type {Dialect, Entry, Telling} from './dialect.ts'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value that may be JSON, parsed; where it is not, as it is. */
function parsed(value: unknown): Reading {
  if (typeof value === 'string') return parseStructured(value) ?? {value, complete: true}
  if (!Array.isArray(value)) return {value, complete: true}
  // An attribute may hold a list of JSON texts.
  let complete = true
  let cut: string | undefined
  const list = value.map((item: unknown) => {
    if (typeof item !== 'string' || !looksStructured(item)) return item
    const reading = parseStructured(item)
    if (reading === undefined) return item
    if (!reading.complete) {
      complete = false
      cut = reading.cut
    }
    return reading.value
  })
  return {value: list, complete, truncated: !complete, cut}
}

/** A part that the cut went through may have had a text: then nothing says that it showed none. */
function dropCutMarkers(items: OutputItem[]): void {
  const last = items.at(-1)
  if (last?.type !== 'reasoning' || last.block.text !== '') return
  if (last.block.visibility !== 'redacted') items.pop()
}

/**
 * Reads a value as an output.
 *
 * @param field the name under which the value would stand in its response
 */
export function readOutputValue(
  value: unknown,
  hints: OutputHints,
  field?: string | undefined,
): Telling {
  const reading = parsed(value)
  const whole = field === undefined ? reading.value : {[field]: reading.value}
  const output = readWholeOutput(whole, hints, reading.cut)
  let {incomplete} = output
  // What neither parses nor was cut is no JSON: words that begin with a bracket.
  if (!reading.complete && (output.items.length > 0 || reading.truncated)) {
    incomplete = true
    dropCutMarkers(output.items)
  } else if (output.items.length === 0 && typeof value === 'string' && field === undefined) {
    // JSON that holds no output we know is the answer itself: a model was asked for JSON. What
    // looks like tags in it is a piece of one of its strings.
    if (reading.complete && typeof reading.value === 'object') {
      output.items.push({type: 'text', text: value})
    } else addText(createWalk(hints), output.items, value)
  }
  return {...output, incomplete}
}

function readCallList(items: OutputItem[], value: unknown): void {
  const {value: list} = parsed(value)
  for (const entry of Array.isArray(list) ? list : [list]) {
    const call = isObject(entry) ? readToolCall(entry, true) : undefined
    if (call !== undefined) items.push({type: 'tool_call', call})
  }
}

/** A value whose key says that it is reasoning: words, or structured, where settings are not. */
function readThought(value: unknown, hints: OutputHints): OutputItem[] {
  if (typeof value === 'string' && looksStructured(value)) {
    const reading = parseStructured(value)
    if (reading !== undefined && (reading.complete || reading.truncated)) {
      const message = {role: 'assistant', reasoning: reading.value}
      return readWholeOutput(message, hints, reading.cut).items
    }
  }
  const items: OutputItem[] = []
  readReasoning(createWalk(hints), items, value, {visibility: 'full', typed: true})
  return items
}

/** Tellings of one dialect's entries, in the order in which they count when equal. */
export function readEntries(
  dialect: Dialect,
  entries: readonly Entry[],
  hints: OutputHints,
): Telling[] {
  const tellings: Telling[] = []
  const plain = entries.some(
    ({role, value}) => role.as === 'mime' && typeof value === 'string' && value === 'text/plain',
  )
  const thoughts: OutputItem[] = []
  const answers: OutputItem[] = []
  const calls: OutputItem[] = []
  const parts: Entry[] = []
  for (const entry of entries) {
    const {value, role} = entry
    if (role.as === 'part') parts.push(entry)
    else if (role.as === 'output') {
      if (plain && typeof value === 'string') addText(createWalk(hints), answers, value)
      else tellings.push(readOutputValue(value, hints, role.field))
    } else if (role.as === 'answer') {
      if (typeof value === 'string') addText(createWalk(hints), answers, value)
      else if (Array.isArray(value)) answers.push(...readOutputValue(value, hints).items)
    } else if (role.as === 'thought') {
      thoughts.push(...readThought(value, hints))
    } else if (role.as === 'calls') readCallList(calls, value)
  }
  if (dialect.readParts !== undefined && parts.length > 0) {
    tellings.unshift(dialect.readParts(parts, hints))
  }
  if (thoughts.length + answers.length + calls.length > 0) {
    tellings.push(telling([...thoughts, ...answers, ...calls]))
  }
  return tellings
}
