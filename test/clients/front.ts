/**
 * A server in front of the mock provider: it asks the mock, and hands the answer on as a test wants,
 * in HTTP/1.1 or in HTTP/2 without TLS, as AWS's client speaks it.
 */
import {createServer, request as send, type IncomingHttpHeaders} from 'node:http'
import {createServer as createServer2} from 'node:http2'
import type {AddressInfo} from 'node:net'
import {setImmediate as turn, setTimeout as sleep} from 'node:timers/promises'

/** What of a response both versions of HTTP have. */
interface Sink {
  write(bytes: Uint8Array): boolean
  end(): unknown
  /** Breaks the connection. */
  destroy(): void
}

/** Hands an answer on. */
export type Delivery = (body: Buffer, sink: Sink) => Promise<void>

/** All in one chunk. */
export const whole: Delivery = async (body, sink) => {
  sink.write(body)
  sink.end()
}

/** In chunks of so many bytes, a turn of the event loop between them. */
export const inChunks =
  (length: number): Delivery =>
  async (body, sink) => {
    for (let at = 0; at < body.length; at += length) {
      sink.write(body.subarray(at, at + length))
      await turn()
    }
    sink.end()
  }

/** In chunks of so many bytes, so many milliseconds apart. */
export const slowly =
  (length: number, millis: number): Delivery =>
  async (body, sink) => {
    for (let at = 0; at < body.length; at += length) {
      sink.write(body.subarray(at, at + length))
      await sleep(millis)
    }
    sink.end()
  }

/** Breaks the connection after so many bytes. */
export const cutAfter =
  (length: number): Delivery =>
  async (body, sink) => {
    for (let at = 0; at < length; at += 100) {
      sink.write(body.subarray(at, Math.min(at + 100, length)))
      await sleep(2)
    }
    sink.destroy()
  }

/** Puts other bytes in the place of what stands at `at`. */
export const spoiled =
  (at: number, bytes: Uint8Array): Delivery =>
  async (body, sink) => {
    const copy = Buffer.from(body)
    copy.set(bytes, at)
    await inChunks(200)(copy, sink)
  }

export interface Front {
  url: string
  deliver: Delivery
  /** Statuses with which the next requests fail. */
  failures: number[]
  /** Answers in the mock's place, where it gives an answer. */
  answer: (path: string, body: Buffer) => Promise<Answer | undefined>
  /** Requests that came. */
  requests: number
  close(): Promise<void>
}

export interface Answer {
  status: number
  type: string
  body: Buffer
}

/** @param url of the mock */
async function ask(
  url: string,
  method: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  return new Promise((ok, fail) => {
    const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-mock'))
    const asked = send(url, {method, headers: Object.fromEntries(kept)}, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', fail)
      answer.on('end', () =>
        ok({
          status: answer.statusCode ?? 500,
          type: answer.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
        }),
      )
    })
    asked.on('error', fail)
    asked.end(body)
  })
}

/** What `http` and `http2` have in common of a request and its response. */
interface Exchange {
  method?: string | undefined
  url?: string | undefined
  headers: IncomingHttpHeaders
  [Symbol.asyncIterator](): AsyncIterator<unknown>
}
interface Reply {
  writeHead(status: number, headers: Record<string, string>): unknown
  write(bytes: Uint8Array): boolean
  end(text?: string): unknown
  readonly stream?: {close(code: number): void}
  destroy?(): unknown
}

/** `INTERNAL_ERROR` of HTTP/2. */
const BROKEN = 2

export async function startFront(mock: string, version: 1 | 2 = 1): Promise<Front> {
  const handle = async (req: Exchange, res: Reply): Promise<void> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of req) chunks.push(chunk as Uint8Array)
    front.requests++
    const status = front.failures.shift()
    if (status !== undefined) {
      const head = {'content-type': 'application/json', 'retry-after-ms': '1'}
      res.writeHead(status, head)
      res.end('{"message": "not now"}')
      return
    }
    const target = `${mock}${req.url ?? ''}`
    const body = Buffer.concat(chunks)
    const answer =
      (await front.answer(req.url ?? '', body)) ??
      (await ask(target, req.method ?? 'GET', req.headers, body))
    res.writeHead(answer.status, {'content-type': answer.type})
    const {deliver} = front
    await deliver(answer.body, {
      write: (bytes) => res.write(bytes),
      end: () => res.end(),
      destroy: () => (res.stream === undefined ? res.destroy?.() : res.stream.close(BROKEN)),
    })
  }
  const listener = (req: unknown, res: unknown): void => {
    // A client that went away is what some tests are about.
    handle(req as Exchange, res as Reply).catch(() => (res as Reply).destroy?.())
  }
  const sockets = new Set<{destroy(): void}>()
  const server = version === 1 ? createServer(listener) : createServer2(listener)
  server.on('connection', (socket: {destroy(): void}) => sockets.add(socket))
  await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok))
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliver: inChunks(200),
    failures: [],
    answer: async () => undefined,
    requests: 0,
    close: () =>
      new Promise((ok) => {
        server.close(() => ok())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return front
}
