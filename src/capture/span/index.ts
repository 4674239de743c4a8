/** From a span to the model's output. The table of dialects is in `sightings.ts`. */
import type {HrTime} from '@opentelemetry/api'
import type {CapturedCall, OutputItem} from '../../model.ts'
import type {ReadableSpanLike} from '../../readable-span.ts'
import {combine} from '../combine.ts'
import type {OutputHints} from '../output.ts'
import type {Telling} from './dialect.ts'
import {eventRole, firstChunkOf, readEvents} from './events.ts'
import {readFacts} from './facts.ts'
import type {Facts} from './facts.ts'
import {genAi} from './genai.ts'
import {readEntries} from './read-entries.ts'
import {DIALECTS, sight} from './sightings.ts'
import type {Sighting} from './sightings.ts'
import {listsReasoningLast} from './traceloop.ts'
import {unknown, WEAK_THOUGHT} from './unknown.ts'

/** What we need of a span. `startTime` turns the moment of a first chunk into a number of seconds. */
export type CapturableSpan = Pick<
  ReadableSpanLike,
  'name' | 'attributes' | 'events' | 'instrumentationScope' | 'droppedAttributesCount'
> & {readonly startTime?: HrTime | undefined}

function holdsOutput(event: string): boolean {
  const role = eventRole(event)
  return role !== 'none' && role !== 'input' && role !== 'firstChunk'
}

const hasEvents = (events: ReadableSpanLike['events']): boolean =>
  events.some(({name}) => holdsOutput(name))

/** Words without which no output of a span that runs no model is worth parsing. */
const WEAK_HINT = /reason|think|thought/i

const mayHoldReasoning = ({value, role}: Sighting, facts: Facts): boolean => {
  if (role === WEAK_THOUGHT) return facts.sort !== undefined
  return role.as !== 'output' || typeof value !== 'string' || WEAK_HINT.test(value)
}

function tellingsOf(seen: readonly Sighting[], facts: Facts, isCall: boolean): Telling[] {
  const tellings: Telling[] = []
  for (const dialect of DIALECTS) {
    let entries: Sighting[] | undefined
    for (const sighting of seen) {
      if (sighting.dialect !== dialect || !(isCall || mayHoldReasoning(sighting, facts))) continue
      if (entries === undefined) entries = []
      entries.push(sighting)
    }
    if (entries === undefined) continue
    const told = readEntries(dialect, entries, hintsOf(facts, dialect.name))
    if (dialect === unknown) tellings.push(...told.filter(hasReasoning))
    else tellings.push(...told)
  }
  return tellings
}

const hintsOf = (facts: Facts, source: string): OutputHints => ({
  source,
  provider: facts.provider,
  model: facts.model,
  responseModel: facts.responseModel,
  finishReasons: facts.finishReasons,
})

const hasReasoning = ({items}: {items: readonly OutputItem[]}): boolean =>
  items.some((item) => item.type === 'reasoning')

/** Keys for people: a flattened output is one of them, not a hundred. */
function keysOf(seen: readonly Sighting[]): string[] {
  const named = new Set<string>()
  for (const {key, role} of seen) {
    if (role.as === 'part') named.add(key.slice(0, key.search(/\.\d/)))
    else if (/^(?:output|answer|thought|calls)$/.test(role.as)) named.add(key)
  }
  return [...named]
}

/** The events that an output was looked for in, named so that nobody takes them for attributes. */
const eventsOf = (events: ReadableSpanLike['events']): string[] => [
  ...new Set(events.filter(({name}) => holdsOutput(name)).map(({name}) => `event ${name}`)),
]

const NO_SIGHTINGS: readonly Sighting[] = Object.freeze([])

/** Reasoning in front of the answer, where the instrumentation lists it behind. */
function reordered(items: OutputItem[], scope: string): OutputItem[] {
  if (!listsReasoningLast(scope)) return items
  if (items.some((item) => item.type === 'reasoning' && item.block.choiceIndex !== undefined)) {
    return items
  }
  const thoughts = items.filter((item) => item.type === 'reasoning')
  return [...thoughts, ...items.filter((item) => item.type !== 'reasoning')]
}

