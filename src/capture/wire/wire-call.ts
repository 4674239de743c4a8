/** From a transcript to what the rest of the package speaks of: a captured call. */
import type {HrTime} from '@opentelemetry/api'
import type {
  Arrival,
  CapturedCall,
  OutputItem,
  ReasoningBlock,
  ToolCall,
  Visibility,
} from '../../model.ts'
import {textVisibility} from '../visibility.ts'
import {hasStopped} from '../walk.ts'
import type {WireFormat} from './formats.ts'
import {splitContent} from './think-content.ts'
import type {ReasoningEntry, TextEntry, ToolEntry, Transcript} from './transcript.ts'

/** What a response said. `dialect` is the wire format, `keys` is empty. */
export interface WireCall extends CapturedCall {
  /** A message of a known format was seen; where it was not, this is no model's response. */
  recognised: boolean
  /** The provider's own mark that this was all; without it the connection was cut or given up. */
  ended: boolean
  /** The provider's id of the response. */
  responseId?: string | undefined
  /** The first choice's answer, its pieces joined; empty where there is none. */
  answer: string
  /** The kind of error that the response or its stream ended with, in the provider's words. */
  errorType?: string | undefined
  inputTokens?: number | undefined
  outputTokens?: number | undefined
}

/** What is known of a call besides its transcript. */
export interface CallContext {
  format: WireFormat | 'ai-sdk'
  recognised: boolean
  /** Answers of this format may hold tags. */
  hasTags: boolean
  /** The model that was asked for, until the response names one. */
  requestModel: string | undefined
  provider: string | undefined
}

interface Timed {
  readonly text: string
  readonly offsets: readonly number[]
  readonly times: readonly HrTime[]
  readonly lastTime: HrTime | undefined
}

