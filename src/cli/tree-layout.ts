/**
 * The tree as lines of pieces: what the terminal and the SVG both draw. Pure, and linear in the
 * number of spans.
 */
import type {ReadableSpanLike} from '../readable-span.ts'
import {nanosBetween} from '../spans/hr-time.ts'
import {counted, formatDuration, formatTime} from './format.ts'
import {type SpanNode, spanTrees, type TraceTree} from './span-tree.ts'
import type {Segment} from './style.ts'
import {cutToWidth, oneLine, textWidth, wrapToWidth} from './text-width.ts'
import {type Row, rowOf} from './tree-row.ts'

/** Narrowest and widest a tree is drawn, in columns. */
const MIN_WIDTH = 48
const MAX_WIDTH = 200
/** From here on there is room for bars beside the durations. */
const WIDTH_WITH_BARS = 100
const DURATION_COLUMNS = 9
/** Deeper lines are indented no further: names matter more than lines. */
const MAX_INDENT_SHARE = 0.4
const GAP = 2

interface Columns {
  /** For branch, label and title. */
  text: number
  bar: number
}

const columnsOf = (width: number): Columns => {
  const bar = width < WIDTH_WITH_BARS ? 0 : Math.min(32, Math.round(width * 0.16))
  return {text: width - DURATION_COLUMNS - (bar === 0 ? 0 : bar + GAP), bar}
}

const widthOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, {text}) => sum + textWidth(text), 0)

/** The pieces cut to so many columns, and filled with spaces up to them. */
const fit = (segments: readonly Segment[], columns: number): Segment[] => {
  const fitted: Segment[] = []
  let left = columns
  for (const {text, role} of segments) {
    if (left <= 0) break
    const cut = cutToWidth(text, left)
    fitted.push({text: cut, role})
    left -= textWidth(cut)
    if (cut !== text) break
  }
  if (left > 0) fitted.push({text: ' '.repeat(left), role: 'plain'})
  return fitted
}

const bar = (span: ReadableSpanLike, row: Row, trace: TraceTree, columns: number): Segment[] => {
  const whole = nanosBetween(trace.start, trace.end)
  const cell = (nanos: number): number => (whole === 0 ? 0 : (nanos / whole) * columns)
  const from = Math.min(Math.floor(cell(nanosBetween(trace.start, span.startTime))), columns - 1)
  const until = Math.max(from + 1, Math.ceil(cell(nanosBetween(trace.start, span.endTime)) - 0.25))
  return [
    {text: ' '.repeat(GAP + from), role: 'plain'},
    {
      text: (row.isEstimated ? '╍' : '━').repeat(Math.min(until, columns) - from),
      role: row.isReasoning ? 'bar-reasoning' : 'bar',
    },
  ]
}

/** The way from a row up to its root; a list, since arrays would cost the square of the depth. */
interface Level {
  /** A sibling follows below, so the line goes on. */
  isOpen: boolean
  above: Level | undefined
}

/** Branch lines before a row. */
const branchOf = (level: Level | undefined, columns: number): string => {
  if (level === undefined) return ''
  const most = Math.max(1, Math.floor((columns * MAX_INDENT_SHARE) / 3))
  let branch = level.isOpen ? '├─ ' : '└─ '
  let {above} = level
  for (let i = 1; above !== undefined; i++) {
    if (i === most) return `…  ${branch}`
    branch = (above.isOpen ? '│  ' : '   ') + branch
    above = above.above
  }
  return branch
}

/** The same columns on a line below the row. */
const continued = (branch: string, hasChildren: boolean): string =>
  branch.replace('├─ ', '│  ').replace('└─ ', '   ') + (hasChildren ? '│  ' : '   ')

const serviceOf = ({resource}: ReadableSpanLike): string => {
  const service = resource.attributes['service.name']
  return typeof service === 'string' ? oneLine(service) : ''
}

interface Drawn {
  node: SpanNode
  row: Row
  level: Level | undefined
  /** Columns of the labels of this block's steps, so that their titles stand in one column. */
  labelColumns: number
  /** Service of the span above; absent for a root. */
  serviceAbove: string | undefined
}

