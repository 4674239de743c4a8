import {execFile} from 'node:child_process'
import {createServer, type IncomingHttpHeaders, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {resolve} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {afterEach, expect, test} from 'vitest'
import {readOtlpTarget} from '../../src/register/environment.ts'
import {createExitExporter, type SpanExporter} from '../../src/register/exit-exporter.ts'
import {createHttpExporter} from '../../src/register/http-exporter.ts'
import {createFaultReport} from '../../src/fault-report.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: Buffer
}

const open: {stop(): Promise<void>}[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop()
})

async function startServer(
  answer: (response: ServerResponse, count: number) => void,
): Promise<{url: string; received: Received[]}> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({headers: request.headers, body: Buffer.concat(chunks)})
      answer(response, received.length)
    })
  })
  await new Promise<void>((ok) => server.listen(0, '127.0.0.1', ok))
  open.push({
    stop: () =>
      new Promise((ok) => {
        server.close(() => ok())
        server.closeAllConnections()
      }),
  })
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received}
}

const exporterFor = (url: string, env: Record<string, string> = {}): SpanExporter =>
  createHttpExporter({
    target: readOtlpTarget({OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env}, () => {}),
    serialize: (spans) => new TextEncoder().encode(JSON.stringify(spans)),
  })

const send = (exporter: SpanExporter, spans: readonly unknown[]) =>
  new Promise<{code: number; error?: Error | undefined}>((ok) => exporter.export(spans, ok))

test('spans arrive with the headers and the compression that the environment asks for', async () => {
  const {url, received} = await startServer((response) => response.end())
  const exporter = exporterFor(url, {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  })
  expect(await send(exporter, ['a span'])).toEqual({code: 0})
  expect(await send(exporter, ['another'])).toEqual({code: 0})
  expect(received.map(({body}) => gunzipSync(body).toString())).toEqual([
    '["a span"]',
    '["another"]',
  ])
  expect(received[0]?.headers).toMatchObject({
    authorization: 'Bearer x',
    'content-encoding': 'gzip',
    'content-type': 'application/x-protobuf',
  })
  await exporter.shutdown()
})

test('a collector that is overloaded is asked again when it says, one that refuses is not', async () => {
  const busy = await startServer((response, count) => {
    response.writeHead(count < 3 ? 503 : 200, {'retry-after': '0'}).end()
  })
  expect(await send(exporterFor(busy.url), ['span'])).toEqual({code: 0})
  expect(busy.received).toHaveLength(3)

  const wrong = await startServer((response) => response.writeHead(400).end('no'))
  expect(await send(exporterFor(wrong.url), ['span'])).toMatchObject({
    code: 1,
    error: new Error('status 400'),
  })
  expect(wrong.received).toHaveLength(1)
})

test('a collector that answers nothing, or nonsense, is given up in time', async () => {
  const env = {OTEL_EXPORTER_OTLP_TIMEOUT: '200'}
  const silent = await startServer(() => {})
  expect(await send(exporterFor(silent.url, env), ['span'])).toMatchObject({code: 1})
  const nonsense = await startServer((response) => response.socket?.end('nonsense\r\n\r\n'))
  expect(await send(exporterFor(nonsense.url, env), ['span'])).toMatchObject({code: 1})
  const endless = await startServer((response) => response.writeHead(200).write('x'))
  expect(await send(exporterFor(endless.url, env), ['span'])).toEqual({code: 0})
})

test.each([
  ['that does not answer', () => {}],
  ['that asks to come back later', (response: ServerResponse) => response.writeHead(503).end()],
] as const)('a collector %s keeps no program alive', async (_, answer) => {
  const {url, received} = await startServer(answer)
  const code = `
    import {createHttpExporter} from ${JSON.stringify(resolve('src/register/http-exporter.ts'))}
    import {readOtlpTarget} from ${JSON.stringify(resolve('src/register/environment.ts'))}
    const target = readOtlpTarget({OTEL_EXPORTER_OTLP_ENDPOINT: '${url}'}, () => {})
    const exporter = createHttpExporter({target, serialize: () => Buffer.from('x')})
    exporter.export([1], () => console.log('settled'))
    setTimeout(() => {
      const start = Date.now()
      process.on('exit', () => console.log(Date.now() - start < 5_000))
    }, 800)`
  const node = resolve('node_modules/.bin/node')
  const stdout = await new Promise<string>((ok, not) =>
    execFile(node, ['--input-type=module', '--eval', code], (error, out) =>
      error === null ? ok(out) : not(error),
    ),
  )
  expect(stdout).toBe('true\n')
  expect(received.length).toBeGreaterThan(0)
})

test('whoever hands spans over is not held up by a few of them, and the end of all can be awaited', async () => {
  const pending: (() => void)[] = []
  const silent: SpanExporter = {
    export: (_, done) => void pending.push(() => done({code: 0})),
    shutdown: async () => {},
  }
  const exporter = createExitExporter(
    silent,
    createFaultReport('test', () => {}),
  )
  const told: number[] = []
  for (let at = 0; at < 6; at++) exporter.export([at], () => told.push(at))
  expect(told).toEqual([0, 1, 2, 3])
  expect(exporter.isBusy).toBe(true)

  let isSettled = false
  const settled = exporter.settled().then(() => (isSettled = true))
  for (const answer of pending.slice(0, 5)) answer()
  await Promise.resolve()
  expect([told, isSettled]).toEqual([[0, 1, 2, 3, 4], false])
  pending[5]?.()
  await settled
  expect([told, exporter.isBusy]).toEqual([[0, 1, 2, 3, 4, 5], false])
})
