/** Whose span the reasoning goes to, and when there is one of ours. */
import {context, metrics, type Span, trace} from '@opentelemetry/api'
import {OpenAIInstrumentation} from '@opentelemetry/instrumentation-openai'
import OpenAI from 'openai'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {instrumentFetch, tapFetch} from '../../src/fetch.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {THOUGHT} from '../mock-providers/scenario.mjs'
import {type MockProviders, startMockProviders} from '../mock-providers/server.mjs'
import {
  answering,
  END,
  type Pipeline,
  readAll,
  REQUEST,
  serve,
  sleep,
  startEvents,
  startPipeline,
  thinking,
} from './tapped.ts'

let pipeline: Pipeline
let mock: MockProviders
beforeEach(async () => {
  pipeline = startPipeline()
  mock = await startMockProviders({delayMs: 1})
})
afterEach(async () => {
  await mock.close()
  await pipeline.stop()
})

const tapped = tapFetch(fetch)
const MESSAGES = [{role: 'user' as const, content: 'May I return order A-1042?'}]
const createClient = (fetcher: typeof fetch = tapped): OpenAI =>
  new OpenAI({baseURL: `${mock.url}/v1`, apiKey: 'none', fetch: fetcher})

async function stream(client: OpenAI, model = 'deepseek-r1', headers = {}): Promise<string> {
  const chunks = await client.chat.completions.create(
    {model, stream: true, messages: MESSAGES},
    {headers},
  )
  let answer = ''
  for await (const chunk of chunks) answer += chunk.choices[0]?.delta?.content ?? ''
  return answer
}

const textOf = (block: ReadableSpanLike | undefined): string =>
  pipeline
    .steps()
    .filter((step) => step.parentSpanContext?.spanId === block?.spanContext().spanId)
    .map((step) => String(step.attributes['reasoning.text']))
    .join(' ')
    .replaceAll(/\s+/g, ' ')

const parentOf = (span: ReadableSpanLike | undefined): string | undefined =>
  span?.parentSpanContext?.spanId

describe('without any instrumentation', () => {
  test('a streamed call gets a span of ours, with measured steps', async () => {
    let agent: string | undefined
    await pipeline.under('agent', async () => {
      agent = trace.getActiveSpan()?.spanContext().spanId
      expect(await stream(createClient())).toContain('refund')
    })
    const [call, ...more] = pipeline.calls()
    expect(more).toEqual([])
    expect(call?.name).toBe('chat deepseek-r1')
    expect(call?.kind).toBe(2)
    expect(parentOf(call)).toBe(agent)
    expect(call?.instrumentationScope.name).toBe('otel-reasoning/fetch')
    expect(call?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'deepseek-r1',
      'gen_ai.response.model': 'deepseek-r1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 412,
      'gen_ai.usage.output_tokens': 263,
      'gen_ai.usage.reasoning.output_tokens': 187,
      'server.address': '127.0.0.1',
      'server.port': mock.port,
    })
    expect(call?.attributes['gen_ai.response.id']).toMatch(/^chatcmpl-mock/)
    const [block, ...others] = pipeline.blocks()
    expect(others).toEqual([])
    expect(parentOf(block)).toBe(call?.spanContext().spanId)
    expect(block?.attributes).toMatchObject({
      'reasoning.source': 'openai-chat',
      'reasoning.timing': 'measured',
      'reasoning.token_count': 187,
    })
    expect(block?.attributes['reasoning.time_to_first_chunk']).toBeGreaterThan(0)
    expect(block?.attributes['reasoning.attempt']).toBeUndefined()
    expect(textOf(block)).toBe(THOUGHT)
  })

  test('a response that comes at once gets one whose steps are estimated', async () => {
    await pipeline.under('agent', async () => {
      await createClient().chat.completions.create({model: 'deepseek-r1', messages: MESSAGES})
    })
    const [call] = pipeline.calls()
    const [block] = pipeline.blocks()
    expect(block?.attributes['reasoning.timing']).toBe('estimated')
    expect(call?.attributes['gen_ai.response.time_to_first_chunk']).toBeUndefined()
    // Shared over the whole call, and not over the moment in which it came.
    expect(block?.startTime).toEqual(call?.startTime)
    expect(textOf(block)).toBe(THOUGHT)
  })

  test('a stream that a proxy held back is estimated too', async () => {
    const server = await serve((_req, res) => {
      const words = THOUGHT.split(' ').map((word) => thinking(`${word} `))
      setTimeout(() => startEvents(res).end(words.join('') + answering('Yes.') + END), 20)
    })
    await pipeline.under('agent', async () => {
      await readAll(await tapped(`${server.url}/chat/completions`, REQUEST))
    })
    await server.close()
    expect(pipeline.blocks()[0]?.attributes['reasoning.timing']).toBe('estimated')
  })

  test('a call under no span is a trace of its own', async () => {
    await stream(createClient())
    await pipeline.provider.forceFlush()
    expect(pipeline.calls()).toHaveLength(1)
    expect(parentOf(pipeline.calls()[0])).toBeUndefined()
    expect(pipeline.blocks()).toHaveLength(1)
  })

  test('with `createSpans: false` the reasoning stands under the span that was active', async () => {
    let agent: string | undefined
    await pipeline.under('agent', async () => {
      agent = trace.getActiveSpan()?.spanContext().spanId
      await stream(createClient(tapFetch(fetch, {createSpans: false})))
    })
    expect(pipeline.calls()).toEqual([])
    expect(pipeline.blocks().map(parentOf)).toEqual([agent])
  })

  test('what has the address of a model and answers with something else gets none', async () => {
    const server = await serve((_req, res) => {
      res.writeHead(200, {'content-type': 'application/json'}).end('{"messages":["hello"]}')
    })
    await pipeline.under('agent', async () => {
      const response = await tapped(`${server.url}/api/chat`, {
        method: 'POST',
        body: '{"text":"hi"}',
      })
      expect(await response.json()).toEqual({messages: ['hello']})
    })
    await server.close()
    expect(pipeline.next.users.map(({name}) => name)).toEqual(['agent'])
  })
})

