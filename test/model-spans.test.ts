import {expect, test} from 'vitest'
import {createModelSpans, isOpenModelCall, type OpenSpan} from '../src/model-spans.ts'

const span = (
  spanId: string,
  attributes: Record<string, string> = {},
  parentId?: string,
  traceId = 't',
): OpenSpan => ({
  attributes,
  parentSpanContext: parentId === undefined ? undefined : {spanId: parentId},
  spanContext: () => ({traceId, spanId}),
})
const CALL = {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm'}

test.each([
  [{'gen_ai.operation.name': 'chat'}, true],
  [{'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm'}, false],
  [{'gen_ai.request.model': 'm'}, true],
  [{'openinference.span.kind': 'LLM'}, true],
  [{'openinference.span.kind': 'AGENT', 'gen_ai.request.model': 'm'}, false],
  [{'ai.operationId': 'ai.streamText'}, false],
  [{'ai.operationId': 'ai.streamText.doStream'}, true],
  [{'langfuse.observation.type': 'generation'}, true],
  [{'llm.request.type': 'chat'}, true],
  [{'http.request.method': 'POST'}, false],
  [undefined, false],
])('%j from the start says whether a span is a model call: %s', (attributes, expected) => {
  expect(isOpenModelCall(attributes)).toBe(expected)
})

test('nothing is remembered before somebody taps', () => {
  const spans = createModelSpans()
  spans.started(span('call', CALL))
  spans.watch()
  expect(spans.find('t', 'call', 'm')).toBeUndefined()
})

test('the span itself, one above and one below are found, and none beyond a tool', () => {
  const spans = createModelSpans()
  spans.watch()
  spans.started(span('agent'))
  spans.started(span('call', CALL, 'agent'))
  spans.started(span('inner', {}, 'call'))
  spans.started(span('tool', {'gen_ai.operation.name': 'execute_tool'}, 'call'))
  for (const active of ['call', 'inner', 'agent'])
    expect(spans.find('t', active, 'm')?.spanId, active).toBe('call')
  expect(spans.find('t', 'tool', 'm')).toBeUndefined()
  expect(spans.find('t', 'agent', 'other')).toBeUndefined()
  expect(spans.find('other', 'agent', 'm')).toBeUndefined()
  expect(spans.hasStranger('t', 'tool', 0)).toBe(false)
  expect(spans.hasStranger('t', 'elsewhere', 0)).toBe(true)
})

test('of several below, the longest open one that no open request belongs to', () => {
  const spans = createModelSpans()
  spans.watch()
  spans.started(span('agent'))
  spans.started(span('one', CALL, 'agent'))
  spans.started(span('two', CALL, 'agent'))
  const first = spans.find('t', 'agent', 'm')
  expect(first?.spanId).toBe('one')
  first!.open += 1
  expect(spans.find('t', 'agent', 'm')?.spanId).toBe('two')
})

test('one that has ended is remembered while a request of its trace is open', () => {
  let now = 0
  const spans = createModelSpans(() => now)
  spans.watch()
  const call = span('call', CALL, 'agent')
  spans.started(span('agent'))
  const end = spans.openRequest('t')
  spans.started(call)
  now = 10
  spans.ended(call)
  expect(spans.find('t', 'agent', 'm')).toBeUndefined()
  expect(spans.find('t', 'agent', 'm', 5)?.spanId).toBe('call')
  expect(spans.find('t', 'agent', 'm', 11)).toBeUndefined()
  end()
  expect(spans.find('t', 'agent', 'm', 5)).toBeUndefined()
})

test('without an active span, one without a parent', () => {
  const spans = createModelSpans()
  spans.watch()
  spans.started(span('http', {}, undefined, 'u'))
  spans.started(span('below', CALL, 'http', 'u'))
  expect(spans.find(undefined, undefined, 'm')).toBeUndefined()
  const call = span('call', CALL, undefined, 'v')
  spans.started(call)
  expect(spans.find(undefined, undefined, 'm')?.spanId).toBe('call')
  spans.ended(call)
  expect(spans.find(undefined, undefined, 'm')).toBeUndefined()
})

test('a client’s own span inside an instrumentation’s is a part of that call', () => {
  const spans = createModelSpans()
  spans.watch()
  spans.started(span('agent', {'gen_ai.operation.name': 'invoke_agent'}))
  spans.started(span('outer', CALL, 'agent'))
  spans.started(span('inner', CALL, 'outer'))
  spans.started(span('other', {...CALL, 'gen_ai.request.model': 'n'}, 'outer'))
  expect(spans.enclosing('t', 'inner')?.spanId).toBe('outer')
  expect(spans.enclosing('t', 'outer')).toBeUndefined()
  // Another model is another call.
  expect(spans.enclosing('t', 'other')).toBeUndefined()
  const outer = spans.enclosing('t', 'inner')
  if (outer !== undefined) outer.claims += 1
  expect(spans.enclosing('t', 'inner')).toBeUndefined()
})

test('the model call that has just started is known to whoever runs next, and to nobody later', async () => {
  const spans = createModelSpans()
  spans.watch()
  spans.started(span('agent', {'gen_ai.operation.name': 'invoke_agent'}))
  expect(spans.startedJustNow()).toBeUndefined()
  spans.started(span('call', CALL, 'agent'))
  spans.started(span('http', {'http.request.method': 'POST'}, 'call'))
  expect(spans.startedJustNow()?.spanId).toBe('call')
  await undefined
  expect(spans.startedJustNow()).toBeUndefined()
})

test('listeners are told once, and not after they left', () => {
  const spans = createModelSpans()
  spans.watch()
  const told: string[] = []
  const call = span('call', CALL)
  spans.started(call)
  spans.onEnd('call', () => told.push('stays'))
  spans.onEnd('call', () => told.push('left'))()
  spans.ended(call)
  spans.ended(call)
  expect(told).toEqual(['stays'])
})

test('at most 5,000 traces and 4,096 spans of a trace are remembered', () => {
  const spans = createModelSpans()
  spans.watch()
  for (let i = 0; i <= 5000; i += 1) spans.started(span(`s${i}`, CALL, undefined, `t${i}`))
  expect(spans.find('t0', 's0', 'm')).toBeUndefined()
  expect(spans.find('t1', 's1', 'm')?.spanId).toBe('s1')
  for (let i = 0; i <= 4096; i += 1) spans.started(span(`x${i}`, {}, undefined, 'wide'))
  spans.started(span('last', CALL, 'x0', 'wide'))
  expect(spans.find('wide', 'last', 'm')).toBeUndefined()
})
