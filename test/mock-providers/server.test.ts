import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import OpenAI, {InternalServerError, RateLimitError} from 'openai'
import {ANSWER, THOUGHT, THOUGHT_BEFORE_TOOL, USAGE, halves} from './scenario.mjs'
import {startMockProviders, type MockProviders} from './server.mjs'

const conversations = {
  'two lookups': [
    {
      thought: 'Both orders are needed.',
      calls: [
        {name: 'lookup_order', arguments: {order_id: 'A-1'}},
        {name: 'lookup_order', arguments: {order_id: 'B-2'}},
      ],
    },
    {thought: 'One more step.', calls: [{name: 'issue_refund', arguments: {amount: 3}}]},
    {thought: 'All is done.', answer: 'Refunded.'},
  ],
}
const tools = [
  {type: 'function' as const, name: 'lookup_order', parameters: {type: 'object'}, strict: false},
]
const question = [{role: 'user' as const, content: 'A refund, please.'}]

let provider: MockProviders
let client: OpenAI
beforeAll(async () => {
  provider = await startMockProviders({delayMs: 0, conversations})
  client = new OpenAI({baseURL: `${provider.url}/v1`, apiKey: 'none-needed', maxRetries: 0})
})
afterAll(() => provider.close())

/** What reasoning dialects add to a message or delta. */
type Thinking = {reasoning_content?: string}

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(provider.url + path, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...headers},
    body: JSON.stringify(body),
  })
  return {status: response.status, body: (await response.json()) as unknown}
}

describe('conversations', () => {
  test('by default the model calls a tool first and answers when it has the result', async () => {
    const first = await client.responses.create({model: 'gpt-oss-120b', input: question, tools})
    expect(first.output).toMatchObject([
      {type: 'reasoning', content: [{text: THOUGHT_BEFORE_TOOL}]},
      {type: 'function_call', name: 'lookup_order', arguments: '{"order_id":"A-1042"}'},
    ])
    const call_id = (first.output[1] as {call_id: string}).call_id
    const second = await client.responses.create({
      model: 'gpt-oss-120b',
      input: [...question, {type: 'function_call_output', call_id, output: '{}'}],
      tools,
    })
    expect(second.output).toMatchObject([
      {type: 'reasoning', content: [{text: THOUGHT}]},
      {type: 'message', content: [{text: ANSWER}]},
    ])
    expect(second.usage).toMatchObject({
      output_tokens: USAGE.output,
      output_tokens_details: {reasoning_tokens: USAGE.reasoning},
    })
  })

  test('a request names its conversation, and its tool results say which turn it is', async () => {
    const named = {headers: {'x-mock-conversation': 'two lookups'}}
    const ask = (results: number) =>
      client.responses.create(
        {
          model: 'gpt-oss-120b',
          input: [
            ...question,
            ...Array.from({length: results}, (_, index) => ({
              type: 'function_call_output' as const,
              call_id: `call_${index}`,
              output: '{}',
            })),
          ],
          tools,
        },
        named,
      )
    const turns = await Promise.all([ask(0), ask(2), ask(3)])
    expect(turns.map(({output}) => output.map((item) => item.type))).toEqual([
      ['reasoning', 'function_call', 'function_call'],
      ['reasoning', 'function_call'],
      ['reasoning', 'message'],
    ])
    const ids = turns[0]!.output.slice(1).map((item) => (item as {call_id: string}).call_id)
    expect(new Set(ids).size).toBe(2)
    expect(turns[2]!.output_text).toBe('Refunded.')
  })

  test('an unknown conversation is refused with the names of those there are', async () => {
    const answer = await post('/v1/responses', {}, {'x-mock-conversation': 'no such'})
    expect(answer).toEqual({
      status: 404,
      body: {error: {message: 'no mock conversation no such; known: two lookups'}},
    })
  })
})

