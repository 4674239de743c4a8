/** What most formats say in the same words beside the output: model, id, usage, error. */
import {reasoningTokensOf, tokenCount} from '../usage.ts'
import {asObject, asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import type {Facts} from './transcript.ts'

/** Longest name or id that is kept (code units). */
const MAX_NAME = 256

/** A name or id; a longer text is none. */
export const asName = (value: unknown): string => {
  const name = asText(value)
  return name.length > MAX_NAME ? '' : name
}

/** What stands for a kind or a reason. Anything else in its place may be a sentence that quotes content. */
export const asToken = (value: unknown): string => {
  const token = asText(value)
  return /^[\w.:/#-]{1,64}$/.test(token) ? token : ''
}

export function noteIdentity(facts: Facts, model: unknown, id: unknown): void {
  if (facts.model === '') facts.model = asName(model)
  if (facts.responseId === '') facts.responseId = asName(id)
}

const first = (usage: Fields, keys: readonly string[]): number | undefined => {
  for (const key of keys) {
    const count = tokenCount(usage[key])
    if (count !== undefined) return count
  }
  return undefined
}

const INPUT_KEYS = ['prompt_tokens', 'input_tokens', 'inputTokens', 'promptTokenCount'] as const
const OUTPUT_KEYS = ['completion_tokens', 'output_tokens', 'outputTokens'] as const

/** The last usage counts; a part that it leaves out keeps what was said before. */
export function noteUsage(facts: Facts, usage: unknown): void {
  if (!isObject(usage)) return
  facts.reasoningTokens = reasoningTokensOf(usage) ?? facts.reasoningTokens
  facts.inputTokens = first(usage, INPUT_KEYS) ?? facts.inputTokens
  facts.outputTokens = first(usage, OUTPUT_KEYS) ?? facts.outputTokens
}

/** An error in the place of an answer, or in the middle of one. Its message may quote content. */
export function noteError(facts: Facts, error: unknown, hasOutput: boolean): void {
  if (error === undefined || error === null || error === '') return
  const fields = asObject(error)
  facts.errorType =
    asToken(fields['type']) || asToken(fields['status']) || errorCode(fields['code']) || 'error'
  if (hasOutput) facts.incomplete = true
  // Nothing was cut from a response that has no output.
  else facts.ended = true
}

const errorCode = (code: unknown): string =>
  typeof code === 'number' ? String(code) : asToken(code)
