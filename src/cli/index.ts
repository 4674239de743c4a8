/** `otel-reasoning <command>`: finds the command, reads its options, says what was wrong. */
import {SCOPE_VERSION} from '../semconv.ts'
import type {Command} from './command.ts'
import {type Io, UsageError} from './io.ts'
import {nearest} from './nearest.ts'
import {parseOptions} from './parse-options.ts'

interface Listed {
  summary: string
  load: () => Promise<Command>
}

// Each is loaded when it is called for: `--version` should not wait for a classifier.
const COMMANDS: Readonly<Record<string, Listed>> = {
  demo: {
    summary: 'the refund agent, offline: its reasoning as a tree, and a file to go on with',
    load: async () => (await import('./demo.ts')).demo,
  },
  show: {
    summary: 'the reasoning tree of each trace of a file, of Jaeger or of Tempo',
    load: async () => (await import('./show.ts')).show,
  },
  expand: {
    summary: 'OTLP JSON lines in, their spans with reasoning spans out; log lines are joined only',
    load: async () => (await import('./expand.ts')).expand,
  },
  analyze: {
    summary: 'reasoning text in; sentences, steps and signals out',
    load: async () => (await import('./analyze.ts')).analyze,
  },
  doctor: {
    summary: 'why there is or is no reasoning in each call of a model, and what to do',
    load: async () => (await import('./doctor.ts')).doctor,
  },
}

const HELP = `otel-reasoning ${SCOPE_VERSION}: see how a model reasoned, as OpenTelemetry spans

otel-reasoning <command> [options] [FILE…]

${Object.entries(COMMANDS)
  .map(([name, {summary}]) => `  ${name.padEnd(9)}${summary}`)
  .join('\n')}

  --help     this page, or that of a command
  --version  the version

Files may be OTLP JSON lines or protobuf, gzipped or not; - or none is standard input.
Exit code 0, or 2 when nothing could be read or the call was wrong.
`

const listed = (name: string): Listed => {
  // `constructor` is no command, though an object literal has one.
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command
  const like = nearest(name, Object.keys(COMMANDS))
  const hint =
    like === undefined ? '`otel-reasoning --help` lists them' : `did you mean \`${like}\`?`
  throw new UsageError(`there is no command \`${name}\`; ${hint}`)
}

const COMMON = {
  help: {type: 'boolean', short: 'h'},
  json: {type: 'boolean'},
} as const

const runCommand = async (name: string, args: string[], io: Io): Promise<number> => {
  const {summary, load} = listed(name)
  const command = await load()
  const {positionals, values} = parseOptions(name, args, {...COMMON, ...command.options})
  if (values['help'] === true) {
    io.stdout.write(`otel-reasoning ${name}: ${summary}\n\n${command.help}\n`)
    return 0
  }
  return command.run(positionals, values, io)
}

/**
 * Runs the command line.
 *
 * @param args without the program's own name
 * @returns the exit code: 0, or 2 when nothing could be read or the call was wrong
 */
export const main = async (args: readonly string[], io: Io): Promise<number> => {
  const [name, ...rest] = args
  try {
    if (name === undefined) {
      io.stderr.write(HELP)
      return 2
    }
    if (name === '--version' || name === '-v') {
      io.stdout.write(`${SCOPE_VERSION}\n`)
      return 0
    }
    if (name === '--help' || name === '-h' || name === 'help') {
      if (rest[0] === undefined || rest[0].startsWith('-')) io.stdout.write(HELP)
      else return await runCommand(rest[0], ['--help'], io)
      return 0
    }
    return await runCommand(name, rest, io)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    io.stderr.write(`otel-reasoning: ${error.message}\n`)
    return 2
  }
}
