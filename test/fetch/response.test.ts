/** What the caller gets: the same response, with and without the tap. */
import {createHash} from 'node:crypto'
import {inspect} from 'node:util'
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {context, createContextKey, trace} from '@opentelemetry/api'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {instrumentFetch, tapFetch} from '../../src/fetch.ts'
import {
  answering,
  END,
  type LocalServer,
  type Pipeline,
  readAll,
  REQUEST,
  serve,
  sleep,
  startEvents,
  startPipeline,
  thinking,
} from './tapped.ts'

const THOUGHT = 'The window is 30 days. Let me check that 23 days are inside it — ✓. '
const STREAM = Array.from(THOUGHT, thinking).join('') + answering('Yes.') + END
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let pipeline: Pipeline
let server: LocalServer | undefined
beforeEach(() => {
  pipeline = startPipeline()
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await pipeline.stop()
})

const tapped = tapFetch(fetch)

describe('what is not tapped is the very same', () => {
  test('promise, where the address and the body are of no model', async () => {
    const promise = Promise.resolve(new Response('hello'))
    const tap = tapFetch((_url: string, _init?: RequestInit) => promise)
    expect(tap('http://127.0.0.1/orders')).toBe(promise)
    expect(tap('http://127.0.0.1/orders', {method: 'POST', body: '{"order":1}'})).toBe(promise)
    expect(tap('http://127.0.0.1/v1/chat/completions')).toBe(promise)
  })

  test.each([
    ['a page', 200, 'text/html', '<p>'],
    ['an error', 400, 'application/json', '{"error":{"type":"bad"}}'],
  ])('response, where a model’s address answers with %s', async (_, status, type, body) => {
    const response = new Response(body, {status, headers: {'content-type': type}})
    const tap = tapFetch(async (_url: string, _init?: RequestInit) => response)
    expect(await tap('http://127.0.0.1/v1/chat/completions', REQUEST)).toBe(response)
    expect(await response.text()).toBe(body)
  })

  test('response, where tracing is suppressed or the trace is not sampled', async () => {
    const response = new Response(STREAM, {headers: {'content-type': 'text/event-stream'}})
    const tap = tapFetch(async (_url: string, _init?: RequestInit) => response)
    const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const got = await context.with(context.active().setValue(key, true), () =>
      tap('http://127.0.0.1/v1/chat/completions', REQUEST),
    )
    expect(got).toBe(response)
    const unsampled = trace.setSpanContext(context.active(), {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 0,
    })
    const again = await context.with(unsampled, () =>
      tap('http://127.0.0.1/v1/chat/completions', REQUEST),
    )
    expect(again).toBe(response)
  })

  test('response, where it has no body, was read, or is none', async () => {
    const used = new Response(STREAM, {headers: {'content-type': 'text/event-stream'}})
    await used.text()
    const none = {ok: true, headers: new Headers(), json: async () => ({choices: []})}
    for (const response of [new Response(null, {status: 204}), used, none]) {
      const tap = tapFetch(async (_url: string, _init?: RequestInit) => response)
      expect(await tap('http://127.0.0.1/v1/chat/completions', REQUEST)).toBe(response)
    }
  })

  test('error, where there is no connection', async () => {
    const error = new TypeError('fetch failed')
    const tap = tapFetch(async (_url: string, _init?: RequestInit): Promise<Response> => {
      throw error
    })
    await expect(tap('http://127.0.0.1/v1/chat/completions', REQUEST)).rejects.toBe(error)
    const sync = tapFetch((_url: string, _init?: RequestInit): Promise<Response> => {
      throw error
    })
    expect(() => sync('http://127.0.0.1/v1/chat/completions', REQUEST)).toThrow(error)
  })
})