describe('without a context manager', () => {
  beforeEach(() => context.disable())

  test('there is no span of ours, unless it is asked for', async () => {
    await stream(createClient())
    await pipeline.provider.forceFlush()
    expect(pipeline.next.spans).toEqual([])
    await stream(createClient(tapFetch(fetch, {createSpans: true})))
    await pipeline.provider.forceFlush()
    expect(pipeline.calls()).toHaveLength(1)
    expect(pipeline.blocks()).toHaveLength(1)
  })
})

describe('beside instrumentations', () => {
  /** Makes a span as an instrumentation does, and ends it after its call. */
  const within = async (
    attributes: Record<string, string>,
    isActive: boolean,
    action: () => Promise<unknown>,
  ): Promise<Span> => {
    const span = pipeline.tracer.startSpan('chat deepseek-r1', {attributes})
    await (isActive ? context.with(trace.setSpan(context.active(), span), action) : action())
    span.end()
    return span
  }
  const GENAI = {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'deepseek-r1'}

  test.each([true, false])(
    'the reasoning goes to the span that one made (made active: %s)',
    async (isActive) => {
      let span: Span | undefined
      await pipeline.under('agent', async () => {
        span = await within(GENAI, isActive, () => stream(createClient()))
      })
      expect(pipeline.calls().map((call) => call.spanContext().spanId)).toEqual([
        span?.spanContext().spanId,
      ])
      expect(pipeline.blocks().map(parentOf)).toEqual([span?.spanContext().spanId])
      expect(pipeline.blocks()[0]?.attributes['reasoning.timing']).toBe('measured')
    },
  )

  test('a span below the one of the call is not the call', async () => {
    let span: Span | undefined
    await pipeline.under('agent', async () => {
      span = await within(GENAI, true, () =>
        pipeline.under('with retries', () => stream(createClient())),
      )
    })
    expect(pipeline.calls()).toHaveLength(1)
    expect(pipeline.blocks().map(parentOf)).toEqual([span?.spanContext().spanId])
  })

  test('a tool that calls a model makes a call of its own', async () => {
    let tool: string | undefined
    await within(GENAI, true, () =>
      pipeline.tracer.startActiveSpan(
        'execute_tool',
        {attributes: {'gen_ai.operation.name': 'execute_tool'}},
        async (span) => {
          tool = span.spanContext().spanId
          await stream(createClient())
          span.end()
        },
      ),
    )
    await pipeline.provider.forceFlush()
    const own = pipeline
      .calls()
      .find(({instrumentationScope}) => instrumentationScope.name !== 'app')
    expect(parentOf(own)).toBe(tool)
    expect(pipeline.blocks().map(parentOf)).toEqual([own?.spanContext().spanId])
  })

  test('two at once that are not active get one tree each', async () => {
    await pipeline.under('agent', () =>
      Promise.all([
        within(GENAI, false, () => stream(createClient())),
        within(GENAI, false, () => stream(createClient())),
      ]),
    )
    expect(pipeline.calls()).toHaveLength(2)
    expect(new Set(pipeline.blocks().map(parentOf))).toEqual(
      new Set(pipeline.calls().map((call) => call.spanContext().spanId)),
    )
    expect(pipeline.blocks()).toHaveLength(2)
  })

  test('a span of another model is not the call’s, and still there is no second one', async () => {
    const other = {...GENAI, 'gen_ai.request.model': 'gpt-5'}
    await pipeline.under('agent', () => within(other, false, () => stream(createClient())))
    expect(pipeline.calls().map(({attributes}) => attributes['gen_ai.request.model'])).toEqual([
      'gpt-5',
    ])
    expect(pipeline.blocks()).toHaveLength(1)
    expect(parentOf(pipeline.blocks()[0])).not.toBe(pipeline.calls()[0]?.spanContext().spanId)
  })

  test('a call whose span ends before its stream was read to the end has its reasoning', async () => {
    const server = await serve((_req, res) => {
      startEvents(res).write(thinking('The window is 30 days.') + answering('Yes.') + END)
    })
    await pipeline.under('agent', () =>
      within(GENAI, true, async () => {
        const response = await tapped(`${server.url}/chat/completions`, REQUEST)
        const reader = response.body!.getReader()
        let text = ''
        while (!text.includes('[DONE]'))
          text += Buffer.from((await reader.read()).value!).toString()
      }),
    )
    await server.close()
    expect(pipeline.blocks()).toHaveLength(1)
    expect(pipeline.blocks()[0]?.attributes['reasoning.late']).toBeUndefined()
  })

  test('a call whose span ends before its stream has its reasoning late', async () => {
    await pipeline.under('agent', async () => {
      const span = pipeline.tracer.startSpan('chat', {attributes: GENAI})
      const reading = context.with(trace.setSpan(context.active(), span), () =>
        stream(createClient()),
      )
      await sleep(20)
      span.end()
      await reading
    })
    expect(pipeline.calls()).toHaveLength(1)
    expect(pipeline.blocks()).toHaveLength(1)
    expect(pipeline.blocks()[0]?.attributes['reasoning.late']).toBe(true)
  })

  test.each([true, false])(
    'OpenTelemetry’s own for OpenAI and the tap make one tree a call (streamed: %s)',
    async (isStreamed) => {
      const instrumentation = new OpenAIInstrumentation()
      instrumentation.setTracerProvider(pipeline.provider)
      instrumentation.setMeterProvider(metrics.getMeterProvider())
      // What its hook would do at import.
      const [{patch}] = (instrumentation as any).init() as [{patch: (m: object) => void}]
      const module = {OpenAI, default: OpenAI}
      patch(module)
      const undo = instrumentFetch()
      try {
        await pipeline.under('agent', async () => {
          const client = new OpenAI({baseURL: `${mock.url}/v1`, apiKey: 'none'})
          if (isStreamed) await stream(client)
          else await client.chat.completions.create({model: 'deepseek-r1', messages: MESSAGES})
        })
      } finally {
        undo()
        const [{unpatch}] = (instrumentation as any).init() as [{unpatch: (m: object) => void}]
        unpatch(module)
      }
      const [call, ...more] = pipeline.calls()
      expect(more).toEqual([])
      expect(call?.instrumentationScope.name).toContain('instrumentation-openai')
      expect(pipeline.blocks().map(parentOf)).toEqual([call?.spanContext().spanId])
      expect(textOf(pipeline.blocks()[0])).toBe(THOUGHT)
      expect(pipeline.blocks()[0]?.attributes['reasoning.timing']).toBe(
        isStreamed ? 'measured' : 'estimated',
      )
    },
  )

  test('a tap around a tap reads each response once', async () => {
    const undo = instrumentFetch()
    const around = tapFetch((url: string | URL | Request, init?: RequestInit) => fetch(url, init))
    try {
      await pipeline.under('agent', () => stream(createClient(around)))
    } finally {
      undo()
    }
    expect(pipeline.calls()).toHaveLength(1)
    expect(pipeline.blocks()).toHaveLength(1)
  })
})

