import {type Attributes, context, trace} from '@opentelemetry/api'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {ReasoningSpanExporter} from '../src/exporter.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import type {ReadableSpanLike} from '../src/readable-span.ts'
import {buildJaeger} from './backends/build.ts'
import {findTrace, searchTraces, type StoredSpan} from './backends/jaeger-query.ts'
import {type Jaeger, startJaeger} from './backends/jaeger.ts'
import {
  createBatchProcessor,
  createProvider,
  OTLPProtoTraceExporter,
  OTLPTraceExporter,
} from './setup/sdk.ts'

const built = await buildJaeger()

const FIRST =
  'The customer asks for a refund of order A-1042, but the delivery date is missing. ' +
  'First I need to find out when it was delivered. I should call lookup_order with the order id.'
const SECOND =
  'The lookup says delivered on March 6, and today is March 29. So 23 days have passed. ' +
  'Wait, let me check the window again: electronics have 30 days. Therefore the refund is approved.'

const messages = (parts: object[]): string =>
  JSON.stringify([{role: 'assistant', parts, finish_reason: 'stop'}])

/** Plays an agent by hand; its spans are what a GenAI instrumentation makes. */
function playAgent(tracer: ReturnType<ReturnType<typeof createProvider>['tracer']>): string {
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': 'claude-sonnet-4-5',
  }
  const start = Date.now() - 10_000
  const agent = tracer.startSpan('invoke_agent refund-agent', {startTime: start})
  const below = trace.setSpan(context.active(), agent)
  const child = (name: string, from: number, to: number, attributes: object): void =>
    tracer
      .startSpan(name, {startTime: start + from, attributes: attributes as never}, below)
      .end(start + to)
  child('chat claude-sonnet-4-5', 100, 3100, {
    ...call,
    'gen_ai.output.messages': messages([
      {type: 'reasoning', content: FIRST},
      {type: 'tool_call', id: 'call_1', name: 'lookup_order', arguments: {order_id: 'A-1042'}},
    ]),
  })
  child('execute_tool lookup_order', 3200, 3400, {'gen_ai.tool.call.id': 'call_1'})
  child('chat claude-sonnet-4-5', 3500, 8000, {
    ...call,
    'gen_ai.output.messages': messages([
      {type: 'reasoning', content: SECOND},
      {type: 'text', content: 'Approved.'},
    ]),
  })
  agent.end(start + 8100)
  return agent.spanContext().traceId
}

interface Node {
  name: string
  children: Node[]
}

/** What a person sees: names, nested, in the order of their starts. */
function treeOf(
  spans: readonly {name: string; id: string; parent: string | undefined; start: bigint}[],
  parent?: string,
): Node[] {
  return spans
    .filter((span) => span.parent === parent)
    .toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    .map((span) => ({name: span.name, children: treeOf(spans, span.id)}))
}

const storedTree = (spans: readonly StoredSpan[]): Node[] =>
  treeOf(
    spans.map(({name, spanId, parentSpanId, startTimeUnixNano}) => ({
      name,
      id: spanId,
      parent: parentSpanId || undefined,
      start: startTimeUnixNano,
    })),
  )

const sentTree = (spans: readonly ReadableSpanLike[]): Node[] =>
  treeOf(
    spans.map((span) => ({
      name: span.name,
      id: span.spanContext().spanId,
      parent: span.parentSpanContext?.spanId,
      start: BigInt(span.startTime[0]) * 1_000_000_000n + BigInt(span.startTime[1]),
    })),
  )

/** Jaeger's storage keeps an array as its JSON. */
const asStored = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      Array.isArray(value) ? JSON.stringify(value) : value,
    ]),
  )

/** Hands on to a processor and keeps what it handed on. */
function recording(inner: {onEnd(span: never): void}): {spans: ReadableSpanLike[]} {
  const spans: ReadableSpanLike[] = []
  const onEnd = inner.onEnd.bind(inner)
  inner.onEnd = (span) => {
    spans.push(span)
    onEnd(span)
  }
  return {spans}
}

