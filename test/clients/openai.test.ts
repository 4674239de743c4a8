/** OpenAI's own client: Chat Completions in the dialects of other providers, and Responses. */
import OpenAI from 'openai'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {ANSWER, SUMMARY_PARTS, THOUGHT, USAGE} from '../mock-providers/scenario.mjs'
import {type Ask, describeDriver, type Driver, SUITE_OPTIONS} from './fetch-suite.ts'
import {onlyTree, startWireClients, type WireClients} from './wire-client.ts'

const CLIENT = 'openai 7.57.0'

const clientOf = ({url, fetch, headers, retries}: Ask): OpenAI =>
  new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: 'none',
    maxRetries: retries,
    defaultHeaders: headers,
    fetch,
  })

const question = [{role: 'user' as const, content: 'May I return order A-1042?'}]
const NAMES = ['lookup_order', 'issue_refund']

const chatRequest = ({model, tools}: Ask) => ({
  model,
  messages: question,
  ...(tools && {
    tools: NAMES.map((name) => ({
      type: 'function' as const,
      function: {name, parameters: {type: 'object'}},
    })),
  }),
})

const responsesRequest = ({model, tools}: Ask) => ({
  model,
  input: question,
  // Servers of open weights give the text itself, and make no summary.
  reasoning: {effort: 'medium' as const, ...(model.startsWith('o3') && {summary: 'auto' as const})},
  ...(tools && {
    tools: NAMES.map((name) => ({
      type: 'function' as const,
      name,
      parameters: {type: 'object'},
      strict: false,
    })),
  }),
})

interface ChatEvent {
  choices: {delta: {reasoning_content?: string; reasoning?: string; content?: string | null}}[]
}

const chat: Driver = {
  client: CLIENT,
  provider: 'openai',
  mode: 'chat.completions (reasoning_content)',
  model: 'deepseek-r1',
  thoughts: [THOUGHT],
  visibilities: ['full'],
  tokens: USAGE.reasoning,
  finishReason: 'stop',
  whole: (ask) =>
    clientOf(ask).chat.completions.create(chatRequest(ask), {signal: ask.signal ?? null}),
  stream: (ask) =>
    clientOf(ask).chat.completions.create(
      {...chatRequest(ask), stream: true},
      {signal: ask.signal ?? null},
    ),
  thoughtIn: (event) => {
    const delta = (event as ChatEvent).choices[0]?.delta
    return delta?.reasoning_content ?? delta?.reasoning ?? ''
  },
}

const responses: Driver = {
  client: CLIENT,
  provider: 'openai',
  mode: 'responses (summary)',
  model: 'o3',
  thoughts: SUMMARY_PARTS,
  visibilities: SUMMARY_PARTS.map(() => 'summary'),
  tokens: USAGE.reasoning,
  finishReason: 'completed',
  whole: (ask) =>
    clientOf(ask).responses.create(responsesRequest(ask), {signal: ask.signal ?? null}),
  stream: (ask) =>
    clientOf(ask).responses.create(
      {...responsesRequest(ask), stream: true},
      {signal: ask.signal ?? null},
    ),
  thoughtIn: (event) => {
    const {type, delta = ''} = event as {type: string; delta?: string}
    return /^response\.reasoning(?:_summary)?_text\.delta$/.test(type) ? delta : ''
  },
}

describeDriver(chat)
describeDriver({...chat, mode: 'chat.completions (reasoning)', model: 'vllm-qwen3'}, true)
describeDriver(responses)
describeDriver({
  ...responses,
  mode: 'responses (reasoning text)',
  model: 'gpt-oss-120b',
  thoughts: [THOUGHT],
  visibilities: ['full'],
})

