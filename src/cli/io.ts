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
  /** The whole file could not be read. */
  isFile?: boolean | undefined
  reason: string
}

/** How much could not be read. */
export interface ProblemCounts {
  lines: number
  files: number
}

/**
 * Prints problems as they are met, and counts them: of bad lines at most twenty, since a file may
 * hold a million; each file that could not be read.
 */
export const problemLog = ({
  stderr,
}: Io): {
  add: (problem: Problem) => void
  /** Says how many lines there were in all, where some were not printed. */
  finish: () => ProblemCounts
} => {
  const counts = {lines: 0, files: 0}
  return {
    add: ({file, line, isFile, reason}) => {
      if (line !== undefined) counts.lines++
      else if (isFile === true) counts.files++
      if (line !== undefined && counts.lines > MAX_PROBLEMS) return
      stderr.write(`${file}${line === undefined ? '' : `:${line}`}: ${reason}\n`)
    },
    finish: () => {
      const {lines} = counts
      if (lines > MAX_PROBLEMS) {
        stderr.write(`… ${lines - MAX_PROBLEMS} more could not be read, ${lines} in all\n`)
      }
      return counts
    },
  }
}
