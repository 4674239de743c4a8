/** `otel-reasoning analyze`: reasoning text in; sentences, steps and signals out. */
import {analyzeReasoning} from '../analysis/analyze.ts'
import {createJsonLinesParser} from '../otlp/json-lines.ts'
import {isJsonLines, type TraceInput, traceInputOf} from './analyze-input.ts'
import {nameOf, readBytes, sourcesOf} from './bytes.ts'
import type {Command} from './command.ts'
import {type Io, type Problem, problemLog, write} from './io.ts'

const HELP = `otel-reasoning analyze [FILE…]

Reads a plain text, or JSON lines {"id"?, "trace", "answer"?, "tool_calls"?: [{"name", …}]}, and
writes one JSON line for each:

  {"id": …, "sentences": [{"start", "end", "kind", "confidence"}],
   "steps": [{"start", "end", "kind"}],
   "signals": [{"name", "severity", "start", "end", "confidence"}]}

Offsets are UTF-16 code units into the trace (indexes of a JavaScript string). The id of a text is the
name of its file, that of a line without one is its number. A file is JSON lines if it is named
.jsonl or .ndjson, or if one of its first ten lines is such an object.

  --text   read text in any case
  --json   accepted: the output is JSON in any case`

/** Characters that are looked at before it is known what a source is, and before it is read on. */
const LOOK_AHEAD = 1024 * 1024
/** Longest plain text, in UTF-16 code units; what is longer is not read. */
const MAX_TEXT_LENGTH = 64 * 1024 * 1024

const analyseOne = ({id, trace, answer, toolCalls}: TraceInput): string => {
  const {sentences, steps, signals} = analyzeReasoning(trace, {
    toolCalls,
    ...(answer === undefined ? {} : {answer}),
  })
  return `${JSON.stringify({
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
}

/** Analyses a source. @returns how many texts there were */
const analyseSource = async (
  source: string,
  asText: boolean,
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
      await write(io.stdout, analyseOne(input))
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
  const kind: {isLines: boolean | undefined} = {isLines: asText ? false : undefined}
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
  for await (const chunk of readBytes(source, io)) {
    await add(decoder.decode(chunk, {stream: true}))
    if (text.length > MAX_TEXT_LENGTH) {
      onProblem({file, reason: `a text longer than ${MAX_TEXT_LENGTH} characters`})
      return analysed
    }
  }
  await add(decoder.decode())
  await decide()
  parser.end()
  await take()
  if (kind.isLines === true || text.trim() === '') return analysed
  analysed++
  await write(io.stdout, analyseOne({id: source, trace: text, toolCalls: []}))
  return analysed
}

/** @public */
export const analyze: Command = {
  help: HELP,
  options: {text: {type: 'boolean'}},
  async run(positionals, values, io) {
    const sources = sourcesOf(positionals, io, 'analyze')
    const problems = problemLog(io)
    let analysed = 0
    for (const source of sources) {
      try {
        analysed += await analyseSource(source, values['text'] === true, io, problems.add)
      } catch (error) {
        problems.add({file: nameOf(source), reason: (error as Error).message})
      }
    }
    problems.finish()
    if (analysed > 0) return 0
    io.stderr.write(
      `otel-reasoning analyze: nothing to analyse in ${sources.map(nameOf).join(', ')}\n`,
    )
    return 2
  },
}
