/**
 * What a piece of reasoning looks like inside a structured value, whoever wrote it. This is the one
 * place that knows the names: the readers find text with it and the policy finds what to withhold.
 */
import type {Visibility} from '../model.ts'

/** A property of an object that holds reasoning. */
export interface ReasoningField {
  key: string
  /**
   * - `text`: a string (or an array of strings) that is reasoning
   * - `parts`: an object or array in which every readable string is reasoning
   * - `opaque`: bytes that only the provider can read: encrypted or redacted content, signatures
   */
  kind: 'text' | 'parts' | 'opaque'
  /**
   * As far as the shape itself says it. On `opaque` it is absent where the value is a mere proof
   * (a signature) and present where it stands in the place of text.
   */
  visibility?: Visibility | undefined
}

type Fields = Record<string, unknown>

const NONE: readonly ReasoningField[] = Object.freeze([])

/** Discriminators of a part (`type`, lower-cased, separators unified) and what they say of it. */
const PART_TYPES: Readonly<Record<string, Visibility>> = {
  reasoning: 'full',
  reasoning_content: 'full',
  reasoning_delta: 'full',
  reasoning_part: 'full',
  reasoning_text: 'full',
  reasoning_text_delta: 'full',
  reasoningcontent: 'full',
  reasoningpart: 'full',
  reasoningtext: 'full',
  textreasoningcontent: 'full',
  text_reasoning: 'full',
  thinking: 'full',
  thinking_block: 'full',
  thinking_content: 'full',
  thinking_delta: 'full',
  thinkingblock: 'full',
  thinkingpart: 'full',
  thought: 'full',
  thoughts: 'full',
  response_reasoning_text_delta: 'full',
  response_reasoning_text_done: 'full',
  response_reasoning_summary_text_delta: 'summary',
  response_reasoning_summary_text_done: 'summary',
  reasoning_summary: 'summary',
  reasoning_summary_part: 'summary',
  reasoning_summary_text: 'summary',
  summary_text: 'summary',
  thought_summary: 'summary',
  redacted_reasoning: 'redacted',
  redacted_thinking: 'redacted',
  redactedreasoning: 'redacted',
  redactedthinking: 'redacted',
  encrypted_reasoning: 'encrypted',
  reasoning_encrypted: 'encrypted',
}

/** Where a part may keep its discriminator. */
const TYPE_KEYS = ['type', 'part_kind', 'block_type', '$type', 'kind', 'partKind'] as const

/** Readable properties of a part that is reasoning by its type. */
const PART_TEXT_KEYS: Readonly<Record<string, Visibility | undefined>> = {
  content: undefined,
  text: undefined,
  thinking: undefined,
  thinking_text: undefined,
  thought: undefined,
  reasoning: undefined,
  reasoning_content: undefined,
  reasoning_text: undefined,
  reasoningText: undefined,
  Text: undefined,
  details: undefined,
  rawContent: undefined,
  raw_content: undefined,
  parts: undefined,
  delta: undefined,
  value: undefined,
  // Mastra's chunks: `{type: "reasoning", payload: {text}}`.
  payload: undefined,
  summary: 'summary',
}

/** Names that hold reasoning in an object of any type: messages, deltas, `additional_kwargs`. */
const FIELD_NAMES: Readonly<Record<string, Visibility>> = {
  reasoning: 'full',
  reasonings: 'full',
  reasoning_content: 'full',
  reasoningContent: 'full',
  reasoning_details: 'full',
  reasoningDetails: 'full',
  reasoning_text: 'full',
  reasoningText: 'full',
  reasoning_trace: 'full',
  reasoning_output: 'full',
  reasoning_message: 'full',
  reasoning_blocks: 'full',
  reasoning_summary: 'summary',
  reasoningSummary: 'summary',
  reasoning_steps: 'full',
  thinking: 'full',
  thinking_blocks: 'full',
  thinkingBlocks: 'full',
  thinking_content: 'full',
  thinkingContent: 'full',
  thinking_text: 'full',
  thinkingText: 'full',
  thought: 'full',
  thoughts: 'full',
  thought_summary: 'summary',
  thoughtSummary: 'summary',
  chain_of_thought: 'full',
  chainOfThought: 'full',
}

/** Names that a request also uses for a setting, so that a single word under them may be one. */
const SETTING_NAMES: ReadonlySet<string> = new Set([
  'reasoning',
  'reasoning_summary',
  'reasoningSummary',
  'thinking',
  'thought',
  'thoughts',
])

/** Names whose value stands in the place of text, or proves it, in an object of any type. */
const OPAQUE_NAMES: Readonly<Record<string, Visibility | undefined>> = {
  encrypted_content: 'encrypted',
  encryptedContent: 'encrypted',
  reasoning_opaque: 'encrypted',
  reasoning_encrypted_content: 'encrypted',
  reasoningEncryptedContent: 'encrypted',
  redactedContent: 'redacted',
  redacted_content: 'redacted',
  redactedData: 'redacted',
  redacted_data: 'redacted',
  thoughtSignature: undefined,
  thought_signature: undefined,
  thought_signatures: undefined,
  reasoning_signature: undefined,
  reasoningSignature: undefined,
  thinking_signature: undefined,
}

/** Names that are opaque only in a part that is reasoning by its type. */
const PART_OPAQUE_NAMES: Readonly<Record<string, Visibility | undefined>> = {
  data: 'redacted',
  signature: undefined,
}

