/** An analysis as people read it, for `analyze --text`. */
import type {Analysis} from '../model.ts'
import {counted} from './format.ts'
import {paintLine, type Role, type Segment} from './style.ts'
import {oneLine, wrapToWidth} from './text-width.ts'

/** As wide as the longest kind, `uncertainty`. */
const KIND_COLUMNS = 11
const MIN_TEXT_COLUMNS = 20

/** How an analysis is drawn. */
export interface AnalysisTextOptions {
  /** Columns. */
  width: number
  color: boolean
}

const severityRole = (severity: string): Role =>
  severity === 'critical' || severity === 'warning' ? severity : 'info'

/**
 * Kind, confidence and text of each step, then the signals.
 *
 * @param name of the text, as its id is
 * @param trace the text that was analysed
 */
export const analysisText = (
  name: string,
  trace: string,
  {steps, signals}: Analysis,
  {width, color}: AnalysisTextOptions,
): string => {
  const lines: Segment[][] = [
    [
      {text: oneLine(name), role: 'heading'},
      {
        text: `  ${counted(steps.length, 'step')} · ${counted(trace.length, 'character')}`,
        role: 'dim',
      },
    ],
  ]
  const indent = 2 + KIND_COLUMNS + 2 + 4 + 2
  const wrap = (text: string, used: number): string[] =>
    wrapToWidth(oneLine(text), Math.max(MIN_TEXT_COLUMNS, width - used))
  for (const {kind, confidence, start, end} of steps) {
    const [first = '', ...rest] = wrap(trace.slice(start, end), indent)
    lines.push([
      {text: `  ${kind.padEnd(KIND_COLUMNS)}`, role: kind},
      {text: `  ${confidence.toFixed(2)}  `, role: 'dim'},
      {text: first, role: 'plain'},
    ])
    for (const text of rest) lines.push([{text: `${' '.repeat(indent)}${text}`, role: 'plain'}])
  }
  for (const {name: signal, severity, confidence, start, end} of signals) {
    const label = `  ▲ ${signal}`
    const about = `  ${severity}, ${confidence.toFixed(2)}`
    lines.push([
      {text: label, role: severityRole(severity)},
      {text: about, role: 'dim'},
    ])
    // An empty range is about the whole text.
    if (end <= start) continue
    for (const text of wrap(`“${trace.slice(start, end)}”`, 4)) {
      lines.push([{text: `    ${text}`, role: 'dim'}])
    }
  }
  return [...lines, []].map((line) => `${paintLine(line, color).trimEnd()}\n`).join('')
}
