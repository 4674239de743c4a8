/** AI SDK 7 with our integration: alone, beside its own telemetry, beside the tap, beside all. */
import {setTimeout as sleep} from 'node:timers/promises'
import {LegacyOpenTelemetry, OpenTelemetry} from '@ai-sdk/otel'
import {trace} from '@opentelemetry/api'
import {
  generateObject,
  generateText,
  isStepCount,
  jsonSchema,
  streamText,
  type Telemetry,
  tool,
  wrapLanguageModel,
} from 'ai'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {createReasoningTelemetry, reasoningMiddleware} from '../../src/ai-sdk.ts'
import {ReasoningSpanExporter} from '../../src/exporter.ts'
import {suppressTracing} from '../../src/suppress-tracing.ts'
import {ANSWER, SUMMARY_PARTS, THOUGHT, THOUGHT_BEFORE_TOOL} from '../mock-providers/scenario.mjs'
import {createProvider, createSimpleProcessor, InMemorySpanExporter} from '../setup/sdk.ts'
import {
  callsOf,
  hooked,
  hookedTexts,
  models7,
  PROVIDER_OPTIONS,
  shownText,
  strayBlocks,
} from './ai-sdk-calls.ts'
import {
  blocksOf,
  type CallTree,
  millisOf,
  onlyTree,
  startWireClients,
  type WireClients,
} from './wire-client.ts'

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

interface Setting {
  name: string
  /** Whether the provider is given a tapped `fetch`. */
  tap: boolean
  integrations(): Telemetry[]
}

const WITH_TAP: Setting[] = [false, true].flatMap((tap) =>
  Object.entries<() => Telemetry[]>({
    alone: () => [createReasoningTelemetry()],
    'before @ai-sdk/otel': () => [createReasoningTelemetry(), new OpenTelemetry()],
    'behind @ai-sdk/otel': () => [new OpenTelemetry(), createReasoningTelemetry()],
    'before its legacy spans': () => [createReasoningTelemetry(), new LegacyOpenTelemetry()],
    'behind its legacy spans': () => [new LegacyOpenTelemetry(), createReasoningTelemetry()],
  }).map(([name, integrations]) => ({
    name: tap ? `${name}, with the tap` : name,
    tap,
    integrations,
  })),
)

const MODEL = 'openai-compatible, reasoning_content'
const modelFor = ({tap}: Pick<Setting, 'tap'>, headers?: Record<string, string>) =>
  models7({
    url: clients.url,
    fetch: tap ? clients.fetch : clients.untapped,
    ...(headers && {headers}),
  })[MODEL]

async function readText(result: {textStream: AsyncIterable<string>}): Promise<string> {
  let text = ''
  for await (const piece of result.textStream) text += piece
  return text
}

/** What must hold whatever was done: each block below one model call. */
function trees(): CallTree[] {
  expect(strayBlocks(clients.next.spans)).toEqual([])
  clients.next.assertSound()
  return callsOf(clients.next.spans)
}

const squash = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

