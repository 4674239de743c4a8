/**
 * What a response said so far: reasoning, answer and tool calls in their order, with the moments at
 * which they arrived. The readers of the formats write into it; `wire-call.ts` reads it out.
 */
import type {HrTime} from '@opentelemetry/api'
import type {Visibility} from '../../model.ts'
import type {WireLimits} from './limits.ts'
import {asToken} from './message-facts.ts'

/** What every item has. */
interface Entry {
  /** Which alternative of `n > 1`, from 0. */
  readonly choice: number
  /** Place among the items of its choice. */
  readonly order: number
  text: string
  /** Text was dropped because a limit was reached. */
  cut: boolean
  /** The provider has not said, and nothing has shown, that it is complete. */
  open: boolean
}

/** A text with the moments at which its parts came. */
interface TimedEntry extends Entry {
  /** Ascending; `times[i]` is when the character at `offsets[i]` came. */
  offsets: number[]
  times: HrTime[]
  lastTime: HrTime | undefined
}

export interface ReasoningEntry extends TimedEntry {
  readonly type: 'reasoning'
  /** `undefined`: the format does not say, the model does. */
  readonly visibility: Visibility | undefined
  /** What it is where it has no readable text; `undefined`: then it is nothing. */
  opaque: Visibility | undefined
  /** Entries of one group are about one thought. */
  readonly group: number
  /** A copy for the provider only: nothing, where its group has a readable text. */
  readonly isCopy: boolean
}

export interface TextEntry extends TimedEntry {
  readonly type: 'text'
}

export interface ToolEntry extends Entry {
  readonly type: 'tool_call'
  /** `text` holds the arguments. */
  id: string
  name: string
}

export type AnyEntry = ReasoningEntry | TextEntry | ToolEntry

/** How an item is opened; everything has a default. */
export interface Opening {
  /** Under which `find` gives it. */
  key?: number | undefined
  /** @defaultValue behind what was opened before */
  order?: number | undefined
  visibility?: Visibility | undefined
  opaque?: Visibility | undefined
  /** @defaultValue one group a choice */
  group?: number | undefined
  isCopy?: boolean | undefined
}

/** What the response says of the call as a whole. */
export interface Facts {
  /** Moment of the bytes that are being read. */
  time: HrTime | undefined
  model: string
  responseId: string
  /** As the response names it (routers do). */
  provider: string
  reasoningTokens: number | undefined
  inputTokens: number | undefined
  outputTokens: number | undefined
  /** There is a signature that only reasoning leaves behind. */
  hasProof: boolean
  /** The provider's own mark that this was all. */
  ended: boolean
  /** The kind of error that ended the response, in the provider's words. */
  errorType: string
  /** Something was cut, malformed or over a limit. */
  incomplete: boolean
}

interface Appended {
  entry: AnyEntry | undefined
  text: string
  count: number
}

export interface Transcript {
  readonly facts: Facts
  /** The text that was appended last, to what, and how many were. */
  readonly appended: Readonly<Appended>
  readonly entries: readonly AnyEntry[]
  /** The item that was opened under this key. */
  find(key: number): AnyEntry | undefined
  openReasoning(choice: number, opening?: Opening): ReasoningEntry
  openText(choice: number, opening?: Opening): TextEntry
  openTool(choice: number, id: string, name: string, opening?: Opening): ToolEntry
  /** The choice's last item where it is reasoning of this visibility, otherwise a new one. */
  continueReasoning(choice: number, visibility: Visibility | undefined): ReasoningEntry
  continueText(choice: number): TextEntry
  append(entry: AnyEntry, text: string): void
  /** Gives an item its final text, which is what was appended where nothing was missed. */
  settle(entry: AnyEntry, text: string): void
  /** The provider said why a choice ended; so its items are complete. */
  finish(choice: number, reason: string): void
  /** Reasons by choice, in the order in which they came. */
  readonly reasons: ReadonlyMap<number, readonly string[]>
}

const isSameTime = (a: HrTime, b: HrTime): boolean => a === b || (a[0] === b[0] && a[1] === b[1])

/** Cuts at a length, but not between the two halves of a character. */
function head(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)
}

/** Reasons of one call that are kept: a stream may repeat its own for each choice. */
const MAX_REASONS = 256

