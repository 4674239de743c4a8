import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, realpathSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {CASES} from '../../examples/refund-agent/cases.js'

interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  /** Name of its instrumentation scope. */
  scope: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: {code?: number}
  attributes: {key: string; value: Record<string, unknown>}[]
}
interface OtlpRequest {
  resourceSpans: {scopeSpans: {scope: {name: string}; spans: Omit<OtlpSpan, 'scope'>[]}[]}[]
}

const scratch = mkdtempSync(join(tmpdir(), 'otel-reasoning-refund-agent-'))
afterAll(() => rmSync(scratch, {recursive: true}))

/** An address where nothing answers, so that a developer's own collector stays out of the tests. */
const NO_COLLECTOR = {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1'}

function run(node: string, args: string[], env: Record<string, string> = NO_COLLECTOR) {
  const child = spawn(node, args, {env: {...process.env, ...env}})
  const output = {stdout: '', stderr: '', code: 0 as number | null}
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  return new Promise<typeof output>((ok) =>
    child.on('close', (code) => ok(Object.assign(output, {code}))),
  )
}

const spansOf = (requests: OtlpRequest[]) =>
  requests
    .flatMap((request) => request.resourceSpans)
    .flatMap((resource) => resource.scopeSpans)
    .flatMap(({scope, spans}) => spans.map((span) => ({...span, scope: scope.name})))

const spansIn = (file: string) =>
  spansOf(
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as OtlpRequest),
  )

function attribute(span: OtlpSpan, key: string): unknown {
  const value = span.attributes.find((one) => one.key === key)?.value
  if (!value) return undefined
  const {arrayValue} = value as {arrayValue?: {values: Record<string, unknown>[]}}
  return arrayValue ? arrayValue.values.map((one) => one['stringValue']) : Object.values(value)[0]
}

const position = (span: OtlpSpan) => Number(attribute(span, 'reasoning.step.index') ?? 0)

function childrenOf(spans: OtlpSpan[], parent: OtlpSpan) {
  return spans
    .filter((span) => span.parentSpanId === parent.spanId)
    .sort(
      (a, b) =>
        Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)) ||
        position(a) - position(b),
    )
}

const rootsOf = (spans: OtlpSpan[]) =>
  CASES.map(({name}) => {
    const roots = spans.filter(
      (span) => !span.parentSpanId && attribute(span, 'gen_ai.conversation.id') === name,
    )
    expect(roots).toHaveLength(1)
    return roots[0]!
  })

/** The Node of this run, and the Node 24 of the dev dependencies where that is another one. */
const NODES = new Set(
  [process.execPath, 'node_modules/.bin/node']
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path)),
)

