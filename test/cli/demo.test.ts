import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {CASES} from '../../examples/refund-agent/cases.js'
import {REFUND_CHECKS} from '../../examples/refund-agent/checks.js'
import {DEMO_CHECKS} from '../../src/cli/demo-checks.ts'
import {DEMO_HINTS} from '../../src/cli/demo-hints.ts'
import {demoRuns} from '../../src/cli/demo-traces.ts'
import {inFolder, run, spansOf} from './command-line.ts'

test('the demo draws three runs, writes them, and says what to do next', async () => {
  await inFolder(async (folder) => {
    const {code, stdout, stderr} = await run(['demo'], {cwd: folder, env: {COLUMNS: '80'}})
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    for (const words of ['right-branch', 'wrong-branch', 'missed-condition']) {
      expect(stdout).toContain(words)
    }
    expect(stdout).toMatch(/reasoning act .*→ lookup_order/)
    expect(stdout).toContain('otel-reasoning doctor FILE')
    expect(stdout).not.toContain('doctor traces.jsonl')
    for (const line of Object.values(DEMO_HINTS)) {
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(line)
    }
    expect(readdirSync(folder)).toEqual(['traces.jsonl'])
    const lines = readFileSync(join(folder, 'traces.jsonl'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(3)
    const spans = spansOf(lines.map((line) => JSON.parse(line)))
    expect(spans.filter(({name}) => name === 'reasoning')).toHaveLength(9)
    expect(stdout).toContain(`http://localhost:16686/trace/${spans[0]?.['traceId']}`)

    const again = await run(['show', '--raw', 'traces.jsonl'], {cwd: folder, env: {COLUMNS: '80'}})
    expect(stdout.startsWith(again.stdout)).toBe(true)
  })
})

test('each reasoning span has its call, each step its block, inside its time', () => {
  for (const {spans} of demoRuns()) {
    const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
    const ours = spans.filter((span) => span.instrumentationScope.name === 'otel-reasoning')
    expect(ours.length).toBeGreaterThan(15)
    for (const span of ours) {
      const parent = byId.get(span.parentSpanContext?.spanId ?? '')
      expect(parent?.name).toMatch(span.name === 'reasoning' ? /^chat / : /^reasoning$/)
      const nanos = ([seconds, rest]: readonly number[]) =>
        BigInt(seconds ?? 0) * 1_000_000_000n + BigInt(rest ?? 0)
      expect(nanos(span.startTime) >= nanos(parent?.startTime ?? [])).toBe(true)
      expect(nanos(span.endTime) <= nanos(parent?.endTime ?? [])).toBe(true)
    }
  }
})

test('--output names another file, or none', async () => {
  await inFolder(async (folder) => {
    const other = await run(['demo', '-o', 'other.jsonl'], {cwd: folder})
    expect(other.stdout).toContain('otel-reasoning show --text other.jsonl')
    expect(readdirSync(folder)).toEqual(['other.jsonl'])
    const none = await run(['demo', '-o', '-', '--json'], {cwd: folder})
    expect(none.json()).toHaveLength(3)
    expect(readdirSync(folder)).toEqual(['other.jsonl'])
    const nowhere = await run(['demo', '-o', 'no/such/file'], {cwd: folder})
    expect(nowhere.code).toBe(2)
    expect(nowhere.stderr).toContain('-o names another file')
  })
})

test('its checks are those of the example; one run misses one, and only there a signal tells', () => {
  expect(DEMO_CHECKS).toEqual(REFUND_CHECKS)
  const told = demoRuns().map(({name, spans}) => ({
    name,
    missed: spans
      .filter((span) => span.name === 'reasoning')
      .flatMap(({attributes}) => attributes['reasoning.checks_missed'] ?? []),
    signals: spans
      .flatMap(({events}) => events)
      .filter((event) => event.name === 'reasoning.signal')
      .map(({attributes}) => attributes?.['reasoning.signal.check']),
  }))
  expect(told).toEqual([
    {name: 'right-branch', missed: [], signals: []},
    {name: 'wrong-branch', missed: [], signals: []},
    {name: 'missed-condition', missed: ['opened_box'], signals: ['opened_box']},
  ])
})

describe('what to look for', () => {
  test('is what the example says, run by run', () => {
    const ofExample = CASES.map(({name, lookFor}) => [name, lookFor])
    expect(Object.entries(DEMO_HINTS)).toEqual(ofExample)
    expect(demoRuns().map(({name}) => name)).toEqual(CASES.map(({name}) => name))
  })

  test('is there to be found', () => {
    const steps = demoRuns().map(({spans}) =>
      spans.flatMap(({attributes}) => {
        const kind = attributes['reasoning.step.kind']
        return kind === undefined ? [] : [`${kind}: ${attributes['reasoning.text']}`]
      }),
    )
    const [right, wrong, missed] = steps
    expect(right).toContainEqual(expect.stringMatching(/^verify: .*opened-box rule/))
    expect(right).toContainEqual(expect.stringMatching(/^backtrack: .*correct/))
    expect(wrong).toContainEqual(expect.stringMatching(/^infer: .*60-day window for clothing/))
    expect(missed?.length).toBeGreaterThan(10)
    for (const step of missed ?? []) expect(step).not.toMatch(/box|fee/)
  })
})