/** The last index whose offset is not behind `offset`; the offsets ascend from 0. */
function indexAt(offsets: readonly number[], offset: number): number {
  let low = 0
  let high = offsets.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((offsets[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** The moments of the characters from `start` to `end`, as offsets into that piece. */
function measure(
  entry: Timed,
  start: number,
  end: number,
): {arrivals: readonly Arrival[]; endTime: HrTime} | undefined {
  const {text, offsets, times, lastTime} = entry
  if (lastTime === undefined || offsets.length === 0 || end <= start) return undefined
  const first = indexAt(offsets, start)
  const last = indexAt(offsets, end - 1)
  const arrivals: Arrival[] = []
  for (let at = first; at <= last; at++) {
    const offset = Math.max(0, (offsets[at] as number) - start)
    arrivals.push({offset, time: times[at] as HrTime})
  }
  // Only the very last character of the text can have come after the last moment noted.
  const isWhole = last === offsets.length - 1 && end === text.length
  return {arrivals, endTime: isWhole ? lastTime : (times[last] as HrTime)}
}

/** Builds the items of one response. */
export function buildCall(
  transcript: Transcript,
  context: CallContext,
  isFinal: boolean,
): WireCall {
  const {facts, reasons} = transcript
  const entries = [...transcript.entries].sort((a, b) => a.choice - b.choice || a.order - b.order)
  const hasAlternatives = entries.some((entry) => entry.choice > 0)
  const provider = context.provider ?? (facts.provider || undefined)
  const origin = {
    provider,
    model: context.requestModel,
    responseModel: facts.model || undefined,
  }
  const isCut = isFinal && !facts.ended
  const items: OutputItem[] = []
  // Where reasoning stood of which nothing can be read.
  let hiddenAt: number | undefined
  let isMarked = false
  let hasReasoning = false
  let textStart = 0

  const readable = new Set<number>()
  for (const entry of entries) {
    if (entry.type === 'reasoning' && entry.text.trim() !== '') readable.add(entry.group)
  }

  const addBlock = (
    entry: TextEntry | ReasoningEntry,
    text: string,
    visibility: Visibility,
    start: number,
    incomplete: boolean,
  ): void => {
    const block: ReasoningBlock = {text, visibility, source: context.format}
    if (incomplete) block.incomplete = true
    if (hasAlternatives) block.choiceIndex = entry.choice
    const measured = start < 0 ? undefined : measure(entry, start, start + text.length)
    if (measured !== undefined) {
      block.arrivals = measured.arrivals
      block.endTime = measured.endTime
    }
    items.push({type: 'reasoning', block})
    hasReasoning = true
  }

  const addReasoning = (entry: ReasoningEntry): void => {
    if (entry.text.trim() !== '') {
      const visibility = entry.visibility ?? textVisibility(origin, false)
      addBlock(entry, entry.text, visibility, 0, entry.cut || (isCut && entry.open))
      return
    }
    const {opaque} = entry
    if (opaque === undefined || (entry.isCopy && readable.has(entry.group))) return
    if (opaque === 'hidden') {
      hiddenAt ??= items.length
      isMarked = true
      // Not one text with what follows.
      textStart = items.length
    } else addBlock(entry, '', opaque, -1, false)
  }

  let choice = entries[0]?.choice ?? 0
  const ofChoice = (): {choiceIndex?: number} => (hasAlternatives ? {choiceIndex: choice} : {})

  // Pieces of the answer with nothing between them are one: citations cut it in the middle of a line.
  const pushText = (text: string): void => {
    const before = items.length > textStart ? items.at(-1) : undefined
    if (text === '') return
    if (before?.type === 'text') items[items.length - 1] = {...before, text: before.text + text}
    else items.push({type: 'text', text, ...ofChoice()})
  }

  const addText = (entry: TextEntry): void => {
    const stopped = hasStopped(reasons.get(entry.choice) ?? [])
    const pieces = context.hasTags ? splitContent(entry.text, stopped) : undefined
    if (pieces === undefined) {
      pushText(entry.text)
      return
    }
    const visibility = textVisibility(origin, false)
    for (const piece of pieces) {
      if (piece.type === 'text') pushText(piece.text)
      else {
        const incomplete = piece.incomplete || (entry.cut && piece === pieces.at(-1))
        addBlock(entry, piece.text, visibility, piece.start, incomplete)
      }
    }
  }

  let answerEnd: number | undefined
  for (const entry of entries) {
    if (entry.choice !== choice) {
      answerEnd ??= items.length
      textStart = items.length
      choice = entry.choice
    }
    if (entry.type === 'reasoning') addReasoning(entry)
    else if (entry.type === 'text') addText(entry)
    else items.push({type: 'tool_call', call: toolCall(entry), ...ofChoice()})
  }
  const wasBilled = facts.reasoningTokens === undefined ? isMarked : facts.reasoningTokens > 0
  if (!hasReasoning && (facts.hasProof || wasBilled)) {
    const block: ReasoningBlock = {text: '', visibility: 'hidden', source: context.format}
    items.splice(hiddenAt ?? 0, 0, {type: 'reasoning', block})
    if (answerEnd !== undefined) answerEnd++
  }
  const answers = items
    .slice(0, answerEnd)
    .flatMap((item) => (item.type === 'text' ? [item.text] : []))
  return {
    dialect: context.format,
    keys: [],
    items,
    toolsOffered: [],
    provider,
    model: facts.model || undefined,
    finishReasons: [...reasons.keys()]
      .sort((a, b) => a - b)
      .flatMap((key) => reasons.get(key) ?? []),
    reasoningTokens: facts.reasoningTokens,
    incomplete: facts.incomplete || isCut,
    recognised: context.recognised,
    ended: facts.ended,
    responseId: facts.responseId || undefined,
    answer: answers.join(''),
    errorType: facts.errorType || undefined,
    inputTokens: facts.inputTokens,
    outputTokens: facts.outputTokens,
  }
}

function toolCall(entry: ToolEntry): ToolCall {
  const call: ToolCall = {name: entry.name}
  if (entry.id !== '') call.id = entry.id
  if (entry.text !== '') call.arguments = entry.text
  return call
}
