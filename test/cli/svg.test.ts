import {expect, test} from 'vitest'
import {treeToSvg} from '../../src/cli/svg.ts'
import {madeBlock, madeSpan, refundRun} from './made-spans.ts'

const svg = treeToSvg(refundRun(), {width: 100, caption: 'Output of “otel-reasoning show”'})

test('every word of the tree is in the picture', () => {
  for (const word of [
    'invoke_agent refund-agent',
    'lookup_order',
    '▲ missing_condition',
    '~2.87 s',
  ]) {
    expect(svg).toContain(word)
  }
})

test('the picture says what it is, and needs nothing from elsewhere', () => {
  expect(svg).toContain('aria-label="Output of “otel-reasoning show”"')
  expect(svg.match(/https?:\/\/[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
  expect(svg).toContain('prefers-color-scheme:dark')
})

test('every role that is used has a colour in light and in dark', () => {
  const roles = new Set(
    [...svg.matchAll(/<(?:tspan|path) class="([\w-]+)"/g)].map(([, role]) => role),
  )
  expect(roles.size).toBeGreaterThan(8)
  for (const role of roles) {
    expect(svg.match(new RegExp(`\\.${role}\\{fill:`, 'g'))).toHaveLength(2)
  }
})

test('text is escaped', () => {
  const spans = [
    madeSpan({id: 'a', name: '<script>&"', from: 0, until: 1}),
    ...madeBlock('b', 'a', [{kind: 'fact', title: '1 < 2 & 3', from: 0, until: 1}]),
  ]
  const drawn = treeToSvg(spans)
  expect(drawn).not.toContain('<script')
  expect(drawn).toContain('&#60;script&#62;&#38;&#34;')
})
