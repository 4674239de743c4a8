import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {openAiCompatible, type OpenAiCompatibleOptions} from '../../src/classifiers.ts'
import type {KindLabel} from '../../src/model.ts'
import {ReasoningSpanProcessor} from '../../src/processor.ts'
import {createProvider, createSimpleProcessor, InMemorySpanExporter} from '../setup/sdk.ts'
import {chatSpan} from '../setup/make-span.ts'

interface Asked {
  path: string
  headers: Record<string, unknown>
  body: {
    model: string
    messages: {role: string; content: string}[]
    [name: string]: unknown
  }
  /** What the user message holds. */
  shown: {before: string[]; sentences: string[]}
}

/** A server that answers as `answer` says, and remembers what it was asked. */
const asked: Asked[] = []
let answer: (one: Asked) => {status?: number; content?: unknown; delayMs?: number} = () => ({})
let atOnce = 0
let mostAtOnce = 0
let server: Server
let baseUrl = ''

const kinds = ({sentences}: Asked['shown'], kind = 'verify', confidence = 0.9): string =>
  JSON.stringify({labels: sentences.map(() => ({kind, confidence}))})

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked['body']
      const shown = JSON.parse(body.messages.at(-1)?.content ?? '{}') as Asked['shown']
      const one: Asked = {path: request.url ?? '', headers: request.headers, body, shown}
      asked.push(one)
      const {status = 200, content, delayMs = 0} = answer(one)
      atOnce += 1
      mostAtOnce = Math.max(mostAtOnce, atOnce)
      setTimeout(() => {
        atOnce -= 1
        response.writeHead(status, {'content-type': 'application/json'})
        response.end(JSON.stringify({choices: [{message: {content: content ?? kinds(shown)}}]}))
      }, delayMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
afterEach(() => {
  asked.length = 0
  mostAtOnce = 0
  answer = () => ({})
})

const sentences = (count: number, from = 0): string[] =>
  Array.from({length: count}, (_, i) => `Sentence ${from + i}.`)

const label = async (
  texts: readonly string[],
  options: Partial<OpenAiCompatibleOptions> = {},
): Promise<readonly KindLabel[] | undefined> =>
  openAiCompatible({baseUrl, model: 'small', timeoutMillis: 10_000, ...options})(texts, {
    text: texts.join(' '),
  })

describe('what is asked', () => {
  test('goes to the chat completions of that address, with model, token and further members', async () => {
    const labels = await label(['Let me check.'], {
      apiKey: 'key',
      baseUrl: `${baseUrl}/`,
      body: {reasoning_effort: 'low', temperature: 1},
    })
    expect(labels).toEqual([{kind: 'verify', confidence: 0.9}])
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: {authorization: 'Bearer key'},
      body: {model: 'small', reasoning_effort: 'low', temperature: 1},
      shown: {before: [], sentences: ['Let me check.']},
    })
    expect(asked[0]?.body.messages[0]?.content).toContain('- backtrack:')
  })

  test('goes in batches, a few at once, each with the sentences before it', async () => {
    answer = ({shown}) => ({
      delayMs: 20,
      content: JSON.stringify({
        labels: shown.sentences.map((text) => ({
          kind: Number(/\d+/.exec(text)?.[0]) % 2 === 0 ? 'fact' : 'infer',
          confidence: 0.8,
        })),
      }),
    })
    const labels = await label(sentences(95), {batchSize: 10, contextSize: 2, maxConcurrency: 3})
    expect(labels?.map(({kind}) => kind)).toEqual(
      sentences(95).map((_, i) => (i % 2 === 0 ? 'fact' : 'infer')),
    )
    expect(asked).toHaveLength(10)
    expect(mostAtOnce).toBeLessThanOrEqual(3)
    const second = asked.find(({shown}) => shown.sentences[0] === 'Sentence 10.')
    expect(second?.shown.before).toEqual(['Sentence 8.', 'Sentence 9.'])
  })

  test('is asked once: batches are remembered, the oldest forgotten', async () => {
    const classify = openAiCompatible({baseUrl, model: 'small', cacheEntries: 2})
    const ask = async (texts: string[]) => classify(texts, {text: texts.join(' ')})
    for (const texts of [['a'], ['a'], ['b'], ['a'], ['c'], ['a'], ['b']]) await ask(texts)
    expect(asked.map(({shown}) => shown.sentences[0])).toEqual(['a', 'b', 'c', 'b'])
  })

  test('is nothing where the text may not leave the process', () => {
    const classify = openAiCompatible({baseUrl, model: 'small'})
    for (const policy of ['hash', 'length', 'drop'] as const) {
      expect(classify(['a'], {text: 'a', policy})).toBeUndefined()
    }
    expect(asked).toHaveLength(0)
  })
})