describe('a tapped response', () => {
  const both = async (init: RequestInit = REQUEST): Promise<[Response, Response]> => {
    const url = `${server?.url}/v1/chat/completions`
    return [await fetch(url, init), await tapped(url, init)]
  }

  beforeEach(async () => {
    server = await serve((req, res) => {
      if (req.url === '/old/chat/completions') {
        res.writeHead(307, {location: '/v1/chat/completions'}).end()
        return
      }
      startEvents(res).write(STREAM.slice(0, 700))
      setTimeout(() => res.end(STREAM.slice(700)), 5)
    })
  })

  test('has address, type, status, headers and class of the one that came', async () => {
    const [plain, ours] = await both()
    expect(ours).toBeInstanceOf(Response)
    expect(ours.body).toBeInstanceOf(ReadableStream)
    expect(ours.body).toBe(ours.body)
    for (const key of [
      'url',
      'type',
      'status',
      'statusText',
      'ok',
      'redirected',
      'bodyUsed',
    ] as const)
      expect(ours[key], key).toBe(plain[key])
    expect(Object.keys(ours)).toEqual(Object.keys(plain))
    const lines = (response: Response) => [...response.headers].filter(([name]) => name !== 'date')
    expect(lines(ours)).toEqual(lines(plain))
    expect(() => ours.headers.set('a', 'b')).toThrow(TypeError)
    expect(inspect(ours)).toContain(plain.url)
    expect(hash(await readAll(ours))).toBe(hash(await readAll(plain)))
    expect(ours.bodyUsed).toBe(true)
    await expect(ours.text()).rejects.toThrow(TypeError)
  })

  test('was redirected where the request was', async () => {
    const response = await tapped(`${server?.url}/old/chat/completions`, REQUEST)
    expect(response.redirected).toBe(true)
    expect(response.url).toBe(`${server?.url}/v1/chat/completions`)
    await response.body?.cancel()
  })

  test('gives the same bytes by every way of reading', async () => {
    const expected = STREAM
    const read: Record<string, (response: Response) => Promise<string>> = {
      text: (r) => r.text(),
      arrayBuffer: async (r) => Buffer.from(await r.arrayBuffer()).toString(),
      blob: async (r) => {
        const blob = await r.blob()
        expect(blob.type).toBe('text/event-stream')
        return blob.text()
      },
      iterate: async (r) => (await readAll(r)).toString(),
      pipe: async (r) => {
        let text = ''
        for await (const part of r.body!.pipeThrough(new TextDecoderStream())) text += part
        return text
      },
      tee: async (r) => {
        const [a, b] = r.body!.tee()
        const texts = await Promise.all([new Response(a).text(), new Response(b).text()])
        expect(texts[0]).toBe(texts[1])
        return texts[0]
      },
      clone: async (r) => {
        const copy = r.clone()
        expect(copy.url).toBe(r.url)
        expect(copy.clone().type).toBe(r.type)
        const texts = await Promise.all([copy.text(), r.text()])
        expect(texts[0]).toBe(texts[1])
        return texts[1]
      },
      byob: async (r) => {
        const reader = r.body!.getReader({mode: 'byob'})
        const parts: Buffer[] = []
        for (let buffer = new ArrayBuffer(100); ;) {
          const {done, value} = await reader.read(new Uint8Array(buffer))
          if (done) return Buffer.concat(parts).toString()
          parts.push(Buffer.from(value))
          buffer = value.buffer
        }
      },
      wrapped: (r) => new Response(r.body, r).text(),
    }
    for (const [way, reading] of Object.entries(read)) {
      const [, ours] = await both()
      expect(await reading(ours), way).toBe(expected)
    }
    await pipeline.provider.forceFlush()
    expect(pipeline.calls()).toHaveLength(Object.keys(read).length)
    expect(pipeline.blocks()).toHaveLength(Object.keys(read).length)
  })

  test('ends for the caller who breaks off, and for the server', async () => {
    let isClosed = false
    await server?.close()
    server = await serve((_req, res) => {
      startEvents(res).write(thinking('The window is 30 days. '))
      res.on('close', () => (isClosed = true))
    })
    await pipeline.under('agent', async () => {
      const response = await tapped(`${server?.url}/v1/chat/completions`, REQUEST)
      for await (const chunk of response.body!) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    })
    await expect.poll(() => isClosed).toBe(true)
    const [block] = pipeline.blocks()
    expect(block?.attributes['reasoning.text_incomplete']).toBe(true)
  })

  test('breaks with the error that the caller’s signal gives', async () => {
    await server?.close()
    server = await serve((_req, res) => {
      startEvents(res).write(thinking('The window is 30 days. '))
    })
    const why = new Error('enough')
    for (const fetcher of [fetch, tapped]) {
      const stop = new AbortController()
      const response = await fetcher(`${server.url}/v1/chat/completions`, {
        ...REQUEST,
        signal: stop.signal,
      })
      const reader = response.body!.getReader()
      await reader.read()
      const closed = reader.closed.catch((error: unknown) => error)
      stop.abort(why)
      // Without another read, too.
      expect(await closed).toBe(why)
      await expect(reader.read()).rejects.toBe(why)
    }
  })

  test('breaks as the connection does, and what had arrived is kept', async () => {
    await server?.close()
    server = await serve((_req, res) => {
      startEvents(res).write(thinking('The window is 30 days. Let me check'))
      setTimeout(() => res.destroy(), 20)
    })
    const url = `${server.url}/v1/chat/completions`
    const plain = await fetch(url, REQUEST)
    const expected = await readAll(plain).catch((error: Error) => error)
    const error = await pipeline.under('agent', async () =>
      readAll(await tapped(url, REQUEST)).catch((e: Error) => e),
    )
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toBe((expected as Error).message)
    const [call] = pipeline.calls()
    expect(call?.status.code).toBe(2)
    expect(call?.attributes['error.type']).toBe('TypeError')
    const [block] = pipeline.blocks()
    expect(block?.attributes['reasoning.text_incomplete']).toBe(true)
    expect(block?.attributes['reasoning.signals']).toContain('truncated')
  })
})

