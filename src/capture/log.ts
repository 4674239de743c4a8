/** From a log record (an OpenTelemetry event) to the output that it tells of. */
import type {CapturedCall, OutputItem} from '../model.ts'
import {combine} from './combine.ts'
import type {OutputHints} from './output.ts'
import type {Telling} from './span/dialect.ts'
import {asChoice, eventRole} from './span/events.ts'
import {readFacts} from './span/facts.ts'
import {readEntries, readOutputValue} from './span/read-entries.ts'
import {DIALECTS, sight} from './span/sightings.ts'
import type {Sighting} from './span/sightings.ts'
import {hasStrongHint, parseStructured} from './structured.ts'

/** What we need of a log record. */
export interface CapturableLogRecord {
  readonly eventName?: string | undefined
  readonly body?: unknown
  readonly attributes?: unknown
  readonly instrumentationScope?: {readonly name: string} | undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The dialect of outputs that stand in a record's body. */
const BODY_SOURCE = 'gen_ai'

function readBody(body: unknown, isChoice: boolean, hints: OutputHints): Telling | undefined {
  if (body === null || body === undefined) return undefined
  let value = typeof body === 'string' ? (parseStructured(body)?.value ?? body) : body
  if (isChoice) {
    if (typeof value === 'string') value = {message: {content: value}}
    const whole = isObject(value) ? value : {message: value}
    return readOutputValue({choices: [asChoice(whole)]}, hints)
  }
  if (isObject(value) || Array.isArray(value)) return readOutputValue(value, hints)
  // Plain words in the body of any other event are its message for people.
  return undefined
}

/** Whether a body of an event that nobody knows is worth reading. */
function tells(body: unknown): boolean {
  if (typeof body === 'string') return hasStrongHint(body)
  if (!isObject(body) && !Array.isArray(body)) return false
  try {
    return hasStrongHint(JSON.stringify(body))
  } catch {
    return false
  }
}

/**
 * Reads reasoning, answer and tool calls from a GenAI log event: `gen_ai.choice`,
 * `gen_ai.client.inference.operation.details`, and any event whose attributes or body plainly hold
 * reasoning.
 *
 * @returns `undefined` where the record tells of no output: prompts, and everything else
 */
export function captureLogRecord(record: CapturableLogRecord): CapturedCall | undefined {
  const attributes = isObject(record.attributes) ? record.attributes : {}
  const named = record.eventName ?? attributes['event.name']
  const role = typeof named === 'string' ? eventRole(named) : 'none'
  if (role === 'input' || role === 'assistant') return undefined
  const seen = sight(attributes)
  const known = role === 'choice' || role === 'completion' || role === 'thought'
  if (seen === undefined && !known && !tells(record.body)) return undefined

  const facts = readFacts(seen ?? [], undefined)
  if (facts.sort === 'other') return undefined
  const hints: OutputHints = {
    source: BODY_SOURCE,
    provider: facts.provider,
    model: facts.model,
    responseModel: facts.responseModel,
    finishReasons: facts.finishReasons,
  }
  const tellings: Telling[] = []
  for (const dialect of DIALECTS) {
    const entries = seen?.filter((sighting: Sighting) => sighting.dialect === dialect) ?? []
    if (entries.length === 0) continue
    tellings.push(...readEntries(dialect, entries, {...hints, source: dialect.name}))
  }
  const body =
    known || tells(record.body) ? readBody(record.body, role === 'choice', hints) : undefined
  if (body !== undefined) tellings.push(body)
  const items = combine(tellings.map((told) => told.items))
  if (items.length === 0) return undefined
  if (!known && !items.some((item) => item.type === 'reasoning')) return undefined

  let {finishReasons, reasoningTokens} = facts
  let model = facts.model ?? facts.responseModel
  let incomplete = false
  for (const told of tellings) {
    if (finishReasons.length === 0) finishReasons = told.finishReasons
    reasoningTokens ??= told.reasoningTokens
    model ??= told.model
    incomplete ||= told.incomplete
  }
  return {
    dialect: sourceOf(items),
    keys: [...(body === undefined ? [] : ['body']), ...keysOf(seen ?? [])],
    items,
    toolsOffered: facts.toolsOffered,
    provider: facts.provider,
    model,
    promptName: facts.promptName,
    promptVersion: facts.promptVersion,
    finishReasons,
    reasoningTokens,
    timeToFirstChunk: facts.timeToFirstChunk,
    incomplete,
  }
}

const keysOf = (seen: readonly Sighting[]): string[] =>
  seen.filter(({role}) => /^(?:output|answer|thought|calls)$/.test(role.as)).map(({key}) => key)

const sourceOf = (items: readonly OutputItem[]): string => {
  for (const item of items) if (item.type === 'reasoning') return item.block.source
  return BODY_SOURCE
}