describe('several choices', () => {
  const request = {model: 'deepseek-reasoner', n: 3, messages: question}

  test('each choice has a thought of its own', async () => {
    const {choices, usage} = await client.chat.completions.create(request)
    expect(choices.map(({index}) => index)).toEqual([0, 1, 2])
    expect(choices.map(({message}) => (message as Thinking).reasoning_content)).toEqual([
      THOUGHT,
      `This is alternative 2. ${THOUGHT}`,
      `This is alternative 3. ${THOUGHT}`,
    ])
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(3 * USAGE.reasoning)
  })

  test('streamed choices take turns and come out the same', async () => {
    const thoughts = ['', '', '']
    const order: number[] = []
    for await (const chunk of await client.chat.completions.create({...request, stream: true})) {
      const choice = chunk.choices[0]
      if (!choice) continue
      order.push(choice.index)
      thoughts[choice.index] += (choice.delta as Thinking).reasoning_content ?? ''
    }
    expect(thoughts).toEqual([
      THOUGHT,
      `This is alternative 2. ${THOUGHT}`,
      `This is alternative 3. ${THOUGHT}`,
    ])
    expect(order.slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2])
  })
})

describe('interleaved thinking', () => {
  const blocksOf = async (model: string) => {
    const {body} = await post('/v1/messages', {model, tools, messages: question})
    return (body as {content: {type: string; thinking?: string}[]}).content
  }

  test('thinks before and after the sentence that leads to the call', async () => {
    const blocks = await blocksOf('claude-interleaved')
    expect(blocks.map(({type}) => type)).toEqual(['thinking', 'text', 'thinking', 'tool_use'])
    expect([blocks[0]?.thinking, blocks[2]?.thinking]).toEqual(halves(THOUGHT_BEFORE_TOOL))
    expect(halves(THOUGHT_BEFORE_TOOL).join(' ')).toBe(THOUGHT_BEFORE_TOOL)
  })

  test('other models think once', async () => {
    const blocks = await blocksOf('claude')
    expect(blocks.map(({type}) => type)).toEqual(['thinking', 'text', 'tool_use'])
  })
})

describe('failures', () => {
  const request = {model: 'gpt-oss-120b', input: question}
  const failing = (what: string) => ({headers: {'x-mock-error': what}})

  test('a rate limit and a broken server are what the client takes them for', async () => {
    await expect(client.responses.create(request, failing('429'))).rejects.toBeInstanceOf(
      RateLimitError,
    )
    await expect(client.responses.create(request, failing('500'))).rejects.toBeInstanceOf(
      InternalServerError,
    )
  })

  test('a rate limit can end with the second retry', async () => {
    const once = {...failing('429;until=2'), maxRetries: 1}
    await expect(client.responses.create(request, once)).rejects.toBeInstanceOf(RateLimitError)
    const twice = {...failing('429;until=2'), maxRetries: 2}
    expect((await client.responses.create(request, twice)).output_text).toBe(ANSWER)
  })

  test('each provider has an error body of its own', async () => {
    const bodyOf = async (path: string) => (await post(path, {}, {'x-mock-error': '429'})).body
    expect(await bodyOf('/v1/messages')).toEqual({
      type: 'error',
      error: {type: 'rate_limit_error', message: 'Rate limit reached.'},
      request_id: 'req_mock1',
    })
    expect(await bodyOf('/v1beta/models/gemini:generateContent')).toEqual({
      error: {code: 429, message: 'Rate limit reached.', status: 'RESOURCE_EXHAUSTED'},
    })
    expect(await bodyOf('/api/chat')).toEqual({error: 'Rate limit reached.'})
    expect(await bodyOf('/model/m/converse')).toEqual({message: 'Rate limit reached.'})
  })

  test('a stream breaks after as many events as asked for', async () => {
    const stream = await client.responses.create({...request, stream: true}, failing('cut;after=5'))
    let seen = 0
    const read = async () => {
      for await (const _ of stream) seen++
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(seen).toBe(5)
  })
})

describe('what recordings have', () => {
  const eventsOf = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(provider.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify({messages: question, ...body}),
    })
    return response.text()
  }

  test('Anthropic sends pings and, of newer models, the tokens of thinking', async () => {
    const text = await eventsOf('/v1/messages', {model: 'claude-sonnet-4-6', stream: true})
    expect(text).toContain('event: ping')
    expect(text).toContain(`"output_tokens_details":{"thinking_tokens":${USAGE.reasoning}}`)
    const older = await eventsOf('/v1/messages', {model: 'claude-sonnet-4', stream: true})
    expect(older).not.toContain('thinking_tokens')
  })

  test('omitted thinking is a signature', async () => {
    const {body} = await post('/v1/messages', {model: 'claude', thinking: {display: 'omitted'}})
    const {content} = body as {content: {type: string; thinking?: string; signature?: string}[]}
    expect(content[0]).toMatchObject({type: 'thinking', thinking: ''})
    expect(content[0]?.signature?.length).toBeGreaterThan(20)
    expect(JSON.stringify(content)).not.toContain(THOUGHT.slice(0, 20))
  })

  test('Gemini ends lines with CRLF, and counts the answer when it has begun', async () => {
    const path = '/v1beta/models/gemini-2.5-pro:streamGenerateContent'
    const events = (await eventsOf(path, {})).split('\r\n\r\n')
    const usages = events
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.slice(6)).usageMetadata)
    expect(usages[0]).not.toHaveProperty('candidatesTokenCount')
    expect(usages.at(-1)).toMatchObject({
      candidatesTokenCount: USAGE.answer,
      thoughtsTokenCount: USAGE.reasoning,
    })
  })

  test('thinks before and between two calls', async () => {
    const {body} = await post(
      '/v1/messages',
      {model: 'claude-interleaved', tools, messages: question},
      {'x-mock-conversation': 'two lookups'},
    )
    const {content} = body as {content: {type: string}[]}
    // One sentence cannot be halved.
    expect(content.map(({type}) => type)).toEqual(['thinking', 'tool_use', 'tool_use'])
  })
})

