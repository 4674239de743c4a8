/** Steps that leave while their call runs, over HTTP. */
import {DiagLogLevel, diag, metrics, trace} from '@opentelemetry/api'
import {afterEach, describe, expect, test} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import {tapFetch} from '../src/fetch.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {startMockProviders} from './mock-providers/server.mjs'
import {
  answering,
  END,
  type LocalServer,
  readAll,
  REQUEST,
  serve,
  sleep,
  startEvents,
  thinking,
} from './fetch/tapped.ts'
import {
  chat,
  expectSameSpans,
  type LivePipeline,
  REASONING,
  SENTENCES,
  serveSlowly,
  startCall,
  startLivePipeline,
  textOf,
  TimedProcessor,
} from './live-pipeline.ts'
import {InMemorySpanExporter} from './setup/sdk.ts'

let pipeline: LivePipeline | undefined
const servers: LocalServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await pipeline?.stop()
  pipeline = undefined
})

const tapped = tapFetch(fetch)

async function open(...args: Parameters<typeof serveSlowly>) {
  const server = await serveSlowly(...args)
  servers.push(server)
  return server
}

/** Pieces of some 12 characters: tokens. */
const PIECES = REASONING.match(/[\s\S]{1,12}/g) ?? []

const post = (url: string, fields: object = {}): Promise<Response> =>
  tapped(chat(url), {
    ...REQUEST,
    body: JSON.stringify({
      model: 'deepseek-r1',
      stream: true,
      messages: [{role: 'user', content: 'Hi'}],
      ...fields,
    }),
  })

describe('a call without an instrumentation', () => {
  test('has steps that leave while it runs, and is the same as without', {retry: 2}, async () => {
    pipeline = startLivePipeline()
    const {live, plain} = pipeline
    const server = await open(PIECES, 25)
    await pipeline.tracer.startActiveSpan('agent', async (span) => {
      await readAll(await post(server.url))
      span.end()
    })
    await pipeline.flush()
    const early = live.steps.filter(
      (step) => (live.cameAt.get(step.spanContext().spanId) ?? Infinity) < server.sentAt(),
    )
    expect(early.length).toBeGreaterThanOrEqual(2)
    expect(pipeline.processor.getStats().liveSteps).toBeGreaterThanOrEqual(early.length)
    // In their order, and before the call that they belong to.
    const ids = live.spans.map((one) => one.spanContext().spanId)
    expect(early.map(({attributes}) => attributes['reasoning.step.index'])).toEqual(
      early.map((_, i) => i),
    )
    expect(live.calls).toHaveLength(1)
    const [call] = live.calls
    expect(ids.indexOf(call?.spanContext().spanId ?? '')).toBeGreaterThanOrEqual(early.length)
    expect(call?.name).toBe('chat deepseek-r1')
    expect(call?.attributes).toMatchObject({
      'gen_ai.request.model': 'deepseek-r1',
      'gen_ai.response.finish_reasons': ['stop'],
      'reasoning.step.count': live.steps.length,
    })
    expect(call?.parentSpanContext?.spanId).toBe(
      live.users.find(({name}) => name === 'agent')?.spanContext().spanId,
    )
    for (const step of early) expect(step.attributes['reasoning.timing']).toBe('measured')
    expectSameSpans(live, plain)
    expect(textOf(live.steps)).toBe(REASONING.trim())
  })

  test('gets none where no span of ours may be made', async () => {
    pipeline = startLivePipeline()
    const server = await open(SENTENCES, 30)
    const without = tapFetch(fetch, {createSpans: false})
    await pipeline.tracer.startActiveSpan('agent', async (span) => {
      await readAll(await without(chat(server.url), REQUEST))
      span.end()
    })
    await pipeline.flush()
    expect(pipeline.processor.getStats().liveSteps).toBe(0)
    expect(pipeline.live.calls).toEqual([])
    expectSameSpans(pipeline.live, pipeline.plain)
  })

  test('that is given up in mid-reasoning keeps what arrived, once', async () => {
    pipeline = startLivePipeline()
    const {live, plain, processor} = pipeline
    const server = await open(PIECES, 20)
    const controller = new AbortController()
    let read = ''
    await expect(
      (async () => {
        const response = await tapped(chat(server.url), {...REQUEST, signal: controller.signal})
        for await (const chunk of response.body!) {
          read += Buffer.from(chunk as Uint8Array).toString()
          if (processor.getStats().liveSteps >= 2) controller.abort()
        }
      })(),
    ).rejects.toThrow(/abort/i)
    await sleep(50)
    await pipeline.flush()
    expect(read).not.toContain('approve')
    expect(live.calls).toHaveLength(1)
    const [block] = live.blocks
    expect(block?.attributes['reasoning.text_incomplete']).toBe(true)
    const signals = live.reasoning.flatMap(({events}) => events)
    expect(
      signals.filter(({attributes}) => attributes?.['reasoning.signal.name'] === 'truncated'),
    ).toHaveLength(1)
    expect(live.reasoning.length).toBe(plain.reasoning.length)
    expect(REASONING.startsWith(textOf(live.steps))).toBe(true)
  })

  test('gives the caller the same bytes', async () => {
    pipeline = startLivePipeline()
    const server = await open(SENTENCES, 25)
    const got = await readAll(await post(server.url))
    const wanted = SENTENCES.map(thinking).join('') + answering('It is approved.') + END
    expect(got.toString()).toBe(wanted)
    expect(pipeline.processor.getStats().liveSteps).toBeGreaterThan(0)
  })
})