/** Keys that make an object under `reasoning` or `thinking` a request's setting. */
const SETTING_KEYS: Readonly<Record<string, true>> = {
  budget: true,
  budget_tokens: true,
  budgetTokens: true,
  effort: true,
  enabled: true,
  exclude: true,
  generate_summary: true,
  generateSummary: true,
  includeThoughts: true,
  include_thoughts: true,
  level: true,
  max_tokens: true,
  maxTokens: true,
  thinkingBudget: true,
  thinking_budget: true,
  thinkingLevel: true,
  thinking_level: true,
}

/** Words that are a setting where a text could stand: `reasoning: "high"`, `thinking: "enabled"`. */
const SETTING_WORDS: ReadonlySet<string> = new Set([
  'adaptive',
  'auto',
  'concise',
  'default',
  'detailed',
  'disabled',
  'enabled',
  'false',
  'high',
  'low',
  'max',
  'medium',
  'minimal',
  'none',
  'null',
  'off',
  'on',
  'optional',
  'parsed',
  'hidden',
  'raw',
  'required',
  'true',
  'undefined',
  'xhigh',
])

/** Whether a string in the place of a reasoning text is a setting, a number or nothing. */
export function isSettingWord(value: string): boolean {
  if (value.length > 24) return false
  const word = value.trim().toLowerCase()
  return word === '' || SETTING_WORDS.has(word) || /^[-+]?\d[\d.]*%?$/.test(word)
}

const own = (table: object, key: string): boolean =>
  Object.prototype.hasOwnProperty.call(table, key)

/** Whether a property of this name holds reasoning in an object of any type, its value allowing. */
export const isReasoningName = (name: string): boolean => own(FIELD_NAMES, name)

/** Whether a property of this name is opaque in an object of any type. */
export const isOpaqueName = (name: string): boolean => own(OPAQUE_NAMES, name)

/**
 * What a part's discriminator says: its visibility where the type is one of reasoning,
 * `undefined` where it is any other type or there is none.
 */
export function reasoningType(object: Readonly<Fields>): Visibility | undefined {
  for (const key of TYPE_KEYS) {
    const type = object[key]
    if (typeof type !== 'string' || type.length > 40) continue
    if (own(PART_TYPES, type)) return PART_TYPES[type]
    const name = type.toLowerCase().replace(/[.\- ]/g, '_')
    if (own(PART_TYPES, name)) return PART_TYPES[name]
  }
  return undefined
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Whether an object or array under a reasoning name can hold text, and is not a setting. */
function holdsParts(value: object): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'string' || isObject(item))
  const object = value as Fields
  if (reasoningType(object) !== undefined) return true
  for (const key in object) {
    const inner = object[key]
    if (own(SETTING_KEYS, key) && !Array.isArray(object['summary'])) return false
    if (own(OPAQUE_NAMES, key) && typeof inner === 'string' && inner !== '') return true
    if (!own(PART_TEXT_KEYS, key) && !own(FIELD_NAMES, key)) continue
    if (isObject(inner) || (typeof inner === 'string' && !isSettingWord(inner))) return true
  }
  return false
}

function textOrParts(
  key: string,
  value: unknown,
  visibility: Visibility,
): ReasoningField | undefined {
  if (typeof value === 'string') return value === '' ? undefined : {key, kind: 'text', visibility}
  if (!isObject(value)) return undefined
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined
    if (value.every((item) => typeof item === 'string')) return {key, kind: 'text', visibility}
  }
  return {key, kind: 'parts', visibility}
}

const isOpaque = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') ||
  (isObject(value) && !(Array.isArray(value) && value.length === 0))

/**
 * Names the properties of an object that hold reasoning, in the object's own order; an empty
 * array where there are none. Request-side settings (`reasoning: {effort}`,
 * `thinking: {type: "enabled"}`, `reasoning: "high"`) are not reasoning.
 */
export function reasoningFields(object: Readonly<Fields>): readonly ReasoningField[] {
  const partVisibility = reasoningType(object)
  // Gemini marks an ordinary text part by `thought: true`; Google documents those as summaries.
  const isThought = object['thought'] === true || object['isThought'] === true
  let fields: ReasoningField[] | undefined
  for (const key in object) {
    const value = object[key]
    if (value === null || value === undefined || value === '' || typeof value === 'boolean')
      continue
    let field: ReasoningField | undefined
    if (own(OPAQUE_NAMES, key)) {
      if (isOpaque(value)) field = {key, kind: 'opaque', visibility: OPAQUE_NAMES[key]}
    } else if (partVisibility !== undefined && own(PART_OPAQUE_NAMES, key)) {
      if (isOpaque(value)) {
        const visibility = PART_OPAQUE_NAMES[key]
        field = {
          key,
          kind: 'opaque',
          visibility: visibility && (partVisibility === 'encrypted' ? 'encrypted' : visibility),
        }
      }
    } else if (partVisibility !== undefined && own(PART_TEXT_KEYS, key)) {
      field = textOrParts(key, value, PART_TEXT_KEYS[key] ?? partVisibility)
    } else if (isThought && (key === 'text' || key === 'content')) {
      field = textOrParts(key, value, 'summary')
    } else if (own(FIELD_NAMES, key)) {
      // A message's pieces may be any word; elsewhere a single word is a setting.
      const isMessage = object['content'] !== undefined || object['role'] !== undefined
      const maySet = !isMessage && SETTING_NAMES.has(key)
      if (
        typeof value === 'string'
          ? !(maySet && isSettingWord(value))
          : isObject(value) && holdsParts(value)
      ) {
        field = textOrParts(key, value, FIELD_NAMES[key] ?? 'full')
      }
    }
    if (field !== undefined) (fields ??= []).push(field)
  }
  return fields ?? NONE
}
