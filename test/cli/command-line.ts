/** Runs the command line as a user would: as a process of its own. */
import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const BUILT = file('../../dist/cli.js')
// Where nothing is built, a Node that strips types runs the source.
const CLI = existsSync(BUILT) ? BUILT : file('../../src/cli.ts')

/** A recorded file of this folder's `fixtures`. */
export const fixture = (name: string): string => file(`fixtures/${name}.jsonl`)

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** Each line of standard output as JSON. */
  json: () => Record<string, any>[]
}

export interface RunOptions {
  stdin?: string | Uint8Array
  env?: Record<string, string>
  cwd?: string
}

/** Runs `otel-reasoning ARGS`. */
export const run = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const {NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, ...env} = process.env
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd,
      env: {...env, ...options.env},
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const stdout = Buffer.concat(out).toString()
      resolve({
        code,
        stdout,
        stderr: Buffer.concat(err).toString(),
        json: () =>
          stdout
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line)),
      })
    })
    // A command that has seen enough closes its input: that is its right.
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
  })

/** A folder that is gone after `action`. */
export const inFolder = async <T>(action: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-reasoning-cli-'))
  try {
    return await action(folder)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** Spans of OTLP JSON lines, each with the name of its scope. */
export const spansOf = (lines: readonly Record<string, any>[]): Record<string, any>[] =>
  lines.flatMap((line) =>
    line['resourceSpans'].flatMap((entry: any) =>
      entry.scopeSpans.flatMap((group: any) =>
        group.spans.map((span: any) => ({...span, scopeName: group.scope.name})),
      ),
    ),
  )

/** Attributes of an OTLP span as an object. */
export const attributesOf = (span: Record<string, any>): Record<string, unknown> =>
  Object.fromEntries(
    (span['attributes'] ?? []).map(({key, value}: any) => [key, Object.values(value)[0]]),
  )