test.each([17, 64, 333, 1500])('events cut after each %i bytes change nothing', async (size) => {
  pipeline = startLivePipeline()
  const {live, plain, processor} = pipeline
  const bytes = Buffer.from(PIECES.map(thinking).join('') + answering('It is approved.') + END)
  const pause = Math.max(1, Math.round((700 * size) / bytes.length))
  const server = await serve(async (_req, res) => {
    startEvents(res).flushHeaders()
    for (let at = 0; at < bytes.length; at += size) {
      res.write(bytes.subarray(at, at + size))
      await sleep(pause)
    }
    res.end()
  })
  servers.push(server)
  expect((await readAll(await post(server.url))).equals(bytes)).toBe(true)
  await pipeline.flush()
  expect(processor.getStats().liveSteps).toBeGreaterThan(0)
  expectSameSpans(live, plain)
  expect(textOf(live.steps)).toBe(REASONING.trim())
})

describe("an instrumentation's span", () => {
  test('gets its steps while it is open', {retry: 2}, async () => {
    pipeline = startLivePipeline()
    const {live, plain, tracer} = pipeline
    const server = await open(PIECES, 20)
    const span = startCall(tracer)
    await trace.getTracer('x').startActiveSpan('unused', (unused) => Promise.resolve(unused.end()))
    const {context} = await import('@opentelemetry/api')
    await context.with(trace.setSpan(context.active(), span), async () => {
      await readAll(await post(server.url))
    })
    const before = live.steps.length
    expect(before).toBeGreaterThan(2)
    span.end()
    await pipeline.flush()
    expect(live.calls).toHaveLength(1)
    expectSameSpans(live, plain)
    for (const step of live.steps) {
      expect(step.attributes['session.id']).toBe('s-1')
      expect(step.attributes['reasoning.request.model']).toBe('deepseek-r1')
    }
  })

  test('that ends before the stream does has nothing twice', async () => {
    pipeline = startLivePipeline()
    const {live, plain, tracer, processor} = pipeline
    const server = await open(PIECES, 15)
    const span = startCall(tracer)
    const {context} = await import('@opentelemetry/api')
    await context.with(trace.setSpan(context.active(), span), async () => {
      const response = await post(server.url)
      for await (const _ of response.body!) {
        if (processor.getStats().liveSteps >= 2) span.end()
      }
    })
    await pipeline.flush()
    const stats = processor.getStats()
    expect(stats.liveSteps).toBeGreaterThanOrEqual(2)
    expect(stats.lateBlocks).toBe(1)
    expect(live.reasoning.length).toBe(plain.reasoning.length)
    expect(textOf(live.steps)).toBe(REASONING.trim())
    expect(new Set(live.reasoning.map((one) => one.spanContext().spanId)).size).toBe(
      live.reasoning.length,
    )
  })

  test('of which a second response tells has that one at its end', async () => {
    pipeline = startLivePipeline()
    const {live, plain, tracer, processor} = pipeline
    const first = await open(SENTENCES, 20)
    const second = await open(
      SENTENCES.map((sentence) => `Again: ${sentence}`),
      20,
    )
    const span = startCall(tracer)
    const {context} = await import('@opentelemetry/api')
    await context.with(trace.setSpan(context.active(), span), async () => {
      await readAll(await post(first.url))
      const early = processor.getStats().liveSteps
      expect(early).toBeGreaterThan(0)
      await readAll(await post(second.url))
    })
    span.end()
    await pipeline.flush()
    expect(live.blocks).toHaveLength(2)
    expectSameSpans(live, plain)
  })
})

