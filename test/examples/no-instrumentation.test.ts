import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {type Collector, startCollector, startProgram} from '../register/child.ts'

let collector: Collector
beforeAll(async () => {
  collector = await startCollector()
})
afterAll(() => collector.close())

const PROGRAM = 'examples/no-instrumentation/agent.js'

test('the agent knows nothing of tracing', () => {
  const code = readFileSync(PROGRAM, 'utf8')
  expect(code).not.toMatch(/from '@opentelemetry|from 'otel-reasoning/)
})

test('runs offline, and has the tree that its README shows', async () => {
  const args = ['--import', 'otel-reasoning/register', PROGRAM, '--mock']
  const {stdout, stderr, code} = await startProgram(process.execPath, args, '.', {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  }).finished
  expect({stderr, code}).toEqual({stderr: '', code: 0})
  expect(stdout).toContain('Your order A-1042 qualifies for a refund')
  const readme = readFileSync('examples/no-instrumentation/README.md', 'utf8')
  const shown = [
    ...readme.matchAll(/^[│├└─ ]*(invoke_agent|chat [\w-]+|reasoning|execute_tool \w+)/gm),
  ]
  const spans = collector
    .spans()
    .filter(({name}) => !name.startsWith('reasoning '))
    .toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
  expect(spans.map(({name}) => name).toSorted()).toEqual(shown.map((match) => match[1]).toSorted())
  for (const {name, attributes} of spans) {
    const isInferred = /^(?:invoke_agent|execute_tool)/.test(name)
    expect(attributes['reasoning.inferred']).toBe(isInferred ? true : undefined)
  }
  const steps = collector.spans().filter(({name}) => name.startsWith('reasoning '))
  const counts = spans.flatMap(({name, attributes}) =>
    name === 'reasoning' ? Number(attributes['reasoning.step.count']) : [],
  )
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(steps.length)
  for (const {attributes} of steps) expect(attributes['reasoning.timing']).toBe('measured')
})

test('runs by itself as it does with us', async () => {
  const {stdout, stderr, code} = await startProgram(process.execPath, [PROGRAM, '--mock'], '.', {})
    .finished
  expect({stderr, code}).toEqual({stderr: '', code: 0})
  expect(stdout).toContain('Your order A-1042 qualifies for a refund')
})
