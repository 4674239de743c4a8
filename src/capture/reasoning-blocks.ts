/** From a part or field that holds reasoning to its blocks. */
import type {OutputItem, Visibility} from '../model.ts'
import {combine} from './combine.ts'
import type {Reading} from './lenient-reader.ts'
import {reasoningFields, reasoningType} from './reasoning-part.ts'
import {parseStructured} from './structured.ts'
import {addMarker, addThought, MAX_NODES, MAX_WALK_DEPTH} from './walk.ts'
import type {Claim, Walk} from './walk.ts'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where frameworks keep what a provider gave beside a part. */
const SIDE_KEYS = [
  'providerMetadata',
  'provider_metadata',
  'providerOptions',
  'callProviderMetadata',
  'extras',
  'additional_information',
  'additional_kwargs',
] as const

/** Keys under which an object of an unknown type below a reasoning name keeps its text. */
const INNER_TEXT_KEYS = ['text', 'content', 'thinking', 'reasoning', 'summary', 'value'] as const

/** The visibility of opaque content that a framework moved beside the part. */
function opaqueBeside(part: Fields): {withheld: Visibility | undefined; signed: boolean} {
  let withheld: Visibility | undefined
  let signed = false
  for (const key of SIDE_KEYS) {
    const side = part[key]
    if (!isObject(side)) continue
    for (const holder of [side, ...Object.values(side)]) {
      if (!isObject(holder)) continue
      for (const field of reasoningFields(holder)) {
        if (field.kind !== 'opaque') continue
        if (field.visibility === undefined) signed = true
        else withheld ??= field.visibility
      }
      if (typeof holder['signature'] === 'string') signed = true
    }
  }
  return {withheld, signed}
}

/** The provider that a part names only by what stands beside it, where nobody else names one. */
function providerBeside(part: Fields): string | undefined {
  for (const key of SIDE_KEYS) {
    const side = part[key]
    if (!isObject(side)) continue
    for (const name of ['openai', 'azure', 'google', 'vertex']) {
      if (isObject(side[name])) return name
    }
  }
  return isObject(part['payload']) ? providerBeside(part['payload']) : undefined
}

