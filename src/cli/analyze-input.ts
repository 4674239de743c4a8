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
  if (trace === undefined) return 'no `trace` in it: expected {id?, trace, answer?, tool_calls?}'
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

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const isTrace = (value: unknown): boolean =>
  isRecord(value) && ('trace' in value || 'resourceSpans' in value)

/**
 * Whether a source is JSON lines, by its name or by its beginning: the first line is an object (or a
 * list of some), or begins one that is printed over several lines; or one of the first ten lines is
 * an object with a `trace` or with OTLP in it. A text that merely begins with a brace is a text.
 */
export const isJsonLines = (name: string, beginning: string): boolean => {
  if (/\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(name)) return true
  const lines = beginning
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, LOOKED_AT)
  const [first = '', second = ''] = lines
  const value = parsed(first)
  if (isRecord(value) || (Array.isArray(value) && value.some(isRecord))) return true
  if (first.trim() === '{' && /^\s*"[^"]*"\s*:/.test(second)) return true
  return lines.some((line) => isTrace(parsed(line)))
}