describe.each(WITH_TAP)('$name', (setting) => {
  const {tap, integrations} = setting

  test.each(Object.keys(models7({url: 'http://127.0.0.1'})))(
    'one call and one tree, whole and streamed, with and without a span around it: %s',
    async (name) => {
      const model = models7({
        url: clients.url,
        fetch: tap ? clients.fetch : clients.untapped,
      })[name as typeof MODEL]
      const texts = name === 'openai.responses' ? [...SUMMARY_PARTS] : [THOUGHT]
      const telemetry = {integrations: integrations()}
      const options = {model, prompt: PROMPT, providerOptions: PROVIDER_OPTIONS, telemetry}
      for (const isStreamed of [false, true]) {
        for (const isRoot of [false, true]) {
          await clients.reset()
          const act = async (): Promise<string> =>
            isStreamed ? readText(streamText(options)) : (await generateText(options)).text
          if (isRoot) {
            expect(await act()).toBe(ANSWER)
            await clients.provider.forceFlush()
          } else expect(await clients.under('agent', act)).toBe(ANSWER)
          const tree = onlyTree(trees())
          expect(hookedTexts(tree)).toEqual(texts)
          expect(tree.blocks).toHaveLength(texts.length)
          expect(shownText(tree)).toBe(squash(texts.join(' ')))
          expect(tree.captured).toHaveLength(tap ? 1 : 0)
          expect(tree.blocks[0]?.span.attributes['reasoning.late']).toBeUndefined()
          const [call] = hooked(tree)
          expect(call).toMatchObject({reasoningTokens: 187, incomplete: false})
          expect(call?.finishReasons).toEqual(['stop'])
        }
      }
    },
  )

  test('tools in several steps: a tree a step, and each call joined to its tool', async () => {
    const lookup = tool({
      description: 'Looks an order up',
      inputSchema: jsonSchema<{order_id: string}>({
        type: 'object',
        properties: {order_id: {type: 'string'}},
      }),
      execute: async () => ({delivered: '2026-10-20', category: 'audio'}),
    })
    for (const isStreamed of [false, true]) {
      await clients.reset()
      const options = {
        model: modelFor(setting),
        prompt: PROMPT,
        tools: {lookup_order: lookup},
        stopWhen: isStepCount(5),
        telemetry: {integrations: integrations()},
      }
      const ids = await clients.under('agent', async () => {
        if (isStreamed) {
          const result = streamText(options)
          await readText(result)
          return (await result.steps).flatMap(({toolCalls}) => toolCalls.map((c) => c.toolCallId))
        }
        const {steps} = await generateText(options)
        return steps.flatMap(({toolCalls}) => toolCalls.map((call) => call.toolCallId))
      })
      const found = trees()
      expect(found.map(hookedTexts)).toEqual([[THOUGHT_BEFORE_TOOL], [THOUGHT]])
      expect(found.map(({blocks}) => blocks.length)).toEqual([1, 1])
      expect(ids).toHaveLength(1)
      expect(hooked(found[0] as CallTree)[0]?.items.at(-1)).toEqual({
        type: 'tool_call',
        call: {id: ids[0], name: 'lookup_order', arguments: '{"order_id":"A-1042"}'},
      })
      expect(hooked(found[0] as CallTree)[0]?.toolsOffered).toEqual(['lookup_order'])
      const joined = found.flatMap(({blocks}) =>
        blocks.flatMap(({steps}) => steps.flatMap(({toolCallIds}) => toolCallIds)),
      )
      expect(joined).toEqual(ids)
    }
  })

  test('given up in the middle of the reasoning: what came is kept, and said to be cut', async () => {
    const controller = new AbortController()
    await clients.under('agent', async () => {
      const result = streamText({
        model: modelFor(setting, {'x-mock-delay': '15'}),
        prompt: PROMPT,
        abortSignal: controller.signal,
        telemetry: {integrations: integrations()},
        onError: () => {},
      })
      let seen = 0
      for await (const part of result.fullStream) {
        if (part.type === 'reasoning-delta' && ++seen === 5) controller.abort()
      }
      expect(seen).toBeGreaterThanOrEqual(5)
      await sleep(20)
    })
    const tree = onlyTree(trees())
    const [text = ''] = hookedTexts(tree)
    expect(text.length).toBeGreaterThan(10)
    expect(text.length).toBeLessThan(THOUGHT.length)
    expect(THOUGHT.startsWith(text)).toBe(true)
    expect(hooked(tree)[0]?.incomplete).toBe(true)
    expect(tree.blocks).toHaveLength(1)
    expect(tree.signals).toContain('truncated')
    if (tree.span.instrumentationScope.name === 'otel-reasoning/ai-sdk') {
      expect(tree.attributes['error.type']).toBe('AbortError')
      expect(tree.span.status.code).toBe(0)
    }
  })

  test('fifty streams at once: each thought at its own call', async () => {
    const telemetry = {integrations: integrations()}
    await clients.under('agent', () =>
      Promise.all(
        Array.from({length: MANY}, async (_, index) => {
          const model = modelFor(setting, {'x-mock-conversation': `case-${index}`})
          expect(await readText(streamText({model, prompt: PROMPT, telemetry}))).toBe(
            `Case ${index} is done.`,
          )
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
      expect(shownText(tree)).toBe(text)
      for (const call of tree.captured) expect(call.items[0]).toMatchObject({block: {text}})
      // What the SDK's own telemetry says of the very span.
      const own =
        tree.attributes['gen_ai.output.messages'] ?? tree.attributes['ai.response.reasoning']
      if (own !== undefined) expect(own).toContain(text)
    }
  })

  test('a refused call has no reasoning, and a span of ours says why', async () => {
    await clients.under('agent', async () => {
      const call = generateText({
        model: modelFor(setting, {'x-mock-error': '400'}),
        prompt: PROMPT,
        telemetry: {integrations: integrations()},
      })
      await expect(call).rejects.toThrow('not valid')
    })
    const tree = onlyTree(trees())
    expect(tree.blocks).toEqual([])
    expect(hooked(tree)).toEqual([])
    if (tree.span.instrumentationScope.name !== 'otel-reasoning/ai-sdk') return
    expect(tree.attributes['error.type']).toBe('400')
    expect(tree.span.status).toEqual({code: 2})
  })

  test.each(['error;after=6', 'cut;after=6', 'malformed;after=6'])(
    'a stream that breaks (%s) keeps what came, and the caller gets the same',
    async (failure) => {
      const model = modelFor(setting, {'x-mock-error': failure})
      const read = async (list: Telemetry[]): Promise<unknown> => {
        const parts: unknown[] = []
        const result = streamText({
          model,
          prompt: PROMPT,
          maxRetries: 0,
          telemetry: {integrations: list},
          onError: () => {},
        })
        const {fullStream} = result
        const caught = (error: Error): void => void parts.push(['thrown', error.name])
        await (async () => {
          for await (const part of fullStream) {
            if (part.type === 'error') parts.push(['error', (part.error as Error)?.name])
            else if (part.type === 'reasoning-delta') parts.push(part.text)
            else parts.push(part.type)
          }
        })().catch(caught)
        return parts
      }
      const bare = await read([])
      await clients.provider.forceFlush()
      await clients.reset()
      expect(await clients.under('agent', () => read(integrations()))).toEqual(bare)
      const tree = onlyTree(trees())
      const text = hookedTexts(tree).join('')
      expect(text.length).toBeGreaterThan(0)
      if (!failure.startsWith('malformed')) expect(THOUGHT.startsWith(text)).toBe(true)
      expect(hooked(tree)[0]?.incomplete).toBe(true)
      expect(tree.blocks).toHaveLength(1)
    },
  )
})

describe('alone', () => {
  const telemetry = () => ({integrations: [createReasoningTelemetry()]})
  const setting = {tap: false}

  test('the call gets a span by the conventions, below the active one', async () => {
    let agent: string | undefined
    await clients.under('agent', async () => {
      agent = trace.getActiveSpan()?.spanContext().spanId
      await readText(
        streamText({
          model: modelFor(setting, {'x-mock-delay': '3'}),
          prompt: PROMPT,
          telemetry: telemetry(),
        }),
      )
    })
    const {span, name, attributes, blocks} = onlyTree(trees())
    expect(name).toBe('chat deepseek-r1')
    expect(span.kind).toBe(2)
    expect(span.parentSpanContext?.spanId).toBe(agent)
    expect(span.status.code).toBe(0)
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'local',
      'gen_ai.request.model': 'deepseek-r1',
      'gen_ai.response.model': 'deepseek-r1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 412,
      'gen_ai.usage.output_tokens': 263,
      'gen_ai.usage.reasoning.output_tokens': 187,
    })
    expect(attributes['gen_ai.response.id']).toMatch(/^chatcmpl-mock/)
    expect(attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
    expect(blocks[0]?.span.attributes).toMatchObject({
      'reasoning.source': 'ai-sdk',
      'reasoning.timing': 'measured',
      'reasoning.token_count': 187,
    })
  })

  test('steps of a stream begin when a piece came, and pieces are timed as the caller gets them', async () => {
    const seen: {offset: number; time: number}[] = []
    let length = 0
    await clients.under('agent', async () => {
      const {fullStream} = streamText({
        model: modelFor(setting, {'x-mock-delay': '20'}),
        prompt: PROMPT,
        telemetry: telemetry(),
      })
      for await (const part of fullStream) {
        if (part.type !== 'reasoning-delta') continue
        seen.push({offset: length, time: performance.timeOrigin + performance.now()})
        length += part.text.length
      }
    })
    const tree = onlyTree(trees())
    expect(tree.blocks[0]?.timing).toBe('measured')
    const [block] = blocksOf(hooked(tree)[0]?.items ?? [])
    const arrivals = block?.arrivals ?? []
    expect(arrivals.map(({offset}) => offset)).toEqual(seen.map(({offset}) => offset))
    const late = arrivals.map(({time}, index) =>
      Math.abs(millisOf(time) - (seen[index]?.time ?? 0)),
    )
    const starts = tree.blocks[0]?.steps.map(({start}) => start) ?? []
    for (const start of starts) {
      expect(arrivals.some(({time}) => Math.abs(millisOf(time) - start) < 1)).toBe(true)
    }
    // Half of them within a few milliseconds, whatever else this machine does.
    late.sort((a, b) => a - b)
    expect(late[late.length >> 1]).toBeLessThan(8)
  })

  test('bytes one by one give the same blocks as all at once', async () => {
    const bytewise: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      const cut = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          for (const byte of chunk) controller.enqueue(new Uint8Array([byte]))
        },
      })
      return new Response(response.body?.pipeThrough(cut) ?? null, response)
    }
    for (const model of Object.values(models7({url: clients.url, fetch: bytewise}))) {
      await clients.reset()
      await clients.under('agent', () =>
        readText(
          streamText({
            model,
            prompt: PROMPT,
            providerOptions: PROVIDER_OPTIONS,
            telemetry: telemetry(),
          }),
        ),
      )
      const texts = hookedTexts(onlyTree(trees()))
      expect(texts.join('\n')).toBe(texts.length === 1 ? THOUGHT : [...SUMMARY_PARTS].join('\n'))
    }
  })

  test('a call that the SDK tries again has one span, and says which attempt it was', async () => {
    for (const isStreamed of [false, true]) {
      await clients.reset()
      const model = modelFor(setting, {
        'x-mock-error': `429;times=1;key=again-${isStreamed}`,
      })
      const options = {model, prompt: PROMPT, telemetry: telemetry()}
      await clients.under('agent', async () => {
        if (isStreamed) await readText(streamText(options))
        else await generateText(options)
      })
      const {blocks, span} = onlyTree(trees())
      expect(blocks.map(({attempt}) => attempt)).toEqual([2])
      expect(span.status.code).toBe(0)
    }
  })

  test('a call that fails each time has one span, with the last error', async () => {
    await clients.under('agent', async () => {
      const call = generateText({
        model: modelFor(setting, {'x-mock-error': '529'}),
        prompt: PROMPT,
        maxRetries: 1,
        telemetry: telemetry(),
      })
      await expect(call).rejects.toThrow('Overloaded')
    })
    const {attributes, span} = onlyTree(trees())
    expect(attributes['error.type']).toBe('529')
    expect(span.status.code).toBe(2)
  })

  test('redacted and encrypted reasoning is there as such, without its bytes', async () => {
    const settings = {url: clients.url}
    const {createAnthropic} = await import('@ai-sdk/anthropic')
    const {createOpenAI} = await import('@ai-sdk/openai')
    const keys = {apiKey: 'none', baseURL: `${settings.url}/v1`}
    const redacted = createAnthropic(keys)('claude-redacted')
    const sealed = createOpenAI(keys)('gpt-5')
    for (const isStreamed of [false, true]) {
      const seen: string[][] = []
      for (const [model, providerOptions] of [
        [redacted, PROVIDER_OPTIONS],
        [sealed, {openai: {store: false, include: ['reasoning.encrypted_content']}}],
      ] as const) {
        await clients.reset()
        const options = {model, prompt: PROMPT, providerOptions, telemetry: telemetry()}
        await clients.under('agent', async () => {
          if (isStreamed) await readText(streamText(options))
          else await generateText(options)
        })
        seen.push(onlyTree(trees()).blocks.map(({visibility}) => visibility))
      }
      expect(seen).toEqual([['full', 'redacted'], ['encrypted']])
    }
  })

  test('with our middleware around the model as well, each thought is told once', async () => {
    const {createAnthropic} = await import('@ai-sdk/anthropic')
    const bare = createAnthropic({apiKey: 'none', baseURL: `${clients.url}/v1`})('claude-redacted')
    const model = wrapLanguageModel({model: bare, middleware: reasoningMiddleware()})
    for (const list of [
      [createReasoningTelemetry()],
      [createReasoningTelemetry(), new OpenTelemetry()],
      [new OpenTelemetry(), createReasoningTelemetry()],
    ]) {
      for (const isStreamed of [false, true]) {
        await clients.reset()
        const options = {
          model,
          prompt: PROMPT,
          providerOptions: PROVIDER_OPTIONS,
          telemetry: {integrations: list},
        }
        await clients.under('agent', async () => {
          if (isStreamed) await readText(streamText(options))
          else await generateText(options)
        })
        const tree = onlyTree(trees())
        expect(hooked(tree)).toHaveLength(1)
        expect(tree.blocks.map(({visibility}) => visibility)).toEqual(['full', 'redacted'])
      }
    }
  })

  test('what the caller must not have recorded is not told', async () => {
    await clients.under('agent', () =>
      generateText({
        model: modelFor(setting),
        prompt: PROMPT,
        telemetry: {...telemetry(), recordOutputs: false},
      }),
    )
    const tree = onlyTree(trees())
    expect(hooked(tree)).toEqual([])
    expect(JSON.stringify(clients.next.spans.map(({attributes}) => attributes))).not.toContain(
      THOUGHT.slice(0, 20),
    )
    // The facts of the call are no outputs.
    expect(tree.attributes['gen_ai.usage.reasoning.output_tokens']).toBe(187)
  })

  test('nothing is followed under suppressed tracing, and no span made where that is switched off', async () => {
    const model = modelFor(setting)
    await suppressTracing(() => generateText({model, prompt: PROMPT, telemetry: telemetry()}))
    await clients.provider.forceFlush()
    expect(clients.next.spans).toEqual([])
    await clients.under('agent', () =>
      generateText({
        model,
        prompt: PROMPT,
        telemetry: {integrations: [createReasoningTelemetry({createSpans: false})]},
      }),
    )
    // It is told of the active span then.
    const [agent] = clients.next.users
    expect(clients.next.users).toHaveLength(1)
    expect(clients.next.reasoning[0]?.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId)
  })
})

