/** AI SDK 5 and 6 with our middleware: alone, beside their own spans, beside the tap, beside all. */
import {setTimeout as sleep} from 'node:timers/promises'
import {context, propagation, trace} from '@opentelemetry/api'
import * as ai5 from 'ai5'
import * as ai6 from 'ai6'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {reasoningMiddleware} from '../../src/ai-sdk.ts'
import {ANSWER, THOUGHT, THOUGHT_BEFORE_TOOL} from '../mock-providers/scenario.mjs'
import {
  callsOf,
  hooked,
  hookedTexts,
  model5,
  model6,
  shownText,
  strayBlocks,
} from './ai-sdk-calls.ts'
import {type CallTree, onlyTree, startWireClients, type WireClients} from './wire-client.ts'

const MANY = 50
const thoughtOf = (index: number): string =>
  `I look at case number ${index} first. Wait, let me check case ${index} again.`

let clients: WireClients
beforeAll(async () => {
  clients = await startWireClients({
    delayMs: 1,
    conversations: Object.fromEntries(
      Array.from({length: MANY}, (_, index) => [
        `case-${index}`,
        [{thought: thoughtOf(index), answer: `Case ${index} is done.`}],
      ]),
    ),
  })
})
afterAll(() => clients.stop())
afterEach(() => clients.reset())

const PROMPT = 'May I return order A-1042?'

function trees(): CallTree[] {
  expect(strayBlocks(clients.next.spans)).toEqual([])
  clients.next.assertSound()
  return callsOf(clients.next.spans)
}

interface Setting {
  tap: boolean
  isEnabled: boolean
}

type Headers = Record<string, string>

interface Options {
  headers?: Headers
  /** @defaultValue our middleware */
  middleware?: boolean
  name?: string
  maxRetries?: number
  abortSignal?: AbortSignal
}

/** What the tests ask of either version: each has the same functions, with types of its own. */
interface Version {
  generate(setting: Setting, options?: Options): Promise<{text: string; result: object}>
  stream(setting: Setting, options?: Options): Promise<{text: string; parts: object[]}>
  /** Several steps with a tool. @returns ids of the calls */
  useTool(setting: Setting): Promise<string[]>
}

const TOOL_SCHEMA = {
  type: 'object',
  properties: {order_id: {type: 'string'}},
} as const

const where = ({tap}: Setting, headers: Headers = {}) => ({
  url: clients.url,
  fetch: tap ? clients.fetch : clients.untapped,
  headers,
})

interface Part {
  type: string
  text?: string
}

async function readAll(stream: AsyncIterable<unknown>): Promise<{text: string; parts: object[]}> {
  const parts: object[] = []
  let text = ''
  try {
    for await (const part of stream as AsyncIterable<Part>) {
      parts.push(part)
      if (part.type === 'text-delta') text += part.text ?? ''
    }
  } catch (error) {
    parts.push({type: 'thrown', name: (error as Error).name})
  }
  return {text, parts}
}

const five: Version = (() => {
  const optionsOf = (setting: Setting, {headers, middleware = true, name, ...rest}: Options) => {
    const model = model5(where(setting, headers), name)
    return {
      model: middleware ? ai5.wrapLanguageModel({model, middleware: reasoningMiddleware()}) : model,
      prompt: PROMPT,
      experimental_telemetry: {isEnabled: setting.isEnabled},
      ...rest,
    }
  }
  return {
    async generate(setting, options = {}) {
      const result = await ai5.generateText(optionsOf(setting, options))
      return {text: result.text, result: {...result.steps[0]}}
    },
    stream: (setting, options = {}) =>
      readAll(ai5.streamText({...optionsOf(setting, options), onError: () => {}}).fullStream),
    async useTool(setting) {
      const {steps} = await ai5.generateText({
        ...optionsOf(setting, {}),
        stopWhen: ai5.stepCountIs(5),
        tools: {
          lookup_order: ai5.tool({
            inputSchema: ai5.jsonSchema<{order_id: string}>(TOOL_SCHEMA),
            execute: async () => ({delivered: '2026-10-20'}),
          }),
        },
      })
      return steps.flatMap(({toolCalls}) => toolCalls.map((call) => call.toolCallId))
    },
  }
})()