describe('what is asked for', () => {
  const tools = [{type: 'function', function: {name: 'lookup_order', parameters: {}}}]

  test('a step that may lead to a tool call waits for it, and has its id', async () => {
    pipeline = startLivePipeline()
    const {live, plain} = pipeline
    const call = {
      index: 0,
      id: 'call_1',
      type: 'function',
      function: {name: 'lookup_order', arguments: '{}'},
    }
    const pieces = [
      ...SENTENCES.slice(0, 4),
      'Now I will call lookup_order with the id of the order. ',
      ...SENTENCES.slice(4),
    ]
    const server = await open(pieces, 25, (res) =>
      res.end(
        `data: ${JSON.stringify({id: 'c', object: 'chat.completion.chunk', created: 1, model: 'deepseek-r1', choices: [{index: 0, delta: {tool_calls: [call]}, finish_reason: 'tool_calls'}]})}\n\ndata: [DONE]\n\n`,
      ),
    )
    await readAll(await post(server.url, {tools}))
    await pipeline.flush()
    expect(pipeline.processor.getStats().liveSteps).toBeGreaterThan(0)
    const ids = (spans: typeof live.steps) =>
      spans.flatMap(({attributes}) => attributes['reasoning.tool.call.ids'] ?? [])
    expect(ids(plain.steps)).toEqual(['call_1'])
    expect(ids(live.steps)).toEqual(['call_1'])
    expect(textOf(live.steps)).toBe(pieces.join('').trim())
    expect(live.calls[0]?.attributes['reasoning.step.count']).toBe(live.steps.length)
  })

  test('several choices come at the end', async () => {
    pipeline = startLivePipeline()
    const server = await open(SENTENCES, 15)
    await readAll(await post(server.url, {n: 2}))
    await pipeline.flush()
    expect(pipeline.processor.getStats().liveSteps).toBe(0)
    expect(pipeline.live.steps.length).toBeGreaterThan(2)
    expectSameSpans(pipeline.live, pipeline.plain)
  })

  test('a response that comes at once has estimated steps, at its end', async () => {
    pipeline = startLivePipeline()
    const server = await open([REASONING], 0)
    await readAll(await post(server.url))
    await pipeline.flush()
    expect(pipeline.processor.getStats().liveSteps).toBe(0)
    expectSameSpans(pipeline.live, pipeline.plain)
  })
})

test.each([
  ['/v1/responses', {model: 'gpt-oss-20b', stream: true, input: 'Hi'}],
  ['/v1/responses', {model: 'o3', stream: true, reasoning: {summary: 'auto'}, input: 'Hi'}],
  ['/v1/messages', {model: 'claude-sonnet-4-5', stream: true, max_tokens: 100}],
  // Its chunks are long, and few.
  ['/v1beta/models/gemini-2.5-pro:streamGenerateContent', {}, 400],
  ['/api/chat', {model: 'qwen3'}],
  ['/model/us.anthropic.claude/converse-stream', {}],
] as const)(
  '%s %j is the same with live steps as without',
  async (path, fields, delayMs: number = 30) => {
    pipeline = startLivePipeline()
    const {live, plain, processor} = pipeline
    const mock = await startMockProviders({
      delayMs,
      conversations: {
        long: [
          {
            thought: REASONING,
            summary: [SENTENCES.slice(0, 7).join('').trim(), SENTENCES.slice(7).join('').trim()],
            answer: 'It is approved.',
          },
        ],
      },
    })
    const body = JSON.stringify({messages: [{role: 'user', content: 'Hi'}], ...fields})
    await readAll(
      await tapped(mock.url + path, {
        ...REQUEST,
        headers: {'content-type': 'application/json', 'x-mock-conversation': 'long'},
        body,
      }),
    )
    await mock.close()
    await pipeline.flush()
    expect(live.calls).toHaveLength(1)
    expect(processor.getStats().liveSteps).toBeGreaterThan(0)
    expectSameSpans(live, plain)
  },
)

test('a hundred calls at once are each what they are without live steps', async () => {
  pipeline = startLivePipeline({content: 'keep', maxSpansPerSecond: Infinity})
  const {live, plain, processor} = pipeline
  const server = await open(SENTENCES, 60)
  const all = Array.from({length: 100}, async () => readAll(await post(server.url)))
  await Promise.all(all)
  await pipeline.flush()
  expect(live.calls).toHaveLength(100)
  expect(processor.getStats().liveSteps).toBeGreaterThan(300)
  expect(processor.getStats().liveCallsDropped).toBe(0)
  expectSameSpans(live, plain)
})

describe('options', () => {
  test('a classifier of your own turns live steps off, which is said once', async () => {
    const lines: string[] = []
    diag.setLogger(
      {
        error: () => {},
        warn: (line) => lines.push(line),
        info: () => {},
        debug: () => {},
        verbose: () => {},
      },
      {logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true},
    )
    pipeline = startLivePipeline({
      content: 'keep',
      classifier: (sentences) => sentences.map(() => ({kind: 'fact' as const, confidence: 1})),
    })
    const server = await open(SENTENCES, 20)
    await readAll(await post(server.url))
    await pipeline.flush()
    diag.disable()
    expect(lines.filter((line) => line.includes('`live` has no effect'))).toHaveLength(1)
    expect(pipeline.processor.getStats().liveSteps).toBe(0)
    expectSameSpans(pipeline.live, pipeline.plain)
  })

  test('live is a boolean, of the processor, or REASONING_LIVE', () => {
    const next = new TimedProcessor()
    expect(() => new ReasoningSpanProcessor({next, live: 'yes' as never})).toThrow(
      /expected `live` to be a boolean, got `yes`/,
    )
    expect(
      () => new ReasoningSpanExporter({exporter: new InMemorySpanExporter(), live: true} as never),
    ).toThrow(/`live` needs a ReasoningSpanProcessor/)
    process.env['REASONING_LIVE'] = 'true'
    try {
      expect(() => new ReasoningSpanProcessor({next})).not.toThrow()
    } finally {
      delete process.env['REASONING_LIVE']
    }
    metrics.disable()
  })
})
