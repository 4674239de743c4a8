/** An agent's loop without any span above it becomes one trace, in each wire format. */
import {context, SpanStatusCode, trace} from '@opentelemetry/api'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type AgentRuns, createAgentRuns, setAgentRuns} from '../../src/capture/wire/agent-runs.ts'
import {tapFetch} from '../../src/fetch.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {createToolSpans, getToolSpans} from '../../src/tool-spans.ts'
import {type Pipeline, sleep, startPipeline} from '../fetch/tapped.ts'
import {type MockProviders, startMockProviders} from '../mock-providers/server.mjs'

let pipeline: Pipeline
let mock: MockProviders
let runs: AgentRuns
let clock = 0
beforeEach(async () => {
  pipeline = startPipeline()
  mock = await startMockProviders({
    delayMs: 1,
    conversations: {
      two: [
        {
          thought: 'I need both orders.',
          calls: [
            {name: 'lookup_order', arguments: {order_id: 'A-1'}},
            {name: 'lookup_order', arguments: {order_id: 'A-2'}},
          ],
        },
        {thought: 'One more look.', calls: [{name: 'refund', arguments: {order_id: 'A-1'}}]},
        {thought: 'Done.', answer: 'Refunded.'},
      ],
    },
  })
  clock = 0
  runs = createAgentRuns({withContent: true, now: () => clock + performance.now()})
  setAgentRuns(runs)
})
afterEach(async () => {
  setAgentRuns(undefined)
  await mock.close()
  await pipeline.stop()
})

const tapped = tapFetch(fetch)
const QUESTION = 'May I return order A-1042?'

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await tapped(mock.url + path, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...headers},
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as any
  // The network reads a thought in a later turn.
  await pipeline.provider.forceFlush()
  return answer
}

/** Asks, and brings back the results of what the model asked for, until it answers. */
interface Dialect {
  first(): object
  path: string
  /** The request after the next response; `undefined` where that was the answer. */
  next(body: any, response: any): object | undefined
}

const RESULT = {delivered: '2026-03-06'}
const functionTool = {type: 'function', function: {name: 'lookup_order', parameters: {}}}

const chat: Dialect = {
  path: '/v1/chat/completions',
  first: () => ({
    model: 'deepseek-r1',
    messages: [{role: 'user', content: QUESTION}],
    tools: [functionTool],
  }),
  next(body, {choices: [{message}]}) {
    if (!message.tool_calls) return undefined
    const results = message.tool_calls.map((call: any) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: JSON.stringify(RESULT),
    }))
    return {...body, messages: [...body.messages, message, ...results]}
  },
}

const responses: Dialect = {
  path: '/v1/responses',
  first: () => ({
    model: 'gpt-oss-120b',
    input: [{role: 'user', content: QUESTION}],
    tools: [{type: 'function', name: 'lookup_order', parameters: {}}],
  }),
  next(body, {output}) {
    const calls = output.filter((item: any) => item.type === 'function_call')
    if (calls.length === 0) return undefined
    const results = calls.map((call: any) => ({
      type: 'function_call_output',
      call_id: call.call_id,
      output: JSON.stringify(RESULT),
    }))
    return {...body, input: [...body.input, ...output, ...results]}
  },
}

const anthropic: Dialect = {
  path: '/v1/messages',
  first: () => ({
    model: 'claude-sonnet-4-5',
    max_tokens: 2048,
    thinking: {type: 'enabled', budget_tokens: 1024},
    messages: [{role: 'user', content: QUESTION}],
    tools: [{name: 'lookup_order', input_schema: {type: 'object'}}],
  }),
  next(body, {content}) {
    const calls = content.filter((part: any) => part.type === 'tool_use')
    if (calls.length === 0) return undefined
    const results = calls.map((call: any) => ({
      type: 'tool_result',
      tool_use_id: call.id,
      content: JSON.stringify(RESULT),
    }))
    return {
      ...body,
      messages: [
        ...body.messages,
        {role: 'assistant', content},
        {role: 'user', content: [...results, {type: 'text', text: 'Go on.'}]},
      ],
    }
  },
}

const gemini: Dialect = {
  path: '/v1beta/models/gemini-3-pro:generateContent',
  first: () => ({
    contents: [{role: 'user', parts: [{text: QUESTION}]}],
    generationConfig: {thinkingConfig: {includeThoughts: true}},
    tools: [{functionDeclarations: [{name: 'lookup_order'}]}],
  }),
  next(body, {candidates: [{content}]}) {
    const calls = content.parts.filter((part: any) => part.functionCall)
    if (calls.length === 0) return undefined
    const parts = calls.map(({functionCall}: any) => ({
      functionResponse: {name: functionCall.name, response: RESULT},
    }))
    return {...body, contents: [...body.contents, content, {role: 'user', parts}]}
  },
}