describe('failures', () => {
  test('a retry inside the client is one call, whose attempt is told', async () => {
    await pipeline.under('agent', () =>
      stream(createClient(), 'deepseek-r1', {'x-mock-error': '429;until=2'}),
    )
    expect(pipeline.calls()).toHaveLength(1)
    expect(pipeline.blocks().map(({attributes}) => attributes['reasoning.attempt'])).toEqual([3])
  })

  test('a call that nobody tries again has a span that failed', async () => {
    await pipeline.under('agent', async () => {
      const client = new OpenAI({
        baseURL: `${mock.url}/v1`,
        apiKey: 'none',
        fetch: tapped,
        maxRetries: 1,
      })
      await expect(stream(client, 'deepseek-r1', {'x-mock-error': '500'})).rejects.toThrow('500')
    })
    const [call, ...more] = pipeline.calls()
    expect(more).toEqual([])
    expect(call?.status.code).toBe(2)
    expect(call?.attributes['error.type']).toBe('500')
    expect(pipeline.blocks()).toEqual([])
  })

  test('a refused request has a span at once', async () => {
    const client = createClient()
    await expect(stream(client, 'deepseek-r1', {'x-mock-error': '401'})).rejects.toThrow('401')
    expect(pipeline.calls().map(({attributes}) => attributes['error.type'])).toEqual(['401'])
  })

  test('an error under another program’s address says nothing of a model', async () => {
    const server = await serve((_req, res) => res.writeHead(404).end('not here'))
    const response = await tapped(`${server.url}/api/chat`, {method: 'POST', body: '{"text":"hi"}'})
    expect(response.status).toBe(404)
    await response.text()
    await server.close()
    expect(pipeline.next.spans).toEqual([])
  })

  test('aborted in the middle of a thought, a call keeps what had arrived', async () => {
    await pipeline.under('agent', async () => {
      const chunks = await createClient().chat.completions.create({
        model: 'deepseek-r1',
        stream: true,
        messages: MESSAGES,
      })
      let count = 0
      for await (const _ of chunks) if (++count === 8) chunks.controller.abort()
    })
    const [call, ...more] = pipeline.calls()
    expect(more).toEqual([])
    expect(call?.status.code).toBe(0)
    const [block] = pipeline.blocks()
    expect(block?.attributes['reasoning.text_incomplete']).toBe(true)
    const text = textOf(block)
    expect(text.length).toBeGreaterThan(20)
    expect(THOUGHT.startsWith(text)).toBe(true)
  })

  test('a fault of a tracer costs the span and not the response', async () => {
    const errors: Error[] = []
    const fetcher = tapFetch(fetch, {
      onError: (error) => errors.push(error),
      tracerProvider: {
        getTracer() {
          throw new Error('no tracer')
        },
      },
    })
    await pipeline.under('agent', async () => {
      expect(await stream(createClient(fetcher))).toContain('refund')
    })
    expect(errors.map(({message}) => message)).toEqual(['no tracer'])
  })
})

