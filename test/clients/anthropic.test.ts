/** Anthropic's own client. */
import Anthropic from '@anthropic-ai/sdk'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {suppressTracing} from '../../src/suppress-tracing.ts'
import {ANSWER, halves, REDACTED, SIGNATURE, THOUGHT, USAGE} from '../mock-providers/scenario.mjs'
import {type Ask, describeDriver, type Driver, PARALLEL, SUITE_OPTIONS} from './fetch-suite.ts'
import {onlyTree, startWireClients, type WireClients} from './wire-client.ts'

const clientOf = ({url, fetch, headers, retries}: Ask): Anthropic =>
  new Anthropic({
    baseURL: url,
    apiKey: 'none',
    maxRetries: retries,
    defaultHeaders: headers,
    fetch,
    logLevel: 'off',
  })

const request = ({model, tools}: Ask) => ({
  model,
  max_tokens: 4000,
  messages: [{role: 'user' as const, content: 'May I return order A-1042?'}],
  thinking: {type: 'enabled' as const, budget_tokens: 2000},
  ...(tools && {
    tools: ['lookup_order', 'issue_refund'].map((name) => ({
      name,
      input_schema: {type: 'object' as const},
    })),
  }),
})

const messages: Driver = {
  client: '@anthropic-ai/sdk 1.13.0',
  provider: 'anthropic',
  mode: 'messages',
  model: 'claude-sonnet-4-6',
  thoughts: [THOUGHT],
  visibilities: ['full'],
  tokens: USAGE.reasoning,
  finishReason: 'end_turn',
  makesSpans: true,
  whole: (ask) => clientOf(ask).messages.create(request(ask), {signal: ask.signal ?? null}),
  stream: (ask) =>
    clientOf(ask).messages.create({...request(ask), stream: true}, {signal: ask.signal ?? null}),
  thoughtIn: (event) => (event as {delta?: {thinking?: string}}).delta?.thinking ?? '',
}

describeDriver(messages)
describeDriver(
  {
    ...messages,
    mode: 'messages (interleaved)',
    model: 'claude-interleaved',
    tokens: undefined,
    thoughts: halves(THOUGHT),
    visibilities: ['full', 'full'],
    answer: `One moment, please.${ANSWER}`,
  },
  true,
)

describe('anthropic alone', () => {
  let wire: WireClients
  beforeAll(async () => {
    wire = await startWireClients(SUITE_OPTIONS)
  })
  afterEach(() => wire.reset())
  afterAll(() => wire.stop())

  const ask = (more: Partial<Ask> = {}): Ask => ({
    url: wire.url,
    fetch: wire.fetch,
    model: messages.model,
    tools: false,
    headers: {},
    retries: 0,
    signal: undefined,
    ...more,
  })

  test.each([
    ['claude-redacted', ['full', 'redacted'], [THOUGHT]],
    ['claude-omitted', ['encrypted'], []],
  ])('%s: %j, and no signature on any span', async (model, visibilities, texts) => {
    for (const isStream of [false, true]) {
      await wire.under('ask', async () => {
        if (!isStream) await messages.whole(ask({model}))
        else for await (const _ of await messages.stream(ask({model})));
      })
      const tree = onlyTree(wire.trees())
      expect(tree.visibilities).toEqual(visibilities)
      expect(tree.blocks.map(({visibility}) => visibility)).toEqual(visibilities)
      expect(tree.texts).toEqual(texts)
      expect(tree.answer).toBe(ANSWER)
      const all = JSON.stringify(wire.next.spans.map(({attributes}) => attributes))
      expect(all).not.toContain(SIGNATURE.slice(0, 40))
      expect(all).not.toContain(REDACTED.slice(0, 40))
      await wire.reset()
    }
  })

  test('thinking between two tool calls leads to the second one', async () => {
    const headers = {'x-mock-conversation': 'parallel'}
    const asked = ask({model: 'claude-interleaved', tools: true, headers})
    for (const isStream of [false, true]) {
      await wire.under('ask', async () => {
        if (!isStream) await messages.whole(asked)
        else for await (const _ of await messages.stream(asked));
      })
      const tree = onlyTree(wire.trees())
      expect(tree.texts).toEqual(halves(PARALLEL))
      const named = tree.blocks.map(({steps}) =>
        steps.flatMap(({span}) => span.attributes['reasoning.tool.names'] ?? []),
      )
      expect(named).toEqual([['lookup_order'], ['issue_refund']])
      await wire.reset()
    }
  })

  test('the client’s own helper for streams changes nothing', async () => {
    const result = async (fetch: typeof globalThis.fetch): Promise<unknown> => {
      const seen: string[] = []
      const stream = clientOf(ask({fetch})).messages.stream(request(ask()))
      stream.on('thinking', (delta) => seen.push(delta))
      const {content, usage} = await stream.finalMessage()
      return {content, usage, seen}
    }
    const expected = await suppressTracing(() => result(wire.untapped))
    await wire.under('ask', async () => expect(await result(wire.fetch)).toEqual(expected))
    expect(onlyTree(wire.trees()).texts).toEqual([THOUGHT])
  })

  test('`abort` of that helper keeps what arrived', async () => {
    await wire.under('ask', async () => {
      const stream = clientOf(ask({headers: {'x-mock-delay': '15'}})).messages.stream(
        request(ask()),
      )
      stream.on('thinking', (_, snapshot) => {
        if (snapshot.length > 60) stream.abort()
      })
      await expect(stream.finalMessage()).rejects.toThrow('abort')
    })
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.span.status.code).toBe(0)
  })

  test('waits as long as a rate limit asks for, in seconds, and counts the attempt', async () => {
    const headers = {'x-mock-error': '429;times=1;wait=1;key=seconds'}
    await wire.under('ask', () => messages.whole(ask({headers, retries: 1})))
    const tree = onlyTree(wire.trees())
    expect(tree.blocks[0]?.attempt).toBe(2)
    const [seconds, nanos] = tree.span.duration
    expect(seconds + nanos / 1e9).toBeGreaterThan(0.9)
  })
})
