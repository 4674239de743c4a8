/** What `analyze` reads: a plain text, or JSON lines with a trace in each. */
import type {ToolCall} from '../model.ts'

/** One text to analyse. */
export interface TraceInput {
  id: unknown
  trace: string
  answer?: string | undefined
  toolCalls: ToolCall[]
}

type Json = Record<string, unknown>

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const argumentsOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A tool call as `{name, id?, arguments?}`, as a name alone, or as providers nest it. */
const toolCallOf = (value: unknown): ToolCall[] => {
  if (typeof value === 'string') return [{name: value}]
  if (!isRecord(value)) return []
  const inner = isRecord(value['function']) ? value['function'] : value
  const {name} = inner
  if (typeof name !== 'string') return []
  const id = value['id'] ?? value['call_id']
  return [
    {
      name,
      ...(typeof id === 'string' ? {id} : {}),
      arguments: argumentsOf(inner['arguments'] ?? inner['input'] ?? inner['args']),
    },
  ]
}

/**
 * Reads one line's value `{id?, trace, answer?, tool_calls?}`.
 *
 * @param line stands in for an `id` that is not there
 * @returns why it cannot be read, as a string
 */
export const traceInputOf = (value: unknown, line: number): TraceInput | string => {
  if (!isRecord(value)) return 'expected an object {id?, trace, answer?, tool_calls?}'
  const {id = line, trace, answer, tool_calls: calls} = value
  if (value['resourceSpans'] !== undefined || value['resourceLogs'] !== undefined) {
    return 'this is OTLP: `otel-reasoning show` and `expand` read it'
  }
  if (typeof trace !== 'string') return `expected \`trace\` to be a string, got ${typeof trace}`
  return {
    id,
    trace,
    answer: typeof answer === 'string' ? answer : undefined,
    toolCalls: Array.isArray(calls) ? calls.flatMap(toolCallOf) : [],
  }
}

/** Lines that are looked at to tell JSON lines from a text. */
const LOOKED_AT = 10

/**
 * Whether a source is JSON lines, by its name or by its beginning: one of its first ten lines is an
 * object with a `trace` or with OTLP in it. A text that merely begins with a brace is a text.
 */
export const isJsonLines = (name: string, beginning: string): boolean => {
  if (/\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(name)) return true
  const lines = beginning.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(0, LOOKED_AT).some((line) => {
    if (!/^\s*\{/.test(line)) return false
    try {
      const value: unknown = JSON.parse(line)
      return isRecord(value) && ('trace' in value || 'resourceSpans' in value)
    } catch {
      return false
    }
  })
}