/** Rows from top to bottom. An explicit stack: a recorded chain may be deeper than the call stack. */
const drawOrder = (trace: TraceTree): Drawn[] => {
  const drawn: Drawn[] = []
  const stack: Drawn[] = []
  const push = (nodes: readonly SpanNode[], above: Drawn | undefined): void => {
    const rows = nodes.map(({span}) => rowOf(span, above?.node.span))
    const labelColumns = rows.reduce(
      (most, {isStep, label}) => (isStep ? Math.max(most, widthOf(label)) : most),
      0,
    )
    for (let i = nodes.length - 1; i >= 0; i--) {
      const isRoot = above === undefined
      stack.push({
        node: nodes[i] as SpanNode,
        row: rows[i] as Row,
        level: isRoot ? undefined : {isOpen: i < nodes.length - 1, above: above.level},
        labelColumns,
        serviceAbove: isRoot ? undefined : serviceOf(above.node.span),
      })
    }
  }
  push(trace.roots, undefined)
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    drawn.push(next)
    push(next.node.children, next)
  }
  return drawn
}

interface RowText {
  segments: Segment[]
  /** Lines below the row, and the column at which they begin. */
  rest: string[]
  restColumn: number
}

/** Fewer columns than these are not worth a title. */
const MIN_TITLE = 8

const rowText = (
  {row, labelColumns}: Drawn,
  note: readonly Segment[],
  columns: number,
  wholeText: boolean,
): RowText => {
  const segments = [...row.label, ...note]
  if (row.isStep) {
    segments.push({text: ' '.repeat(Math.max(0, labelColumns - widthOf(row.label))), role: 'plain'})
  }
  if (row.notes.length > 0) segments.push({text: '  ', role: 'plain'}, ...row.notes)
  const restColumn = widthOf(segments) + GAP
  const tools = row.tools.map((tool): Segment => ({text: `→ ${tool}`, role: 'tool'}))
  const left = columns - restColumn - tools.reduce((sum, {text}) => sum + textWidth(text) + 1, 0)
  let title = left >= MIN_TITLE ? cutToWidth(row.title, left) : ''
  let rest: string[] = []
  if (wholeText && row.text !== '' && columns - restColumn >= MIN_TITLE) {
    const [first = '', ...others] = wrapToWidth(row.text, columns - restColumn)
    // A row that names tools says what it is about; its text then stands below as a whole.
    title = tools.length > 0 ? '' : first
    rest = tools.length > 0 ? [first, ...others] : others
  }
  const role = row.isStep ? 'plain' : 'dim'
  if (title !== '') segments.push({text: `${' '.repeat(GAP)}${title}`, role})
  tools.forEach((tool, i) => {
    const gap = i === 0 && title === '' ? GAP : 1
    segments.push({text: ' '.repeat(gap), role: 'plain'}, tool)
  })
  return {segments, rest, restColumn}
}

const MAX_CONVERSATION = 24

/** The conversation that a trace belongs to: often the one name in it that somebody knows. */
const conversationOf = (nodes: readonly Drawn[]): string => {
  for (const {node} of nodes.slice(0, 3)) {
    const {attributes} = node.span
    const id = attributes['gen_ai.conversation.id'] ?? attributes['session.id']
    if (typeof id === 'string') return cutToWidth(oneLine(id), MAX_CONVERSATION)
  }
  return ''
}

const heading = (trace: TraceTree, nodes: readonly Drawn[], width: number): Segment[] => {
  const services = [...new Set(nodes.map(({node}) => serviceOf(node.span)))].filter((s) => s !== '')
  const line: Segment[] = [
    {text: 'trace ', role: 'dim'},
    {text: oneLine(trace.traceId) || '(no id)', role: 'heading'},
  ]
  const facts = [
    conversationOf(nodes),
    services.length > 3 ? counted(services.length, 'service') : services.join(', '),
    counted(trace.spanCount, 'span'),
    formatDuration(nanosBetween(trace.start, trace.end)),
    formatTime(trace.start),
  ]
  for (const fact of facts) {
    if (fact === '') continue
    const piece: Segment = {text: `${line.length === 2 ? '  ' : ' · '}${fact}`, role: 'dim'}
    if (widthOf(line) + textWidth(piece.text) <= width) line.push(piece)
  }
  return line
}