const ollama: Dialect = {
  path: '/api/chat',
  first: () => ({
    model: 'qwen3',
    stream: false,
    think: true,
    messages: [{role: 'user', content: QUESTION}],
    tools: [functionTool],
  }),
  next(body, {message}) {
    if (!message.tool_calls?.length) return undefined
    const results = message.tool_calls.map((call: any) => ({
      role: 'tool',
      tool_name: call.function.name,
      content: JSON.stringify(RESULT),
    }))
    return {...body, messages: [...body.messages, message, ...results]}
  },
}

const bedrock: Dialect = {
  path: '/model/anthropic.claude-sonnet-4-5/converse',
  first: () => ({
    messages: [{role: 'user', content: [{text: QUESTION}]}],
    toolConfig: {tools: [{toolSpec: {name: 'lookup_order', inputSchema: {json: {}}}}]},
  }),
  next(body, {output: {message}}) {
    const calls = message.content.filter((part: any) => part.toolUse)
    if (calls.length === 0) return undefined
    const content = calls.map(({toolUse}: any) => ({
      toolResult: {toolUseId: toolUse.toolUseId, content: [{json: RESULT}]},
    }))
    return {...body, messages: [...body.messages, message, {role: 'user', content}]}
  },
}

async function play(dialect: Dialect, headers: Record<string, string> = {}): Promise<void> {
  let body: object | undefined = dialect.first()
  while (body !== undefined) {
    body = dialect.next(body, await post(dialect.path, body, headers))
    // Calls have a clock each, a millisecond apart at most; a tool takes longer than that.
    await sleep(3)
  }
}

const users = (): ReadableSpanLike[] => pipeline.next.users
const named = (name: string): ReadableSpanLike[] =>
  users().filter((span) => span.name.startsWith(name))
const idOf = (span: ReadableSpanLike | undefined): string | undefined => span?.spanContext().spanId
const parentOf = (span: ReadableSpanLike | undefined): string | undefined =>
  span?.parentSpanContext?.spanId
const nanos = ([seconds, rest]: readonly [number, number]): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(rest)

/** One root, every call and tool below it, nothing twice. */
function expectOneRun(names: readonly string[]): ReadableSpanLike {
  const [root, ...others] = named('invoke_agent')
  expect(others).toEqual([])
  expect(root?.parentSpanContext).toBeUndefined()
  const children = users().filter((span) => span !== root)
  expect(children.map(parentOf)).toEqual(children.map(() => idOf(root)))
  const ordered = children.toSorted((a, b) => Number(nanos(a.startTime) - nanos(b.startTime)))
  expect(ordered.map(({name}) => name.split(' ').slice(0, 2).join(' '))).toEqual(names)
  for (const child of children) {
    expect(nanos(child.startTime)).toBeGreaterThanOrEqual(nanos(root!.startTime))
    expect(nanos(child.endTime)).toBeLessThanOrEqual(nanos(root!.endTime))
  }
  return root!
}

describe.each([
  ['Chat Completions', chat, 'deepseek-r1', true],
  ['Responses', responses, 'gpt-oss-120b', true],
  ['Anthropic Messages', anthropic, 'claude-sonnet-4-5', true],
  ['Gemini', gemini, 'gemini-3-pro', false],
  ['Ollama', ollama, 'qwen3', false],
  ['Bedrock Converse', bedrock, 'anthropic.claude-sonnet-4-5', true],
] as const)('%s', (_name, dialect, model, hasIds) => {
  test('a loop of two calls is one trace with the tool between them', async () => {
    await play(dialect)
    const root = expectOneRun([`chat ${model}`, 'execute_tool lookup_order', `chat ${model}`])
    expect(root.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.request.model': model,
      'reasoning.inferred': true,
    })
    const [tool] = named('execute_tool')
    expect(tool?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'lookup_order',
      'gen_ai.tool.type': 'function',
      'reasoning.inferred': true,
      'reasoning.timing': 'estimated',
    })
    expect(JSON.parse(String(tool?.attributes['gen_ai.tool.call.result']))).toEqual(RESULT)
    expect(JSON.parse(String(tool?.attributes['gen_ai.tool.call.arguments']))).toEqual({
      order_id: 'A-1042',
    })
    expect(typeof tool?.attributes['gen_ai.tool.call.id']).toBe(hasIds ? 'string' : 'undefined')
    if (hasIds) {
      const led = pipeline.steps().flatMap((step) => step.attributes['reasoning.tool.call.ids'])
      expect(led).toContain(tool?.attributes['gen_ai.tool.call.id'])
    }
    expect(runs.open).toBe(0)
  })

  test('calls in parallel and in turn have one span each', async () => {
    await play(dialect, {'x-mock-conversation': 'two'})
    expectOneRun([
      `chat ${model}`,
      'execute_tool lookup_order',
      'execute_tool lookup_order',
      `chat ${model}`,
      'execute_tool refund',
      `chat ${model}`,
    ])
  })
})

