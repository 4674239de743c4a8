/** `otel-reasoning expand`: OTLP JSON lines in, the same spans with reasoning spans out. */
import {createWriteStream, existsSync, realpathSync} from 'node:fs'
import {finished} from 'node:stream/promises'
import {type OtlpRequest, writeRequest} from '../otlp/request.ts'
import {nameOf, sourcesOf, STDIN} from './bytes.ts'
import type {Command} from './command.ts'
import {counted} from './format.ts'
import {type Io, problemLog, UsageError, write} from './io.ts'
import {JoinedLogs} from './joined-logs.ts'
import {EXPAND_HELP, EXPAND_OPTIONS, expandOptions, wholeNumber} from './options.ts'
import {readOtlp} from './read-otlp.ts'
import {TraceExpander} from './trace-expander.ts'

const MEBI = 1024 * 1024
/** What is held back until everything was read, in MiB of input. */
const MAX_HELD_MIB = 256

const HELP = `otel-reasoning expand [FILE…] > OUT.jsonl

Reads OTLP spans and log events (JSON lines or protobuf, gzipped or not), in any order, and writes
the spans as OTLP JSON lines: one line for each that was read, with the reasoning spans of its calls
added to the same resource, in a scope group of their own. Log events are joined with their calls;
the lines that hold them are not written. Spans that were expanded before keep their spans; the
policy holds on them too.

  -o, --output FILE  write there instead of to standard output
${EXPAND_HELP}
  --max-held MIB     input that is held while the rest is read (default ${MAX_HELD_MIB}). What a call's
                     reasoning is can only be told once its log events and children are known. Over
                     it, what is held is written: log events that come later are then too late, and
                     an ancestor may repeat a thought. Files with log events should come first.
  --quiet            no summary on standard error
  --json             accepted: the output is JSON in any case`

interface Output {
  write: (text: string) => Promise<void>
  end: () => Promise<void>
}

const outputTo = (file: string | undefined, sources: readonly string[], io: Io): Output => {
  if (file === undefined || file === STDIN) {
    return {write: (text) => write(io.stdout, text), end: async () => {}}
  }
  const same = (source: string): boolean =>
    source !== STDIN &&
    existsSync(source) &&
    existsSync(file) &&
    realpathSync(source) === realpathSync(file)
  // Opening it would empty it while it is read.
  if (sources.some(same))
    throw new UsageError(`--output must not be one of the files to read: ${file}`)
  const stream = createWriteStream(file)
  let failure: Error | undefined
  stream.on('error', (error) => {
    failure = error
  })
  const check = (): void => {
    if (failure !== undefined) throw new UsageError(`cannot write ${file}: ${failure.message}`)
  }
  return {
    write: async (text) => {
      check()
      await write(stream, text).catch(check)
    },
    end: async () => {
      stream.end()
      await finished(stream).catch(check)
      check()
    },
  }
}

/** JSON can be read at any depth and be written only as deep as the call stack. */
const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** Requests that wait for the rest, and what is made of them when nothing more is to come. */
class Held {
  requests: OtlpRequest[] = []
  length = 0
  flushes = 0

  add(request: OtlpRequest, length: number): void {
    this.requests.push(request)
    this.length += length
  }

  take(): OtlpRequest[] {
    const taken = this.requests
    this.requests = []
    this.length = 0
    return taken
  }
}

/** @public */
export const expand: Command = {
  help: HELP,
  options: {
    ...EXPAND_OPTIONS,
    output: {type: 'string', short: 'o'},
    'max-held': {type: 'string'},
    quiet: {type: 'boolean'},
  },
  async run(positionals, values, io) {
    const options = expandOptions(values)
    const limits = {min: 1, max: 65_536, unit: ' of MiB'}
    const maxHeld = (wholeNumber('max-held', values['max-held'], limits) ?? MAX_HELD_MIB) * MEBI
    const sources = sourcesOf(positionals, io, 'expand')
    const file = typeof values['output'] === 'string' ? values['output'] : undefined
    const output = outputTo(file, sources, io)
    const problems = problemLog(io)
    const logs = new JoinedLogs()
    const held = new Held()
    const totals = {spans: 0, calls: 0, made: 0}

    const flush = async (): Promise<void> => {
      const requests = held.take()
      const expander = new TraceExpander(logs.contributions, options)
      for (const request of requests) expander.add(request.spans)
      for (const request of requests) {
        const groups = request.spans.map((span) => expander.take(span))
        totals.spans += groups.length
        const line = jsonOf(writeRequest(request, groups))
        if (line !== undefined) await output.write(`${line}\n`)
        else problems.add({file: 'expand', reason: 'a request is nested too deeply to be written'})
      }
      totals.calls += expander.counts.calls
      totals.made += expander.counts.spans
    }

    const read = await readOtlp(sources, io, {
      onProblem: problems.add,
      onRequest: async (request, length) => {
        logs.add(request.logs)
        if (!request.isTraces) return
        held.add(request, length)
        if (held.length <= maxHeld) return
        held.flushes++
        await flush()
      },
    })
    await flush()
    await output.end()
    const {lines, files} = problems.finish()
    if (held.flushes > 0) {
      io.stderr.write(
        `more than ${maxHeld / MEBI} MiB were to be held (--max-held): written in ${held.flushes + 1} parts, ` +
          'and what belongs together across them was not joined\n',
      )
    }
    if (read === 0) {
      io.stderr.write(`otel-reasoning expand: no OTLP found in ${sources.map(nameOf).join(', ')}\n`)
      return 2
    }
    if (values['quiet'] !== true) {
      const bad = [
        ...(lines === 0 ? [] : [counted(lines, 'line')]),
        ...(files === 0 ? [] : [counted(files, 'file')]),
      ].join(' and ')
      const unread = bad === '' ? '' : `; ${bad} could not be read`
      io.stderr.write(
        `${counted(totals.spans, 'span')} read, ${counted(totals.made, 'reasoning span')} added to ${counted(totals.calls, 'call')}${unread}\n`,
      )
    }
    return 0
  },
}
