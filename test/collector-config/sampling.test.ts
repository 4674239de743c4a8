import {createHash} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'
import type {SignalName} from '../../src/model.ts'
import {buildCollector, buildJaeger} from '../backends/build.ts'
import {scrape, startCollector, startConfiguredJaeger, total, until} from '../backends/collector.ts'
import {searchTraces} from '../backends/jaeger-query.ts'
import {playRun} from './refund-agent.ts'
import {type TracedAgent, traceAgent} from './traced-agent.ts'

const [jaegerBuilt, collectorBuilt] = [await buildJaeger(), await buildCollector()]
const reason = jaegerBuilt.reason ?? collectorBuilt.reason

const CALLS = 5_000
const SIGNALLED = 100

/** Of fifty calls one has a signal that matters, and one has another. */
function signalOf(i: number): SignalName | undefined {
  if (i % (CALLS / SIGNALLED) === 7) return i % 100 === 7 ? 'check_missed' : 'test_gaming'
  return i % (CALLS / SIGNALLED) === 8 ? 'hedging' : undefined
}

/** The same ids in every run, and with them the same share that the hash of them keeps. */
const seededIds = (): (() => string) => {
  let next = 0
  return () => createHash('sha256').update(`trace ${next++}`).digest('hex').slice(0, 32)
}

describe.skipIf(reason !== undefined)(
  `tail sampling${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    test('of 5,000 calls every one with a warning or critical signal is stored whole, and 5 % of the rest', async () => {
      await using jaeger = await startConfiguredJaeger()
      await using collector = await startCollector({
        env: {JAEGER_OTLP: jaeger.otlpUrl, DECISION_WAIT_AFTER_ROOT: '2s'},
      })
      // Three processes of one service, whose requests come at the same time: the same series.
      const newTraceId = seededIds()
      const agents = Array.from({length: 3}, () =>
        traceAgent(collector.otlpTracesUrl, {newTraceId}),
      )
      const spanCount = (traceId?: string): number =>
        agents.reduce((sum, {exporter}) => sum + exporter.spanCount(traceId), 0)
      const signalled: string[] = []
      const others: string[] = []
      const began = performance.now()
      for (let i = 0; i < CALLS; i += 1) {
        const agent = agents[i % agents.length] as TracedAgent
        const signal = signalOf(i)
        const traceId = playRun(agent.tracer, {
          run: 'right-branch',
          calls: 1,
          onStart: (id) => signal && agent.exporter.signals.set(id, signal),
        })
        // `info` is not a reason to keep a trace.
        if (signal === undefined || signal === 'hedging') others.push(traceId)
        else signalled.push(traceId)
        if (i % 500 === 499) await Promise.all(agents.map((each) => each.flush()))
      }
      await Promise.all(agents.map((each) => each.stop()))
      const sent = performance.now()

      const samples = await until('all calls counted', async () => {
        const now = await scrape(collector.metrics)
        // Two connectors, whose last counts arrive one after the other.
        const areThere =
          total(now, 'reasoning_calls_total') >= CALLS &&
          total(now, 'reasoning_signal_events_total') >= 2 * SIGNALLED
        return areThere ? now : undefined
      })
      expect(total(samples, 'reasoning_calls_total')).toBe(CALLS)
      // The agent, its call, the block and the tool are 4 spans of each.
      expect(total(samples, 'reasoning_steps_total')).toBe(spanCount() - CALLS * 4)
      const events = (severity: string) =>
        total(samples, 'reasoning_signal_events_total', {reasoning_signal_severity: severity})
      expect([events('critical'), events('warning'), events('info')]).toEqual([50, 50, 100])

      const query = {service: 'refund-agent', limit: 5_000}
      let stored = await searchTraces(jaeger.queryUrl, query)
      await until('the last decisions', async () => {
        await sleep(1_500)
        const now = await searchTraces(jaeger.queryUrl, query)
        const isDone = now.length === stored.length && now.length > SIGNALLED
        stored = now
        return isDone ? true : undefined
      })
      const spansOf = new Map(stored.map(({traceId, spans}) => [traceId, spans.length]))
      expect(signalled.map((id) => spansOf.get(id))).toEqual(signalled.map((id) => spanCount(id)))
      const kept = others.filter((id) => spansOf.has(id))
      expect(kept.map((id) => spansOf.get(id))).toEqual(kept.map((id) => spanCount(id)))
      const percent = (100 * kept.length) / others.length
      console.log(
        `${CALLS} calls, ${spanCount()} spans sent in ${((sent - began) / 1_000).toFixed(1)} s; ` +
          `stored: ${signalled.length} of ${signalled.length} with a signal, ${percent.toFixed(1)} % of the others`,
      )
      expect(percent).toBeGreaterThan(4)
      expect(percent).toBeLessThan(6)
    }, 120_000)
  },
)