test('two loops at once are two traces', async () => {
  await Promise.all([play(chat), play(chat), play(anthropic)])
  expect(named('invoke_agent')).toHaveLength(3)
  expect(named('execute_tool')).toHaveLength(3)
  for (const root of named('invoke_agent')) {
    expect(users().filter((span) => parentOf(span) === idOf(root))).toHaveLength(3)
  }
})

test('a call without tools has no agent above it', async () => {
  const {tools: _tools, ...body} = chat.first() as {tools: unknown}
  await post(chat.path, body)
  expect(users().map(({name}) => name)).toEqual(['chat deepseek-r1'])
})

test('a request that goes on from a response by its id is joined', async () => {
  const body = responses.first() as {input: object[]}
  const first = await post(responses.path, body)
  const next = responses.next(body, first) as {input: {type: string}[]}
  const input = next.input.filter(({type}) => type === 'function_call_output')
  await post(responses.path, {...body, input, previous_response_id: first.id})
  expectOneRun(['chat gpt-oss-120b', 'execute_tool lookup_order', 'chat gpt-oss-120b'])
})

test('a conversation that goes on after its answer is another run', async () => {
  let body: any = chat.first()
  for (let turn = 0; turn < 2; turn++) {
    const response = await post(chat.path, body)
    const {message} = response.choices[0]
    body = chat.next(body, response) ?? {...body, messages: [...body.messages, message]}
  }
  await post(chat.path, {...body, messages: [...body.messages, {role: 'user', content: 'Thanks'}]})
  const [root] = named('invoke_agent')
  const last = named('chat').at(-1)
  expect(last?.spanContext().traceId).not.toBe(root?.spanContext().traceId)
})

test('a tool that failed says so', async () => {
  const body = anthropic.first()
  const next = anthropic.next(body, await post(anthropic.path, body)) as any
  next.messages.at(-1).content[0].is_error = true
  await post(anthropic.path, next)
  const [tool] = named('execute_tool')
  expect(tool?.status.code).toBe(SpanStatusCode.ERROR)
  expect(tool?.attributes['error.type']).toBe('_OTHER')
})

test('without permission neither arguments nor results are shown', async () => {
  setAgentRuns(createAgentRuns())
  await play(chat)
  const shown = Object.keys(named('execute_tool')[0]!.attributes)
  expect(shown).not.toContain('gen_ai.tool.call.arguments')
  expect(shown).not.toContain('gen_ai.tool.call.result')
})

test('a run that nobody goes on with ends where its call ended', async () => {
  await post(chat.path, chat.first())
  expect(named('invoke_agent')).toEqual([])
  expect(runs.open).toBe(1)
  runs.endAll()
  const [root] = named('invoke_agent')
  expect(root?.endTime).toEqual(named('chat')[0]?.endTime)
  expect(runs.open).toBe(0)
})

test('a call that failed belongs to the run, which goes on', async () => {
  const body = chat.first()
  const next = chat.next(body, await post(chat.path, body)) as object
  const failed = await tapped(mock.url + chat.path, {
    method: 'POST',
    headers: {'content-type': 'application/json', 'x-mock-error': '401'},
    body: JSON.stringify(next),
  })
  expect(failed.status).toBe(401)
  await post(chat.path, next)
  expectOneRun([
    'chat deepseek-r1',
    'execute_tool lookup_order',
    'chat deepseek-r1',
    'chat deepseek-r1',
  ])
})