const six: Version = (() => {
  const optionsOf = (setting: Setting, {headers, middleware = true, name, ...rest}: Options) => {
    const model = model6(where(setting, headers), name)
    return {
      model: middleware ? ai6.wrapLanguageModel({model, middleware: reasoningMiddleware()}) : model,
      prompt: PROMPT,
      experimental_telemetry: {isEnabled: setting.isEnabled},
      ...rest,
    }
  }
  return {
    async generate(setting, options = {}) {
      const result = await ai6.generateText(optionsOf(setting, options))
      return {text: result.text, result: {...result.steps[0]}}
    },
    stream: (setting, options = {}) =>
      readAll(ai6.streamText({...optionsOf(setting, options), onError: () => {}}).fullStream),
    async useTool(setting) {
      const {steps} = await ai6.generateText({
        ...optionsOf(setting, {}),
        stopWhen: ai6.stepCountIs(5),
        tools: {
          lookup_order: ai6.tool({
            inputSchema: ai6.jsonSchema<{order_id: string}>(TOOL_SCHEMA),
            execute: async () => ({delivered: '2026-10-20'}),
          }),
        },
      })
      return steps.flatMap(({toolCalls}) => toolCalls.map((call) => call.toolCallId))
    },
  }
})()

const SETTINGS = [five, six].flatMap((sdk, index) =>
  [false, true].flatMap((isEnabled) =>
    [false, true].map((tap) => ({
      name: `AI SDK ${5 + index}${isEnabled ? ', with its own spans' : ''}${tap ? ', with the tap' : ''}`,
      sdk,
      setting: {tap, isEnabled},
    })),
  ),
)

