import {describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {compileChecks} from '../../src/checks/compile.ts'
import {type CallFacts, type CheckedBlock, evaluateChecks} from '../../src/checks/evaluate.ts'
import {MentionsByTrace} from '../../src/checks/trace-mentions.ts'
import {cpuNow} from '../setup/cpu-time.ts'

const block = (text: string, tool?: string, more: Partial<CheckedBlock> = {}): CheckedBlock => ({
  text,
  incomplete: false,
  toolCalls: tool === undefined ? [] : [{name: tool}],
  ...more,
})

function resultOf(
  check: Omit<Check, 'name'>,
  blocks: readonly CheckedBlock[],
  facts: CallFacts = {},
): string {
  const checks = compileChecks('test', [{name: 'it', ...check}])
  const faults: string[] = []
  const [outcome] = evaluateChecks(checks, blocks, facts, undefined, (fault) => faults.push(fault))
  return faults[0] ?? outcome?.result ?? ''
}

const THOUGHT =
  'The purchase date is March 6. The window is 30 days. So the customer gets the refund.'

describe('mentions', () => {
  test('must all be there, of an inner list one', () => {
    expect(resultOf({mentions: 'window'}, [block(THOUGHT)])).toBe('met')
    expect(resultOf({mentions: ['window', 'fee']}, [block(THOUGHT)])).toBe('missed')
    expect(resultOf({mentions: [['window', 'fee']]}, [block(THOUGHT)])).toBe('met')
    expect(resultOf({mentions: ['window', /march \d/i]}, [block(THOUGHT)])).toBe('met')
  })

  test('may stand in different blocks', () => {
    const blocks = [block('The window is open.', 'lookup'), block('There is a fee.')]
    expect(resultOf({mentions: ['window', 'fee']}, blocks)).toBe('met')
  })

  test('that are missing from text that was cut prove nothing', () => {
    const cut = block(THOUGHT, undefined, {incomplete: true})
    expect(resultOf({mentions: 'fee'}, [cut])).toBe('not_applicable')
    expect(resultOf({mentions: 'window'}, [cut])).toBe('met')
  })

  test('cannot be missed in reasoning that nobody can read', () => {
    expect(resultOf({mentions: 'fee'}, [block('')])).toBe('not_applicable')
    expect(resultOf({mentions: 'fee'}, [])).toBe('not_applicable')
  })
})

test('what is never to be mentioned is missed where it is', () => {
  const checks = compileChecks('test', [{name: 'it', never_mentions: ['discount', 'refund']}])
  const blocks = [block('Nothing yet.'), block(THOUGHT)]
  const [outcome] = evaluateChecks(checks, blocks, {}, undefined, () => {})
  expect(outcome).toEqual({
    name: 'it',
    result: 'missed',
    severity: 'warning',
    block: 1,
    start: THOUGHT.indexOf('refund'),
    end: THOUGHT.indexOf('refund') + 6,
  })
  expect(resultOf({never_mentions: 'discount'}, blocks)).toBe('met')
})

test('what comes before is missed where the other comes first, or alone', () => {
  expect(resultOf({before: ['window', 'refund']}, [block(THOUGHT)])).toBe('met')
  expect(resultOf({before: ['refund', 'window']}, [block(THOUGHT)])).toBe('missed')
  expect(resultOf({before: ['fee', 'window']}, [block(THOUGHT)])).toBe('missed')
  expect(resultOf({before: ['window', 'fee']}, [block(THOUGHT)])).toBe('not_applicable')
})

describe('a tool that is called only after', () => {
  const check = {tool_called_only_after: {tool: 'issue_refund', mentions: 'window'}}

  test('is met where the reasoning before the call speaks of it', () => {
    expect(resultOf(check, [block(THOUGHT, 'issue_refund')])).toBe('met')
    expect(resultOf(check, [block(THOUGHT), block('Now.', 'issue_refund')])).toBe('met')
  })

  test('is missed where only what comes after the call does', () => {
    expect(resultOf(check, [block('Now.', 'issue_refund'), block(THOUGHT)])).toBe('missed')
  })

  test('is not applicable where it is not called', () => {
    expect(resultOf(check, [block('Now.', 'lookup_order')])).toBe('not_applicable')
  })
})

describe('conditions', () => {
  const check = (when: Check['when']): Omit<Check, 'name'> => ({when, mentions: 'fee'})

  test('all hold, or the check is not applicable', () => {
    const blocks = [block(THOUGHT, 'issue_refund')]
    const facts = {promptName: 'refunds', model: 'gpt-5-mini'}
    expect(resultOf(check({tool_called: 'issue_refund'}), blocks, facts)).toBe('missed')
    expect(resultOf(check({tool_called: ['a', 'issue_refund']}), blocks, facts)).toBe('missed')
    expect(resultOf(check({tool_called: 'a'}), blocks, facts)).toBe('not_applicable')
    expect(resultOf(check({mentions: 'window'}), blocks, facts)).toBe('missed')
    expect(resultOf(check({mentions: ['window', 'x']}), blocks, facts)).toBe('not_applicable')
    expect(resultOf(check({prompt: 'refunds', model: /^gpt-5/}), blocks, facts)).toBe('missed')
    expect(resultOf(check({prompt: 'orders'}), blocks, facts)).toBe('not_applicable')
    expect(
      resultOf(
        check(({answer}) => answer === 'x'),
        blocks,
        facts,
      ),
    ).toBe('not_applicable')
  })
})

describe('a function', () => {
  test('sees the call and decides', () => {
    const blocks = [block('One.', 'a'), block('Two.')]
    const seen: unknown[] = []
    const result = resultOf(
      {
        test: (input) => {
          seen.push(input)
          return true
        },
      },
      blocks,
      {answer: 'Yes.', model: 'm'},
    )
    expect(result).toBe('met')
    expect(seen).toEqual([
      {text: 'One.\n\nTwo.', toolCalls: [{name: 'a'}], answer: 'Yes.', model: 'm'},
    ])
    expect(resultOf({test: () => 'not_applicable'}, blocks)).toBe('not_applicable')
    expect(resultOf({test: () => false}, blocks)).toBe('missed')
    expect(resultOf({test: () => ({}) as boolean}, blocks)).toBe('not_applicable')
  })

  test('that throws is told, and breaks nothing', () => {
    const check = {
      test: (): boolean => {
        throw new Error('no')
      },
    }
    expect(resultOf(check, [block('One.')])).toBe('the check `it` threw')
  })
})

test('what an earlier call of the trace spoke of counts where the scope says so', () => {
  const compile = (scope: 'call' | 'trace') =>
    compileChecks('test', [
      {name: 'it', scope, when: {tool_called: 'issue_refund'}, mentions: 'window'},
    ])
  for (const scope of ['call', 'trace'] as const) {
    const checks = compile(scope)
    const memory = new MentionsByTrace()
    const run = (trace: string, blocks: readonly CheckedBlock[]) =>
      evaluateChecks(checks, blocks, {}, memory.of(trace), () => {})[0]?.result
    expect(run('a', [block(THOUGHT, 'lookup')])).toBe('not_applicable')
    expect(run('a', [block('Now.', 'issue_refund')])).toBe(scope === 'trace' ? 'met' : 'missed')
    expect(run('b', [block('Now.', 'issue_refund')])).toBe('missed')
  }
})

test('takes time that grows with the text', () => {
  const checks = compileChecks('test', [
    {name: 'a', mentions: ['purchase date', /\d+ days/]},
    {name: 'b', before: ['fee', 'approved']},
    {name: 'c', never_mentions: [/\b\d{4}(?:[ -]?\d{4}){3}\b/]},
  ])
  const time = (length: number): number => {
    const text = 'purchase   purchase 1234 1234 and so on. '.repeat(length / 40)
    let best = Infinity
    for (let round = 0; round < 5; round += 1) {
      const start = cpuNow()
      evaluateChecks(checks, [block(text)], {}, undefined, () => {})
      best = Math.min(best, cpuNow() - start)
    }
    return best
  }
  // Linear is 10, quadratic 100.
  expect(time(400_000) / time(40_000)).toBeLessThan(40)
})
