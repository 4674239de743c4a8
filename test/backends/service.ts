/**
 * Starts a program as a service on loopback for a test, and makes sure that it is gone afterwards,
 * also when the test process is killed.
 */
import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

export interface ServiceOptions {
  /** For messages and the temporary folder: lower case, no spaces. */
  name: string
  command: string
  args: readonly string[]
  /** Beside `PATH`, `HOME` and `TMPDIR`. @defaultValue none */
  env?: Readonly<Record<string, string>> | undefined
  /** Its working directory, removed in the end, however that comes. @defaultValue a temporary folder */
  folder?: string | undefined
  /** Addresses that answer with a good status once it is ready. */
  ready: readonly string[]
  /** @defaultValue 30,000 */
  startTimeoutMillis?: number | undefined
}

export interface Service {
  pid: number
  /** What it logged so far. Still there after `stop()`. */
  log(): string
  /** SIGTERM, then SIGKILL; resolves when the process is gone. May be called twice. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const stopMillis = 10_000
const logTailCharacters = 4_000

/** @throws Error with the end of its log, where it does not become ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const {name, command, args, ready} = options
  const folder = options.folder ?? serviceFolder(name)
  // A file, not a pipe: a test that blocks its event loop must not block the service's logging.
  const logFile = join(folder, 'log')
  const descriptor = openSync(logFile, 'w')
  const child = spawn(command, args, {
    cwd: folder,
    // Not the test's environment: its OTEL_* variables are meant for the program under test.
    env: {PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, ...options.env},
    stdio: ['ignore', descriptor, descriptor],
  })
  closeSync(descriptor)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it exited with ${code ?? signal}`))
  })
  const guard = guardAgainstOrphans(child, folder)

  let finalLog: string | undefined
  const log = () => finalLog ?? readFileSync(logFile, 'utf8')
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
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopOnce())

  const timeoutMillis = options.startTimeoutMillis ?? 30_000
  const problem = await Promise.race([exited, untilReady(ready, timeoutMillis)])
  if (problem !== undefined) {
    await stop()
    throw new Error(
      `${name} did not start: ${problem}; end of its log:\n${log().slice(-logTailCharacters)}`,
    )
  }
  // A test that forgets stop() still ends; the exit hook then takes the service along.
  child.unref()
  return {pid: child.pid ?? 0, log, stop, [Symbol.asyncDispose]: stop}
}

/** A new temporary folder, to write configuration into before the start. */
export const serviceFolder = (name: string): string =>
  mkdtempSync(join(tmpdir(), `otel-reasoning-${name}-`))

/** Resolves to undefined once all answer, or to what is missing at the deadline. */
async function untilReady(
  urls: readonly string[],
  timeoutMillis: number,
): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMillis
  for (;;) {
    const missing: string[] = []
    for (const url of urls) if (!(await answers(url))) missing.push(url)
    if (missing.length === 0) return undefined
    if (Date.now() > deadline) return `no answer from ${missing.join(', ')} in ${timeoutMillis} ms`
    await sleep(50)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    // An OTLP receiver takes nothing but a POST.
    const init = url.endsWith('/v1/traces')
      ? {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'}
      : {}
    const response = await fetch(url, {...init, signal: AbortSignal.timeout(1_000)})
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Ports that were free a moment ago, all of them different. */
export async function freePorts<N extends number>(count: N): Promise<number[] & {length: N}> {
  const servers = []
  for (let i = 0; i < count; i += 1) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports as number[] & {length: N}
}

/** Path of the first of these programs that `PATH` has, or undefined. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined
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