/** A JSON list of summary parts in the place of a text: what traceloop writes. */
function asPartList(text: string): Reading | undefined {
  if (text === 'null') return {value: [], complete: true}
  if (!/^\[\s{0,8}[{\]]/.test(text)) return undefined
  const reading = parseStructured(text)
  if (reading === undefined || !Array.isArray(reading.value)) return undefined
  // Words that begin with a bracket are no list.
  if (!reading.complete && !reading.truncated) return undefined
  const typed = reading.value.every(
    (item) =>
      isObject(item) && (reasoningType(item) !== undefined || typeof item['text'] === 'string'),
  )
  return typed ? reading : undefined
}

function readText(walk: Walk, items: OutputItem[], text: string, claim: Claim): void {
  const reading = asPartList(text)
  if (reading === undefined) {
    addThought(walk, items, text, claim)
    return
  }
  const outer = walk.cut
  if (!reading.complete) walk.incomplete = true
  walk.cut = reading.cut
  readReasoning(walk, items, reading.value, {...claim, typed: true})
  walk.cut = outer
}

/** The number that fragments of one streamed part share. */
const fragmentOf = (item: unknown): string | undefined => {
  if (!isObject(item) || typeof item['index'] !== 'number') return undefined
  return typeof item['type'] === 'string' ? `${item['type']} ${item['index']}` : undefined
}

const readableOf = (item: Fields): string | undefined => {
  for (const key of INNER_TEXT_KEYS) {
    const text = item[key]
    if (typeof text === 'string' && text !== '') return text
  }
  return undefined
}

function readList(
  walk: Walk,
  items: OutputItem[],
  list: readonly unknown[],
  claim: Claim,
  depth: number,
): void {
  // Mistral's `thinking: [{type: "text", text}, …]`: pieces of one thought.
  const isChunked = list.every((item) => isObject(item) && item['type'] === 'text')
  if (isChunked) {
    let joined = ''
    for (const item of list) joined += readableOf(item as Fields) ?? ''
    addThought(walk, items, joined, claim)
    return
  }
  const first = items.length
  let previous: string | undefined
  for (const item of list) {
    const fragment = fragmentOf(item)
    const last = items.at(-1)
    if (
      fragment !== undefined &&
      fragment === previous &&
      last?.type === 'reasoning' &&
      last.block.text !== ''
    ) {
      // OpenRouter's streamed details: one entry a chunk, all of one index.
      last.block.text += readableOf(item as Fields) ?? ''
      continue
    }
    const before = items.length
    readReasoning(walk, items, item, claim, depth + 1)
    previous = items.length > before ? fragment : undefined
  }
  // An encrypted form beside the text is the same thought once more.
  const found = items.splice(first)
  const readable = found.some((item) => item.type === 'reasoning' && item.block.text !== '')
  for (const item of found) {
    const copy = item.type === 'reasoning' && item.block.visibility === 'encrypted'
    if (!(readable && copy)) items.push(item)
  }
}

/**
 * Reads everything readable under a name that means reasoning.
 *
 * @param claim what the name says of it
 */
export function readReasoning(
  walk: Walk,
  items: OutputItem[],
  value: unknown,
  claim: Claim,
  depth = 0,
): void {
  if (depth > MAX_WALK_DEPTH || ++walk.nodes > MAX_NODES) {
    walk.incomplete = true
    return
  }
  if (typeof value === 'string') {
    readText(walk, items, value, claim)
    return
  }
  if (Array.isArray(value)) {
    readList(walk, items, value, claim, depth)
    return
  }
  if (!isObject(value)) return
  if (reasoningType(value) !== undefined) {
    items.push(...readReasoningPart(walk, value, depth + 1))
    return
  }
  const fields = reasoningFields(value)
  const sources: OutputItem[][] = []
  let withheld: Visibility | undefined
  let signed = false
  for (const field of fields) {
    if (field.kind === 'opaque') {
      if (field.visibility === undefined) signed = true
      else withheld ??= field.visibility
      continue
    }
    const found: OutputItem[] = []
    readReasoning(
      walk,
      found,
      value[field.key],
      {...claim, visibility: field.visibility ?? claim.visibility},
      depth + 1,
    )
    sources.push(found)
  }
  if (sources.every((source) => source.length === 0)) {
    for (const key of INNER_TEXT_KEYS) {
      const inner = value[key]
      if (typeof inner !== 'string' && !Array.isArray(inner)) continue
      const found: OutputItem[] = []
      readReasoning(walk, found, inner, claim, depth + 1)
      sources.push(found)
    }
  }
  const told = combine(sources)
  if (told.length > 0) items.push(...told)
  else if (withheld !== undefined) addMarker(walk, items, withheld)
  else if (signed || typeof value['signature'] === 'string') addMarker(walk, items, 'encrypted')
}

/**
 * Reads a part that is reasoning by its type (`{type: "reasoning"}`, `{type: "thinking"}`,
 * Gemini's `thought: true`). Of a whole text and its summary the text is taken, of text and its
 * encrypted form the text; a part that shows nothing is `redacted`, `encrypted` or `hidden`.
 */
export function readReasoningPart(walk: Walk, part: Fields, depth = 0): OutputItem[] {
  const type = reasoningType(part)
  if (walk.model === undefined && walk.responseModel === undefined) {
    walk.provider ??= providerBeside(part)
  }
  const stated = part['type'] === 'reasoning_text'
  const bodies: OutputItem[][] = []
  const summaries: OutputItem[][] = []
  let withheld: Visibility | undefined
  let signed = false
  for (const field of reasoningFields(part)) {
    const value = part[field.key]
    if (field.kind === 'opaque') {
      if (field.visibility === undefined) signed = true
      else withheld ??= field.visibility
      continue
    }
    const visibility = field.visibility ?? type ?? 'full'
    const found: OutputItem[] = []
    // The agents SDK's chat converter puts a whole text into a summary and marks the part so.
    const converted = visibility === 'summary' && part['id'] === '__fake_id__'
    const claim = converted
      ? {visibility: 'full' as const, typed: false}
      : {visibility, typed: true, stated}
    readReasoning(walk, found, value, claim, depth + 1)
    if (field.key === 'summary' && type !== 'summary') summaries.push(found)
    else bodies.push(found)
  }
  let items = combine(bodies)
  if (!items.some((item) => item.type === 'reasoning' && item.block.text !== '')) {
    items = combine([combine(summaries), items])
  }
  if (items.length > 0) return items
  const beside = opaqueBeside(part)
  withheld ??= beside.withheld
  if (type === 'redacted' || type === 'encrypted') withheld = type
  if (withheld === undefined && (signed || beside.signed)) withheld = 'encrypted'
  // A piece of a part (`summary_text`) that is empty says nothing about the call.
  if (withheld === undefined && type === 'full' && !stated) withheld = 'hidden'
  if (withheld !== undefined) addMarker(walk, items, withheld)
  return items
}