export function createTranscript(limits: WireLimits): Transcript {
  const {maxTextLength, maxTotalLength, maxItems, maxArrivals} = limits
  const entries: AnyEntry[] = []
  const last = new Map<number, AnyEntry>()
  const keyed = new Map<number, AnyEntry>()
  const reasons = new Map<number, string[]>()
  const facts: Facts = {
    time: undefined,
    model: '',
    responseId: '',
    provider: '',
    reasoningTokens: undefined,
    inputTokens: undefined,
    outputTokens: undefined,
    hasProof: false,
    ended: false,
    errorType: '',
    incomplete: false,
  }
  const appended: Appended = {entry: undefined, text: '', count: 0}
  let total = 0

  const add = <T extends AnyEntry>(entry: T, key: number | undefined): T => {
    if (entries.length >= maxItems) {
      // Whoever opened it writes to it as to any other, and nobody keeps it.
      facts.incomplete = true
      entry.cut = true
      return entry
    }
    entries.push(entry)
    if (key !== undefined) keyed.set(key, entry)
    const before = last.get(entry.choice)
    if (before !== undefined) before.open = false
    last.set(entry.choice, entry)
    return entry
  }

  const noteTime = (entry: TimedEntry): void => {
    const {time} = facts
    if (time === undefined) return
    const {offsets, times, lastTime} = entry
    const offset = entry.text.length
    // Without the first moments the rest says nothing.
    if (lastTime === undefined && offset > 0) return
    entry.lastTime = time
    if (lastTime !== undefined && isSameTime(lastTime, time)) return
    if (offsets.length >= maxArrivals) {
      const half = offsets.length >> 1
      for (let at = 0; at < half; at++) {
        offsets[at] = offsets[2 * at] as number
        times[at] = times[2 * at] as HrTime
      }
      offsets.length = half
      times.length = half
    }
    offsets.push(offset)
    times.push(time)
  }

  const openReasoning = (choice: number, opening: Opening = {}): ReasoningEntry =>
    add<ReasoningEntry>(
      {
        type: 'reasoning',
        choice,
        order: opening.order ?? entries.length,
        text: '',
        cut: false,
        open: true,
        offsets: [],
        times: [],
        lastTime: undefined,
        visibility: opening.visibility,
        opaque: opening.opaque,
        group: opening.group ?? choice,
        isCopy: opening.isCopy ?? false,
      },
      opening.key,
    )

  const openText = (choice: number, opening: Opening = {}): TextEntry =>
    add<TextEntry>(
      {
        type: 'text',
        choice,
        order: opening.order ?? entries.length,
        text: '',
        cut: false,
        open: true,
        offsets: [],
        times: [],
        lastTime: undefined,
      },
      opening.key,
    )

  const append = (entry: AnyEntry, text: string): void => {
    if (text === '' || entry.cut) return
    appended.entry = entry
    appended.text = text
    appended.count += 1
    const room = Math.min(maxTextLength - entry.text.length, maxTotalLength - total)
    let piece = text
    if (text.length > room) {
      piece = room > 0 ? head(text, room) : ''
      entry.cut = true
      facts.incomplete = true
      if (piece === '') return
    }
    if (entry.type !== 'tool_call') noteTime(entry)
    entry.text += piece
    total += piece.length
  }

  return {
    facts,
    appended,
    entries,
    reasons,
    find: (key) => keyed.get(key),
    openReasoning,
    openText,
    append,
    openTool: (choice, id, name, opening = {}) =>
      add<ToolEntry>(
        {
          type: 'tool_call',
          choice,
          order: opening.order ?? entries.length,
          text: '',
          cut: false,
          open: true,
          id,
          name,
        },
        opening.key,
      ),
    continueReasoning(choice, visibility) {
      const entry = last.get(choice)
      return entry?.type === 'reasoning' && entry.visibility === visibility && !entry.isCopy
        ? entry
        : openReasoning(choice, {visibility})
    },
    continueText(choice) {
      const entry = last.get(choice)
      return entry?.type === 'text' ? entry : openText(choice)
    },
    settle(entry, text) {
      entry.open = false
      // The same text once more would not be appended once more.
      appended.count += 1
      if (entry.cut || text === '' || text === entry.text) return
      if (text.startsWith(entry.text)) {
        append(entry, text.slice(entry.text.length))
        return
      }
      // Not what was delivered piece by piece, so the moments are not this text's.
      total -= entry.text.length
      entry.text = ''
      if (entry.type !== 'tool_call') {
        entry.offsets = []
        entry.times = []
        entry.lastTime = undefined
      }
      append(entry, text)
    },
    finish(choice, given) {
      const reason = given === '' ? given : asToken(given) || 'other'
      const known = reasons.get(choice)
      if (known === undefined) {
        if (reasons.size < MAX_REASONS) reasons.set(choice, [reason])
      } else if (!known.includes(reason) && known.length < MAX_REASONS) known.push(reason)
      const entry = last.get(choice)
      if (entry !== undefined) entry.open = false
    },
  }
}
