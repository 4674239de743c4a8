/** What the tests with the AI SDK share: its models on the mock, and what came of a call. */
import {createAnthropic} from '@ai-sdk/anthropic'
import {createGoogle} from '@ai-sdk/google'
import {createOpenAI} from '@ai-sdk/openai'
import {createOpenAICompatible} from '@ai-sdk/openai-compatible'
import {createOpenAICompatible as createCompatible5} from 'ai5-openai-compatible'
import {createOpenAICompatible as createCompatible6} from 'ai6-openai-compatible'
import {getHub} from '../../src/hub.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {blocksOf, type CallTree, treesOf} from './wire-client.ts'

export interface ModelSettings {
  url: string
  fetch?: typeof fetch
  /** Requests to the mock provider: `x-mock-error`, `x-mock-chunks`, … */
  headers?: Record<string, string>
}

/** One model of AI SDK 7 a wire format and dialect. */
export function models7({url, fetch, headers = {}}: ModelSettings) {
  const settings = {apiKey: 'none', baseURL: `${url}/v1`, headers, ...(fetch && {fetch})}
  const compatible = createOpenAICompatible({...settings, name: 'local', includeUsage: true})
  return {
    'openai-compatible, reasoning_content': compatible('deepseek-r1'),
    'openai-compatible, reasoning': compatible('vllm-qwen3'),
    'openai.responses': createOpenAI(settings)('gpt-5'),
    anthropic: createAnthropic(settings)('claude-sonnet-4-5'),
    google: createGoogle(settings)('gemini-2.5-pro'),
  }
}

/** How each is asked for its reasoning. */
export const PROVIDER_OPTIONS = {
  openai: {reasoningSummary: 'auto'},
  anthropic: {thinking: {type: 'enabled', budgetTokens: 2000}},
  google: {thinkingConfig: {includeThoughts: true}},
}

export const model5 = ({url, fetch, headers = {}}: ModelSettings, name = 'deepseek-r1') =>
  createCompatible5({
    name: 'local',
    apiKey: 'none',
    baseURL: `${url}/v1`,
    headers,
    includeUsage: true,
    ...(fetch && {fetch}),
  })(name)

export const model6 = ({url, fetch, headers = {}}: ModelSettings, name = 'deepseek-r1') =>
  createCompatible6({
    name: 'local',
    apiKey: 'none',
    baseURL: `${url}/v1`,
    headers,
    includeUsage: true,
    ...(fetch && {fetch}),
  })(name)

/** The spans of model calls, and not those of agents, steps and operations around them. */
export const callsOf = (spans: readonly ReadableSpanLike[]): CallTree[] =>
  treesOf(spans.filter((span) => isCallOrOurs(span))).filter(({attributes}) => isCall(attributes))

const isCall = (attributes: ReadableSpanLike['attributes']): boolean =>
  attributes['gen_ai.operation.name'] === 'chat' ||
  /\.do(?:Generate|Stream)$/.test(String(attributes['ai.operationId']))

const isCallOrOurs = ({attributes, name}: ReadableSpanLike): boolean =>
  isCall(attributes) || name.startsWith('reasoning')

/** Blocks on spans that are no model calls. */
export function strayBlocks(spans: readonly ReadableSpanLike[]): string[] {
  const calls = new Set(
    spans.filter(({attributes}) => isCall(attributes)).map((span) => span.spanContext().spanId),
  )
  return spans
    .filter(
      ({name, parentSpanContext}) =>
        name === 'reasoning' && !calls.has(parentSpanContext?.spanId ?? ''),
    )
    .map(({parentSpanContext}) => parentSpanContext?.spanId ?? 'none')
}

/** What our hook told of a call, exact to the character. */
export const hooked = ({span}: CallTree) => {
  const {traceId, spanId} = span.spanContext()
  return getHub()
    .read(traceId, spanId)
    .filter(({origin}) => origin === 'hook')
    .map(({call}) => call)
}

export const hookedTexts = (tree: CallTree): string[] =>
  hooked(tree).flatMap((call) => blocksOf(call.items).map(({text}) => text))

/** The text of a block's steps as they left, spaces between them lost. */
export const shownText = (tree: CallTree): string =>
  tree.blocks
    .flatMap(({steps}) => steps.map(({text}) => text))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