test('a body that is asked for slowly is not read ahead', async () => {
  let written = 0
  const source = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      written += 1
      controller.enqueue(new TextEncoder().encode(thinking('word ')))
    },
  })
  const tap = tapFetch(
    async (_url: string, _init?: RequestInit) =>
      new Response(source, {headers: {'content-type': 'text/event-stream'}}),
  )
  const response = await tap('http://127.0.0.1/v1/chat/completions', REQUEST)
  await sleep(5)
  expect(written).toBe(0)
  const reader = response.body!.getReader()
  for (let i = 0; i < 10; i += 1) await reader.read()
  await sleep(5)
  expect(written).toBe(10)
  await reader.cancel()
})

test('a stream that is not of bytes stays one, and keeps its buffers', async () => {
  const chunk = Buffer.from(STREAM)
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(chunk)
      controller.close()
    },
  })
  const tap = tapFetch(
    async (_url: string, _init?: RequestInit) =>
      new Response(source, {headers: {'content-type': 'text/event-stream'}}),
  )
  const response = await tap('http://127.0.0.1/v1/chat/completions', REQUEST)
  const {value} = await response.body!.getReader().read()
  expect(value).toBe(chunk)
  expect(chunk.toString()).toBe(STREAM)
})

test('the first byte comes when it came', async () => {
  server = await serve((_req, res) => {
    startEvents(res).write(thinking('The window is 30 days. '))
    setTimeout(() => res.end(answering('Yes.') + END), 150)
  })
  const url = `${server.url}/v1/chat/completions`
  const firstByte = async (fetcher: typeof fetch): Promise<number> => {
    const start = performance.now()
    const response = await fetcher(url, REQUEST)
    const reader = response.body!.getReader()
    await reader.read()
    const millis = performance.now() - start
    await reader.cancel()
    return millis
  }
  await firstByte(fetch)
  const added: number[] = []
  for (let i = 0; i < 15; i += 1) {
    const plain = await firstByte(fetch)
    added.push((await firstByte(tapped)) - plain)
  }
  // The whole response takes 150 ms.
  expect(added.sort((a, b) => a - b)[7]).toBeLessThan(10)
})

