/** Where a command reads and writes. */
import {once} from 'node:events'
import type {Readable, Writable} from 'node:stream'

/** What a command is given: the process's own streams and environment, or a test's. */
export interface Io {
  readonly stdin: Readable & {isTTY?: boolean | undefined}
  readonly stdout: Writable & {isTTY?: boolean | undefined; columns?: number | undefined}
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A call that was wrong: its message is for whoever typed it, and the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Columns of the terminal, or of `COLUMNS`; where neither tells, a width that reads well in a file. */
export const columnsOf = ({stdout, env}: Io): number => {
  const fromEnv = Number(env['COLUMNS'])
  if (Number.isSafeInteger(fromEnv) && fromEnv > 0) return fromEnv
  return stdout.isTTY === true && stdout.columns !== undefined && stdout.columns > 0
    ? stdout.columns
    : 100
}

/** Whether to colour: on a terminal only, and never against `NO_COLOR`; `FORCE_COLOR` asks for it. */
export const hasColor = ({stdout, env}: Io): boolean => {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stdout.isTTY === true && env['TERM'] !== 'dumb'
}

/** Writes and waits while the reader is slower than we are, so that nothing piles up in memory. */
export const write = async (out: Writable, text: string): Promise<void> => {
  if (!out.write(text)) await once(out, 'drain')
}

/** Longest list of bad lines that is printed, in lines; the rest is counted. */
const MAX_PROBLEMS = 20

/** Something that could not be read, and where it stands. */
export interface Problem {
  file: string
  line?: number | undefined
  reason: string
}

/** Prints bad lines as they are met, at most twenty of them, and counts them all. */
export const problemLog = ({
  stderr,
}: Io): {
  add: (problem: Problem) => void
  /** Says how many there were in all, where some were not printed. */
  finish: () => number
} => {
  let count = 0
  return {
    add: ({file, line, reason}) => {
      count++
      if (count > MAX_PROBLEMS) return
      stderr.write(`${file}${line === undefined ? '' : `:${line}`}: ${reason}\n`)
    },
    finish: () => {
      if (count > MAX_PROBLEMS) {
        stderr.write(`… ${count - MAX_PROBLEMS} more could not be read, ${count} in all\n`)
      }
      return count
    },
  }
}
