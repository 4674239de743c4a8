import {describe, expect, test} from 'vitest'
import {fixture, run} from './command-line.ts'

interface Call {
  scope?: string
  attributes?: Record<string, string | number | string[]>
  parent?: string
  id?: string
  dropped?: number
}

const valueOf = (value: string | number | string[]) =>
  typeof value === 'string'
    ? {stringValue: value}
    : typeof value === 'number'
      ? {intValue: value}
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
                name: 'chat gpt-5',
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

test('spans that were expanded before are recognised', async () => {
  const {stdout} = await run(['expand', '--quiet', fixture('openinference')])
  const {json} = await run(['doctor', '--json'], {stdin: stdout})
  expect(json()).toHaveLength(2)
  expect(json()[0]).toMatchObject({finding: 'already_expanded', blocks: 1})
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
