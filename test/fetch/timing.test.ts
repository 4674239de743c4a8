/** When steps begin, and that the cuts of a stream change nothing but that. */
import {afterEach, beforeEach, expect, test} from 'vitest'
import {tapFetch} from '../../src/fetch.ts'
import {SUMMARY_PARTS, THOUGHT, THOUGHT_SENTENCES} from '../mock-providers/scenario.mjs'
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
  mock = await startMockProviders({delayMs: 0})
})
afterEach(async () => {
  await mock.close()
  await pipeline.stop()
})

// A machine that is busy delivers late by itself: that is no fault of the clock that is tested.
test('each step begins within 5 ms of the arrival of its first character', {retry: 3}, async () => {
  const server = await serve(async (_req, res) => {
    startEvents(res).flushHeaders()
    for (const sentence of THOUGHT_SENTENCES) {
      await sleep(25)
      // In two chunks: the first one counts.
      res.write(thinking(sentence.slice(0, 12)))
      await sleep(15)
      res.write(thinking(`${sentence.slice(12)} `))
    }
    await sleep(25)
    res.end(answering('Yes.') + END)
  })
  let start = 0
  const tapped = tapFetch((url: string, init?: RequestInit) => {
    start = Date.now()
    return fetch(url, init)
  })
  const arrivals = new Map<string, number>()
  let first: number | undefined
  await pipeline.under('agent', async () => {
    const response = await tapped(`${server.url}/v1/chat/completions`, REQUEST)
    for await (const chunk of response.body!) {
      const text = Buffer.from(chunk as Uint8Array).toString()
      first ??= Date.now()
      for (const sentence of THOUGHT_SENTENCES) {
        if (text.includes(`"${sentence.slice(0, 12)}`)) arrivals.set(sentence, Date.now())
      }
    }
  })
  await server.close()
  expect(arrivals.size).toBe(THOUGHT_SENTENCES.length)
  const steps = pipeline.steps()
  expect(steps.length).toBeGreaterThan(4)
  const [block] = pipeline.blocks()
  expect(block?.attributes['reasoning.timing']).toBe('measured')
  for (const step of steps) {
    const text = String(step.attributes['reasoning.text'])
    const sentence = THOUGHT_SENTENCES.find((one) => text.startsWith(one))
    const arrived = arrivals.get(sentence ?? '')
    const began = step.startTime[0] * 1000 + step.startTime[1] / 1e6
    expect(Math.abs(began - (arrived ?? 0)), text).toBeLessThan(5)
  }
  const silence = Number(block?.attributes['reasoning.time_to_first_chunk']) * 1000
  expect(Math.abs(silence - ((first ?? 0) - start))).toBeLessThan(5)
})

const whole = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
const byByte = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte)
}

const body = (fields: object): string =>
  JSON.stringify({messages: [{role: 'user', content: 'Hi'}], ...fields})

test.each([
  ['/v1/chat/completions', {model: 'deepseek-r1', stream: true}, THOUGHT],
  ['/v1/chat/completions', {model: 'think-tags-8b', stream: true}, THOUGHT],
  [
    '/v1/responses',
    {model: 'o3', stream: true, reasoning: {summary: 'auto'}, input: 'Hi'},
    SUMMARY_PARTS.join(' '),
  ],
  ['/v1/messages', {model: 'claude-sonnet-4-5', stream: true}, THOUGHT],
  ['/v1beta/models/gemini-2.5-pro:streamGenerateContent', {}, THOUGHT],
  ['/api/chat', {model: 'qwen3'}, THOUGHT],
  ['/model/us.anthropic.claude/converse-stream', {}, THOUGHT],
  ['/model/us.anthropic.claude/converse', {}, THOUGHT],
])(
  '%s %j gives one thought, whole and byte by byte, and the same bytes',
  async (path, fields, thought) => {
    const init = {...REQUEST, body: body(fields)}
    const original = await fetch(mock.url + path, init)
    const headers = {'content-type': original.headers.get('content-type') ?? ''}
    const bytes = await readAll(original)
    for (const cut of [whole, byByte]) {
      const tapped = tapFetch(
        async (_url: string, _init?: RequestInit) =>
          new Response(ReadableStream.from(cut(bytes)) as ReadableStream, {headers}),
      )
      await pipeline.under('agent', async () => {
        const got = await readAll(await tapped(mock.url + path, init))
        expect(got.equals(bytes)).toBe(true)
      })
    }
    const texts = pipeline.calls().map((call) =>
      pipeline.next.reasoning
        .filter(
          (span) =>
            span.name !== 'reasoning' &&
            pipeline
              .blocks()
              .some(
                (block) =>
                  block.parentSpanContext?.spanId === call.spanContext().spanId &&
                  span.parentSpanContext?.spanId === block.spanContext().spanId,
              ),
        )
        .map((span) => span.attributes['reasoning.text'])
        .join(' ')
        .replaceAll(/\s+/g, ' '),
    )
    expect(texts).toEqual([thought, thought].map((text) => text.replaceAll(/\s+/g, ' ')))
  },
)