describe('with `ReasoningSpanExporter` and no processor of ours', () => {
  test.each([
    ['before', 1],
    // Nobody tells us of its span there: README, "What falls short".
    ['behind', 2],
  ])('%s @ai-sdk/otel a call has as many spans as this: %i', async (place, count) => {
    const exporter = new InMemorySpanExporter()
    const {provider, tracer} = createProvider({
      spanProcessors: [createSimpleProcessor(new ReasoningSpanExporter({exporter}) as never)],
    })
    const integrations = [
      createReasoningTelemetry({tracerProvider: provider as never}),
      new OpenTelemetry({tracer: tracer('gen_ai')}),
    ]
    if (place === 'behind') integrations.reverse()
    await generateText({
      model: modelFor({tap: false}),
      prompt: PROMPT,
      telemetry: {integrations},
    })
    await provider.forceFlush()
    const names = exporter.getFinishedSpans().map(({name}) => name)
    expect(names.filter((name) => name.startsWith('chat'))).toHaveLength(count)
    await provider.shutdown()
  })
})

describe('the caller', () => {
  /** What is of this very request. */
  const isVolatile = (key: string): boolean =>
    /^(?:\w*[iI]d|timestamp|headers|body|responseTimeMs|.*PerSecond|.*Ms|performance)$/.test(key)
  const settled = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, inner: unknown) => (isVolatile(key) ? undefined : inner)),
    )

  test.each(Object.keys(models7({url: 'http://127.0.0.1'})))(
    'gets the same with and without it: %s',
    async (name) => {
      const model = models7({url: clients.url, fetch: clients.untapped})[name as typeof MODEL]
      const options = {model, prompt: PROMPT, providerOptions: PROVIDER_OPTIONS}
      const both = await Promise.all(
        [[], [createReasoningTelemetry()]].map(async (integrations) => {
          const telemetry = {integrations}
          const whole = await generateText({...options, telemetry})
          const result = streamText({...options, telemetry, include: {rawChunks: true}})
          const parts: unknown[] = []
          for await (const part of result.fullStream) parts.push(settled(part))
          return {
            content: settled(whole.content),
            usage: whole.usage,
            finishReason: whole.finishReason,
            metadata: settled(whole.providerMetadata),
            messages: settled(whole.responseMessages),
            parts,
            streamed: settled(await result.content),
            streamedUsage: await result.usage,
            streamedReason: await result.finishReason,
          }
        }),
      )
      expect(both[1]).toEqual(both[0])
      expect(both[0]?.parts.length).toBeGreaterThan(10)
    },
  )
})

describe('the middleware with AI SDK 7', () => {
  test('reads what `generateObject` has its model think, of which nothing else tells', async () => {
    const model = wrapLanguageModel({
      model: modelFor({tap: false}),
      middleware: reasoningMiddleware(),
    })
    await clients.under('agent', async () => {
      const call = generateObject({
        model,
        prompt: PROMPT,
        schema: jsonSchema<unknown>({type: 'object'}),
        telemetry: {integrations: []},
      })
      // The mock answers in prose.
      await expect(call).rejects.toThrow('No object generated')
    })
    const tree = onlyTree(trees())
    expect(hookedTexts(tree)).toEqual([THOUGHT])
    expect(millisOf(tree.span.endTime)).toBeGreaterThan(millisOf(tree.span.startTime))
  })
})
