/** Traceloop (OpenLLMetry): completions flattened over indexed keys, workflows' outputs as JSON. */
import {readWholeOutput} from '../output.ts'
import {looksStructured, parseStructured} from '../structured.ts'
import {IGNORED, ofAny, ofCall} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'
import {unflatten} from './unflatten.ts'
import type {Nested} from './unflatten.ts'

const COMPLETIONS = 'gen_ai.completion.'
const OLD_COMPLETIONS = 'llm.completions.'

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    'traceloop.entity.output': ofAny('output', 2),
    'traceloop.span.kind': ofAny('kind', 2),
    'traceloop.prompt.key': ofAny('promptName', 3),
    'traceloop.prompt.version': ofAny('promptVersion', 3),
    'traceloop.prompt.version_name': ofAny('promptVersion', 4),
    'llm.request.type': ofAny('kind', 3),
    'llm.request.model': ofCall('model', 3),
    'llm.response.model': ofCall('responseModel', 3),
    'llm.vendor': ofAny('provider', 4),
    'llm.usage.reasoning_tokens': ofCall('tokens', 6),
    'llm.response.finish_reason': ofCall('finish', 4),
  }),
)

const isObject = (value: unknown): value is Nested =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Content that is a JSON list of parts, as the Bedrock and Anthropic instrumentations write it. */
function openedContent(content: unknown): unknown {
  if (typeof content !== 'string' || !looksStructured(content)) return content
  const value = parseStructured(content)?.value
  const isParts =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((part) => isObject(part) && (typeof part['type'] === 'string' || 'text' in part))
  return isParts ? value : content
}

/** The first releases gave a thought a completion of its own, with the role `thinking`. */
function asMessage(completion: unknown): unknown {
  if (!isObject(completion)) return completion
  const {role, content} = completion
  if (role === 'thinking' || role === 'reasoning') return {type: 'thinking', thinking: content}
  return {...completion, role: 'assistant', content: openedContent(content)}
}

export const traceloop: Dialect = {
  name: 'traceloop',
  role(key) {
    const role = ROLES.get(key)
    if (role !== undefined) return role
    if (/^(?:gen_ai\.completion|llm\.completions)\.\d/.test(key)) return ofCall('part')
    if (/^llm\.request\.functions\.\d+\.name$/.test(key)) return ofAny('toolName')
    if (/^llm\.(?:request|prompts)\./.test(key) || key.startsWith('traceloop.')) return IGNORED
    return undefined
  },
  readParts(parts, hints) {
    const old = parts[0]?.key.startsWith(OLD_COMPLETIONS) ?? false
    const completions = unflatten(parts, old ? OLD_COMPLETIONS : COMPLETIONS)
    const list = (Array.isArray(completions) ? completions : []).map(asMessage)
    const isChoice = (message: unknown): boolean =>
      isObject(message) && typeof message['finish_reason'] === 'string'
    // Several that each came to an end are alternatives; otherwise they are parts of one answer.
    const areChoices = list.length > 1 && list.every(isChoice)
    const value = areChoices
      ? {choices: list.map((message) => ({message}))}
      : list.length === 1
        ? list[0]
        : {content: list}
    return readWholeOutput(value, hints)
  },
}

/** Traceloop's Python OpenAI instrumentation lists reasoning behind the answer that followed it. */
export const listsReasoningLast = (scope: string): boolean =>
  /^opentelemetry\.instrumentation\.openai(?:\.v\d+)?$/.test(scope)
