import {describe, expect, test} from 'vitest'
import {fixture, run} from './command-line.ts'

type Value = string | number | boolean | string[]

interface Call {
  scope?: string
  attributes?: Record<string, Value>
  parent?: string
  id?: string
  dropped?: number
}

const valueOf = (value: Value) =>
  typeof value === 'string'
    ? {stringValue: value}
    : typeof value === 'number'
      ? {intValue: value}
      : typeof value === 'boolean'
        ? {boolValue: value}
        : {arrayValue: {values: value.map((stringValue) => ({stringValue}))}}

const request = (calls: readonly Call[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: calls.map(
          ({scope = 'unheard-of', attributes = {}, parent, id, dropped}, i) => ({
            scope: {name: scope, version: '1.2.3'},
            spans: [
              {
                traceId: 'a'.repeat(32),
                spanId: (id ?? `${i + 1}`).padStart(16, '0'),
                ...(parent === undefined ? {} : {parentSpanId: parent.padStart(16, '0')}),
                name: 'chat some-model',
                kind: 3,
                startTimeUnixNano: '1000000000',
                endTimeUnixNano: '2000000000',
                attributes: Object.entries({'gen_ai.operation.name': 'chat', ...attributes}).map(
                  ([key, value]) => ({key, value: valueOf(value)}),
                ),
                droppedAttributesCount: dropped ?? 0,
              },
            ],
          }),
        ),
      },
    ],
  })

const diagnose = async (...calls: Call[]): Promise<Record<string, any>[]> => {
  const {code, json} = await run(['doctor', '--json'], {stdin: request(calls)})
  expect(code).toBe(0)
  return json()
}

const messages = (...parts: object[]): Record<string, string> => ({
  'gen_ai.output.messages': JSON.stringify([{role: 'assistant', parts}]),
})
const ANSWER = {type: 'text', content: 'You get it back.'}
const THOUGHT = {type: 'reasoning', content: 'The window is 30 days. So it is allowed.'}