test('100 MB pass with the same bytes and without being held', async () => {
  const line = Buffer.from(thinking('word '.repeat(2000)))
  const count = Math.ceil((100 * 1024 * 1024) / line.length)
  server = await serve((_req, res) => {
    startEvents(res)
    let left = count
    const write = (): void => {
      while (left > 0) {
        left -= 1
        if (!res.write(line)) {
          res.once('drain', write)
          return
        }
      }
      res.end(END)
    }
    write()
  })
  const expected = createHash('sha256')
  for (let i = 0; i < count; i += 1) expected.update(line)
  expected.update(END)
  const actual = createHash('sha256')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = (): number => {
    collect()
    const {heapUsed, arrayBuffers} = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = held()
  let most = 0
  await pipeline.under('agent', async () => {
    const response = await tapped(`${server?.url}/v1/chat/completions`, REQUEST)
    let chunks = 0
    for await (const chunk of response.body!) {
      actual.update(chunk)
      chunks += 1
      if (chunks % 200 === 0) most = Math.max(most, held() - before)
    }
  })
  expect(actual.digest('hex')).toBe(expected.digest('hex'))
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(24 * 1024 * 1024)
  // Bodies that other tests let go of may be given up meanwhile.
  const [agent] = pipeline.next.users.filter(({name}) => name === 'agent')
  const ours = pipeline
    .calls()
    .filter((call) => call.spanContext().traceId === agent?.spanContext().traceId)
  expect(ours).toHaveLength(1)
}, 60_000)

describe('instrumentFetch', () => {
  test('is idempotent, and its undo puts back what was there', () => {
    const original = globalThis.fetch
    const undo = instrumentFetch()
    const ours = globalThis.fetch
    expect(ours).not.toBe(original)
    expect(ours.name).toBe(original.name)
    expect(ours.length).toBe(original.length)
    expect(instrumentFetch()).toBe(undo)
    expect(globalThis.fetch).toBe(ours)
    expect(tapFetch(ours)).toBe(ours)
    undo()
    expect(globalThis.fetch).toBe(original)
    undo()
    expect(globalThis.fetch).toBe(original)
  })

  test('lets everything pass after its undo where somebody wrapped it', async () => {
    const original = globalThis.fetch
    const response = new Response(STREAM, {headers: {'content-type': 'text/event-stream'}})
    globalThis.fetch = async () => response
    const undo = instrumentFetch()
    const ours = globalThis.fetch
    const theirs: typeof fetch = (input, init) => ours(input, init)
    globalThis.fetch = theirs
    try {
      undo()
      expect(globalThis.fetch).toBe(theirs)
      expect(await fetch('http://127.0.0.1/v1/chat/completions', REQUEST)).toBe(response)
      const again = instrumentFetch()
      expect(globalThis.fetch).not.toBe(theirs)
      expect(again).not.toBe(undo)
      again()
      expect(globalThis.fetch).toBe(theirs)
    } finally {
      globalThis.fetch = original
    }
  })

  test('names what was expected of wrong options', () => {
    expect(() => instrumentFetch({createSpan: true} as object)).toThrow(
      'unknown option `createSpan`',
    )
    expect(() => instrumentFetch({createSpans: 1} as object)).toThrow(
      '`createSpans` to be a boolean',
    )
    expect(() => tapFetch(fetch, {limits: {maxItems: 0}})).toThrow('limits.maxItems')
    expect(() => tapFetch(undefined as never)).toThrow('`fetch` to be a function')
    expect(() => tapFetch(fetch, {tracerProvider: {} as never})).toThrow('`getTracer`')
  })
})

describe('a `fetch` of the client’s own', () => {
  const made = (): Response =>
    new Response(STREAM, {headers: {'content-type': 'text/event-stream'}})

  test('that returns no more than something with `then` is waited for as it would be', async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- a bare one is what is tested
      then(resolve: (value: Response) => void, reject: (error: Error) => void) {
        resolve(made())
        resolve(new Response('another'))
        reject(new Error('late'))
      },
    }
    const tap = tapFetch((() => thenable) as unknown as typeof fetch)
    const response = await tap('http://127.0.0.1/v1/chat/completions', REQUEST)
    expect(await response.text()).toBe(STREAM)
  })

  test('may put what it likes on its response', async () => {
    const tap = tapFetch(async (_url: string, _init?: RequestInit) =>
      Object.assign(made(), {requestId: 'r1', text: async () => 'its own'}),
    )
    const response = await tap('http://127.0.0.1/v1/chat/completions', REQUEST)
    expect(response.requestId).toBe('r1')
    expect(await response.text()).toBe('its own')
  })
})

test('a global `fetch` that cannot be replaced is left as it is, and that is told', () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'fetch') as PropertyDescriptor
  const fixed = globalThis.fetch
  Object.defineProperty(globalThis, 'fetch', {value: fixed, writable: false, configurable: true})
  const errors: string[] = []
  try {
    const undo = instrumentFetch({onError: ({message}) => errors.push(message)})
    undo()
    expect(globalThis.fetch).toBe(fixed)
    expect(errors).toHaveLength(1)
  } finally {
    Object.defineProperty(globalThis, 'fetch', original)
  }
})
