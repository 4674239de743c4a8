import {readFileSync} from 'node:fs'
import {context, createContextKey, trace} from '@opentelemetry/api'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {
  createBatchProcessor,
  createContextManager,
  createLoggerProvider,
  createProvider,
  createSimpleLogProcessor,
  createSimpleProcessor,
  InMemoryLogRecordExporter,
  InMemorySpanExporter,
  JsonTraceSerializer,
  sdkLine,
} from './sdk.ts'

const folder = sdkLine === 3 ? 'test/sdk3/' : ''

beforeAll(() => {
  context.setGlobalContextManager(createContextManager())
})
afterAll(() => context.disable())

describe(`SDK ${sdkLine}.x`, () => {
  test('is the line that the run asked for', () => {
    const manifest = `${folder}node_modules/@opentelemetry/sdk-trace/package.json`
    expect(JSON.parse(readFileSync(manifest, 'utf8')).version).toMatch(RegExp(`^${sdkLine}\\.`))
    expect(String(sdkLine)).toBe(process.env['OTEL_SDK'] ?? '2')
  })

  test('shares the context of the API that our sources import', () => {
    const {tracer} = createProvider({spanProcessors: []})
    const key = createContextKey('ours')
    context.with(context.active().setValue(key, 1), () => {
      tracer().startActiveSpan('parent', (parent) => {
        expect(trace.getActiveSpan()).toBe(parent)
        expect(context.active().getValue(key)).toBe(1)
      })
    })
  })

  test('exports spans within the given limits, under the given resource', async () => {
    const simple = new InMemorySpanExporter()
    const batched = new InMemorySpanExporter()
    const {provider, tracer} = createProvider({
      spanProcessors: [createSimpleProcessor(simple), createBatchProcessor(batched)],
      limits: {attributeValueLengthLimit: 4},
      resource: {'service.name': 'refunds'},
    })
    tracer('scope', '1.0')
      .startSpan('chat', {attributes: {text: 'a long text'}})
      .end()
    await provider.forceFlush()
    for (const exporter of [simple, batched]) {
      const [span] = exporter.getFinishedSpans()
      expect(span?.attributes).toEqual({text: 'a lo'})
      expect(span?.resource.attributes).toEqual({'service.name': 'refunds'})
      expect(span?.instrumentationScope).toMatchObject({name: 'scope', version: '1.0'})
    }
    const bytes = JsonTraceSerializer.serializeRequest(simple.getFinishedSpans())
    const request = JSON.parse(new TextDecoder().decode(bytes))
    expect(request.resourceSpans[0].scopeSpans[0].spans[0].name).toBe('chat')
    await provider.shutdown()
  })

  test('hands log records to their processors', async () => {
    const exporter = new InMemoryLogRecordExporter()
    const {provider, logger} = createLoggerProvider({
      processors: [createSimpleLogProcessor(exporter)],
    })
    logger().emit({eventName: 'gen_ai.choice', body: {message: 'Thinking.'}})
    await provider.forceFlush()
    expect(exporter.getFinishedLogRecords().map(({body}) => body)).toEqual([{message: 'Thinking.'}])
    await provider.shutdown()
  })
})
