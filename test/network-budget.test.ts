import {expect, test} from 'vitest'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import {chatSpan} from './setup/make-span.ts'
import {createProvider, createSimpleProcessor, InMemorySpanExporter} from './setup/sdk.ts'

const THOUGHT =
  'The window is 30 days. So it is still open. Wait, let me check that again. '.repeat(40)

async function versions(maxNetworkMillis: number | undefined, calls: number) {
  const exporter = new InMemorySpanExporter()
  const processor = new ReasoningSpanProcessor({
    next: createSimpleProcessor(exporter),
    maxNetworkMillis,
    maxSpansPerSecond: Infinity,
  })
  const {provider, tracer} = createProvider({spanProcessors: [processor]})
  for (let i = 0; i < calls; i += 1) {
    tracer()
      .startSpan('chat', {attributes: chatSpan(THOUGHT).attributes})
      .end()
  }
  await processor.forceFlush()
  const found = exporter
    .getFinishedSpans()
    .flatMap(({attributes}) => String(attributes['reasoning.analyzer.version'] ?? '') || [])
  await provider.shutdown()
  return {found, stats: processor.getStats()}
}

test('over its budget the network leaves calls to the rules, each says so, and they are counted', async () => {
  const {found, stats} = await versions(1, 60)
  expect(found).toHaveLength(60)
  expect(found[0]).toMatch(/^network/)
  const byRules = found.filter((version) => version.startsWith('rules'))
  expect(byRules.length).toBeGreaterThan(30)
  expect(stats.labelledByRules).toBe(byRules.length)
})

test('without one it labels nothing, without a bound everything', async () => {
  expect((await versions(0, 3)).found.every((version) => version.startsWith('rules'))).toBe(true)
  const {found, stats} = await versions(Infinity, 5)
  expect(found.every((version) => version.startsWith('network'))).toBe(true)
  expect(stats.labelledByRules).toBe(0)
})
