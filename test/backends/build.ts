/**
 * Builds the backends that tests start from their Go modules, once, into a cache outside the
 * checkout. Without a Go toolchain, or when a build fails, the answer is a reason instead of a
 * path, so that a test is skipped *with that reason* and nobody takes silence for a pass.
 *
 * By itself: `node test/backends/build.ts [NAME…]` builds all of them, or those named; it prints the
 * paths, or the reasons and exits 1.
 */
import {spawn, spawnSync} from 'node:child_process'
import {createHash, randomUUID} from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

export type BuildResult =
  | {path: string; reason?: undefined}
  /** A plain sentence for the skipped test. */
  | {path?: undefined; reason: string}

/** Folder beside this file (its Go module) → the Go package to build. */
const backends = {
  jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger',
  collector: '.',
}
export type BackendName = keyof typeof backends

const buildArguments = ['-mod=readonly', '-trimpath', '-ldflags=-s -w']
// Without cgo no C compiler is needed, and the binary runs in any container that shares the cache.
const buildEnvironment = {CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off'}

const buildDeadlineMillis = 30 * 60_000
/** How long other processes believe a failed build, so that each test file does not repeat it. */
const failureMillis = 10 * 60_000
const lockBeatMillis = 5_000
/** A lock that was not touched for this long belonged to a process that was killed. */
const lockStaleMillis = 30_000

const exeSuffix = process.platform === 'win32' ? '.exe' : ''

const pending = new Map<BackendName, Promise<BuildResult>>()

/** Path of the Jaeger binary, building it where the cache does not have it. Never throws. */
export function buildJaeger(): Promise<BuildResult> {
  return buildBackend('jaeger')
}

/** Path of the Collector binary, as `buildJaeger`. */
export function buildCollector(): Promise<BuildResult> {
  return buildBackend('collector')
}

/** As `buildJaeger`, for any backend; `retry` builds again although it failed a moment ago. */
export function buildBackend(name: BackendName, options?: {retry?: boolean}): Promise<BuildResult> {
  let result = pending.get(name)
  if (result === undefined || options?.retry === true) {
    result = find(name, options?.retry ?? false).catch((error: unknown) => ({
      reason: `no ${name}: ${error instanceof Error ? error.message : String(error)}`,
    }))
    pending.set(name, result)
  }
  return result
}

async function find(name: BackendName, retry: boolean): Promise<BuildResult> {
  const module = join(import.meta.dirname, name)
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'otel-reasoning')
  const binary = join(cache, `${name}-${moduleKey(module)}${exeSuffix}`)
  if (existsSync(binary)) return {path: binary}
  const failed = `${binary}.failed`
  if (!retry && modifiedAgo(failed) < failureMillis) return {reason: readFileSync(failed, 'utf8')}

  const go = spawnSync('go', ['version'], {cwd: module, encoding: 'utf8'})
  if (go.error !== undefined || go.status !== 0) {
    const need = /^go (\S+)/m.exec(readFileSync(join(module, 'go.mod'), 'utf8'))?.[1] ?? ''
    return {
      reason: `no ${name}: it is built with Go ${need} or newer, and \`go version\` fails here`,
    }
  }

  mkdirSync(cache, {recursive: true})
  const unlock = await lock(`${binary}.lock`, () => existsSync(binary))
  try {
    // Whoever held the lock before may have built it, or failed to.
    if (existsSync(binary)) return {path: binary}
    if (!retry && modifiedAgo(failed) < failureMillis) return {reason: readFileSync(failed, 'utf8')}
    rmSync(failed, {force: true})
    for (const file of readdirSync(cache)) {
      if (file.endsWith('.tmp') && join(cache, file).startsWith(`${binary}.`)) {
        rmSync(join(cache, file), {force: true})
      }
    }
    process.stderr.write(
      `building ${name} from source into ${cache}: once, 3 to 8 minutes on two cores\n`,
    )
    const temporary = `${binary}.${process.pid}.tmp`
    const problem = await goBuild(module, backends[name], temporary)
    if (problem === undefined) {
      renameSync(temporary, binary)
      return {path: binary}
    }
    rmSync(temporary, {force: true})
    const reason = `no ${name}: \`go build\` ${problem}`
    writeFileSync(failed, reason)
    return {reason}
  } finally {
    unlock()
  }
}

/** Changes with everything that the binary is made from. */
function moduleKey(module: string): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([process.platform, process.arch, buildArguments, buildEnvironment]))
  for (const file of readdirSync(module).sort()) {
    if (!/^go\.(?:mod|sum)$|\.go$/.test(file)) continue
    hash.update(`\n${file}\n`).update(readFileSync(join(module, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Resolves to what went wrong, or undefined. */
function goBuild(cwd: string, goPackage: string, output: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('go', ['build', ...buildArguments, '-o', output, goPackage], {
      cwd,
      env: {...process.env, ...buildEnvironment},
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const stop = () => child.kill()
    process.once('exit', stop)
    let late = false
    const deadline = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, buildDeadlineMillis)
    let tail = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-2_000)
    })
    const done = (problem: string | undefined) => {
      clearTimeout(deadline)
      process.off('exit', stop)
      resolve(problem)
    }
    child.on('error', (error) => done(`did not start: ${error.message}`))
    child.on('close', (code, signal) => {
      if (code === 0) done(undefined)
      else if (late) done(`was not done after ${buildDeadlineMillis / 60_000} minutes`)
      else done(`ended with ${code ?? signal}: ${tail.trim()}`)
    })
  })
}

/**
 * A file that exists while one process builds, touched as long as that process lives: a process id
 * in it would say nothing to a container that shares the cache. Two processes that find the same
 * abandoned lock may both take it; then both build and the rename lets either result stand.
 */
async function lock(path: string, isDone: () => boolean): Promise<() => void> {
  const token = randomUUID()
  let waits = false
  for (;;) {
    try {
      writeFileSync(path, token, {flag: 'wx'})
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (isDone()) return () => {}
    const idle = modifiedAgo(path)
    if (idle > lockStaleMillis && idle !== Infinity) rmSync(path, {force: true})
    if (!waits) process.stderr.write(`another process builds it: waiting for ${path}\n`)
    waits = true
    await sleep(500)
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date())
    } catch {
      // Taken over while this process was suspended: the new owner touches its own.
    }
  }, lockBeatMillis)
  const unlock = () => {
    clearInterval(beat)
    process.off('exit', unlock)
    try {
      if (readFileSync(path, 'utf8') === token) rmSync(path, {force: true})
    } catch {
      // Already gone.
    }
  }
  process.once('exit', unlock)
  return unlock
}

/** Milliseconds since the file was last touched; Infinity where there is none. */
function modifiedAgo(path: string): number {
  const modified = statSync(path, {throwIfNoEntry: false})?.mtimeMs
  return modified === undefined ? Infinity : Date.now() - modified
}

if (import.meta.main) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(backends)
  for (const name of names) {
    if (!Object.hasOwn(backends, name)) {
      throw new Error(`no backend ${name}; there are ${Object.keys(backends).join(', ')}`)
    }
    // One after the other: each build uses all cores.
    const result = await buildBackend(name as BackendName, {retry: true})
    if (result.path !== undefined) {
      process.stdout.write(`${result.path}\n`)
    } else {
      process.stderr.write(`${result.reason}\n`)
      process.exitCode = 1
    }
  }
}
