/** Takes what a Collector exports by OTLP/HTTP, byte for byte. */
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {gunzipSync} from 'node:zlib'
import {decodeOtlp} from '../../src/otlp/protobuf.ts'
import {readRequest} from '../../src/otlp/request.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'

export interface OtlpSink {
  url: string
  /** Bodies as they were before compression. */
  bodies: Buffer[]
  /** What it answers: 503 plays a backend that is away. */
  status: number
  spans(): ReadableSpanLike[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (sink.status === 200) {
        const body = Buffer.concat(chunks)
        bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      }
      response.writeHead(sink.status, {'content-type': 'application/x-protobuf'}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const sink: OtlpSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    status: 200,
    spans: () => bodies.flatMap((body) => readRequest(decodeOtlp(body))?.spans ?? []),
    close,
    [Symbol.asyncDispose]: close,
  }
  return sink
}
