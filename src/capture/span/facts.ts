/** What a span says of its call besides the output: model, provider, prompt, finish, tokens, tools. */
import type {HrTime} from '@opentelemetry/api'
import {parseStructured} from '../structured.ts'
import {toolNames} from '../tool-calls.ts'
import {reasoningTokensOf, tokenCount} from '../usage.ts'
import type {Entry, RoleName} from './dialect.ts'

/** The kinds of span that a dialect's word can name. */
export type SpanSort = 'call' | 'wrapper' | 'other' | undefined

export interface Facts {
  provider?: string | undefined
  model?: string | undefined
  responseModel?: string | undefined
  promptName?: string | undefined
  promptVersion?: string | undefined
  finishReasons: string[]
  reasoningTokens?: number | undefined
  timeToFirstChunk?: number | undefined
  toolsOffered: string[]
  /** One of the keys shows a model call. */
  marked: boolean
  sort: SpanSort
}

/** Spans that run no model: their outputs are results, documents or vectors. */
const OTHER_SORT =
  /^(?:tool|execute_tool|function|retriever|retrieval|embed\w*|rerank\w*|create_agent|parser|(?:create|search|update|upsert|delete)_memory\w*|ai\.(?:toolcall|embed|rerank)\w*\.?\w*|vector\w*|evaluator|evaluation|mcp_\w+|tool_call)$/
/** Spans that hold model calls and repeat what these gave. */
const WRAPPER_SORT =
  /^(?:agent|chain|invoke_agent|invoke_workflow|workflow\w*|task|agent_step|step|plan|run_step|agent_run|span|graph|ai\.(?:generate|stream)(?:text|object)|guardrail|event|prompt|unknown)$/
const CALL_SORT =
  /^(?:llm|model|chat|chat_model|text_completion|generate_content|completion|generation|generate|model_generation|inference|response\w*|ai\.\w+\.do\w+)$/

function sortOf(word: unknown): SpanSort {
  if (typeof word !== 'string' || word.length > 60) return undefined
  const plain = word.replaceAll('"', '').trim().toLowerCase()
  if (OTHER_SORT.test(plain)) return 'other'
  if (WRAPPER_SORT.test(plain)) return 'wrapper'
  return CALL_SORT.test(plain) ? 'call' : undefined
}

/** A JSON string's inner text; other texts as they are. */
const bare = (value: unknown): string | undefined => {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string' || value === '') return undefined
  if (value.length > 2 && value.startsWith('"') && value.endsWith('"')) return value.slice(1, -1)
  return value
}

/** Finish reasons from an array, a JSON text of one, or a single word. */
function reasonsOf(value: unknown): string[] {
  const list =
    typeof value === 'string' && value.startsWith('[') ? parseStructured(value)?.value : value
  const reasons: string[] = []
  for (const item of Array.isArray(list) ? list : [list]) {
    const reason = bare(item)
    if (reason !== undefined && !reasons.includes(reason)) reasons.push(reason)
  }
  return reasons
}

const secondsOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}

/** Seconds from the span's start to a moment given as an ISO text. */
function secondsSince(start: HrTime | undefined, value: unknown): number | undefined {
  const text = bare(value)
  if (start === undefined || text === undefined) return undefined
  const millis = Date.parse(text)
  const seconds = millis / 1000 - start[0] - start[1] / 1e9
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

const structuredOf = (value: unknown): unknown =>
  typeof value === 'string' ? parseStructured(value)?.value : value

function readTools(value: unknown, into: string[]): void {
  for (const item of Array.isArray(value) ? value : [value]) {
    const definition = structuredOf(item)
    if (typeof definition !== 'object' || definition === null) continue
    const {tools} = definition as {tools?: unknown}
    // Settings of a request hold the tools among much else; a definition names itself.
    const names = Array.isArray(definition) || 'name' in definition || 'function' in definition
    toolNames(!names && Array.isArray(tools) ? tools : definition, into)
  }
}

/** Facts of one value each: the lowest rank that has one counts. */
const SINGLE: ReadonlySet<RoleName> = new Set<RoleName>([
  'provider',
  'model',
  'responseModel',
  'promptName',
  'promptVersion',
])

/** Reads the facts from a span's entries. */
export function readFacts(entries: readonly Entry[], startTime: HrTime | undefined): Facts {
  const facts: Facts = {finishReasons: [], toolsOffered: [], marked: false, sort: undefined}
  const ranks: Partial<Record<RoleName, number>> = {}
  let sort: SpanSort
  const beats = (as: RoleName, rank: number): boolean => rank < (ranks[as] ?? Infinity)
  for (const {value, role} of entries) {
    if (role.call) facts.marked = true
    const {as, rank} = role
    if (as === 'kind') {
      const named = sortOf(value)
      // A span that is a call for one convention is one, whatever another makes of it.
      if (named === 'call' || sort === undefined) sort = named ?? sort
    } else if (SINGLE.has(as)) {
      const text = bare(value)
      if (text === undefined || !beats(as, rank)) continue
      ranks[as] = rank
      facts[as as 'model'] = text
    } else if (as === 'finish') {
      const reasons = beats(as, rank) ? reasonsOf(value) : []
      if (reasons.length === 0) continue
      ranks[as] = rank
      facts.finishReasons = reasons
    } else if (as === 'tokens' || as === 'usage') {
      if (!beats('tokens', rank)) continue
      const count = as === 'tokens' ? tokenCount(value) : reasoningTokensOf(structuredOf(value))
      if (count === undefined) continue
      ranks.tokens = rank
      facts.reasoningTokens = count
    } else if (as.startsWith('firstChunk')) {
      if (!beats('firstChunkSeconds', rank)) continue
      const seconds = as === 'firstChunkTime' ? secondsSince(startTime, value) : secondsOf(value)
      if (seconds === undefined) continue
      ranks.firstChunkSeconds = rank
      facts.timeToFirstChunk = as === 'firstChunkMillis' ? seconds / 1000 : seconds
    } else if (as === 'tools') readTools(value, facts.toolsOffered)
    else if (as === 'toolName') {
      const name = bare(value)
      if (name !== undefined && !facts.toolsOffered.includes(name)) facts.toolsOffered.push(name)
    } else if (as === 'prompt') {
      const prompt = structuredOf(value) as {name?: unknown; version?: unknown} | undefined
      facts.promptName ??= bare(prompt?.name)
      facts.promptVersion ??= bare(prompt?.version)
    }
  }
  facts.sort = sort
  return facts
}
