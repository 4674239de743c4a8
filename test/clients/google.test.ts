/** Google's own client, with a `fetch` of its own and with the global one tapped. */
import {GoogleGenAI, type GenerateContentParameters, type HttpOptions} from '@google/genai'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {THOUGHT, USAGE} from '../mock-providers/scenario.mjs'
import {type Ask, describeDriver, type Driver, SUITE_OPTIONS} from './fetch-suite.ts'
import {onlyTree, startWireClients, type WireClients} from './wire-client.ts'

/** Without a `fetch` of its own it takes the global one, whatever that is by then. */
const clientOf = ({url, fetch}: Ask): GoogleGenAI =>
  new GoogleGenAI({
    apiKey: 'none',
    httpOptions: {baseUrl: url, ...(fetch !== globalThis.fetch && {fetch})},
  })

const request = ({model, tools, headers, retries, signal}: Ask): GenerateContentParameters => ({
  model,
  contents: 'May I return order A-1042?',
  config: {
    thinkingConfig: {includeThoughts: true},
    ...(signal && {abortSignal: signal}),
    httpOptions: {
      headers,
      ...(retries > 0 && {retryOptions: {attempts: retries + 1}}),
    } satisfies HttpOptions,
    ...(tools && {
      tools: [{functionDeclarations: ['lookup_order', 'issue_refund'].map((name) => ({name}))}],
    }),
  },
})

interface Chunk {
  candidates?: {content?: {parts?: {thought?: boolean; text?: string}[]}}[]
}

const driver = (isGlobal: boolean): Driver => ({
  client: '@google/genai 3.3.0',
  provider: 'gcp.gemini',
  mode: isGlobal ? 'models.generateContent' : 'models.generateContent (own fetch)',
  model: 'gemini-2.5-pro',
  thoughts: [THOUGHT],
  visibilities: ['summary'],
  tokens: USAGE.reasoning,
  finishReason: 'STOP',
  whole: (ask) => clientOf(ask).models.generateContent(request(ask)),
  stream: (ask) => clientOf(ask).models.generateContentStream(request(ask)),
  thoughtIn: (event) => {
    const [part] = (event as Chunk).candidates?.[0]?.content?.parts ?? []
    return part?.thought === true ? (part.text ?? '') : ''
  },
  hasCallIds: false,
  eventsBeforeFault: 3,
})

describeDriver(driver(false))
describeDriver(driver(true), true)

describe('google alone', () => {
  let wire: WireClients
  beforeAll(async () => {
    wire = await startWireClients(SUITE_OPTIONS)
  })
  afterEach(() => wire.reset())
  afterAll(() => wire.stop())

  test.each([false, true])('alternatives keep to themselves (stream: %s)', async (isStream) => {
    const {models} = new GoogleGenAI({
      apiKey: 'none',
      httpOptions: {baseUrl: wire.url, fetch: wire.fetch},
    })
    const asked = {
      model: 'gemini-2.5-pro',
      contents: 'May I return it?',
      config: {candidateCount: 2},
    }
    await wire.under('ask', async () => {
      if (!isStream) await models.generateContent(asked)
      else for await (const _ of await models.generateContentStream(asked));
    })
    const tree = onlyTree(wire.trees())
    expect(tree.attributes['gen_ai.request.choice.count']).toBe(2)
    expect(tree.texts).toEqual([THOUGHT, `This is alternative 2. ${THOUGHT}`])
    expect(tree.blocks.map(({choiceIndex}) => choiceIndex)).toEqual([0, 1])
    expect(tree.captured[0]?.reasoningTokens).toBe(2 * USAGE.reasoning)
  })

  test('a chat of two turns is two trees, and the echo of the first adds nothing', async () => {
    const client = new GoogleGenAI({
      apiKey: 'none',
      httpOptions: {baseUrl: wire.url, fetch: wire.fetch},
    })
    await wire.under('agent', async () => {
      const chat = client.chats.create({model: 'gemini-2.5-pro'})
      await chat.sendMessage({message: 'May I return it?'})
      for await (const _ of await chat.sendMessageStream({message: 'And this one?'}));
    })
    const trees = wire.trees()
    expect(trees.map(({texts}) => texts)).toEqual([[THOUGHT], [THOUGHT]])
    expect(trees.map(({blocks}) => blocks.length)).toEqual([1, 1])
  })
})
