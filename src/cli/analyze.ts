/** `otel-reasoning analyze`: reasoning text in; sentences, steps and signals out. */
import {analyzeReasoning} from '../analysis/analyze.ts'
import {createJsonLinesParser} from '../otlp/json-lines.ts'
import {isJsonLines, type TraceInput, traceInputOf} from './analyze-input.ts'
import type {Analysis} from '../model.ts'
import {analysisText} from './analyze-text.ts'
import {isNoText, nameOf, readBytes, sourcesOf, unreadable} from './bytes.ts'
import type {Command} from './command.ts'
import {counted} from './format.ts'
import {columnsOf, hasColor, type Io, type Problem, problemLog, UsageError, write} from './io.ts'
import {wholeNumber} from './options.ts'

const HELP = `otel-reasoning analyze [FILE…]

Reads a plain text, or JSON lines {"id"?, "trace", "answer"?, "tool_calls"?: [{"name", …}]}, and
writes one JSON line for each:

  {"id": …, "sentences": [{"start", "end", "kind", "confidence"}],
   "steps": [{"start", "end", "kind"}],
   "signals": [{"name", "severity", "start", "end", "confidence"}]}

Offsets are UTF-16 code units into the trace (indexes of a JavaScript string). The id of a text is the
name of its file, that of a line without one is its number. A file is JSON lines if it is named
.jsonl or .ndjson, if its first line is an object, or if one of its first ten has a trace.

  --text     write for reading instead: kind, confidence and text of each step, then the signals
  --width N  columns of that (default: the terminal's, or 100)
  --plain    read the files as plain text in any case
  --json     accepted: the output is JSON unless --text is given`

/** Characters that are looked at before it is known what a source is, and before it is read on. */
const LOOK_AHEAD = 1024 * 1024
/** Longest plain text, in UTF-16 code units; what is longer is not read. */
const MAX_TEXT_LENGTH = 64 * 1024 * 1024

type Form = (input: TraceInput, analysis: Analysis) => string

const analyseOne = (input: TraceInput, form: Form): string => {
  const {trace, answer, toolCalls} = input
  return form(
    input,
    analyzeReasoning(trace, {toolCalls, ...(answer === undefined ? {} : {answer})}),
  )
}

const asJson: Form = ({id}, {sentences, steps, signals}) =>
  `${JSON.stringify({
    id,
    sentences: sentences.map(({start, end, kind, confidence}) => ({start, end, kind, confidence})),
    steps: steps.map(({start, end, kind}) => ({start, end, kind})),
    signals: signals.map(({name, severity, start, end, confidence}) => ({
      name,
      severity,
      start,
      end,
      confidence,
    })),
  })}\n`

/** Analyses a source. @returns how many texts there were */
const analyseSource = async (
  source: string,
  isPlain: boolean,
  form: Form,
  io: Io,
  onProblem: (problem: Problem) => void,
): Promise<number> => {
  const file = nameOf(source)
  let analysed = 0
  let found: TraceInput[] = []
  const take = async (): Promise<void> => {
    const taken = found
    found = []
    for (const input of taken) {
      analysed++
      await write(io.stdout, analyseOne(input, form))
    }
  }
  const parser = createJsonLinesParser({
    // Offsets and ids are the caller's own: numbers stay as JSON has them.
    parse: JSON.parse,
    onValue: (value, line) => {
      const input = traceInputOf(value, line)
      if (typeof input === 'string') onProblem({file, line, reason: input})
      else found.push(input)
    },
    onError: ({line, reason}) => onProblem({file, line, reason}),
  })
  const decoder = new TextDecoder('utf-8')
  let text = ''
  const kind: {isLines: boolean | undefined} = {isLines: isPlain ? false : undefined}
  const decide = async (): Promise<void> => {
    if (kind.isLines !== undefined) return
    kind.isLines = isJsonLines(source, text)
    if (!kind.isLines) return
    parser.feed(text)
    text = ''
    await take()
  }
  const add = async (piece: string): Promise<void> => {
    if (kind.isLines === true) {
      parser.feed(piece)
      await take()
      return
    }
    text += piece
    if (text.length > LOOK_AHEAD) await decide()
  }
  let isFirst = true
  for await (const chunk of readBytes(source, io)) {
    if (isFirst && isNoText(chunk)) {
      onProblem({file, isFile: true, reason: 'looks binary, and no text'})
      return 0
    }
    isFirst = false
    await add(decoder.decode(chunk, {stream: true}))
    if (text.length > MAX_TEXT_LENGTH) {
      onProblem({file, isFile: true, reason: `a text longer than ${MAX_TEXT_LENGTH} characters`})
      return analysed
    }
  }
  await add(decoder.decode())
  await decide()
  parser.end()
  await take()
  if (kind.isLines === true || text.trim() === '') return analysed
  analysed++
  await write(io.stdout, analyseOne({id: source, trace: text, toolCalls: []}, form))
  return analysed
}

/** @public */
export const analyze: Command = {
  help: HELP,
  options: {text: {type: 'boolean'}, width: {type: 'string'}, plain: {type: 'boolean'}},
  async run(positionals, values, io) {
    const width = wholeNumber('width', values['width'], {min: 20, max: 1000}) ?? columnsOf(io)
    const isText = values['text'] === true
    if (isText && values['json'] === true) {
      throw new UsageError('--text and --json are two forms of the same: one of them, please')
    }
    const color = hasColor(io)
    const asText: Form = ({id, trace}, analysis) =>
      analysisText(typeof id === 'string' ? nameOf(id) : JSON.stringify(id), trace, analysis, {
        width,
        color,
      })
    const sources = sourcesOf(positionals, io, 'analyze')
    const problems = problemLog(io)
    let analysed = 0
    for (const source of sources) {
      try {
        analysed += await analyseSource(
          source,
          values['plain'] === true,
          isText ? asText : asJson,
          io,
          problems.add,
        )
      } catch (error) {
        problems.add({file: nameOf(source), isFile: true, reason: unreadable(source, error)})
      }
    }
    const {lines} = problems.finish()
    if (lines > 0) {
      io.stderr.write(`otel-reasoning analyze: ${counted(lines, 'line')} could not be read\n`)
    }
    if (analysed > 0) return 0
    io.stderr.write(
      `otel-reasoning analyze: nothing to analyse in ${sources.map(nameOf).join(', ')}\n`,
    )
    return 2
  },
}
