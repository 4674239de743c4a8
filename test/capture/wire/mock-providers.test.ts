import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {createWireParser, readRequest, recogniseResponse} from '../../../src/capture/wire/index.ts'
import type {WireCall, WireFormat} from '../../../src/capture/wire/index.ts'
import {
  ANSWER,
  SUMMARY_PARTS,
  THOUGHT,
  THOUGHT_BEFORE_TOOL,
  TOOL,
  USAGE,
} from '../../mock-providers/scenario.mjs'
import {startMockProviders} from '../../mock-providers/server.mjs'
import type {MockProviders} from '../../mock-providers/server.mjs'
import {blocksOf, callsOf, chunksOf, textsOf, visibilitiesOf} from './read-response.ts'

let server: MockProviders
beforeAll(async () => {
  server = await startMockProviders()
})
afterAll(() => server.close())

interface Asked {
  call: WireCall
  format: WireFormat | undefined
  status: number
}

async function ask(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const url = server.url + path
  const requestBody = JSON.stringify(body)
  const response = await fetch(url, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...headers},
    body: requestBody,
  })
  const contentType = response.headers.get('content-type')
  const candidates = recogniseResponse({url, contentType, requestBody})
  const request = readRequest(candidates[0] as WireFormat, requestBody, url)
  const parser = createWireParser(candidates, {requestModel: request.model})
  let status = response.status
  try {
    for await (const chunk of response.body ?? []) {
      for (const piece of chunksOf(chunk, [37, 1, 200])) parser.feed(piece)
    }
  } catch {
    status = 0
  }
  return {call: status === 0 ? parser.abort() : parser.end(), format: parser.format, status}
}

const user = [{role: 'user', content: 'I want a refund for order A-1042.'}]
const tools = [{type: 'function', function: {name: 'lookup_order', parameters: {}}}]

describe('mock providers', () => {
  for (const stream of [false, true]) {
    const how = stream ? 'streaming' : 'whole'

    test.each(['deepseek-r1', 'vllm-qwen3', 'openrouter-x', 'mistral-medium', 'think-tags-r1'])(
      `chat, ${how}: %s`,
      async (model) => {
        const {call, format} = await ask('/v1/chat/completions', {model, stream, messages: user})
        expect(format).toBe('openai-chat')
        expect(textsOf(call)).toEqual([THOUGHT])
        expect(call.answer.trim()).toBe(ANSWER)
        expect(call).toMatchObject({finishReasons: ['stop'], incomplete: false, model})
      },
    )

    test(`chat, ${how}: a model that shows nothing`, async () => {
      const body = {model: 'o4-mini', stream, messages: user, stream_options: {include_usage: true}}
      const {call} = await ask('/v1/chat/completions', body)
      expect(visibilitiesOf(call)).toEqual(['hidden'])
      expect(call.reasoningTokens).toBe(USAGE.reasoning)
    })

    test(`chat, ${how}: a tool call, and two alternatives`, async () => {
      const body = {model: 'deepseek-r1', stream, messages: user, tools}
      const {call} = await ask('/v1/chat/completions', body)
      expect(textsOf(call)).toEqual([THOUGHT_BEFORE_TOOL])
      expect(callsOf(call)).toMatchObject([
        {name: TOOL.name, arguments: JSON.stringify(TOOL.arguments)},
      ])
      const two = await ask('/v1/chat/completions', {...body, n: 2, tools: undefined})
      expect(blocksOf(two.call)).toMatchObject([
        {text: THOUGHT, choiceIndex: 0},
        {text: `This is alternative 2. ${THOUGHT}`, choiceIndex: 1},
      ])
    })

    test(`responses, ${how}: summary, encrypted and own text`, async () => {
      const base = {stream, input: 'refund', model: 'gpt-5'}
      const summary = await ask('/v1/responses', {...base, reasoning: {summary: 'auto'}})
      expect(summary.format).toBe('openai-responses')
      expect([textsOf(summary.call), summary.call.answer]).toEqual([SUMMARY_PARTS, ANSWER])
      const include = ['reasoning.encrypted_content']
      const encrypted = await ask('/v1/responses', {...base, include})
      expect(visibilitiesOf(encrypted.call)).toEqual(['encrypted'])
      const own = await ask('/v1/responses', {...base, model: 'gpt-oss-120b'})
      expect([textsOf(own.call), visibilitiesOf(own.call)]).toEqual([[THOUGHT], ['full']])
      expect(own.call).toMatchObject({reasoningTokens: USAGE.reasoning, incomplete: false})
    })

    test(`anthropic, ${how}: thinking, redacted, interleaved`, async () => {
      const body = {model: 'claude-sonnet-4-5', stream, max_tokens: 9, messages: user}
      const {call, format} = await ask('/v1/messages', body)
      expect(format).toBe('anthropic')
      expect([textsOf(call), call.answer]).toEqual([[THOUGHT], ANSWER])
      const redacted = await ask('/v1/messages', {...body, model: 'claude-redacted'})
      expect(visibilitiesOf(redacted.call)).toEqual(['full', 'redacted'])
      const interleaved = await ask('/v1/messages', {...body, model: 'claude-interleaved'})
      expect(interleaved.call.items.map(({type}) => type)).toEqual([
        'reasoning',
        'text',
        'reasoning',
        'text',
      ])
      expect(textsOf(interleaved.call).join(' ')).toBe(THOUGHT)
    })

    test(`gemini, ${how}`, async () => {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      const contents = [{role: 'user', parts: [{text: 'refund'}]}]
      const {call, format} = await ask(`/v1beta/models/gemini-3-pro:${method}`, {
        contents,
        generationConfig: {thinkingConfig: {includeThoughts: true}},
      })
      expect(format).toBe('gemini')
      expect([textsOf(call), visibilitiesOf(call)]).toEqual([[THOUGHT], ['summary']])
      expect(call).toMatchObject({
        answer: ANSWER,
        reasoningTokens: USAGE.reasoning,
        incomplete: false,
      })
    })

    test(`ollama, ${how}`, async () => {
      const {call, format} = await ask('/api/chat', {model: 'qwen3', stream, messages: user})
      expect(format).toBe('ollama')
      expect([textsOf(call), call.answer, call.incomplete]).toEqual([[THOUGHT], ANSWER, false])
    })

    test(`bedrock, ${how}`, async () => {
      const method = stream ? 'converse-stream' : 'converse'
      const messages = [{role: 'user', content: [{text: 'refund'}]}]
      const {call, format} = await ask(`/model/anthropic.claude-v1%3A0/${method}`, {messages})
      expect(format).toBe('bedrock')
      expect([textsOf(call), call.answer, call.incomplete]).toEqual([[THOUGHT], ANSWER, false])
    })
  }

  test('an error status is an error, and nothing was lost', async () => {
    const body = {model: 'claude-sonnet-4-5', max_tokens: 9, messages: user}
    const {call, status} = await ask('/v1/messages', body, {'x-mock-error': '429'})
    expect(status).toBe(429)
    expect(call).toMatchObject({items: [], incomplete: false})
    expect(call.errorType).toMatch(/rate_limit/)
  })

  test('a connection that breaks leaves what had arrived', async () => {
    const body = {model: 'deepseek-r1', stream: true, messages: user}
    const headers = {'x-mock-error': 'cut;after=5'}
    const {call, status} = await ask('/v1/chat/completions', body, headers)
    expect(status).toBe(0)
    expect(call).toMatchObject({incomplete: true, ended: false})
    const [block] = blocksOf(call)
    expect(block?.incomplete).toBe(true)
    expect(THOUGHT.startsWith(block?.text ?? 'none')).toBe(true)
  })
})
