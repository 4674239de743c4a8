/**
 * A push parser for JSON lines: chunks of any size in, one value a line out. It also takes what is
 * found in such files in practice: a byte order mark, CRLF, blank lines, no newline at the end,
 * documents printed over several lines, and arrays of requests.
 */
import {parseJson} from './parse-json.ts'

/** What is wrong with a line. The reason never repeats the line: it may hold what nobody may log. */
export interface JsonLineError {
  /** From 1. */
  line: number
  type: 'not-json' | 'cut-off' | 'too-long'
  reason: string
}

/** @public */
export interface JsonLinesOptions {
  /**
   * Called for each value; for each element where the value is an array. `line` is from 1, `length`
   * the size of its text in UTF-16 code units (an equal share of it for elements of an array).
   */
  onValue: (value: unknown, line: number, length: number) => void
  /** Called for each line that could not be read; reading goes on with the next. */
  onError: (error: JsonLineError) => void
  /**
   * Longest line, and longest document printed over several lines, in UTF-16 code units. A longer
   * one is skipped and reported.
   *
   * @defaultValue 67,108,864 (64 Mi): the size at which OTLP says a request is too large
   */
  maxLineLength?: number | undefined
  /** @defaultValue `JSON.parse` that keeps 64-bit integers whole */
  parse?: ((text: string) => unknown) | undefined
}

/** @public */
export interface JsonLinesParser {
  feed(chunk: string | Uint8Array): void
  /** Call it once, after the last chunk. */
  end(): void
}

/** 64 Mi code units. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024

/** How deep a text is inside brackets; strings cannot go over a line's end. */
const depthAfter = (line: string, depth: number): {depth: number; inString: boolean} => {
  let inString = false
  for (let i = 0; i < line.length; i++) {
    const char = line.charCodeAt(i)
    if (inString) {
      if (char === 0x5c) i++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x7b || char === 0x5b) depth++
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return {depth, inString}
}

const jsonError = (error: unknown, line: number): JsonLineError => {
  const message = error instanceof Error ? error.message : ''
  if (/end of JSON input|Unterminated/.test(message)) {
    return {line, type: 'cut-off', reason: 'cut off: the JSON ends before it is complete'}
  }
  const position = /position (\d+)/.exec(message)?.[1]
  const where = position === undefined ? '' : ` (column ${Number(position) + 1})`
  return {line, type: 'not-json', reason: `not JSON${where}`}
}

interface Document {
  firstLine: number
  lines: string[]
  length: number
  depth: number
}

/**
 * Makes a parser. It never throws on data; what the callbacks throw comes through.
 *
 * @throws TypeError for a `maxLineLength` that is no positive integer
 */
export const createJsonLinesParser = (options: JsonLinesOptions): JsonLinesParser => {
  const {onValue, onError, parse = parseJson, maxLineLength = MAX_LINE_LENGTH} = options
  if (!Number.isSafeInteger(maxLineLength) || maxLineLength < 1) {
    throw new TypeError(
      `Expected \`maxLineLength\` to be an integer from 1 and up, got \`${maxLineLength}\` (${typeof maxLineLength})`,
    )
  }
  const decoder = new TextDecoder('utf-8')
  let pieces: string[] = []
  let pending = 0
  let tooLong = false
  let atStart = true
  let line = 0
  let document: Document | undefined

  const emit = (value: unknown, at: number, length: number): void => {
    if (!Array.isArray(value)) onValue(value, at, length)
    else for (const element of value) onValue(element, at, length / value.length)
  }

  const reportTooLong = (at: number): void =>
    onError({
      line: at,
      type: 'too-long',
      reason: `longer than ${maxLineLength} characters (maxLineLength)`,
    })

  /** The lines were no document after all: what stands on one line of them is still read. */
  const takeLineByLine = ({lines, firstLine}: Document, error: JsonLineError): void => {
    let reported = false
    lines.forEach((text, i) => {
      const trimmed = text.trim().replace(/,$/, '')
      if (/^[[{]./.test(trimmed)) {
        try {
          emit(parse(trimmed), firstLine + i, trimmed.length)
          return
        } catch {
          // Reported below with the rest.
        }
      }
      // Indented lines and closing brackets belong to the broken document, which counts once.
      if (!reported) onError(error)
      else if (!/^[\s\]}]/.test(text)) onError({...error, line: firstLine + i})
      reported = true
    })
  }

  const takeDocumentLine = (text: string): void => {
    const held = document as Document
    const {depth, inString} = depthAfter(text, held.depth)
    held.lines.push(text)
    held.length += text.length + 1
    held.depth = depth
    if (held.length > maxLineLength) {
      document = undefined
      takeLineByLine(held, {
        line: held.firstLine,
        type: 'too-long',
        reason: `a document that is longer than ${maxLineLength} characters (maxLineLength)`,
      })
    } else if (inString || depth <= 0) {
      document = undefined
      let value: unknown
      try {
        value = parse(held.lines.join('\n'))
      } catch {
        const reason = 'not JSON: a document begins here and is broken'
        takeLineByLine(held, {line: held.firstLine, type: 'not-json', reason})
        return
      }
      emit(value, held.firstLine, held.length)
    }
  }

  const takeLine = (text: string): void => {
    line++
    const bare = text.endsWith('\r') ? text.slice(0, -1) : text
    if (bare.trim() === '') return
    if (document !== undefined) {
      takeDocumentLine(bare)
      return
    }
    let value: unknown
    try {
      value = parse(bare)
    } catch (error) {
      if (/^\s*[[{]/.test(bare)) {
        const {depth, inString} = depthAfter(bare, 0)
        if (depth > 0 && !inString) {
          document = {firstLine: line, lines: [bare], length: bare.length, depth}
          return
        }
      }
      onError(jsonError(error, line))
      return
    }
    emit(value, line, bare.length)
  }

  const endLine = (last: string): void => {
    if (tooLong || pending + last.length > maxLineLength) {
      line++
      reportTooLong(line)
    } else {
      takeLine(pieces.length === 0 ? last : pieces.join('') + last)
    }
    pieces = []
    pending = 0
    tooLong = false
  }

  const feedText = (text: string): void => {
    if (text === '') return
    let start = atStart && text.startsWith('\uFEFF') ? 1 : 0
    atStart = false
    for (;;) {
      const end = text.indexOf('\n', start)
      if (end === -1) break
      endLine(text.slice(start, end))
      start = end + 1
    }
    if (start === text.length) return
    pending += text.length - start
    if (pending > maxLineLength) {
      tooLong = true
      pieces = []
    }
    if (!tooLong) pieces.push(text.slice(start))
  }

  return {
    feed: (chunk) =>
      feedText(typeof chunk === 'string' ? chunk : decoder.decode(chunk, {stream: true})),
    end: () => {
      feedText(decoder.decode())
      if (pending > 0) endLine('')
      if (document === undefined) return
      const held = document
      document = undefined
      takeLineByLine(held, {
        line: held.firstLine,
        type: 'cut-off',
        reason: 'cut off: a document begins here and does not end',
      })
    },
  }
}
