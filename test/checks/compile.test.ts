import {expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {compileChecks} from '../../src/checks/compile.ts'
import {ReasoningSpanProcessor} from '../../src/processor.ts'

const messageOf = (checks: unknown): string => {
  try {
    compileChecks('test', checks)
  } catch (error) {
    if (error instanceof TypeError) return error.message
  }
  return 'nothing was wrong'
}

test.each([
  [{}, 'expected `checks` to be a list of checks'],
  [['refund'], 'expected `checks[0]` to be an object, got `"refund"`'],
  [[{mentions: 'a'}], 'expected `checks[0].name` to be 1 to 64 letters'],
  [[{name: 'has space', mentions: 'a'}], 'got `"has space"`'],
  [[{name: 'a'}], 'check `a`: expects nothing: give one of mentions, never_mentions'],
  [[{name: 'a', mention: 'x'}], 'check `a`: unknown `mention`; there are name, severity'],
  [[{name: 'a', mentions: ''}], 'check `a`: expected `mentions` not to be empty'],
  [[{name: 'a', mentions: []}], 'expected `mentions` not to be an empty list'],
  [[{name: 'a', mentions: 3}], 'expected `mentions` to be a string or a regular expression'],
  [[{name: 'a', mentions: 'x', severity: 'info'}], "to be 'warning' or 'critical'"],
  [[{name: 'a', mentions: 'x', scope: 'session'}], "to be 'call' or 'trace'"],
  [[{name: 'a', before: ['x']}], 'expected `before` to be a list of two'],
  [[{name: 'a', tool_called_only_after: 'x'}], 'to be an object of `tool` and `mentions`'],
  [[{name: 'a', tool_called_only_after: {mentions: 'x'}}], '`tool_called_only_after.tool`'],
  [[{name: 'a', mentions: 'x', when: {tools: 'y'}}], 'unknown `when.tools`; there are tool_called'],
  [[{name: 'a', test: 'x'}], 'expected `test` to be a function'],
  [
    [
      {name: 'a', mentions: 'x'},
      {name: 'a', mentions: 'y'},
    ],
    'two checks have the name `a`',
  ],
])('%j is refused with a reason', (checks, message) => {
  expect(messageOf(checks)).toContain(message)
})

test('a pattern that can backtrack is refused with the reason, wherever it stands', () => {
  const pattern = /(a+)+b/
  const places: Partial<Check>[] = [
    {mentions: pattern},
    {mentions: [['x', pattern]]},
    {never_mentions: pattern},
    {before: ['x', pattern]},
    {tool_called_only_after: {tool: 'x', mentions: pattern}},
    {mentions: 'x', when: {mentions: pattern}},
  ]
  for (const place of places) {
    const message = messageOf([{name: 'slow', ...place}])
    expect(message).toMatch(/check `slow`: `[\w.]+`: .*\(a\+\)\+b/)
  }
})

test('wrong checks are refused where a processor is made', () => {
  const next = {
    onStart() {},
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
  expect(() => new ReasoningSpanProcessor({next, checks: [{name: 'a'}]})).toThrow(
    'ReasoningSpanProcessor: check `a`: expects nothing',
  )
})

test.each([
  ['purchase date', 'The purchase\n  date is March 6.', true],
  ['purchase date', 'The PURCHASE DATE is March 6.', true],
  ['purchase date', 'The purchase dates differ.', false],
  ['$5 (net)', 'It costs $5 (net) a day.', true],
  ['날짜', '구매날짜를 확인', true],
  ['购买日期', '先看购买日期再说', true],
  ['30', 'within 30 days', true],
  ['30', 'within 130 days', false],
])('the words %j are looked for in %j as whole words', (words, text, found) => {
  const [check] = compileChecks('test', [{name: 'a', mentions: words}])
  const [pattern] = check?.mentions[0]?.patterns ?? []
  expect(pattern?.test(text)).toBe(found)
})