describe('openai alone', () => {
  let wire: WireClients
  beforeAll(async () => {
    wire = await startWireClients(SUITE_OPTIONS)
  })
  afterEach(() => wire.reset())
  afterAll(() => wire.stop())

  const ask = (more: Partial<Ask> = {}): Ask => ({
    url: wire.url,
    fetch: wire.fetch,
    model: 'deepseek-r1',
    tools: false,
    headers: {},
    retries: 0,
    signal: undefined,
    ...more,
  })

  test.each([false, true])('alternatives keep to themselves (stream: %s)', async (stream) => {
    await wire.under('ask', async () => {
      const request = {...chatRequest(ask()), n: 3}
      const client = clientOf(ask({headers: {'x-mock-delay': '2'}}))
      if (stream) {
        for await (const _ of await client.chat.completions.create({...request, stream}));
      } else await client.chat.completions.create(request)
    })
    const tree = onlyTree(wire.trees())
    expect(tree.attributes['gen_ai.request.choice.count']).toBe(3)
    expect(tree.texts).toEqual([
      THOUGHT,
      `This is alternative 2. ${THOUGHT}`,
      `This is alternative 3. ${THOUGHT}`,
    ])
    expect(tree.blocks.map(({choiceIndex}) => choiceIndex)).toEqual([0, 1, 2])
    expect(tree.captured[0]).toMatchObject({answer: ANSWER, reasoningTokens: 3 * USAGE.reasoning})
  })

  test.each([false, true])(
    'calls of one alternative are joined to its own thought (stream: %s)',
    async (stream) => {
      const asked = ask({tools: true, headers: {'x-mock-conversation': 'parallel'}})
      await wire.under('ask', async () => {
        const request = {...chatRequest(asked), n: 2}
        const client = clientOf(asked)
        if (stream) {
          for await (const _ of await client.chat.completions.create({...request, stream}));
        } else await client.chat.completions.create(request)
      })
      const tree = onlyTree(wire.trees())
      expect(tree.blocks.map(({choiceIndex}) => choiceIndex)).toEqual([0, 1])
      expect(tree.toolCalls).toHaveLength(4)
      const named = tree.blocks.map(({steps}) =>
        steps.flatMap(({span}) => span.attributes['reasoning.tool.names'] ?? []).sort(),
      )
      expect(named).toEqual([
        ['issue_refund', 'lookup_order'],
        ['issue_refund', 'lookup_order'],
      ])
    },
  )

  test.each([false, true])('billed and not shown is hidden (stream: %s)', async (stream) => {
    await wire.under('ask', async () => {
      const request = chatRequest(ask({model: 'gpt-5'}))
      const client = clientOf(ask({headers: {'x-mock-delay': '3'}}))
      if (stream) {
        for await (const _ of await client.chat.completions.create({...request, stream}));
      } else await client.chat.completions.create(request)
    })
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toEqual([])
    expect(tree.blocks.map(({visibility}) => visibility)).toEqual(['hidden'])
    expect(tree.blocks[0]?.span.attributes['reasoning.token_count']).toBe(USAGE.reasoning)
    // It was thought while nothing came.
    expect(tree.blocks[0]?.span.startTime).toEqual(tree.span.startTime)
    expect(tree.answer).toBe(ANSWER)
  })

  test('encrypted reasoning is said to be there and is nowhere on the spans', async () => {
    await wire.under('ask', async () => {
      const request = {model: 'o3', input: question}
      const include = ['reasoning.encrypted_content' as const]
      const client = clientOf(ask())
      const stream = await client.responses.create({...request, include, stream: true})
      for await (const _ of stream);
    })
    const tree = onlyTree(wire.trees())
    expect(tree.visibilities).toEqual(['encrypted'])
    expect(JSON.stringify(wire.next.spans.map(({attributes}) => attributes))).not.toContain('gAAAA')
  })

  test.each([
    ['openrouter/deepseek-r1', ['full'], [THOUGHT]],
    ['think-tags-8b', ['full'], [THOUGHT]],
  ])('%s: %j', async (model, visibilities, texts) => {
    for (const stream of [false, true]) {
      await wire.under('ask', async () => {
        const client = clientOf(ask())
        const request = chatRequest(ask({model}))
        if (stream) {
          for await (const _ of await client.chat.completions.create({...request, stream}));
        } else await client.chat.completions.create(request)
      })
      const tree = onlyTree(wire.trees())
      expect(tree.visibilities).toEqual(visibilities)
      expect(tree.texts.map((text) => text.trim())).toEqual(texts)
      expect(tree.answer.trim()).toBe(ANSWER)
      await wire.reset()
    }
  })

  test('the client’s own helpers for streams change nothing', async () => {
    const result = async (fetch: typeof globalThis.fetch) => {
      const client = clientOf(ask({fetch}))
      const completion = client.chat.completions.stream(chatRequest(ask()))
      const response = client.responses.stream(responsesRequest(ask({model: 'o3'})))
      const [first, second] = await Promise.all([
        completion.finalChatCompletion(),
        response.finalResponse(),
      ])
      return [first.choices[0]?.message, second.output_text]
    }
    const expected = await result(wire.untapped)
    await wire.under('ask', async () => expect(await result(wire.fetch)).toEqual(expected))
    const trees = wire.trees()
    expect(trees.map(({name}) => name).sort()).toEqual(['chat deepseek-r1', 'chat o3'])
    const texts = trees.flatMap((tree) => tree.texts)
    expect(new Set(texts)).toEqual(new Set([THOUGHT, ...SUMMARY_PARTS]))
  })

  test('a response with its headers is the one that came', async () => {
    await wire.under('ask', async () => {
      const {data, response, request_id} = await clientOf(ask())
        .chat.completions.create(chatRequest(ask()))
        .withResponse()
      expect(data.choices[0]?.message.content).toBe(ANSWER)
      expect(response.headers.get('x-request-id')).toBe('req_mock1')
      expect(request_id).toBe('req_mock1')
      expect(response.url).toBe(`${wire.url}/v1/chat/completions`)
    })
    expect(onlyTree(wire.trees()).texts).toEqual([THOUGHT])
  })
})
