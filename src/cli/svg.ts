/** The terminal's tree as an SVG, readable on light and dark pages. */
import type {ReadableSpanLike} from '../readable-span.ts'
import type {Role, Segment} from './style.ts'
import {textWidth} from './text-width.ts'
import {type TreeOptions, treeLines} from './tree-layout.ts'

const FONT_SIZE = 14
/** Columns of a monospace font are 0.6 em wide in all the fonts of the stack. */
const COLUMN = FONT_SIZE * 0.6
const LINE = 20
const MARGIN = 18
const TITLE_BAR = 34
const FONTS =
  "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

interface Look {
  light: string
  dark: string
  bold?: boolean
}

const TEXT: Look = {light: '#24292f', dark: '#d7dde3'}
const GREY: Look = {light: '#656d76', dark: '#8b949e'}
const BLUE: Look = {light: '#0550ae', dark: '#79c0ff'}
const CYAN: Look = {light: '#0f6b75', dark: '#6fd3dd'}
const GREEN: Look = {light: '#1a7f37', dark: '#7ee787'}
const YELLOW: Look = {light: '#8a5a00', dark: '#e3b341'}
const RED: Look = {light: '#b3261e', dark: '#ff8e85'}
const VIOLET: Look = {light: '#7a3aa6', dark: '#d2a8ff'}

const LOOKS: Readonly<Record<Role, Look>> = {
  plain: TEXT,
  heading: {...TEXT, bold: true},
  branch: {light: '#afb8c1', dark: '#57606a'},
  name: {...TEXT, bold: true},
  dim: GREY,
  tool: CYAN,
  duration: TEXT,
  bar: GREY,
  'bar-reasoning': BLUE,
  ok: GREEN,
  info: BLUE,
  warning: YELLOW,
  critical: RED,
  setup: GREY,
  plan: BLUE,
  fact: CYAN,
  infer: TEXT,
  verify: GREEN,
  backtrack: YELLOW,
  uncertainty: VIOLET,
  act: {...CYAN, bold: true},
  conclude: {...TEXT, bold: true},
  other: GREY,
}

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

const round = (value: number): string => String(Math.round(value * 100) / 100)

/** Roles that are drawn as lines. */
const STROKED: ReadonlySet<Role> = new Set(['branch', 'bar', 'bar-reasoning'])

const styleSheet = (roles: ReadonlySet<Role>): string => {
  const rule = (role: Role, color: string): string =>
    STROKED.has(role)
      ? `path.${role}{stroke:${color};fill:none}.${role}{fill:${color}}`
      : `.${role}{fill:${color}}`
  const used = [...roles]
  const bold = used.filter((role) => LOOKS[role].bold === true).map((role) => `.${role}`)
  return [
    `text{font:${FONT_SIZE}px ${FONTS};white-space:pre}`,
    '.paper{fill:#ffffff;stroke:#d0d7de}.caption{fill:#656d76;font-size:12px}',
    ...used.map((role) => rule(role, LOOKS[role].light)),
    ...(bold.length === 0 ? [] : [`${bold.join(',')}{font-weight:600}`]),
    '@media (prefers-color-scheme:dark){',
    '.paper{fill:#0d1117;stroke:#30363d}.caption{fill:#8b949e}',
    ...used.map((role) => rule(role, LOOKS[role].dark)),
    '}',
  ].join('')
}

/** What each line adds to the picture. */
interface Drawing {
  body: string[]
  /** One path for all branches. */
  branches: string
  used: Set<Role>
}

const HALF = LINE / 2

// Box-drawing characters leave gaps between the lines of a picture, and not every font has them.
const branchPath = (char: string, x: number, top: number): string => {
  const middle = round(x + COLUMN / 2)
  const center = round(top + HALF)
  const right = `M${middle} ${center}H${round(x + COLUMN)}`
  if (char === '─') return `M${round(x)} ${center}H${round(x + COLUMN)}`
  if (char === '│') return `M${middle} ${round(top)}v${LINE}`
  if (char === '├') return `M${middle} ${round(top)}v${LINE}${right}`
  if (char === '└') return `M${middle} ${round(top)}v${HALF}${right}`
  return ''
}

const barLine = (text: string, role: Role, x: number, top: number): string => {
  const dash = text.includes('╍') ? ' stroke-dasharray="5 3"' : ''
  const y = round(top + HALF)
  return `<path class="${role}" d="M${round(x + 0.5)} ${y}H${round(x + text.length * COLUMN - 0.5)}" stroke-width="4"${dash}/>`
}

/** Each word group is placed by its column, so that a font of another width shifts nothing. */
const textSpans = (text: string, role: Role, x: number): string =>
  [...text.matchAll(/\S+(?: \S+)*/g)]
    .map(([group]) => group)
    .reduce(
      ({spans, from}, group) => {
        const at = text.indexOf(group, from)
        const left = round(x + textWidth(text.slice(0, at)) * COLUMN)
        const length = round(textWidth(group) * COLUMN)
        const attributes = `class="${role}" x="${left}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`
        return {
          spans: `${spans}<tspan ${attributes}>${escape(group)}</tspan>`,
          from: at + group.length,
        }
      },
      {spans: '', from: 0},
    ).spans

const drawLine = (line: readonly Segment[], top: number, drawing: Drawing): void => {
  let column = 0
  let spans = ''
  for (const {text, role} of line) {
    const x = MARGIN + column * COLUMN
    column += textWidth(text)
    if (text.trim() === '') continue
    drawing.used.add(role)
    if (role === 'bar' || role === 'bar-reasoning') {
      drawing.body.push(barLine(text, role, x, top))
    } else if (role === 'branch') {
      ;[...text].forEach((char, i) => {
        drawing.branches += branchPath(char, x + i * COLUMN, top)
      })
      spans += textSpans(text.replace(/[─│├└]/g, ' '), role, x)
    } else {
      spans += textSpans(text, role, x)
    }
  }
  if (spans !== '') drawing.body.push(`<text y="${round(top + LINE * 0.7)}">${spans}</text>`)
}

/** How the picture is drawn. */
export interface SvgOptions extends TreeOptions {
  /** Stands above the tree and is the picture's name for who cannot see it. */
  caption?: string | undefined
}

/** Draws what `renderTree` prints as an SVG document. */
export const treeToSvg = (spans: readonly ReadableSpanLike[], options: SvgOptions = {}): string => {
  const lines = treeLines(spans, options)
  const caption = options.caption ?? 'otel-reasoning show'
  const drawing: Drawing = {body: [], branches: '', used: new Set()}
  lines.forEach((line, i) => drawLine(line, TITLE_BAR + MARGIN + i * LINE, drawing))
  const columns = lines.reduce(
    (most, line) =>
      Math.max(
        most,
        line.reduce((sum, {text}) => sum + textWidth(text), 0),
      ),
    0,
  )
  const width = round(columns * COLUMN + MARGIN * 2)
  const height = round(lines.length * LINE + TITLE_BAR + MARGIN * 2)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(caption)}">`,
    `<style>${styleSheet(drawing.used)}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${round(Number(width) - 1)}" height="${round(Number(height) - 1)}" rx="8"/>`,
    `<text class="caption" x="${MARGIN}" y="${TITLE_BAR - 10}">${escape(caption)}</text>`,
    `<path class="branch" d="${drawing.branches}"/>`,
    ...drawing.body,
    '</svg>',
    '',
  ].join('\n')
}
