/** The parser of one response: bytes in, in any chunking, and a captured call out. */
import type {HrTime} from '@opentelemetry/api'
import {readTolerantJson} from '../tolerant-json.ts'
import {isObject} from './fields.ts'
import {FORMATS, formatOf, WIRE_FORMATS} from './formats.ts'
import type {FormatReader, WireFormat} from './formats.ts'
import {createFraming} from './framing.ts'
import {invokedMessage} from './invoke-model.ts'
import {makeLimits} from './limits.ts'
import type {WireLimits} from './limits.ts'
import {asToken} from './message-facts.ts'
import {createRepeats} from './repeats.ts'
import {createTranscript} from './transcript.ts'
import type {AnyEntry, ReasoningEntry} from './transcript.ts'
import {buildCall} from './wire-call.ts'
import type {WireCall} from './wire-call.ts'

export interface WireParserOptions {
  /** The model that was asked for: says whose text it is until the response names its model. */
  requestModel?: string | undefined
  /** Who answers, as `gen_ai.provider.name`; a response that names somebody else is believed. */
  provider?: string | undefined
  /** @defaultValue those of `DEFAULT_LIMITS` */
  limits?: Partial<WireLimits> | undefined
}

/** Reads one response. Nothing in the bytes makes it throw, wait, or hold more than its limits. */
export interface WireParser {
  /**
   * @param time when the bytes arrived (monotonic, on the wall clock's scale); without it blocks have
   *   no arrival times. Give one object a chunk: texts that share it share one moment.
   */
  feed(bytes: Uint8Array, time?: HrTime): void
  /** The body ended. Without the provider's own mark of the end the call is incomplete. */
  end(): WireCall
  /** The body was cut or given up: what arrived is kept, and what was being written is incomplete. */
  abort(): WireCall
  /** What is known so far; after `end` or `abort` what those gave. */
  result(): WireCall
  /** Reasoning that is or was being written, in the order of its beginning; for live steps. */
  thoughts(): readonly LiveThought[]
  /** All that is or was being written, in the order of its beginning. */
  entries(): readonly AnyEntry[]
  /** The format, once a message of it was seen. */
  readonly format: WireFormat | undefined
  /** The provider said that this was all, or that a choice is whole; usage may still follow. */
  readonly ended: boolean
}

/** A piece of reasoning while it is written. The same object every time, and its fields grow. */
export type LiveThought = Readonly<
  Pick<ReasoningEntry, 'choice' | 'text' | 'visibility' | 'open' | 'lastTime'>
> & {readonly offsets: readonly number[]; readonly times: readonly HrTime[]}

/** The end of a longer text, and not by chance: parts of one answer may have been joined. */
const isLong = (cut: string | undefined): cut is string => cut !== undefined && cut.length >= 8

/** What OpenAI and its followers end a stream with. */
const DONE = '[DONE]'

/**
 * @param formats what the response may be, likeliest first (`recogniseResponse` says); the first
 *   message decides, whatever is named here
 * @throws TypeError where a format is not one of the known ones
 */
export function createWireParser(
  formats: WireFormat | readonly WireFormat[],
  options: WireParserOptions = {},
): WireParser {
  const candidates = typeof formats === 'string' ? [formats] : [...formats]
  const unknown = candidates.find((format) => !WIRE_FORMATS.includes(format))
  if (unknown !== undefined || candidates.length === 0) {
    const given = unknown === undefined ? 'none' : `\`${String(unknown)}\``
    throw new TypeError(`Expected formats among ${WIRE_FORMATS.join(', ')}, got ${given}`)
  }
  const likeliest = candidates[0] as WireFormat
  const limits = makeLimits(options.limits)
  const transcript = createTranscript(limits)
  const {facts} = transcript
  let format: WireFormat | undefined
  let reader: FormatReader | undefined
  let final: WireCall | undefined

  const readValue = (value: unknown, event: string, isPartial = false): void => {
    if (!isObject(value)) return
    if (format === undefined || event === 'chunk') {
      const inner = invokedMessage(value)
      if (inner !== undefined) {
        readText(inner, '')
        return
      }
    }
    if (format === undefined) {
      format = formatOf(value, event)
      // An error, a ping, or something that is no response at all.
      const isError = value['error'] !== undefined || value['type'] === 'error'
      if (format === undefined && !isError) return
      reader = FORMATS[format ?? likeliest].reader(transcript)
    }
    reader?.read(value, event, isPartial)
  }

  const repeats = createRepeats(transcript)

  const readText = (text: string, event: string): void => {
    if (repeats.read(text, event)) return
    repeats.begin()
    if (text === DONE || text.startsWith(DONE)) {
      facts.ended = true
      return
    }
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // Some servers end their events with a single line break: several stand in one.
      const lines = text.includes('\n') ? text.split('\n') : []
      for (const line of lines) if (line !== '') readText(line, event)
      const first = text.charCodeAt(0)
      if (lines.length === 0 && (first === 0x7b || first === 0x5b)) facts.incomplete = true
      return
    }
    readValue(value, event)
    repeats.learn(text, event)
  }

  const framing = createFraming(
    {
      onMessage: readText,
      onPartial(text) {
        facts.incomplete = true
        const {value, cut} = readTolerantJson(text)
        readValue(value, '', true)
        const entry =
          transcript.entries.find((known) => known.text === cut) ??
          transcript.entries.findLast((known) => isLong(cut) && known.text.endsWith(cut))
        if (entry !== undefined && cut !== '') entry.cut = true
        // Whatever its last words are, it was cut.
        facts.ended = false
      },
      onException(name) {
        facts.errorType = asToken(name) || 'error'
        facts.incomplete = true
      },
      onLoss() {
        facts.incomplete = true
      },
    },
    limits,
  )

  const build = (isFinal: boolean): WireCall =>
    buildCall(
      transcript,
      {
        format: format ?? likeliest,
        recognised: format !== undefined,
        hasTags: FORMATS[format ?? likeliest].hasTags,
        requestModel: options.requestModel,
        provider: options.provider,
      },
      isFinal,
    )

  const finish = (): WireCall => {
    if (final === undefined) {
      framing.end()
      reader?.end?.()
      final = build(true)
    }
    return final
  }

  return {
    feed(bytes, time) {
      if (final !== undefined) return
      facts.time = time
      framing.feed(bytes)
    },
    end: finish,
    abort: finish,
    result: () => final ?? build(false),
    entries: () => transcript.entries,
    thoughts: () => transcript.entries.filter((entry) => entry.type === 'reasoning'),
    get format() {
      return format
    },
    get ended() {
      return facts.ended
    },
  }
}