describe.skipIf(built.path === undefined)(
  `a real Jaeger${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    let jaeger: Jaeger

    beforeAll(async () => {
      jaeger = await startJaeger({storage: 'badger'})
    })

    afterAll(async () => {
      await jaeger?.stop()
    })

    test.each([
      ['JSON', OTLPTraceExporter],
      ['protobuf', OTLPProtoTraceExporter],
    ] as const)('gives back the whole tree that was sent as %s', async (_, Exporter) => {
      const batch = createBatchProcessor(new Exporter({url: jaeger.otlpTracesUrl}))
      const {spans} = recording(batch)
      const created = createProvider({
        spanProcessors: [new ReasoningSpanProcessor({next: batch as never})],
        resource: {'service.name': 'refund-agent'},
      })
      const traceId = playAgent(created.tracer())
      await created.provider.shutdown()
      const stored = await findTrace(jaeger.queryUrl, traceId, {spans: spans.length})
      expect(stored).toHaveLength(spans.length)
      expect(storedTree(stored)).toEqual(sentTree(spans))
      const [root] = storedTree(stored)
      expect(root?.children.map((child) => child.name)).toEqual([
        'chat claude-sonnet-4-5',
        'execute_tool lookup_order',
        'chat claude-sonnet-4-5',
      ])
      expect(root?.children[0]?.children.map((child) => child.name)).toEqual(['reasoning'])
      for (const sent of spans) {
        const found = stored.find((span) => span.spanId === sent.spanContext().spanId)
        expect(found?.attributes).toEqual(expect.objectContaining(asStored(sent.attributes)))
        expect(found?.scope.name).toBe(sent.instrumentationScope.name)
      }
      const joined = stored.find((span) => span.attributes['reasoning.tool.call.ids'] !== undefined)
      expect(joined?.attributes['reasoning.tool.call.ids']).toBe('["call_1"]')
    })

    test('finds a step by its kind', async () => {
      const batch = createBatchProcessor(new OTLPTraceExporter({url: jaeger.otlpTracesUrl}))
      const created = createProvider({
        spanProcessors: [new ReasoningSpanProcessor({next: batch as never})],
        resource: {'service.name': 'searched'},
      })
      const traceId = playAgent(created.tracer())
      await created.provider.shutdown()
      await findTrace(jaeger.queryUrl, traceId, {spans: 6})
      const found = await searchTraces(jaeger.queryUrl, {
        service: 'searched',
        tags: {'reasoning.step.kind': 'verify'},
      })
      expect(found.map((one) => one.traceId)).toContain(traceId)
    })

    test('stores a text of 60 KB, the longest that we write, under Badger', async () => {
      const batch = createBatchProcessor(new OTLPTraceExporter({url: jaeger.otlpTracesUrl}))
      const {spans} = recording(batch)
      const created = createProvider({
        spanProcessors: [new ReasoningSpanProcessor({next: batch as never, maxTextBytes: 60_000})],
        resource: {'service.name': 'long'},
      })
      const long = `A sentence without an end, ${'which goes on and on, '.repeat(4000)}`
      const span = created.tracer().startSpan('chat', {
        attributes: {
          'gen_ai.operation.name': 'chat',
          'langfuse.reasoning_content': 'x',
          'ai.response.reasoning': long.slice(0, 60_000),
        },
      })
      span.end()
      await created.provider.shutdown()
      const {traceId} = span.spanContext()
      const stored = await findTrace(jaeger.queryUrl, traceId, {spans: spans.length})
      const longest = Math.max(
        ...stored.map((one) => String(one.attributes['reasoning.text'] ?? '').length),
      )
      expect(longest).toBeGreaterThan(4000)
      expect(stored).toHaveLength(spans.length)
    })

    test('gets the same tree through the exporter form', async () => {
      const exporter = new ReasoningSpanExporter({
        exporter: new OTLPTraceExporter({url: jaeger.otlpTracesUrl}) as never,
      })
      const created = createProvider({
        spanProcessors: [createBatchProcessor(exporter as never)],
        resource: {'service.name': 'by-exporter'},
      })
      const traceId = playAgent(created.tracer())
      await created.provider.shutdown()
      const count = 4 + exporter.getStats().spansMade
      const stored = await findTrace(jaeger.queryUrl, traceId, {spans: count})
      const [root] = storedTree(stored)
      expect(root?.name).toBe('invoke_agent refund-agent')
      expect(root?.children[0]?.children[0]?.name).toBe('reasoning')
      expect(stored).toHaveLength(count)
    })
  },
)