/**
 * Reads the reasoning, answer and tool calls that stand on a span, and the facts of the call.
 *
 * @returns `undefined` for a span that is plainly no model call and holds no reasoning; a call
 *   without reasoning has no such items. A block without text is `hidden` where the call reports
 *   reasoning tokens, shows nothing, and nothing of it was cut or dropped.
 */
export function captureSpan(span: CapturableSpan): CapturedCall | undefined {
  // A span that was made by hand may lack what the SDK always has.
  const events = span.events ?? []
  const seen = sight(span.attributes) ?? NO_SIGHTINGS
  const withEvents = events.length > 0 && hasEvents(events)
  if (seen.length === 0 && !withEvents) return undefined
  const facts = readFacts(seen, span.startTime)
  if (facts.sort === 'other') return undefined
  if (facts.model === undefined && facts.sort === 'call') facts.model = modelInName(span.name, seen)
  const isCall = facts.sort === 'call' || (facts.sort === undefined && facts.marked)

  const tellings = tellingsOf(seen, facts, isCall)
  if (withEvents) tellings.push(...readEvents(events, hintsOf(facts, genAi.name)))
  const scope = span.instrumentationScope?.name ?? ''
  const items = reordered(combine(tellings.map((telling) => telling.items)), scope)
  const shows = hasReasoning({items})
  // An output in events alone shows a call too, unless the span says that it is an agent's turn.
  const told = isCall || (facts.sort === undefined && withEvents && items.length > 0)
  if (!shows && !told) return undefined

  let {finishReasons, reasoningTokens, model} = facts
  let incomplete = span.droppedAttributesCount > 0
  for (const telling of tellings) {
    if (finishReasons.length === 0) finishReasons = telling.finishReasons
    reasoningTokens ??= telling.reasoningTokens
    model ??= facts.responseModel ?? telling.model
    incomplete ||= telling.incomplete
  }
  model ??= facts.responseModel
  // Where something was cut or dropped, silence says nothing.
  if (!shows && isCall && !incomplete && reasoningTokens !== undefined && reasoningTokens > 0) {
    items.unshift({type: 'reasoning', block: hiddenBlock(seen, reasoningTokens)})
  }
  return {
    dialect: dialectOf(items, seen),
    keys: withEvents ? [...keysOf(seen), ...eventsOf(events)] : keysOf(seen),
    items,
    toolsOffered: facts.toolsOffered,
    provider: facts.provider,
    model,
    promptName: facts.promptName,
    promptVersion: facts.promptVersion,
    finishReasons,
    reasoningTokens,
    timeToFirstChunk: facts.timeToFirstChunk ?? firstChunkOf(events, span.startTime),
    incomplete,
  }
}

/** The model from a name after the convention: the operation and the model, `chat gpt-5`. */
function modelInName(name: string, seen: readonly Sighting[]): string | undefined {
  for (const {value, role} of seen) {
    if (role.as !== 'kind' || typeof value !== 'string') continue
    // Genkit's span of a model has the model's name and no more.
    if (value !== 'model' && !name.startsWith(`${value} `)) continue
    const model = value === 'model' ? name : name.slice(value.length + 1)
    return model.length < 200 && !/\s/.test(model) ? model : undefined
  }
  return undefined
}

const hiddenBlock = (seen: readonly Sighting[], tokenCount: number) => ({
  text: '',
  visibility: 'hidden' as const,
  source: dialectOf([], seen),
  tokenCount,
})

/** The dialect that the reasoning was read from; without any, the first that knows the span. */
function dialectOf(items: readonly OutputItem[], seen: readonly Sighting[]): string {
  for (const item of items) if (item.type === 'reasoning') return item.block.source
  for (const dialect of DIALECTS) {
    for (const sighting of seen) {
      const tells = sighting.role.call || sighting.role.as === 'output'
      if (sighting.dialect === dialect && tells) return dialect.name
    }
  }
  return genAi.name
}
