/** `otel-reasoning show`: the reasoning tree of each trace. */
import {nameOf, sourcesOf} from './bytes.ts'
import type {Command} from './command.ts'
import {columnsOf, hasColor, write} from './io.ts'
import {EXPAND_HELP, EXPAND_OPTIONS, expandOptions, wholeNumber} from './options.ts'
import {
  gather,
  ofService,
  queryOf,
  SOURCE_HELP,
  SOURCE_OPTIONS,
  SOURCE_OPTIONS_HELP,
} from './sources.ts'
import {TraceExpander} from './trace-expander.ts'
import {renderTree} from './tree.ts'
import {treesToJson} from './tree-json.ts'

const HELP = `otel-reasoning show [SOURCE…]

Draws each trace as a tree: its spans, the reasoning of its calls step by step, tool calls, signals.
What is not expanded yet is expanded for the picture; nothing is written. A span that is read twice
is shown once.

${SOURCE_HELP}

${SOURCE_OPTIONS_HELP}
  --text             the whole text of each step below its line
  --width N          columns (default: the terminal's, or 100); from 100 on with bars
  --raw              as it is: expand nothing
${EXPAND_HELP}
  --json             one JSON object a trace, a line each`

/** @public */
export const show: Command = {
  help: HELP,
  options: {
    ...EXPAND_OPTIONS,
    ...SOURCE_OPTIONS,
    text: {type: 'boolean'},
    width: {type: 'string'},
    raw: {type: 'boolean'},
  },
  async run(positionals, values, io) {
    const query = queryOf(values)
    const options = expandOptions(values)
    const width = wholeNumber('width', values['width'], {min: 20, max: 1000}) ?? columnsOf(io)
    const sources = sourcesOf(positionals, io, 'show')
    const {spans: all, logs} = (await gather(sources, query, io, 'show')).gathered
    const spans = ofService(all, query.service)
    if (spans.length === 0) {
      const asked = query.trace !== undefined || query.service !== undefined
      const what = asked ? 'no such trace' : 'no spans'
      const hint =
        logs.contributions.size > 0 ? ' (log events only: name the spans’ file, too)' : ''
      io.stderr.write(
        `otel-reasoning show: ${what} in ${sources.map(nameOf).join(', ')}${asked ? '' : hint}\n`,
      )
      return 2
    }
    let shown = spans
    if (values['raw'] !== true) {
      const expander = new TraceExpander(logs.contributions, options)
      expander.add(spans)
      shown = spans.flatMap((span) => expander.take(span))
    }
    if (values['json'] === true) {
      for (const trace of treesToJson(shown)) await write(io.stdout, `${JSON.stringify(trace)}\n`)
      return 0
    }
    await write(
      io.stdout,
      renderTree(shown, {width, color: hasColor(io), text: values['text'] === true}),
    )
    return 0
  },
}
