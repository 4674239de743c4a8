import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {DETECTORS} from '../src/analysis/signals/index.ts'
import {SIGNAL_SEVERITY, type SignalName} from '../src/model.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const signals = read('docs/signals.md')

/** The part of the page under the heading with this name. */
const cardOf = (name: string): string | undefined =>
  signals.split(/^## /m).find((part) => part.startsWith(`${name}\n`))

describe('the cards of the signals', () => {
  test.each(DETECTORS.map(([name]) => name))(
    '%s has one, with its severity, its figures, how to turn it off and its limits',
    (name) => {
      const card = cardOf(name) ?? ''
      expect(card).toContain(`Severity ${SIGNAL_SEVERITY[name]}.`)
      expect(card).toMatch(/^\| raised +\| benign chat \(\d+\) +\| [\d.]+ % \[/m)
      expect(card).toContain('µs/KB')
      expect(card).toContain(`signals: {${name}: false}`)
      expect(card).toContain('(limits.md)')
    },
  )

  test('stand for every name that there is', () => {
    const names = Object.keys(SIGNAL_SEVERITY) as SignalName[]
    const detected = new Set(DETECTORS.map(([name]) => name))
    // Checks raise it; what they find is what their author wrote.
    expect(names.filter((name) => !detected.has(name))).toEqual(['check_missed'])
    expect(signals).toContain('`check_missed`')
  })
})

test('the limits are linked from the pages that lead to them', () => {
  for (const page of ['README.md', 'docs/signals.md', 'docs/insight.md']) {
    expect(read(page), page).toContain('limits.md')
  }
  expect(read('docs/limits.md')).toMatch(/never means "clean"/)
})
