/** Ollama's own client. */
import {Ollama} from 'ollama'
import {expect, test} from 'vitest'
import {ANSWER, THOUGHT, TOOL} from '../mock-providers/scenario.mjs'
import {type AskOptions, describeClient} from './client-suite.ts'
import {slowly} from './front.ts'
import {onlyTree} from './wire-client.ts'

const MODEL = 'qwen3:8b'

const request = ({tools, model}: AskOptions) => ({
  model: model ?? MODEL,
  think: true,
  messages: [{role: 'user', content: 'May I return order A-1042?'}],
  ...(tools === true && {
    tools: [{type: 'function', function: {name: TOOL.name, description: 'Finds an order'}}],
  }),
})

/** This client takes no signal; its own `abort` ends what it does. */
function clientOf({url, fetch, signal}: AskOptions): Ollama {
  const client = new Ollama({host: url, fetch})
  signal?.addEventListener('abort', () => client.abort())
  return client
}

const suite = describeClient({
  model: MODEL,
  provider: 'ollama',
  document: (options) => clientOf(options).chat({...request(options), stream: false}),
  stream: (options) => clientOf(options).chat({...request(options), stream: true}),
  readsRequests: true,
  messageMark: '{"model"',
})

test('a reader that stops early leaves the body open, and what arrived is kept', async () => {
  const {wire, front} = suite
  front.deliver = slowly(300, 5)
  await wire.under('ask', async () => {
    const client = new Ollama({host: front.url, fetch: wire.fetch})
    const stream = await client.chat({...request({url: '', fetch: wire.fetch}), stream: true})
    let count = 0
    for await (const _ of stream) {
      count += 1
      if (count === 5) break
    }
  })
  await expect.poll(() => wire.trees().length, {timeout: 10_000}).toBe(1)
  const tree = onlyTree(wire.trees())
  expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
  expect(tree.signals).toContain('truncated')
})

test('generate thinks as chat does', async () => {
  const {wire, front} = suite
  const lines = [
    ...(THOUGHT.match(/[^]{1,40}/g) ?? []).map((thinking) => ({thinking, response: ''})),
    {response: ANSWER},
  ].map((part) => ({model: MODEL, created_at: '2026-03-29T10:00:00Z', ...part, done: false}))
  const last = {model: MODEL, response: '', done: true, done_reason: 'stop', eval_count: 263}
  front.answer = async (path) =>
    path === '/api/generate'
      ? {
          status: 200,
          type: 'application/x-ndjson',
          body: Buffer.from([...lines, last].map((line) => `${JSON.stringify(line)}\n`).join('')),
        }
      : undefined
  const client = new Ollama({host: front.url, fetch: wire.fetch})
  await wire.under('ask', async () => {
    let thought = ''
    for await (const part of await client.generate({
      model: MODEL,
      prompt: 'May I return order A-1042?',
      think: true,
      stream: true,
    })) {
      thought += part.thinking ?? ''
    }
    expect(thought).toBe(THOUGHT)
  })
  expect(onlyTree(wire.trees())).toMatchObject({texts: [THOUGHT], answer: ANSWER})
})
