/**
 * Starts a real Jaeger on free loopback ports for a test, and makes sure that it is gone
 * afterwards, also when the test process is killed.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'

import {buildJaeger} from './build.ts'
import {freePorts, serviceFolder, startService} from './service.ts'

export interface JaegerOptions {
  /** @defaultValue 'memory' */
  storage?: 'memory' | 'badger' | undefined
  /**
   * Where Badger keeps its files, so that a second start finds them.
   * @defaultValue a temporary folder, removed by `stop()`
   */
  directory?: string | undefined
  /** @defaultValue 30,000 */
  startTimeoutMillis?: number | undefined
}

export interface Jaeger {
  /** Base address as in `OTEL_EXPORTER_OTLP_ENDPOINT`, without a path. */
  otlpUrl: string
  /** `${otlpUrl}/v1/traces`, as the exporters' `url` option wants it. */
  otlpTracesUrl: string
  otlpGrpcUrl: string
  queryUrl: string
  pid: number
  /** What Jaeger logged so far: says why a span was not stored. Still there after `stop()`. */
  log(): string
  /** SIGTERM, then SIGKILL; resolves when the process is gone. May be called twice. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Ports {
  otlpHttp: number
  otlpGrpc: number
  queryHttp: number
  queryGrpc: number
}

type Four = [number, number, number, number]

const maxAttempts = 3

/** Rejects with the plain reason when there is no binary: ask `buildJaeger()` first to skip. */
export async function startJaeger(options: JaegerOptions = {}): Promise<Jaeger> {
  const built = await buildJaeger()
  if (built.path === undefined) throw new Error(built.reason)
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(built.path, options)
    } catch (error) {
      // Between our look for a free port and Jaeger's bind somebody else may have taken it.
      if (attempt < maxAttempts && /address already in use/.test(String(error))) continue
      throw error
    }
  }
}

async function start(binary: string, options: JaegerOptions): Promise<Jaeger> {
  const [otlpHttp, otlpGrpc, queryHttp, queryGrpc] = (await freePorts(4)) as Four
  const folder = serviceFolder('jaeger')
  const ports: Ports = {otlpHttp, otlpGrpc, queryHttp, queryGrpc}
  const data = options.directory ?? join(folder, 'data')
  const config = join(folder, 'jaeger.yaml')
  writeFileSync(config, configuration(ports, options.storage ?? 'memory', data))

  const otlpUrl = `http://127.0.0.1:${otlpHttp}`
  const otlpTracesUrl = `${otlpUrl}/v1/traces`
  const queryUrl = `http://127.0.0.1:${queryHttp}`
  const service = await startService({
    name: 'jaeger',
    command: binary,
    args: ['--config', config],
    folder,
    ready: [otlpTracesUrl, `${queryUrl}/api/services`],
    startTimeoutMillis: options.startTimeoutMillis,
  })
  return {
    ...service,
    otlpUrl,
    otlpTracesUrl,
    otlpGrpcUrl: `http://127.0.0.1:${otlpGrpc}`,
    queryUrl,
  }
}

function configuration(ports: Ports, storage: 'memory' | 'badger', data: string): string {
  const backend =
    storage === 'memory'
      ? 'memory: {max_traces: 10000}'
      : `badger: {ephemeral: false, ttl: {spans: 48h}, directories: {keys: ${JSON.stringify(
          join(data, 'keys'),
        )}, values: ${JSON.stringify(join(data, 'values'))}}}`
  // enable_tracing: otherwise Jaeger sends spans of its own to port 4317, whoever listens there,
  // and waits 10 s for that port when it is stopped. No batch processor: spans are there at once.
  return `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
  telemetry: {metrics: {level: none}}
extensions:
  jaeger_query:
    enable_tracing: false
    storage: {traces: main}
    http: {endpoint: "127.0.0.1:${ports.queryHttp}"}
    grpc: {endpoint: "127.0.0.1:${ports.queryGrpc}"}
  jaeger_storage:
    backends:
      main: {${backend}}
receivers:
  otlp:
    protocols:
      http: {endpoint: "127.0.0.1:${ports.otlpHttp}"}
      grpc: {endpoint: "127.0.0.1:${ports.otlpGrpc}"}
exporters:
  jaeger_storage_exporter: {trace_storage: main}
`
}
