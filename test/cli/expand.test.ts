import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {ProtobufTraceSerializer} from '@opentelemetry/otlp-transformer'
import {describe, expect, test} from 'vitest'
import {readSpans} from '../otlp/sdk-spans.ts'
import {attributesOf, fixture, inFolder, run, spansOf} from './command-line.ts'

const linesOf = (name: string): Record<string, any>[] =>
  readFileSync(fixture(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const ours = (spans: readonly Record<string, any>[]) =>
  spans.filter(({scopeName}) => scopeName === 'otel-reasoning')

const texts = (spans: readonly Record<string, any>[]): string =>
  ours(spans)
    .map((span) => attributesOf(span)['reasoning.text'] ?? '')
    .join(' ')

describe('a file of spans', () => {
  test('comes out line by line, with reasoning spans under their calls', async () => {
    const {code, json, stderr} = await run(['expand', fixture('openinference')])
    expect(code).toBe(0)
    const input = linesOf('openinference')
    const output = json()
    expect(output).toHaveLength(input.length)
    const spans = spansOf(output)
    const before = spansOf(input)
    const call = spans.find(({spanId}) => spanId === before[0]?.['spanId'])
    expect(attributesOf(call ?? {})).toMatchObject({
      'reasoning.block.count': '1',
      'reasoning.visibility': 'full',
    })
    const [block, ...steps] = ours(spans)
    expect(block).toMatchObject({name: 'reasoning', parentSpanId: call?.['spanId'], flags: 0x101})
    expect(steps.length).toBeGreaterThan(3)
    for (const step of steps) expect(step['parentSpanId']).toBe(block?.['spanId'])
    expect(stderr).toBe(`1 span read, ${1 + steps.length} reasoning spans added to 1 call\n`)
  })

  test('keeps everything of the call that it does not add', async () => {
    const {json} = await run(['expand', fixture('openinference')])
    const [after] = spansOf(json())
    const [before] = spansOf(linesOf('openinference'))
    const added = after?.['attributes'].filter(({key}: any) => key.startsWith('reasoning.'))
    expect(added.length).toBeGreaterThan(2)
    expect({...after, attributes: after?.['attributes'].slice(0, -added.length)}).toEqual(before)
  })

  test('keeps the resource, and has one scope group more', async () => {
    const {json} = await run(['expand', fixture('openinference')])
    const [before] = linesOf('openinference')
    const [after] = json()
    expect(after?.['resourceSpans'][0].resource).toEqual(before?.['resourceSpans'][0].resource)
    expect(after?.['resourceSpans'][0].scopeSpans.map((group: any) => group.scope.name)).toEqual([
      ...(before?.['resourceSpans'][0].scopeSpans ?? []).map((group: any) => group.scope.name),
      'otel-reasoning',
    ])
  })

  test('that was expanded before passes unchanged', async () => {
    const once = await run(['expand', '--quiet', fixture('ai-sdk')])
    const twice = await run(['expand', '--quiet', '-'], {stdin: once.stdout})
    expect(twice.json()).toEqual(once.json())
    expect(twice.stderr).toBe('')
  })

  test('without reasoning passes unchanged', async () => {
    const line = {
      resourceSpans: [
        {
          scopeSpans: [
            {
              scope: {name: 'http', unknown: 1},
              spans: [
                {
                  traceId: 'a'.repeat(32),
                  spanId: 'b'.repeat(16),
                  startTimeUnixNano: 1795474678336000123n,
                  attributes: [{key: 'x', value: {doubleValue: 1}}],
                  future: {a: [1]},
                },
              ],
            },
          ],
        },
      ],
    }
    const text = JSON.stringify(line, (_, v) => (typeof v === 'bigint' ? `#${v}#` : v)).replace(
      /"#(\d+)#"/,
      '$1',
    )
    const {stdout} = await run(['expand', '--quiet'], {stdin: text})
    expect(stdout).toBe(`${text.replace('1795474678336000123', '"1795474678336000123"')}\n`)
  })
})

describe('one thought, one block', () => {
  const blocksIn = async (stdin: string): Promise<string[]> => {
    const {json} = await run(['expand', '--quiet'], {stdin})
    const spans = spansOf(json())
    return ours(spans)
      .filter(({name}) => name === 'reasoning')
      .map(({parentSpanId}) => spans.find(({spanId}) => spanId === parentSpanId)?.['name'])
      .sort()
  }

  const oneByOne = (): string[] => {
    const [line] = linesOf('ai-sdk')
    const [{resource, scopeSpans}] = line?.['resourceSpans'] ?? []
    return scopeSpans.flatMap(({scope, spans}: any) =>
      spans.map((span: any) =>
        JSON.stringify({resourceSpans: [{resource, scopeSpans: [{scope, spans: [span]}]}]}),
      ),
    )
  }

  test('an agent that repeats its calls adds nothing, whatever the order of the lines', async () => {
    const lines = oneByOne()
    expect(lines.length).toBeGreaterThan(4)
    const expected = ['chat deepseek-reasoner', 'chat deepseek-reasoner']
    expect(await blocksIn(lines.join('\n'))).toEqual(expected)
    expect(await blocksIn(lines.toReversed().join('\n'))).toEqual(expected)
  })
})

describe('log events', () => {
  const spans = fixture('openai-spans')
  const logs = fixture('openai-logs')

  test('are joined with their spans in any order, and not written', async () => {
    const orders = [
      await run(['expand', '--quiet', spans, logs]),
      await run(['expand', '--quiet', logs, spans]),
      await run(['expand', '--quiet', '-'], {
        stdin: readFileSync(spans, 'utf8') + readFileSync(logs, 'utf8'),
      }),
    ]
    for (const {code, json, stdout} of orders) {
      expect(code).toBe(0)
      expect(json()).toHaveLength(1)
      expect(stdout).not.toContain('resourceLogs')
      expect(texts(spansOf(json()))).toContain('refund')
      expect(stdout).toBe(orders[0]?.stdout)
    }
  })

  test('without their spans give no line, which is no failure', async () => {
    const {code, stdout, stderr} = await run(['expand', logs])
    expect({code, stdout}).toEqual({code: 0, stdout: ''})
    expect(stderr).toContain('0 spans read')
  })
})

describe('input of other forms', () => {
  const json = readFileSync(fixture('openinference'), 'utf8')

  test('is read alike: pretty, as an array, gzipped, with CRLF', async () => {
    const {stdout} = await run(['expand', '--quiet'], {stdin: json})
    const pretty = JSON.stringify(JSON.parse(json), null, 2)
    for (const stdin of [pretty, `[${json}]`, json.trim(), `\uFEFF${json.trim()}\r\n\r\n`]) {
      expect((await run(['expand', '--quiet'], {stdin})).stdout).toBe(stdout)
    }
    expect((await run(['expand', '--quiet'], {stdin: gzipSync(json)})).stdout).toBe(stdout)
  })

  test('may be protobuf', async () => {
    const stdin = ProtobufTraceSerializer.serializeRequest(readSpans().spans) as Uint8Array
    const {code, json: lines} = await run(['expand', '--quiet'], {stdin})
    expect(code).toBe(0)
    expect(spansOf(lines()).map(({name}) => name)).toEqual(['chat gpt-5', 'invoke_agent'])
    expect(spansOf(lines())[0]).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      startTimeUnixNano: '1000123456789',
    })
  })

  test('that is broken in part is read for the rest, and its lines are named', async () => {
    const good = json.trim()
    const stdin = `${good}\nnot json\n{"resourceMetrics":[]}\n${good.slice(0, 300)}\n${good}\n`
    const {code, json: lines, stderr} = await run(['expand'], {stdin})
    expect(code).toBe(0)
    expect(lines()).toHaveLength(2)
    expect(stderr).toContain('<stdin>:2: not JSON')
    expect(stderr).toContain('<stdin>:3: not OTLP')
    expect(stderr).toContain('<stdin>:4: cut off')
    expect(stderr).toContain('3 lines could not be read')
  })

  test('that is nested too deeply to be written costs that line only', async () => {
    const deep = `{"resourceSpans":[],"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    const {code, json: lines, stderr} = await run(['expand'], {stdin: `${deep}\n${json}`})
    expect(code).toBe(0)
    expect(lines()).toHaveLength(1)
    expect(stderr).toContain('nested too deeply')
  })

  test('with very many bad lines names twenty of them and counts all', async () => {
    const {stderr} = await run(['expand'], {stdin: `${'bad\n'.repeat(500)}${json}`})
    expect(stderr.match(/not JSON/g)).toHaveLength(20)
    expect(stderr).toContain('480 more could not be read, 500 in all')
  })
})

describe('options', () => {
  const text = 'The user wants a refund'

  test('--content decides what is left, on the call, too', async () => {
    for (const policy of ['hash', 'length', 'drop']) {
      const {code, stdout} = await run(['expand', '--content', policy, fixture('openinference')])
      expect(code).toBe(0)
      expect(stdout).not.toContain(text)
      expect(stdout).toContain('"reasoning plan"'.slice(0, 10))
    }
    expect((await run(['expand', fixture('openinference')])).stdout).toContain(text)
  })

  test('--max-steps caps the steps of a call', async () => {
    const {json} = await run(['expand', '--max-steps', '2', fixture('openinference')])
    expect(ours(spansOf(json())).map(({name}) => name)).toHaveLength(3)
  })

  test('--compat adds what a backend needs', async () => {
    const {json} = await run(['expand', '--compat', 'langfuse', fixture('openinference')])
    for (const span of ours(spansOf(json()))) {
      expect(attributesOf(span)['gen_ai.operation.name']).toBe('reasoning')
    }
  })

  test('--output writes a file, but never over what is read', async () => {
    await inFolder(async (folder) => {
      const input = join(folder, 'in.jsonl')
      const output = join(folder, 'out.jsonl')
      writeFileSync(input, readFileSync(fixture('openinference')))
      const ran = await run(['expand', '-o', output, input])
      expect(ran).toMatchObject({code: 0, stdout: ''})
      const {stdout} = await run(['expand', input])
      expect(readFileSync(output, 'utf8')).toBe(stdout)
      const same = await run(['expand', '-o', input, input])
      expect(same.code).toBe(2)
      expect(readFileSync(input, 'utf8')).toBe(readFileSync(fixture('openinference'), 'utf8'))
      const nowhere = await run(['expand', '-o', join(folder, 'no', 'such'), input])
      expect(nowhere.code).toBe(2)
      expect(nowhere.stderr).toContain('cannot write')
    })
  })

  test('--max-held writes in parts and says so', async () => {
    const line = JSON.stringify(linesOf('openinference')[0])
    const filler = JSON.stringify({resourceSpans: [], filler: 'x'.repeat(600_000)})
    // Requests without spans are written as well: a line in, a line out.
    const stdin = `${line}\n${filler}\n${filler}\n${line}\n`
    const {code, json, stderr} = await run(['expand', '--max-held', '1'], {stdin})
    expect(code).toBe(0)
    expect(spansOf(json()).length).toBeGreaterThan(10)
    expect(stderr).toContain('more than 1 MiB were to be held (--max-held)')
  })
})

describe('a policy on what was expanded before', () => {
  const SECRET = 'jane.doe@example.org'
  const THOUGHT = `The customer ${SECRET} wants a refund. The policy says that the window is 30 days. So it is allowed, I think.`
  const parts = [
    {type: 'reasoning', content: THOUGHT},
    {type: 'text', content: 'You get it back.'},
  ]
  const raw = JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          {
            scope: {name: 'any'},
            spans: [
              {
                traceId: 'a'.repeat(32),
                spanId: 'b'.repeat(16),
                name: 'chat gpt-oss',
                startTimeUnixNano: '1795474678336000000',
                endTimeUnixNano: '1795474679336000000',
                attributes: Object.entries({
                  'gen_ai.operation.name': 'chat',
                  'gen_ai.output.messages': JSON.stringify([{role: 'assistant', parts}]),
                }).map(([key, stringValue]) => ({key, value: {stringValue}})),
              },
            ],
          },
        ],
      },
    ],
  })

  test.each(['mask', 'hash', 'length', 'drop'])('%s leaks nothing', async (policy) => {
    const {stdout: expanded} = await run(['expand', '--quiet'], {stdin: raw})
    expect(expanded).toContain(SECRET)
    const args = ['--content', policy]
    const later = await run(['expand', '--quiet', ...args], {stdin: expanded})
    const atOnce = await run(['expand', '--quiet', ...args], {stdin: raw})
    expect(later.code).toBe(0)
    expect(later.stdout).not.toContain(SECRET)
    if (policy !== 'mask') expect(later.stdout).not.toContain('the window is 30 days')
    const names = (lines: Record<string, any>[]) => spansOf(lines).map(({name}) => name)
    expect(names(later.json())).toEqual(names(atOnce.json()))
    const keys = (lines: Record<string, any>[]) =>
      spansOf(lines).map((span) => Object.keys(attributesOf(span)).sort())
    if (policy !== 'mask') expect(keys(later.json())).toEqual(keys(atOnce.json()))

    const shown = await run(['show', '--text', ...args], {stdin: expanded})
    expect(shown.code).toBe(0)
    expect(shown.stdout).toMatch(/reasoning/)
    expect(shown.stdout).not.toContain(SECRET)
    const json = await run(['show', '--json', ...args], {stdin: expanded})
    expect(json.stdout).not.toContain(SECRET)
  })

  test('is in the help, and that log lines are not written', async () => {
    const words = (await run(['expand', '--help'])).stdout.replaceAll(/\s+/g, ' ')
    expect(words).toContain(
      'Spans that were expanded before keep their spans; the policy holds on them too.',
    )
    expect(words).toContain('the lines that hold them are not written')
    expect((await run(['--help'])).stdout).toContain('log lines are joined only')
  })
})