describe('what was found', () => {
  test('text, with its dialect, its place and its size', async () => {
    const [call] = await diagnose({attributes: messages(THOUGHT, ANSWER)})
    expect(call).toMatchObject({
      finding: 'text',
      instrumentation: 'unheard-of 1.2.3',
      dialect: 'gen_ai',
      keys: ['gen_ai.output.messages'],
      blocks: 1,
      textLength: THOUGHT.content.length,
      hasAnswer: true,
    })
    expect(call?.['steps']).toBeGreaterThan(0)
  })

  test('tokens that were billed without a text', async () => {
    const [call] = await diagnose({
      attributes: {
        ...messages(ANSWER),
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.reasoning.output_tokens': 1234,
      },
    })
    expect(call).toMatchObject({finding: 'hidden', reasoningTokens: 1234})
    expect(call?.['reason']).toContain('1,234 tokens')
    expect(call?.['advice']).toContain("reasoning: {summary: 'auto'}")
  })

  test('an answer without reasoning, with what the instrumentation is known to lose', async () => {
    const [known, unknown] = await diagnose(
      {scope: '@traceloop/instrumentation-openai', attributes: messages(ANSWER)},
      {attributes: messages(ANSWER)},
    )
    expect(known).toMatchObject({finding: 'none'})
    expect(known?.['advice']).toContain('drops all reasoning')
    expect(unknown).toMatchObject({finding: 'none'})
    expect(unknown).not.toHaveProperty('advice')
  })

  test('no answer either: the switch of that instrumentation', async () => {
    const [traceloop, openinference, other] = await diagnose(
      {scope: 'opentelemetry.instrumentation.anthropic'},
      {scope: 'openinference.instrumentation.openai'},
      {},
    )
    expect(traceloop).toMatchObject({finding: 'content_off'})
    expect(traceloop?.['advice']).toContain('TRACELOOP_TRACE_CONTENT=true')
    expect(openinference?.['advice']).toContain('OPENINFERENCE_HIDE_OUTPUTS')
    expect(other?.['advice']).toContain('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT')
  })

  test('attributes that were dropped: nothing can be said', async () => {
    const [call] = await diagnose({dropped: 3})
    expect(call).toMatchObject({finding: 'capture_incomplete'})
    expect(call?.['reason']).toContain('3 attributes of this span were dropped')
    expect(call?.['advice']).toContain('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT')
  })

  test('a part of a call that tells everything is not blamed for its silence', async () => {
    const [outer, inner] = await diagnose(
      {attributes: messages(THOUGHT, ANSWER)},
      {scope: 'com.anthropic.sdk.typescript', parent: '1'},
    )
    expect(outer?.['finding']).toBe('text')
    expect(inner?.['finding']).toBe('told_elsewhere')
  })

  test('an ancestor that repeats a thought is not counted as a thought', async () => {
    const [outer, inner] = await diagnose(
      {attributes: messages(THOUGHT, ANSWER)},
      {parent: '1', attributes: messages(THOUGHT, ANSWER)},
    )
    expect(inner?.['finding']).toBe('text')
    expect(outer?.['finding']).toBe('told_elsewhere')
  })

  test('spans that are no calls of a model are passed over', async () => {
    const lines = await diagnose({
      attributes: {'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'lookup_order'},
    })
    expect(lines).toEqual([{summary: {calls: 0, traces: 0, findings: {}, advice: []}}])
  })
})

describe('an instrumentation that writes log events', () => {
  test('is told to be incomplete without them', async () => {
    const {json} = await run(['doctor', '--json', fixture('openai-spans')])
    expect(json()[0]).toMatchObject({finding: 'only_logs', hasLogs: false})
    expect(json()[0]?.['advice']).toContain(
      'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true',
    )
  })

  test('is whole with them', async () => {
    const {json} = await run(['doctor', '--json', fixture('openai-spans'), fixture('openai-logs')])
    expect(json()[0]).toMatchObject({finding: 'summary', hasLogs: true, blocks: 1})
  })
})

describe('spans that were expanded before', () => {
  test('tell where their reasoning came from, and what it is', async () => {
    const {stdout} = await run(['expand', '--quiet', fixture('openinference')])
    const {json} = await run(['doctor', '--json'], {stdin: stdout})
    const [before] = (await run(['doctor', '--json', fixture('openinference')])).json()
    expect(json()).toHaveLength(2)
    const [after] = json()
    expect(after).toMatchObject({
      finding: 'already_expanded',
      dialect: before?.['dialect'],
      blocks: 1,
      steps: before?.['steps'],
      textLength: before?.['textLength'],
      reason: 'full · times estimated',
      expanded: {sources: [before?.['dialect']], visibilities: ['full'], marks: []},
    })
    expect(json()[1]?.['summary']).not.toHaveProperty('marks')
    const text = (await run(['doctor'], {stdin: stdout})).stdout
    expect(text).toContain('already expanded: full · times estimated')
    expect(text).toContain(`1 block · ${before?.['steps']} steps`)
    expect(text).toContain(`dialect ${before?.['dialect']}`)
    expect(text).not.toContain('nothing to look at')
  })

  test('need no log events any more', async () => {
    const {stdout} = await run([
      'expand',
      '--quiet',
      fixture('openai-spans'),
      fixture('openai-logs'),
    ])
    const [call] = (await run(['doctor', '--json'], {stdin: stdout})).json()
    expect(call).toMatchObject({finding: 'already_expanded', expanded: {visibilities: ['summary']}})
    expect(call?.['dialect']).not.toBe('')
    const text = (await run(['doctor'], {stdin: stdout})).stdout
    expect(text).not.toContain('nothing to look at')
    expect(text).not.toContain('not recognised')
  })

  test('are marked where they are late, incomplete or over the budget', async () => {
    const block = (id: string, attributes: Record<string, string | number | boolean>): Call => ({
      scope: 'otel-reasoning',
      parent: '1',
      id,
      attributes: {'reasoning.visibility': 'full', 'reasoning.source': 'gen_ai', ...attributes},
    })
    const calls: Call[] = [
      {attributes: {'reasoning.block.count': 4}},
      block('a', {'reasoning.late': true, 'reasoning.timing': 'measured'}),
      block('b', {'reasoning.text_incomplete': true, 'reasoning.text_policy': 'drop'}),
      block('c', {'reasoning.steps_merged': 7, 'reasoning.source': 'recorder'}),
    ]
    const [call, last] = await diagnose(...calls)
    expect(call).toMatchObject({
      dialect: 'gen_ai, recorder',
      reason: 'full · times measured · content: drop · 1 block missing',
      expanded: {marks: ['late', 'incomplete', 'over_budget'], policies: ['drop'], blocks: 3},
    })
    expect(last?.['summary']).toMatchObject({marks: {late: 1, incomplete: 1, over_budget: 1}})
    const {stdout} = await run(['doctor'], {stdin: request(calls)})
    expect(stdout).toContain('· late · incomplete · over budget')
  })

  test('that were left behind are missed', async () => {
    const [call] = await diagnose({attributes: {'reasoning.block.count': 1}})
    expect(call?.['reason']).toContain('its reasoning spans are not among the spans')
  })
})

test('the JSON of Jaeger’s pages is recognised, with the address that gives OTLP', async () => {
  const stdin = JSON.stringify({data: [{traceID: 'ab', spans: [{operationName: 'x', tags: []}]}]})
  for (const command of ['doctor', 'show', 'expand']) {
    const {code, stderr} = await run([command], {stdin})
    expect(code).toBe(2)
    expect(stderr).toContain('/api/v3/traces/ID')
  }
})

test('the summary says what to do, once for each instrumentation', async () => {
  const calls: Call[] = Array.from({length: 3}, () => ({scope: 'litellm'}))
  const {stdout, code} = await run(['doctor'], {
    stdin: request([...calls, {attributes: messages(THOUGHT, ANSWER)}]),
    env: {COLUMNS: '80'},
  })
  expect(code).toBe(0)
  expect(stdout).toContain('4 calls of a model in 1 trace')
  expect(stdout).toContain('What to do')
  expect(stdout.match(/set OTEL_INSTRUMENTATION_GENAI/g)).toHaveLength(1)
  expect(stdout).toContain('litellm 1.2.3, 3 calls (content capture off)')
  const [line] = await diagnose(...calls).then((lines) => lines.slice(-1))
  expect(line?.['summary']).toMatchObject({
    calls: 3,
    findings: {content_off: 3},
    advice: [{instrumentation: 'litellm 1.2.3', finding: 'content_off', calls: 3}],
  })
})