describe.each([...NODES])('the refund agent, run by %s', (node) => {
  const file = join(scratch, `${node.replaceAll(/\W/g, '-')}.jsonl`)
  const received: OtlpRequest[] = []
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as OtlpRequest)
      response.writeHead(200, {'content-type': 'application/json'}).end('{}')
    })
  })
  let output: Awaited<ReturnType<typeof run>>
  let spans: OtlpSpan[]
  let address: string

  beforeAll(async () => {
    await new Promise<void>((ok) => collector.listen(0, '127.0.0.1', ok))
    address = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
    const env = {OTEL_EXPORTER_OTLP_ENDPOINT: address}
    output = await run(node, ['examples/refund-agent/run.js', file], env)
    if (output.code !== 0 || output.stderr !== '') throw new Error(output.stderr || 'failed')
    spans = spansIn(file)
  }, 30_000)
  afterAll(() => {
    collector.closeAllConnections()
    collector.close()
  })

  test('leaves three traces, each of an agent that calls the model and its tools in turn', () => {
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(3)
    for (const root of rootsOf(spans)) {
      expect(root.name).toBe('invoke_agent refund-agent')
      expect(childrenOf(spans, root).map((span) => span.name)).toEqual([
        'chat gpt-oss-120b',
        'execute_tool lookup_order',
        'chat gpt-oss-120b',
        'execute_tool issue_refund',
        'chat gpt-oss-120b',
      ])
    }
  })

  test('each model call has its thought as one block of steps, word for word', () => {
    const thoughts = rootsOf(spans).map((root) =>
      childrenOf(spans, root)
        .filter((span) => span.name.startsWith('chat '))
        .map((call) => {
          expect(attribute(call, 'reasoning.block.count')).toBe(1)
          expect(attribute(call, 'reasoning.visibility')).toBe('full')
          const blocks = childrenOf(spans, call)
          expect(blocks.map((span) => span.name)).toEqual(['reasoning'])
          const steps = childrenOf(spans, blocks[0]!)
          expect(steps.length).toBeGreaterThanOrEqual(3)
          for (const step of steps) {
            expect(step.name).toBe(`reasoning ${attribute(step, 'reasoning.step.kind')}`)
            expect(childrenOf(spans, step)).toEqual([])
          }
          return steps.map((step) => attribute(step, 'reasoning.text')).join(' ')
        }),
    )
    expect(thoughts).toEqual(CASES.map(({turns}) => turns.map(({thought}) => thought)))
  })

  test('the step that led to a tool call names it', () => {
    for (const root of rootsOf(spans)) {
      const named = spans
        .filter((span) => span.traceId === root.traceId)
        .flatMap((span) => attribute(span, 'reasoning.tool.call.ids') ?? [])
      const called = childrenOf(spans, root)
        .filter((span) => span.name.startsWith('execute_tool '))
        .map((span) => attribute(span, 'gen_ai.tool.call.id'))
      expect(new Set(named)).toEqual(new Set(called))
      expect(named).toHaveLength(2)
    }
  })

  test('the tools did what the model asked for: right, wrong, and without the fee', () => {
    const results = rootsOf(spans).map((root) => {
      const tool = childrenOf(spans, root).find((span) => span.name.endsWith(' issue_refund'))
      return JSON.parse(String(attribute(tool!, 'gen_ai.tool.call.result'))) as unknown
    })
    expect(results).toEqual([
      {refund_id: 'R-1042', order_id: 'A-1042', amount: 89.1, status: 'issued'},
      {refund_id: 'R-2210', order_id: 'B-2210', amount: 149, status: 'issued'},
      {refund_id: 'R-3377', order_id: 'C-3377', amount: 120, status: 'issued'},
    ])
  })

  test('no span is an error, and each of ours lies inside its parent', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]))
    const ours = spans.filter(({scope}) => scope === 'otel-reasoning')
    expect(ours.length).toBeGreaterThan(30)
    for (const span of spans) expect(span.status.code ?? 0).toBe(0)
    // Spans of others are not looked at: their clocks let a call end microseconds after its agent.
    for (const span of ours) {
      const parent = byId.get(span.parentSpanId ?? '')
      expect(parent).toBeDefined()
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(
        BigInt(parent!.startTimeUnixNano),
      )
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(parent!.endTimeUnixNano))
    }
  })

  test('a collector that answers gets the very same spans', () => {
    const ids = (some: OtlpSpan[]) => some.map((span) => `${span.spanId} ${span.name}`).sort()
    expect(ids(spansOf(received))).toEqual(ids(spans))
    expect(output.stdout).toContain(`written to ${file}, sent to ${address}/v1/traces`)
  })

  test('prints what became of each customer, and the tree', () => {
    for (const {title, lookFor} of CASES) {
      expect(output.stdout).toMatch(new RegExp(`^${title} +\\d.*\\n  look for: `, 'm'))
      expect(output.stdout).toContain(`  look for: ${lookFor}\n`)
    }
    expect(output.stdout.match(/invoke_agent refund-agent/g)).toHaveLength(3)
    expect(output.stdout).toContain('execute_tool issue_refund')
  })
})

test('the recording of the demo is what the agent does today, byte for byte', async () => {
  const file = join(scratch, 'recording.json')
  expect(await run(process.execPath, ['examples/refund-agent/record.js', file])).toMatchObject({
    stderr: '',
    code: 0,
  })
  const checkedIn = readFileSync('src/cli/demo-spans.json', 'utf8')
  expect(readFileSync(file, 'utf8')).toBe(checkedIn)
  const names = spansOf(
    (JSON.parse(checkedIn) as Partial<OtlpRequest>[]).map((request) => ({
      resourceSpans: request.resourceSpans ?? [],
    })),
  ).map((span) => span.name)
  expect(names).toHaveLength(18)
  expect(names.filter((name) => name.startsWith('reasoning'))).toEqual([])
})

test('npm start runs it and says what to do next', async () => {
  const output = await run(process.execPath, ['scripts/start.mjs'])
  expect(output).toMatchObject({stderr: '', code: 0})
  expect(output.stdout).toContain('invoke_agent refund-agent')
  expect(output.stdout).toContain('docker run')
  expect(output.stdout).toContain('npx otel-reasoning show --text traces.jsonl')
  expect(output.stdout).toContain(
    'OTEL_EXPORTER_OTLP_ENDPOINT is set, but nothing took the spans at http://127.0.0.1:1/v1/traces',
  )
  expect(rootsOf(spansIn('traces.jsonl'))).toHaveLength(3)
}, 60_000)