describe('chunks', () => {
  const stream = {model: 'deepseek-r1', stream: true, messages: question}
  const lengthsOf = async (headers: Record<string, string>): Promise<number[]> => {
    const response = await fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(stream),
    })
    const lengths: number[] = []
    for await (const chunk of response.body ?? []) lengths.push((chunk as Uint8Array).length)
    return lengths
  }

  test('are as long as the request says', async () => {
    const whole = await lengthsOf({'x-mock-chunks': 'whole'})
    const bytes = await lengthsOf({'x-mock-chunks': '1'})
    const sum = (lengths: number[]): number => lengths.reduce((a, b) => a + b, 0)
    expect(whole.length).toBeLessThan(4)
    // The first ones may come with what the server wrote just before.
    expect(bytes.filter((length) => length > 1).length).toBeLessThan(bytes.length / 20)
    // Ids grow by a digit now and then.
    expect(Math.abs(sum(bytes) - sum(whole))).toBeLessThan(100)
  })

  test('a malformed event stands between whole ones, an error event ends the stream', async () => {
    const read = async (error: string): Promise<string[]> => {
      const response = await fetch(`${provider.url}/v1/chat/completions`, {
        method: 'POST',
        headers: {'x-mock-error': error},
        body: JSON.stringify(stream),
      })
      return (await response.text()).split('\n\n').filter((event) => event !== '')
    }
    const isJson = (event: string): boolean => {
      try {
        return Boolean(JSON.parse(event.slice(6)))
      } catch {
        return false
      }
    }
    const malformed = await read('malformed;after=3')
    expect(malformed.slice(0, 6).map(isJson)).toEqual([true, true, true, false, true, true])
    expect(malformed.at(-1)).toBe('data: [DONE]')
    const failed = await read('error;after=3')
    expect(failed).toHaveLength(4)
    expect(failed[3]).toContain('"overloaded_error"')
  })

  test('a failure can be the first request’s only', async () => {
    const status = async (): Promise<number> =>
      (await post('/v1/messages', {model: 'claude'}, {'x-mock-error': '503;times=1;key=mine'}))
        .status
    expect([await status(), await status(), await status()]).toEqual([503, 200, 200])
  })
})
