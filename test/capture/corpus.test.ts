import {describe, expect, test} from 'vitest'
import {captureSpan} from '../../src/capture/span/index.ts'
import type {Visibility} from '../../src/model.ts'
import {captureCase, loadCases, toSpan} from './corpus.ts'
import type {Case} from './corpus.ts'

const cases = loadCases()
const nameOf = ({release, case: name}: Case): string => `${release} ${name}`
const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

/**
 * What the texts of a case are. The corpus' mocks call Gemini's thoughts `full`; Google documents
 * them as summaries, and real recordings are labelled so: there we say `summary`.
 */
const visibilityOf = ({provider, visibility}: Case): Visibility => {
  if (provider === 'gemini') return 'summary'
  return visibility === 'summary' ? 'summary' : 'full'
}

/** Where the redacted block next to the readable one survives in what the instrumentation wrote. */
const KEEPS_REDACTED = /openinference-instrumentation-anthropic|py-logfire|js-traceloop/

test('the corpus is whole', () => {
  expect(cases).toHaveLength(326)
  expect(new Set(cases.map(({release}) => release)).size).toBe(22)
  expect(cases.filter(({found}) => found === 'full')).toHaveLength(191)
})

describe('a case whose spans or logs carry the reasoning gives it back, once and exactly', () => {
  const full = cases.filter(({found}) => found === 'full')
  test.each(full.map((item) => [nameOf(item), item] as const))('%s', (_, item) => {
    const {blocks} = captureCase(item)
    const readable = blocks.filter(({text}) => text !== '')
    // Instrumentations that joined parts did so with line breaks, or with nothing.
    expect(withoutSpace(readable.map(({text}) => text).join(''))).toBe(
      withoutSpace(item.texts.join('')),
    )
    for (const {text} of readable) {
      const whole = item.texts.includes(text.trim())
      const joined = item.texts.filter((part) => text.includes(part)).length > 1
      expect(whole || joined).toBe(true)
    }
    expect(new Set(readable.map(({visibility}) => visibility))).toEqual(
      new Set([visibilityOf(item)]),
    )
    const others = blocks.filter(({text}) => text === '').map(({visibility}) => visibility)
    const keepsRedacted = item.visibility === 'redacted' && KEEPS_REDACTED.test(item.release)
    expect(others).toEqual(keepsRedacted ? ['redacted'] : [])
  })
})

describe('a case without the reasoning gives no text', () => {
  const absent = cases.filter(({found}) => found !== 'full')
  test.each(absent.map((item) => [nameOf(item), item] as const))('%s', (_, item) => {
    const {blocks} = captureCase(item)
    expect(blocks.filter(({text}) => text !== '')).toEqual([])
    for (const {visibility} of blocks) {
      expect(['hidden', 'encrypted', 'redacted']).toContain(visibility)
    }
  })
})

test('separately delivered summary parts stay apart where the instrumentation kept them apart', () => {
  const apart = cases.filter(
    ({provider, release, found}) =>
      provider === 'openai-responses' &&
      found === 'full' &&
      !/js-ai@6|js-ai-sdk-otel-legacy/.test(release),
  )
  expect(apart.length).toBeGreaterThan(20)
  for (const item of apart) {
    const texts = captureCase(item).blocks.map(({text}) => text)
    expect(texts, nameOf(item)).toEqual(item.texts)
  }
})

test('reasoning precedes the answer and the tool calls, in every case', () => {
  for (const item of cases) {
    for (const call of captureCase(item).calls) {
      const kinds = call.items.map(({type}) => type)
      const last = kinds.lastIndexOf('reasoning')
      expect(
        kinds.slice(0, last + 1).every((kind) => kind === 'reasoning'),
        nameOf(item),
      ).toBe(true)
    }
  }
})

test('reasoning tokens are read wherever an output key reports them', () => {
  const reported = cases.filter(
    ({tokens, tokensWhere}) => tokens > 0 && tokensWhere.some((key) => !key.startsWith('metadata')),
  )
  expect(reported.length).toBeGreaterThan(100)
  for (const item of reported) {
    const counts = captureCase(item).calls.map(({reasoningTokens}) => reasoningTokens)
    expect(counts, nameOf(item)).toContain(item.tokens)
  }
})

test('tool calls come with name, arguments and, where one is written, id', () => {
  // Traceloop's JavaScript loses the calls of Responses; native Anthropic spans have no content.
  const withCalls = cases.filter(
    ({toolCalls, answerCaptured, release, provider}) =>
      toolCalls.length > 0 &&
      answerCaptured &&
      !/anthropic-ai-sdk/.test(release) &&
      !(/js-traceloop-instrumentation-openai/.test(release) && provider === 'openai-responses'),
  )
  expect(withCalls.length).toBeGreaterThan(60)
  for (const item of withCalls) {
    const [call] = captureCase(item).toolCalls
    expect(call?.name, nameOf(item)).toBe('lookup_order')
    // Traceloop's JavaScript writes the empty input with which Anthropic's stream begins a call.
    const lost = /js-traceloop-instrumentation-anthropic/.test(item.release) && item.streaming
    expect(JSON.parse(call?.arguments ?? 'null'), nameOf(item)).toEqual(
      lost ? {} : item.toolCalls[0]?.arguments,
    )
  }
})

test('the model is known for every call', () => {
  for (const item of cases) {
    for (const span of item.spans) {
      const call = captureSpan(toSpan(span))
      if (call === undefined || span.name === 'raw_gen_ai_request') continue
      expect(call.model, `${nameOf(item)} ${span.name}`).toBe(item.model)
    }
  }
})

test('tools, agents’ turns and steps are no calls', () => {
  const names = new Set<string>()
  for (const {spans} of cases) {
    for (const span of spans) {
      if (captureSpan(toSpan(span)) === undefined) names.add(span.name.replace(/\d+/, 'N'))
    }
  }
  expect([...names].toSorted()).toMatchInlineSnapshot(`
    [
      "Agent workflow",
      "ai.generateText",
      "ai.streamText",
      "ai.toolCall",
      "execute_tool lookup_order",
      "invoke_agent gpt-N",
      "invoke_agent oN-mini",
      "lookup_order",
      "raw_gen_ai_request",
      "refund_agent",
      "step N",
      "turn",
    ]
  `)
})

test('nothing is read from a prompt: the same spans without their outputs give no reasoning', () => {
  const isInput = (key: string): boolean =>
    /input|prompt|request|system|contents|messages$|tool|model/.test(key) && !/output/.test(key)
  for (const item of cases) {
    for (const span of item.spans) {
      const attributes = Object.fromEntries(
        Object.entries(span.attributes).filter(([key]) => isInput(key)),
      )
      const call = captureSpan({...toSpan(span), attributes, events: []})
      const texts = (call?.items ?? []).filter((entry) => entry.type === 'reasoning')
      expect(texts, `${nameOf(item)} ${span.name}`).toEqual([])
    }
  }
})
