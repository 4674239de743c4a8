/** A string that holds a structure, and how to write it back. */
import {looksStructured, parseStructured} from '../capture/structured.ts'
import {writePython} from './python-text.ts'

/** An attribute's string, read. */
export interface Document {
  readonly value: unknown
  readonly complete: boolean
  readonly cut: string | undefined
  readonly write: (value: unknown) => string
}

const writeJson = (value: unknown): string => JSON.stringify(value) ?? 'null'

const PYTHON = /^[\s[{(]{0,20}(?:[a-z]{0,2}'|[A-Za-z_][\w.]{0,80}\()/

/** Reads JSON, Python's notation, and what is left of either; `undefined` where a text is neither. */
export function readDocument(text: string): Document | undefined {
  const isQuoted = text.charCodeAt(0) === 0x22
  if (isQuoted || looksStructured(text)) {
    try {
      const value: unknown = JSON.parse(text)
      return {value, complete: true, cut: undefined, write: writeJson}
    } catch {
      // Cut, broken, or Python's.
    }
  }
  const reading = parseStructured(text)
  if (reading === undefined) return undefined
  const write = PYTHON.test(text) ? writePython : writeJson
  return {value: reading.value, complete: reading.complete, cut: reading.cut, write}
}

/** Lines of JSON, or of a server-sent stream of it; `undefined` where one line is neither. */
export function jsonLines(text: string): string[] | undefined {
  if (!text.includes('\n')) return undefined
  const lines = text.split('\n')
  const isLine = (line: string): boolean =>
    /^\s{0,8}(?:(?:data:\s?)?(?:[[{]|$)|event:|id:|:)/.test(line)
  return lines.every(isLine) ? lines : undefined
}
