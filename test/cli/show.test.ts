import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {fixture, inFolder, run} from './command-line.ts'
import {textWidth} from '../../src/cli/text-width.ts'

describe('a file', () => {
  test('is expanded for the picture', async () => {
    const {code, stdout, stderr} = await run(['show', fixture('ai-sdk')], {env: {COLUMNS: '80'}})
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toContain('invoke_agent deepseek-reasoner')
    expect(stdout).toMatch(/reasoning act .*→ lookup_order/)
    for (const line of stdout.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(80)
  })

  test('is shown as it is with --raw', async () => {
    const {stdout} = await run(['show', '--raw', fixture('ai-sdk')])
    expect(stdout).toContain('chat deepseek-reasoner')
    expect(stdout).not.toContain('reasoning act')
  })

  test('with log events is joined with them', async () => {
    const {stdout} = await run(['show', fixture('openai-spans'), fixture('openai-logs')])
    expect(stdout).toMatch(/reasoning {2}summary · \d steps?/)
  })

  test('of log events only says what is missing', async () => {
    const {code, stderr} = await run(['show', fixture('openai-logs')])
    expect(code).toBe(2)
    expect(stderr).toContain('log events only')
  })

  test('is cut down to a trace or a service', async () => {
    const files = [fixture('ai-sdk'), fixture('openinference')]
    const [line] = readFileSync(fixture('openinference'), 'utf8').split('\n')
    const {traceId} = JSON.parse(line ?? '').resourceSpans[0].scopeSpans[0].spans[0]
    const all = (await run(['show', '--json', ...files])).json()
    expect(all).toHaveLength(2)
    const one = (await run(['show', '--json', '--trace', traceId.slice(0, 8), ...files])).json()
    expect(one.map((trace) => trace['traceId'])).toEqual([traceId])
    expect((await run(['show', '--json', '--service', 'refund-agent', ...files])).json()).toEqual(
      all,
    )
    expect((await run(['show', '--service', 'other', ...files])).code).toBe(2)
  })

  test('gives the whole text with --text', async () => {
    const {stdout} = await run(['show', '--text', '--width', '100', fixture('openinference')])
    expect(stdout).not.toContain('…')
  })
})

test('--json gives a list in the order of the tree', async () => {
  const {json} = await run(['show', '--json', fixture('ai-sdk')])
  const [trace] = json()
  expect(trace).toMatchObject({spanCount: trace?.['spans'].length})
  const seen = new Set<string>()
  for (const span of trace?.['spans'] ?? []) {
    if (span.depth > 0) expect(seen.has(span.parentSpanId)).toBe(true)
    seen.add(span.spanId)
  }
  const step = trace?.['spans'].find(({name}: {name: string}) => name === 'reasoning act')
  expect(step).toMatchObject({
    depth: 4,
    startTime: expect.stringMatching(/^2026-.*Z$/),
    reasoning: {'reasoning.step.kind': 'act', 'reasoning.tool.names': ['lookup_order']},
  })
})

test('a policy holds in the picture, too', async () => {
  const {stdout} = await run(['show', '--content', 'length', fixture('openinference')])
  expect(stdout).toContain('content: length')
  expect(stdout).toMatch(/\(\d+ characters\)/)
  expect(stdout).not.toContain('refund for order')
})

test('a span that is read twice is shown once, expanded or not', async () => {
  await inFolder(async (folder) => {
    const file = fixture('ai-sdk')
    const once = await run(['show', file])
    const expanded = join(folder, 'expanded.jsonl')
    await run(['expand', '--quiet', '-o', expanded, file])
    for (const files of [
      [file, file],
      [file, expanded],
      [expanded, file],
    ]) {
      expect((await run(['show', ...files])).stdout).toBe(once.stdout)
    }
  })
})

test('the help says what a policy and a limit of steps can still do to spans of ours', async () => {
  const {stdout} = await run(['show', '--help'])
  const words = stdout.replaceAll(/\s+/g, ' ')
  expect(words).toContain('(default 64). Only for calls that are not expanded yet')
  expect(words).toContain('and on those that were expanded before, too')
})
