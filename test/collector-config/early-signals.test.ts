import {setTimeout as sleep} from 'node:timers/promises'
import {context, trace} from '@opentelemetry/api'
import {describe, expect, test} from 'vitest'
import {buildCollector} from '../backends/build.ts'
import {scrape, startCollector, total, until} from '../backends/collector.ts'
import {startOtlpSink} from '../backends/otlp-sink.ts'
import {contributeTo} from '../../src/hub.ts'
import {NOTHING_CAPTURED} from '../../src/merge.ts'
import {SENTENCES, startCall, tellCall, turn} from '../live-pipeline.ts'
import {playRun} from './refund-agent.ts'
import {traceAgent} from './traced-agent.ts'

const built = await buildCollector()

interface Outcome {
  /** Whether the counter had the signal while the agent was still running. */
  countedBeforeEnd: boolean
  /** Names of the spans that were stored. */
  stored: string[]
}

/**
 * A run that outlasts a `decision_wait` of one second: an ordinary call, three seconds later one with
 * a signal, and at last the agent's own span. Stands for minutes and the 30 s that are the default of
 * the tail sampling processor.
 */
async function longRun(env: Record<string, string>): Promise<Outcome> {
  await using backend = await startOtlpSink()
  await using collector = await startCollector({
    env: {JAEGER_OTLP: backend.url, KEEP_PERCENT: '0', DECISION_WAIT_AFTER_ROOT: '1s', ...env},
  })
  const agent = traceAgent(collector.otlpTracesUrl)
  const root = agent.tracer.startSpan('invoke_agent long-run')
  const below = trace.setSpan(context.active(), root)
  const {traceId} = root.spanContext()
  const playBelow = () => playRun(agent.tracer, {calls: 1, parent: below})

  playBelow()
  await agent.flush()
  await sleep(3_000)
  agent.exporter.signals.set(traceId, 'test_gaming')
  playBelow()
  await agent.flush()
  const counted = await until('the signal counted', async () =>
    total(await scrape(collector.metrics), 'reasoning_signal_events_total') === 1
      ? true
      : undefined,
  )
  root.end()
  await agent.stop()
  await sleep(3_000)
  // A decision that is still pending would be made now.
  await collector.stop()
  return {countedBeforeEnd: counted, stored: backend.spans().map(({name}) => name)}
}

describe.skipIf(built.path === undefined)(
  `a signal late in a long run${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  {concurrent: true},
  () => {
    test('as shipped: counted while the run goes on, and the trace is kept whole', async () => {
      const {countedBeforeEnd, stored} = await longRun({})
      expect(countedBeforeEnd).toBe(true)
      expect(stored.filter((name) => name.startsWith('chat '))).toHaveLength(2)
      expect(stored).toContain('invoke_agent long-run')
    }, 60_000)

    test('with a decision_wait shorter than the run: counted all the same, and the trace is lost', async () => {
      const {countedBeforeEnd, stored} = await longRun({DECISION_WAIT: '1s'})
      expect(countedBeforeEnd).toBe(true)
      expect(stored.filter((name) => name.startsWith('chat '))).not.toHaveLength(2)
    }, 60_000)
  },
)

const STATED = "I'll tell the customer it was sent, even though it never was. "
const SIGNALS = 'reasoning_signal_events_total'

describe.skipIf(built.path === undefined)(
  `with \`live: true\`${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    test('steps are counted while their call runs, its signals when it ends, each once', async () => {
      await using backend = await startOtlpSink()
      await using collector = await startCollector({
        env: {JAEGER_OTLP: backend.url, KEEP_PERCENT: '0', DECISION_WAIT_AFTER_ROOT: '1s'},
      })
      const agent = traceAgent(collector.otlpTracesUrl, {options: {live: true}})
      const call = startCall(agent.tracer)
      const told = tellCall(call)
      const text = [...SENTENCES.slice(0, 4), STATED, ...SENTENCES.slice(4)]
      for (const sentence of text) {
        told.grow(sentence)
        await turn()
      }
      const counted = await until('steps of the running call', async () => {
        await agent.flush()
        const samples = await scrape(collector.metrics)
        return total(samples, 'reasoning_steps_total') > 2 ? samples : undefined
      })
      expect(total(counted, SIGNALS)).toBe(0)
      expect(total(counted, 'reasoning_calls_total')).toBe(0)
      const before = total(counted, 'reasoning_steps_total')

      const block = {
        text: text.join(''),
        visibility: 'full',
        source: 'openai-chat',
        ...told.arrivals(),
      } as const
      const items = [{type: 'reasoning', block}] as const
      contributeTo(call.spanContext(), {origin: 'wire', call: {...NOTHING_CAPTURED, items}})
      told.over()
      call.end()
      await agent.flush()
      const samples = await until('the call and its signal', async () => {
        const now = await scrape(collector.metrics)
        const isThere = total(now, 'reasoning_calls_total') > 0 && total(now, SIGNALS) > 0
        return isThere ? now : undefined
      })
      expect(total(samples, 'reasoning_calls_total')).toBe(1)
      expect(total(samples, SIGNALS, {reasoning_signal_name: 'stated_deception'})).toBe(1)
      await agent.stop()
      // The signal keeps what came before it was known.
      const stored = await until('the trace', () => {
        const steps = backend.spans().filter(({name}) => name.startsWith('reasoning '))
        return steps.length > before ? steps.length : undefined
      })
      expect(stored).toBe(total(await scrape(collector.metrics), 'reasoning_steps_total'))
    }, 60_000)
  },
)

describe.skipIf(built.path === undefined)(
  `collector-minimal.yaml${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  () => {
    test('counts signals over several requests, and stores everything', async () => {
      await using backend = await startOtlpSink()
      await using collector = await startCollector({
        config: 'collector-minimal.yaml',
        env: {JAEGER_OTLP: backend.url},
      })
      const agent = traceAgent(collector.otlpTracesUrl)
      for (let i = 0; i < 3; i += 1) {
        agent.exporter.signals.set(playRun(agent.tracer), 'test_gaming')
        await agent.flush()
      }
      await agent.stop()
      await until('all spans', () =>
        backend.spans().length === agent.exporter.spanCount() ? true : undefined,
      )
      const samples = await scrape(collector.metrics)
      expect(
        total(samples, 'reasoning_signal_events_total', {
          job: 'refund-agent',
          reasoning_signal_name: 'test_gaming',
          reasoning_signal_severity: 'critical',
        }),
      ).toBe(3)
    }, 60_000)
  },
)