test('a thought that the end of the process cuts short is kept', async () => {
  const response = await tapped(`${mock.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({...chat.first(), stream: true}),
  })
  const reader = response.body!.getReader()
  for (let chunk = 0; chunk < 6; chunk++) await reader.read()
  runs.endAll()
  await reader.cancel()
  await pipeline.provider.forceFlush()
  const [call, ...more] = named('chat')
  expect(more).toEqual([])
  expect(call?.attributes['reasoning.block.count']).toBe(1)
  expect(pipeline.blocks()[0]?.attributes['reasoning.text_incomplete']).toBe(true)
})

describe('where somebody else makes spans', () => {
  test('calls stay below the active span, and so do tools that nobody made spans for', async () => {
    await pipeline.under('handle request', () => play(chat))
    expect(named('invoke_agent')).toEqual([])
    const [request] = named('handle request')
    const others = users().filter((span) => span !== request)
    expect(others.map(({name}) => name).toSorted()).toEqual([
      'chat deepseek-r1',
      'chat deepseek-r1',
      'execute_tool lookup_order',
    ])
    expect(others.map(parentOf)).toEqual(others.map(() => idOf(request)))
  })

  test.each([
    ['with its id', (id: string) => ({'gen_ai.tool.call.id': id})],
    ['without it', () => ({'gen_ai.operation.name': 'execute_tool'})],
    ['in the words of OpenInference', () => ({'openinference.span.kind': 'TOOL'})],
  ])('a tool that has a span (%s) gets no second one', async (_how, attributes) => {
    await pipeline.under('agent', async () => {
      const body = chat.first()
      const response = await post(chat.path, body)
      const {id} = response.choices[0].message.tool_calls[0]
      pipeline.tracer.startSpan('lookup_order', {attributes: attributes(id) as never}).end()
      await post(chat.path, chat.next(body, response) as object)
    })
    expect(named('execute_tool')).toEqual([])
    expect(named('lookup_order')).toHaveLength(1)
  })

  test('nor does one in a trace of its own, beside ours', async () => {
    const body = chat.first()
    const response = await post(chat.path, body)
    const {id} = response.choices[0].message.tool_calls[0]
    pipeline.tracer.startSpan('look up', {attributes: {'gen_ai.tool.call.id': id}}).end()
    await post(chat.path, chat.next(body, response) as object)
    expect(named('execute_tool')).toEqual([])
    expect(named('chat').map(parentOf)).toEqual(
      named('chat').map(() => idOf(named('invoke_agent')[0])),
    )
  })

  test('tools of calls that an instrumentation made spans for stand beside these', async () => {
    await pipeline.under('agent', async () => {
      let body: object | undefined = chat.first()
      while (body !== undefined) {
        const span = pipeline.tracer.startSpan('chat deepseek-r1', {
          attributes: {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'deepseek-r1'},
        })
        const response: object = await context.with(trace.setSpan(context.active(), span), () =>
          post(chat.path, body as object),
        )
        span.end()
        body = chat.next(body, response)
      }
    })
    expect(named('chat')).toHaveLength(2)
    const tools = named('execute_tool')
    expect(tools.map(parentOf)).toEqual([idOf(named('agent')[0])])
  })

  test('no tools where none of our processors sees the trace', async () => {
    setAgentRuns(createAgentRuns({toolSpans: createToolSpans()}))
    await pipeline.under('agent', () => play(chat))
    expect(named('execute_tool')).toEqual([])
    expect(named('chat')).toHaveLength(2)
  })
})

describe('limits', () => {
  const call = (id: string, seconds: number) => ({
    carried: {results: [], previousResponseId: undefined},
    call: {
      items: [{type: 'tool_call' as const, call: {id, name: 'look'}}],
      responseId: `response ${id}`,
    } as never,
    start: [1_770_000_000 + seconds, 0] as [number, number],
    end: [1_770_000_001 + seconds, 0] as [number, number],
    parent: context.active(),
    above: undefined,
    isOurs: true,
    provider: 'openai',
    model: 'gpt-5',
    isBroken: false,
  })

  test('of a thousand open runs the oldest is ended, and counted', () => {
    for (let index = 0; index < 1_003; index++) runs.place(call(`call_${index}`, index)).settle()
    expect(runs.open).toBe(1_000)
    expect(runs.evicted).toBe(3)
    expect(named('invoke_agent').map(({endTime}) => endTime[0])).toEqual([
      1_770_000_001, 1_770_000_002, 1_770_000_003,
    ])
    runs.endAll()
    expect(named('invoke_agent')).toHaveLength(1_003)
  })

  test('tool spans of others are forgotten from 5,000 on', () => {
    const table = createToolSpans()
    table.watch()
    const tell = (id: number): void =>
      table.tell({
        attributes: {'gen_ai.tool.call.id': `call_${id}`},
        spanContext: () => ({traceId: `trace ${id}`, spanId: '1'}),
      })
    for (let id = 0; id <= 5_000; id++) tell(id)
    const isMade = (id: number): boolean =>
      table.isMade({id: `call_${id}`, name: '', traceId: undefined, since: Infinity})
    expect([isMade(0), isMade(1), isMade(5_000)]).toEqual([false, true, true])
    expect(getToolSpans()).toBe(getToolSpans())
  })
})