describe.each(SETTINGS)('$name', ({sdk, setting}) => {
  test('one call and one tree, whole and streamed, with and without a span around it', async () => {
    const acts: ((setting: Setting) => Promise<{text: string}>)[] = [sdk.generate, sdk.stream]
    for (const act of acts) {
      for (const isRoot of [false, true]) {
        await clients.reset()
        if (isRoot) {
          expect((await act(setting)).text).toBe(ANSWER)
          await clients.provider.forceFlush()
        } else {
          expect((await clients.under('agent', () => act(setting))).text).toBe(ANSWER)
        }
        const tree = onlyTree(trees())
        expect(tree.span.instrumentationScope.name).toBe(
          setting.isEnabled ? 'ai' : 'otel-reasoning/ai-sdk',
        )
        expect(hookedTexts(tree)).toEqual([THOUGHT])
        expect(tree.blocks).toHaveLength(1)
        expect(shownText(tree)).toBe(THOUGHT.replaceAll(/\s+/g, ' '))
        expect(tree.captured).toHaveLength(setting.tap ? 1 : 0)
        expect(hooked(tree)[0]).toMatchObject({
          reasoningTokens: 187,
          finishReasons: ['stop'],
          incomplete: false,
        })
      }
    }
  })

  test('tools in several steps: a tree a step, and each call joined to its tool', async () => {
    const ids = await clients.under('agent', () => sdk.useTool(setting))
    const found = trees()
    expect(found.map(hookedTexts)).toEqual([[THOUGHT_BEFORE_TOOL], [THOUGHT]])
    expect(found.map(({blocks}) => blocks.length)).toEqual([1, 1])
    expect(
      found.flatMap(({blocks}) => blocks.flatMap(({steps}) => steps.flatMap((s) => s.toolCallIds))),
    ).toEqual(ids)
    expect(ids).toHaveLength(1)
  })

  test('thoughts between tags are told from the answer', async () => {
    await clients.under('agent', () => sdk.stream(setting, {name: 'think-tags'}))
    const tree = onlyTree(trees())
    expect(hookedTexts(tree).join('').trim()).toBe(THOUGHT)
    expect(tree.blocks).toHaveLength(1)
  })

  test('given up in the middle of the reasoning: what came is kept, and said to be cut', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 120)
    await clients.under('agent', async () => {
      await sdk.stream(setting, {
        headers: {'x-mock-delay': '15'},
        abortSignal: controller.signal,
      })
      await sleep(20)
    })
    // The SDK never ends its own span of a stream that was given up: there is no call to see.
    if (setting.isEnabled) {
      expect(trees()).toEqual([])
      return
    }
    const tree = onlyTree(trees())
    const text = hookedTexts(tree).join('')
    expect(text.length).toBeGreaterThan(0)
    expect(text.length).toBeLessThan(THOUGHT.length)
    expect(THOUGHT.startsWith(text)).toBe(true)
    expect(hooked(tree)[0]?.incomplete).toBe(true)
    expect(tree.blocks).toHaveLength(1)
    expect(tree.blocks[0]?.signals).toContain('truncated')
  })

  test('fifty streams at once: each thought at its own call', async () => {
    await clients.under('agent', () =>
      Promise.all(
        Array.from({length: MANY}, async (_, index) => {
          const {text} = await sdk.stream(setting, {
            headers: {'x-mock-conversation': `case-${index}`},
          })
          expect(text).toBe(`Case ${index} is done.`)
        }),
      ),
    )
    const found = trees()
    expect(found).toHaveLength(MANY)
    expect(found.flatMap(hookedTexts).sort()).toEqual(
      Array.from({length: MANY}, (_, index) => thoughtOf(index)).sort(),
    )
    for (const tree of found) {
      expect(tree.blocks).toHaveLength(1)
      const [text = ''] = hookedTexts(tree)
      const index = /\d+/.exec(text)?.[0]
      const answer = tree.attributes['ai.response.text']
      if (answer !== undefined) expect(answer).toBe(`Case ${index} is done.`)
      for (const call of tree.captured) expect(call.items[0]).toMatchObject({block: {text}})
    }
  })

  test('a refused call has no reasoning', async () => {
    await clients.under('agent', async () => {
      const refused = sdk.generate(setting, {headers: {'x-mock-error': '400'}})
      await expect(refused).rejects.toThrow('not valid')
    })
    const tree = onlyTree(trees())
    expect(tree.blocks).toEqual([])
    if (!setting.isEnabled) expect(tree.attributes['error.type']).toBe('400')
  })

  const VOLATILE = /^(?:id|timestamp|headers|body|date|keep-alive)$/
  const settled = (value: unknown): unknown =>
    JSON.parse(
      // Errors quote the event that they are about, with its response's number.
      JSON.stringify(value, (key, inner: unknown) => (VOLATILE.test(key) ? 0 : inner)).replaceAll(
        /mock\d+/g,
        'mock',
      ),
    )

  test.each(['none', 'error;after=6', 'cut;after=6', 'malformed;after=6'])(
    'the caller gets the same with and without it, failure: %s',
    async (failure) => {
      const headers: Headers = failure === 'none' ? {} : {'x-mock-error': failure}
      const both: unknown[] = []
      for (const middleware of [false, true]) {
        await clients.provider.forceFlush()
        await clients.reset()
        await clients.under('agent', async () => {
          const {parts} = await sdk.stream(setting, {headers, middleware, maxRetries: 0})
          const whole = failure === 'none' ? (await sdk.generate(setting, {middleware})).result : {}
          both.push(settled({parts, whole}))
        })
      }
      expect(both[1]).toEqual(both[0])
      const [tree] = trees()
      if (setting.isEnabled && failure.startsWith('cut')) {
        // Nor of one that broke.
        expect(tree).toBeUndefined()
        return
      }
      expect(tree?.blocks).toHaveLength(1)
      expect(hooked(tree as CallTree)[0]?.incomplete).toBe(failure !== 'none')
    },
  )
})

test('without a context manager no span of ours is made, and the model is called all the same', async () => {
  context.disable()
  const {text} = await five.stream({tap: false, isEnabled: false})
  expect(text).toBe(ANSWER)
  await clients.provider.forceFlush()
  expect(clients.next.spans).toEqual([])
  const model = ai5.wrapLanguageModel({
    model: model5({url: clients.url, fetch: clients.untapped}),
    middleware: reasoningMiddleware({createSpans: true}),
  })
  await ai5.generateText({model, prompt: PROMPT})
  await clients.provider.forceFlush()
  expect(hookedTexts(onlyTree(trees()))).toEqual([THOUGHT])
  expect(propagation.fields()).toEqual([])
  expect(trace.getActiveSpan()).toBeUndefined()
})
