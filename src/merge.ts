/**
 * One call may be known from several places: its span, log events, a tap, the recorder. They are
 * put together here so that each thought is there once, in the best order, with its times.
 */
import {settledVisibility} from './capture/visibility.ts'
import type {Contribution, Origin} from './hub.ts'
import type {CapturedCall, OutputItem, ReasoningBlock} from './model.ts'

/** A block and the place that decides the default policy for it. */
export interface OriginItem {
  item: OutputItem
  origin: Origin | 'span'
}

/** A call with everything that is known of it. */
export interface MergedCall {
  call: CapturedCall
  items: readonly OriginItem[]
}

interface Source {
  origin: Origin | 'span'
  items: readonly OutputItem[]
}

const textOf = (item: OutputItem): string =>
  item.type === 'reasoning' ? item.block.text : item.type === 'text' ? item.text : ''

const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

/** The thoughts among items, joined: what one source joins, another may tell apart. */
const squashed = (items: readonly OutputItem[]): string =>
  items.map((item) => (item.type === 'reasoning' ? withoutSpace(item.block.text) : '')).join('')

const hasText = ({items}: Source): boolean =>
  items.some((item) => item.type === 'reasoning' && item.block.text.length > 0)

/**
 * The better order comes first: the response itself, what a framework read from it, then
 * what an instrumentation made of it.
 */
const RANK: Readonly<Record<Source['origin'], number>> = {
  wire: 0,
  hook: 1,
  span: 2,
  log: 3,
  recorder: 4,
}

/** Contributions of one origin in a row, without what two events of one call both told. */
function joinSources(contributions: readonly Contribution[]): Source[] {
  const byOrigin = new Map<Origin, OutputItem[]>()
  for (const {origin, call} of contributions) {
    const items = byOrigin.get(origin) ?? []
    // A recorder never repeats itself: the same words twice were thought twice.
    const known = origin === 'recorder' ? [] : [...items]
    for (const item of call.items) {
      if (!known.some((other) => tellsTheSame(item, other))) items.push(item)
    }
    byOrigin.set(origin, items)
  }
  return [...byOrigin].map(([origin, items]) => ({origin, items}))
}

/** Whether two events of one call tell of the same piece of output. */
function tellsTheSame(item: OutputItem, other: OutputItem): boolean {
  if (item.type === 'tool_call') {
    return (
      item.call.id !== undefined && other.type === 'tool_call' && other.call.id === item.call.id
    )
  }
  const text = textOf(item)
  if (text.length === 0 || text !== textOf(other)) return false
  // Two alternatives may say the same.
  return (
    item.type !== 'reasoning' ||
    other.type !== 'reasoning' ||
    item.block.choiceIndex === other.block.choiceIndex
  )
}

/** The same thought, told with times. */
function withArrivals(block: ReasoningBlock, others: readonly Source[]): ReasoningBlock {
  if (block.arrivals !== undefined) return block
  for (const {items} of others) {
    for (const item of items) {
      if (item.type !== 'reasoning' || item.block.arrivals === undefined) continue
      if (item.block.text !== block.text) continue
      const {arrivals, endTime, steps} = item.block
      return {...block, arrivals, endTime, steps: block.steps ?? steps}
    }
  }
  return block
}

function mergeItems(sources: readonly Source[]): OriginItem[] {
  const withText = sources.filter(hasText)
  const base = withText[0] ?? sources.find(({items}) => items.length > 0)
  if (base === undefined) return []
  const others = sources.filter((source) => source !== base)
  const onSpan = squashed(
    sources.filter(({origin}) => origin === 'span').flatMap(({items}) => items),
  )
  const merged: OriginItem[] = base.items.map((item) => {
    if (item.type !== 'reasoning') return {item, origin: base.origin}
    // What stands on the span is exposed there already, whoever else told it.
    const isOnSpan =
      base.origin !== 'span' &&
      item.block.text.length > 0 &&
      onSpan.includes(withoutSpace(item.block.text))
    return {
      item: {type: 'reasoning', block: withArrivals(item.block, others)},
      origin: isOnSpan ? 'span' : base.origin,
    }
  })
  const told = squashed(base.items)
  const tellsAny = base.items.some((item) => item.type === 'reasoning')
  for (const {origin, items} of others) {
    for (const item of items) {
      if (item.type !== 'reasoning') continue
      const isTold =
        item.block.text.length === 0 ? tellsAny : told.includes(withoutSpace(item.block.text))
      if (!isTold) merged.push({item, origin})
    }
  }
  // A call that only the span knows the answer of still shares its window with it.
  if (!merged.some(({item}) => item.type !== 'reasoning')) {
    const answering = others.find(({items}) => items.some((item) => item.type !== 'reasoning'))
    for (const item of answering?.items ?? []) {
      if (item.type !== 'reasoning') merged.push({item, origin: answering?.origin ?? 'span'})
    }
  }
  return merged
}

/** A call of which only others tell. */
export const NOTHING_CAPTURED: CapturedCall = Object.freeze({
  dialect: 'none',
  keys: Object.freeze([]),
  items: Object.freeze([]),
  toolsOffered: Object.freeze([]),
  finishReasons: Object.freeze([]),
  incomplete: false,
})

/** A log event may not know the model, and with it not whether a text is the model's own. */
function settle(contribution: Contribution, {provider, model}: CapturedCall): Contribution {
  const {origin, call} = contribution
  if (origin !== 'log' || call.model !== undefined || model === undefined) return contribution
  const items = call.items.map((item): OutputItem => {
    if (item.type !== 'reasoning') return item
    const visibility = settledVisibility(item.block.visibility, {provider, model})
    return {type: 'reasoning', block: {...item.block, visibility}}
  })
  return {origin, call: {...call, items}}
}

/** Puts together what the span shows and what others told of it. */
export function mergeCall(
  captured: CapturedCall | undefined,
  contributions: readonly Contribution[],
): MergedCall | undefined {
  if (contributions.length === 0) {
    if (captured === undefined) return undefined
    return {call: captured, items: captured.items.map((item) => ({item, origin: 'span'}))}
  }
  const own = captured ?? NOTHING_CAPTURED
  const told = contributions.map((contribution) => settle(contribution, own))
  const sources = [{origin: 'span' as const, items: own.items}, ...joinSources(told)].sort(
    (a, b) => RANK[a.origin] - RANK[b.origin],
  )
  const calls = [own, ...contributions.map(({call}) => call)]
  const first = <Key extends keyof CapturedCall>(key: Key): CapturedCall[Key] | undefined =>
    calls.find((call) => call[key] !== undefined)?.[key]
  const firstList = (key: 'toolsOffered' | 'finishReasons'): readonly string[] =>
    calls.find((call) => call[key].length > 0)?.[key] ?? []
  return {
    call: {
      ...own,
      dialect: captured?.dialect ?? (contributions[0] as Contribution).call.dialect,
      toolsOffered: firstList('toolsOffered'),
      finishReasons: firstList('finishReasons'),
      provider: first('provider'),
      model: first('model'),
      promptName: first('promptName'),
      promptVersion: first('promptVersion'),
      reasoningTokens: first('reasoningTokens'),
      timeToFirstChunk: first('timeToFirstChunk'),
      incomplete: calls.some((call) => call.incomplete),
    },
    items: mergeItems(sources),
  }
}
