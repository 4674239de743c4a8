/** What a command is. */
import type {ParseArgsConfig} from 'node:util'
import type {Io} from './io.ts'

/** The values of a command's options, as `parseArgs` gives them. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** One command of the command line, in a file of its own. */
export interface Command {
  /** What `--help` prints, after the line that says what the command does. */
  readonly help: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /**
   * @returns the exit code
   * @throws UsageError where the call was wrong
   */
  run(positionals: readonly string[], values: Values, io: Io): Promise<number>
}