describe('what is answered', () => {
  test.each([
    ['a list', '["verify", "Fact"]'],
    ['words around it', 'Here you are:\n```json\n{"labels": ["verify", "fact"]}\n```'],
    ['a thought before it', '<think>[1] is verify</think>{"labels":["verify",{"kind":"fact"}]}'],
  ])('may be %s', async (_what, content) => {
    answer = () => ({content})
    expect(await label(['a', 'b'])).toEqual([
      {kind: 'verify', confidence: 0.5},
      {kind: 'fact', confidence: 0.5},
    ])
  })

  test.each([
    ['no JSON', {content: 'Sorry, I cannot.'}, 'one label a sentence'],
    ['too few labels', {content: '["verify"]'}, 'one label a sentence'],
    ['an unknown kind', {content: '["verify", "guess"]'}, 'one label a sentence'],
    ['no text', {content: 3}, 'one label a sentence'],
    ['an error', {status: 503}, 'status 503'],
  ])('is refused where it is %s', async (_what, wrong, message) => {
    answer = () => wrong
    await expect(label(['a', 'secret b'])).rejects.toThrow(message)
    await label(['a', 'secret b']).catch((error: Error) => {
      expect(error.message).not.toContain('secret')
    })
  })

  test('is not waited for longer than the limit, in which all batches have to come', async () => {
    answer = ({shown}) => ({delayMs: shown.sentences[0] === 'Sentence 10.' ? 5000 : 0})
    const start = performance.now()
    await expect(label(sentences(30), {batchSize: 10, timeoutMillis: 300})).rejects.toThrow(
      'no labels within 300 ms',
    )
    expect(performance.now() - start).toBeLessThan(3000)
  })
})

test.each([
  [{}, 'expected `baseUrl` to be an address'],
  [{baseUrl: 'http://localhost'}, 'expected `model`'],
  [{baseUrl: 'x', model: 'm'}, 'got `x`'],
  [{baseUrl: 'http://localhost', model: 'm', batchSize: 0}, 'whole number from 1 to 200'],
  [{baseUrl: 'http://localhost', model: 'm', timeout: 1}, 'unknown option `timeout`'],
  [{baseUrl: 'http://localhost', model: 'm', fetch: 1}, 'expected `fetch` to be a function'],
])('%j is refused with a reason', (options, message) => {
  expect(() => openAiCompatible(options as unknown as OpenAiCompatibleOptions)).toThrow(message)
})

describe('in a processor', () => {
  const THOUGHT = 'The window is 30 days. So it is open. Let me see.'

  async function kindsOf(options: Partial<OpenAiCompatibleOptions>, holdMillis = 10_000) {
    const exporter = new InMemorySpanExporter()
    const processor = new ReasoningSpanProcessor({
      next: createSimpleProcessor(exporter),
      classifier: openAiCompatible({baseUrl, model: 'small', ...options}),
      maxHoldMillis: holdMillis,
    })
    const {provider, tracer} = createProvider({spanProcessors: [processor]})
    const span = tracer().startSpan('chat', {
      attributes: chatSpan(THOUGHT).attributes,
    })
    span.end()
    await processor.forceFlush()
    const found = exporter
      .getFinishedSpans()
      .flatMap(({attributes}) => attributes['reasoning.step.kind'] ?? [])
    await provider.shutdown()
    return {found, stats: processor.getStats()}
  }

  test('its labels become the steps, and its own requests no spans', async () => {
    const {found} = await kindsOf({})
    expect(found).toEqual(['verify'])
    expect(asked).toHaveLength(1)
  })

  test('the built-in classifier labels where it fails', async () => {
    answer = () => ({status: 500})
    const {found} = await kindsOf({})
    expect(found.length).toBeGreaterThan(0)
    expect(found).not.toEqual(['verify'])
  })

  test('a call leaves in time where it does not answer', async () => {
    answer = () => ({delayMs: 4000})
    const start = performance.now()
    const {found, stats} = await kindsOf({timeoutMillis: 3000}, 100)
    expect(performance.now() - start).toBeLessThan(3000)
    expect(found.length).toBeGreaterThan(0)
    expect(stats.heldTooLong).toBe(1)
  })
})