test('200 streams at once keep to their own spans', async () => {
  const server = await serve(async (req, res) => {
    const name = String(req.headers['x-name'])
    startEvents(res)
    for (const word of `The name is ${name}. Let me check the policy.`.match(/.{1,7}/g) ?? []) {
      res.write(thinking(word))
      await sleep(1)
    }
    res.end(answering('Yes.') + END)
  })
  await Promise.all(
    Array.from({length: 200}, (_, i) =>
      pipeline.tracer.startActiveSpan(`agent ${i}`, async (span) => {
        const response = await tapped(`${server.url}/chat/completions`, {
          ...REQUEST,
          headers: {'x-name': `n${i}`},
        })
        await readAll(response)
        span.end()
      }),
    ),
  )
  await pipeline.provider.forceFlush()
  await server.close()
  expect(pipeline.calls()).toHaveLength(200)
  const agents = new Map(
    pipeline.next.users.map((span) => [span.spanContext().spanId, span.name] as const),
  )
  const names = new Map(
    pipeline.calls().map((call) => [call.spanContext().spanId, agents.get(parentOf(call) ?? '')]),
  )
  for (const block of pipeline.blocks()) {
    const agent = names.get(parentOf(block) ?? '')
    expect(textOf(block)).toBe(`The name is n${agent?.slice(6)}. Let me check the policy.`)
  }
  expect(pipeline.blocks()).toHaveLength(200)
}, 60_000)
