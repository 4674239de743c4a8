/**
 * Starts a real Jaeger on free loopback ports for a test, and makes sure that it is gone
 * afterwards, also when the test process is killed.
 */
import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {buildJaeger} from './build.ts'

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

const maxAttempts = 3
const stopMillis = 10_000
const logTailCharacters = 4_000

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
  const [otlpHttp, otlpGrpc, queryHttp, queryGrpc] = await freePorts()
  const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-jaeger-'))
  const ports: Ports = {otlpHttp, otlpGrpc, queryHttp, queryGrpc}
  const data = options.directory ?? join(folder, 'data')
  const config = join(folder, 'jaeger.yaml')
  writeFileSync(config, configuration(ports, options.storage ?? 'memory', data))

  // A file, not a pipe: a test that blocks its event loop must not block Jaeger's logging.
  const logFile = join(folder, 'jaeger.log')
  const logDescriptor = openSync(logFile, 'w')
  const child = spawn(binary, ['--config', config], {
    cwd: folder,
    // Not the test's environment: its OTEL_* variables are meant for the program under test.
    env: {PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder},
    stdio: ['ignore', logDescriptor, logDescriptor],
  })
  closeSync(logDescriptor)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it exited with ${code ?? signal}`))
  })
  const guard = guardAgainstOrphans(child, folder)

  let finalLog: string | undefined
  const log = () => finalLog ?? readFileSync(logFile, 'utf8')
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopOnce())
  const stopOnce = async () => {
    child.ref()
    child.kill('SIGTERM')
    const abort = new AbortController()
    const late = sleep(stopMillis, 'late', {signal: abort.signal}).catch(() => 'exited')
    if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL')
    await exited
    abort.abort()
    guard.release()
    finalLog = log()
    rmSync(folder, {recursive: true, force: true, maxRetries: 5})
  }

  const otlpUrl = `http://127.0.0.1:${otlpHttp}`
  const jaeger: Jaeger = {
    otlpUrl,
    otlpTracesUrl: `${otlpUrl}/v1/traces`,
    otlpGrpcUrl: `http://127.0.0.1:${otlpGrpc}`,
    queryUrl: `http://127.0.0.1:${queryHttp}`,
    pid: child.pid ?? 0,
    log,
    stop,
    [Symbol.asyncDispose]: stop,
  }
  const timeoutMillis = options.startTimeoutMillis ?? 30_000
  const problem = await Promise.race([exited, untilReady(jaeger, timeoutMillis)])
  if (problem !== undefined) {
    await stop()
    const tail = log().slice(-logTailCharacters)
    throw new Error(`Jaeger did not start: ${problem}; end of its log:\n${tail}`)
  }
  // A test that forgets stop() still ends; the exit hook then takes Jaeger along.
  child.unref()
  return jaeger
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

/** Resolves to undefined once both ends answer, or to what is missing at the deadline. */
async function untilReady(jaeger: Jaeger, timeoutMillis: number): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMillis
  for (;;) {
    const [otlp, query] = await Promise.all([
      answers(jaeger.otlpTracesUrl, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: '{}',
      }),
      answers(`${jaeger.queryUrl}/api/services`),
    ])
    if (otlp && query) return undefined
    if (Date.now() > deadline) {
      const missing = [otlp ? '' : jaeger.otlpTracesUrl, query ? '' : jaeger.queryUrl]
      return `no answer from ${missing.filter(Boolean).join(' and ')} in ${timeoutMillis} ms`
    }
    await sleep(50)
  }
}

async function answers(url: string, init?: RequestInit): Promise<boolean> {
  try {
    const response = await fetch(url, {...init, signal: AbortSignal.timeout(1_000)})
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Four at once, so that they differ. */
async function freePorts(): Promise<[number, number, number, number]> {
  const open = async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const servers = await Promise.all([open(), open(), open(), open()])
  const [a, b, c, d] = servers
  const port = (server: typeof a) => (server.address() as AddressInfo).port
  const ports: [number, number, number, number] = [port(a), port(b), port(c), port(d)]
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

const running = new Map<ChildProcess, string>()
process.once('exit', () => {
  for (const [child, folder] of running) {
    child.kill('SIGKILL')
    rmSync(folder, {recursive: true, force: true})
  }
})

/**
 * The exit hook does not run when this process is killed by a signal. A shell waits for the end of
 * its standard input, which comes with our end however that happens, and then does the same.
 */
function guardAgainstOrphans(child: ChildProcess, folder: string): {release(): void} {
  running.set(child, folder)
  let watcher: ChildProcess | undefined
  if (child.pid !== undefined && process.platform !== 'win32') {
    const script = 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf -- "$2"'
    watcher = spawn('sh', ['-c', script, 'sh', String(child.pid), folder], {
      // A group of its own: Ctrl-C reaches the whole group, and the shell must outlive us.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    watcher.on('error', () => {})
    watcher.unref()
    ;(watcher.stdin as Socket).unref()
  }
  return {
    release() {
      running.delete(child)
      // Before its input ends: it would kill whoever has the process id by then.
      watcher?.kill('SIGKILL')
    },
  }
}
