/** The plugin in a stack of middleware that is no more than what it needs; real HTTP below it. */
import {type IncomingMessage, request as send} from 'node:http'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {instrumentBedrock, reasoningPlugin, type SmithyClient} from '../src/bedrock.ts'
import {type Pipeline, startPipeline} from './fetch/tapped.ts'
import {THOUGHT} from './mock-providers/scenario.mjs'
import {type MockProviders, startMockProviders} from './mock-providers/server.mjs'

interface Result {
  response: {statusCode: number; headers: Record<string, string>; body: IncomingMessage}
  output?: unknown
}
type Handler = (args: {request: Record<string, unknown>}) => Promise<Result>
type Middleware = (next: Handler, context: object) => Handler
interface Entry {
  middleware: Middleware
  name: string
  priority: 'high' | 'low'
}

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

/** A client whose handler sends with `node:http` and reads nothing. */
function createClient(): SmithyClient & {ask(path: string, body?: object): Promise<Result>} {
  const entries = new Map<string, Entry>()
  const stack = {
    add(middleware: Middleware, options: Omit<Entry, 'middleware'> & {step: string}) {
      expect(options.step).toBe('deserialize')
      entries.set(options.name, {middleware, ...options})
    },
    use(plugin: {applyToStack(to: unknown): void}) {
      plugin.applyToStack(stack)
    },
    remove: (name: string) => entries.delete(name),
  }
  const handler: Handler = ({request}) =>
    new Promise((ok, fail) => {
      const {hostname, port, path, body} = request as Record<string, string>
      const sent = send({hostname, port, path, method: 'POST'}, (response) =>
        ok({
          response: {
            statusCode: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: response,
          },
        }),
      )
      sent.on('error', fail)
      sent.end(body)
    })
  return {
    middlewareStack: stack,
    ask(path, body = {messages: [{role: 'user', content: [{text: 'Hi'}]}]}) {
      const {hostname, port} = new URL(mock.url)
      const ordered = [...entries.values()].sort((a) => (a.priority === 'low' ? -1 : 1))
      const all = ordered.reduce((next, {middleware}) => middleware(next, {}), handler)
      const request = {protocol: 'http:', hostname, port: Number(port), path, method: 'POST'}
      return all({request: {...request, body: JSON.stringify(body)}})
    },
  }
}

async function bytesOf({response}: Result): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response.body) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const textOfSteps = (): string =>
  pipeline
    .steps()
    .map(({attributes}) => String(attributes['reasoning.text']))
    .join(' ')

const CONVERSE = '/model/deepseek.r1-v1%3A0/converse'

test.each([CONVERSE, `${CONVERSE}-stream`])(
  '%s: the same bytes, and its reasoning',
  async (path) => {
    const client = createClient()
    const expected = await bytesOf(await client.ask(path))
    expect(pipeline.calls()).toEqual([])
    instrumentBedrock(client)
    await pipeline.under('ask', async () => {
      expect(await bytesOf(await client.ask(path))).toEqual(expected)
    })
    expect(pipeline.calls().map(({name}) => name)).toEqual(['chat deepseek.r1-v1:0'])
    expect(pipeline.blocks()).toHaveLength(1)
    expect(textOfSteps()).toBe(THOUGHT)
  },
)

test('other operations are not looked at', async () => {
  const client = createClient()
  instrumentBedrock(client)
  await pipeline.under('ask', async () => {
    const {response} = await client.ask('/guardrail/g/version/1/apply')
    expect(response.statusCode).toBe(404)
    expect('emit' in Object.keys(response.body)).toBe(false)
    response.body.resume()
  })
  expect(pipeline.calls()).toEqual([])
})

test('its undo puts back what was there, once, and a second call gives the same undo', async () => {
  const client = createClient()
  const undo = instrumentBedrock(client)
  expect(instrumentBedrock(client)).toBe(undo)
  undo()
  undo()
  await pipeline.under('ask', async () => bytesOf(await client.ask(CONVERSE)))
  expect(pipeline.calls()).toEqual([])
  instrumentBedrock(client)
  await pipeline.under('ask', async () => bytesOf(await client.ask(CONVERSE)))
  expect(pipeline.calls()).toHaveLength(1)
})

test('a server that is not there is the caller’s error', async () => {
  const client = createClient()
  instrumentBedrock(client)
  await mock.close()
  await pipeline.under('ask', async () => {
    await expect(client.ask(CONVERSE)).rejects.toThrow('ECONNREFUSED')
  })
  await expect.poll(() => pipeline.calls().map(({status}) => status.code)).toEqual([2])
})

test('calls that are wrong are told what was expected', () => {
  expect(() => instrumentBedrock(undefined as never)).toThrow(/expected `client` to be a client of/)
  expect(() => instrumentBedrock(createClient(), {createSpan: true} as never)).toThrow(
    'instrumentBedrock: unknown option `createSpan`',
  )
  expect(() => reasoningPlugin({limits: {maxItems: 0}})).toThrow('`limits.maxItems`')
})
