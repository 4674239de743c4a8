/** Mistral's own client: it checks what it gets against its schema, and sends a `Request`. */
import {HTTPClient, Mistral} from '@mistralai/mistralai'
import {instrumentFetch} from '../../src/fetch.ts'
import {expect, test} from 'vitest'
import {THOUGHT, TOOL} from '../mock-providers/scenario.mjs'
import {type AskOptions, describeClient} from './client-suite.ts'
import {onlyTree} from './wire-client.ts'

const MODEL = 'magistral-medium-2509'

const request = ({tools, model}: Partial<AskOptions>) => ({
  model: model ?? MODEL,
  messages: [{role: 'user' as const, content: 'May I return order A-1042?'}],
  ...(tools === true && {
    tools: [{type: 'function' as const, function: {name: TOOL.name, parameters: {}}}],
  }),
})

const clientOf = ({url, fetch}: AskOptions): Mistral =>
  new Mistral({
    serverURL: url,
    apiKey: 'none',
    httpClient: new HTTPClient({fetcher: (input, init) => fetch(input, init)}),
    retryConfig: {
      strategy: 'backoff',
      backoff: {initialInterval: 5, maxInterval: 10, exponent: 1, maxElapsedTime: 2000},
      retryConnectionErrors: false,
    },
  })

const sent = ({signal}: AskOptions) => (signal === undefined ? {} : {fetchOptions: {signal}})

const suite = describeClient({
  model: MODEL,
  provider: 'openai',
  document: (options) => clientOf(options).chat.complete(request(options), sent(options)),
  stream: (options) => clientOf(options).chat.stream(request(options), sent(options)),
  readsRequests: true,
  retriedStatus: 503,
  messageMark: 'data: ',
})

test('thinking chunks reach the caller as the schema has them', async () => {
  const {wire, front} = suite
  const {choices} = await clientOf({url: front.url, fetch: wire.fetch}).chat.complete(request({}))
  const content = choices?.[0]?.message?.content
  expect(content).toMatchObject([{type: 'thinking'}, {type: 'text'}])
})

test('a client without an HTTP client of its own is seen where fetch is tapped', async () => {
  const {wire, front} = suite
  const undo = instrumentFetch()
  try {
    const client = new Mistral({serverURL: front.url, apiKey: 'none'})
    await wire.under('ask', () => client.chat.complete(request({})))
  } finally {
    undo()
  }
  expect(onlyTree(wire.trees()).texts).toEqual([THOUGHT])
})