const SIGNAL_MARKS: Readonly<Record<string, string>> = {critical: '■', warning: '▲', info: '●'}

const signalLines = (drawn: Drawn, below: string, width: number): Segment[][] =>
  drawn.row.signals.map(({name, role, evidence}) => {
    const indent = drawn.row.isStep ? ' '.repeat(Math.max(0, drawn.labelColumns - 1)) : ''
    const line: Segment[] = [
      {text: below + indent, role: 'branch'},
      {text: `${SIGNAL_MARKS[role] ?? '●'} ${name}`, role},
    ]
    // Evidence that is the title again says nothing new.
    if (evidence === '' || drawn.row.title.includes(evidence)) return line
    return fit([...line, {text: `  “${evidence}”`, role: 'dim'}], width)
  })

const traceLines = (trace: TraceTree, width: number, wholeText: boolean): Segment[][] => {
  const columns = columnsOf(width)
  const drawn = drawOrder(trace)
  const lines: Segment[][] = [heading(trace, drawn, width), []]
  for (const item of drawn) {
    const {node, row, level, serviceAbove} = item
    const branch = branchOf(level, columns.text)
    const service = serviceOf(node.span)
    const note: Segment[] = []
    // Only where it changes: one service is named in the heading.
    if (serviceAbove !== undefined && serviceAbove !== service && service !== '') {
      note.push({text: ` @${service}`, role: 'dim'})
    }
    if (node.isOrphan) note.push({text: ' (its parent is missing)', role: 'dim'})
    const room = columns.text - textWidth(branch)
    const duration = formatDuration(nanosBetween(node.span.startTime, node.span.endTime))
    const time = `${row.isEstimated ? '~' : ''}${duration}`
    const {segments, rest, restColumn} = rowText(item, note, room, wholeText)
    lines.push([
      {text: branch, role: 'branch'},
      ...fit(segments, room),
      {text: time.padStart(DURATION_COLUMNS), role: row.isEstimated ? 'dim' : 'duration'},
      ...(columns.bar === 0 ? [] : bar(node.span, row, trace, columns.bar)),
    ])
    const below = continued(branch, node.children.length > 0)
    for (const text of rest) {
      lines.push([
        {text: below, role: 'branch'},
        {
          text: ' '.repeat(Math.max(0, textWidth(branch) + restColumn - textWidth(below))),
          role: 'plain',
        },
        {text, role: 'plain'},
      ])
    }
    lines.push(...signalLines(item, below, width))
  }
  return lines
}

const legend = (lines: readonly (readonly Segment[])[], width: number): Segment[][] => {
  const has = (mark: string): boolean =>
    lines.some((line) => line.some(({text}) => text.trimStart().startsWith(mark)))
  const marks = [
    has('~') ? '~ estimated: time shared by length of text' : '',
    has('■') ? '■ critical' : '',
    has('▲') ? '▲ warning' : '',
  ].filter((mark) => mark !== '')
  if (marks.length === 0) return []
  const line = marks.join('   ')
  const texts = textWidth(line) <= width ? [line] : marks
  return [[], ...texts.map((text): Segment[] => [{text, role: 'dim'}])]
}

/** How a tree is drawn. */
export interface TreeOptions {
  /** Columns; below 48 and above 200 as these. From 100 on, bars are drawn. @defaultValue 80 */
  width?: number | undefined
  /** Explains the marks below the trees. @defaultValue true */
  legend?: boolean | undefined
  /** The whole text of each step, as far as it is on its span, and not its title alone. @defaultValue false */
  text?: boolean | undefined
}

/** The trees of all traces, line by line, with an empty line between two. */
export const treeLines = (
  spans: readonly ReadableSpanLike[],
  options: TreeOptions = {},
): Segment[][] => {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Math.floor(options.width ?? 80)))
  const lines = spanTrees(spans).flatMap((trace, i) => [
    ...(i === 0 ? [] : [[]]),
    ...traceLines(trace, width, options.text === true),
  ])
  return options.legend === false ? lines : [...lines, ...legend(lines, width)]
}
