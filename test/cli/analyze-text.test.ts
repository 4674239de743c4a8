import {expect, test} from 'vitest'
import {analysisText} from '../../src/cli/analyze-text.ts'
import type {Analysis, Step} from '../../src/model.ts'

const TRACE = 'The window is 30 days. So the refund is due.'

const step = (kind: Step['kind'], start: number, end: number): Step => ({
  kind,
  start,
  end,
  confidence: 0.875,
  titleStart: start,
  titleEnd: end,
})

const ANALYSIS: Analysis = {
  sentences: [],
  steps: [step('fact', 0, 22), step('uncertainty', 23, TRACE.length)],
  signals: [
    {name: 'loop', severity: 'warning', start: 4, end: 10, confidence: 0.5, detector: 'rules/1'},
    {name: 'hidden', severity: 'info', start: 0, end: 0, confidence: 1, detector: 'rules/1'},
  ],
}

test('steps stand in columns, signals below with what they were seen in', () => {
  expect(analysisText('case 7', TRACE, ANALYSIS, {width: 80, color: false})).toBe(`\
case 7  2 steps · 44 characters
  fact         0.88  The window is 30 days.
  uncertainty  0.88  So the refund is due.
  ▲ loop  warning, 0.50
    “window”
  ▲ hidden  info, 1.00

`)
})

test('long steps go on below themselves', () => {
  const lines = analysisText('a', TRACE, ANALYSIS, {width: 41, color: false}).split('\n')
  expect(lines.slice(1, 3)).toEqual([
    '  fact         0.88  The window is 30',
    '                     days.',
  ])
})

test('colour is written where it is asked for', () => {
  expect(analysisText('a', TRACE, ANALYSIS, {width: 80, color: true})).toContain('\u001b[')
})
