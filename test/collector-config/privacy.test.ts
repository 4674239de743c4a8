import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {buildCollector} from '../backends/build.ts'
import {scrape, startCollector, until} from '../backends/collector.ts'
import {type OtlpSink, startOtlpSink} from '../backends/otlp-sink.ts'
import {playRun} from './refund-agent.ts'
import {type TracedAgent, traceAgent} from './traced-agent.ts'

const built = await buildCollector()

const SECRET = 'Zwiebelfisch-4711'
const EMAIL = 'ada.lovelace@example.org'
const planted = `the customer's word is ${SECRET} and her address ${EMAIL}`

/**
 * One run with the secret wherever an instrumentation, a tool or a detector might put it.
 *
 * @param masks without lists, in which `mask` does not search
 */
function playSecrets(agent: TracedAgent, masks: boolean): string {
  agent.exporter.evidence = planted
  const event = {
    name: 'gen_ai.content.prompt',
    attributes: {'gen_ai.prompt': planted, 'gen_ai.input.messages': planted},
  }
  const unexpected = {'acme.prompt.text': planted, ...(masks ? {} : {'acme.list': [planted, 'x']})}
  const traceId = playRun(agent.tracer, {
    aside: planted,
    extra: {
      agent: {'gen_ai.output.messages': planted, 'input.value': planted, ...unexpected},
      call: {
        'gen_ai.input.messages': planted,
        'gen_ai.system_instructions': planted,
        'gen_ai.prompt.0.content': planted,
        'llm.input_messages.0.message.content': planted,
        'ai.prompt.messages': planted,
        'traceloop.entity.input': planted,
        ...unexpected,
      },
      tool: {
        'gen_ai.tool.call.arguments': JSON.stringify({note: planted}),
        'gen_ai.tool.call.result': planted,
        'gen_ai.tool.description': planted,
        ...unexpected,
      },
    },
    onSpan: (span) => {
      span.addEvent(event.name, event.attributes)
      span.recordException(new Error(planted))
      span.setStatus({code: 2, message: planted})
    },
  })
  agent.exporter.signals.set(traceId, 'check_missed')
  return traceId
}

/** Everything that leaves a Collector or lies on its disk, as text. */
async function allThatLeft(mode: string | undefined): Promise<{text: string; sinks: OtlpSink[]}> {
  await using jaeger = await startOtlpSink()
  await using tempo = await startOtlpSink()
  // One backend is away at first, so that its queue holds what was sent.
  tempo.status = 503
  await using collector = await startCollector({
    env: {
      JAEGER_OTLP: jaeger.url,
      TEMPO_OTLP: tempo.url,
      TRACE_EXPORTERS: '[otlp_http/jaeger, otlp_http/tempo]',
      DECISION_WAIT_AFTER_ROOT: '1s',
      ...(mode !== undefined && {REASONING_TEXT: mode}),
    },
  })
  const agent = traceAgent(collector.otlpTracesUrl, {options: {longText: true}})
  playSecrets(agent, mode === 'mask')
  await agent.stop()
  const sent = agent.exporter.spanCount()
  await until('the trace at Jaeger', () => (jaeger.spans().length >= sent ? true : undefined))
  const onDisk = await until('what waits for Tempo on the disk', () => {
    const files = readdirSync(collector.queueFolder).map((file) =>
      readFileSync(join(collector.queueFolder, file), 'latin1'),
    )
    return files.some((each) => each.includes('reasoning.step.kind')) ? files.join('\n') : undefined
  })
  tempo.status = 200
  await until('the trace at Tempo', () => (tempo.spans().length >= sent ? true : undefined))
  const pages = [await scrape(collector.metrics), await scrape(collector.ownMetrics)]
  await collector.stop()
  const bodies = [...jaeger.bodies, ...tempo.bodies].map((body) => body.toString('latin1'))
  const text = [...bodies, onDisk, JSON.stringify(pages), collector.log()].join('\n')
  return {text, sinks: [jaeger, tempo]}
}

describe.skipIf(built.path === undefined)(
  `the privacy switch${built.path === undefined ? ` (skipped: ${built.reason})` : ''}`,
  {concurrent: true},
  () => {
    test('keep: what was sent is stored', async () => {
      const {text} = await allThatLeft(undefined)
      expect([text.includes(SECRET), text.includes(EMAIL)]).toEqual([true, true])
    }, 60_000)

    test('mask: what has a known shape is masked, the rest stays', async () => {
      const {text} = await allThatLeft('mask')
      expect([text.includes(SECRET), text.includes(EMAIL)]).toEqual([true, false])
    }, 60_000)

    test.each(['drop', 'dorp'])(
      '%s: the secret is in no byte that leaves the Collector or lies on its disk',
      async (mode) => {
        const {text, sinks} = await allThatLeft(mode)
        expect([text.includes(SECRET), text.includes(EMAIL)]).toEqual([false, false])
        // What is left still tells what happened.
        for (const sink of sinks) {
          const spans = sink.spans()
          const step = spans.find(({name}) => name === 'reasoning verify')
          expect(step?.attributes['reasoning.step.kind']).toBe('verify')
          expect(step?.attributes['reasoning.request.model']).toBe('gpt-oss-120b')
          expect(Object.keys(step?.attributes ?? {})).not.toContain('reasoning.text')
          const call = spans.find(({name}) => name.startsWith('chat '))
          expect(call?.attributes['gen_ai.usage.output_tokens']).toBe(150)
          const events = spans.flatMap((span) => span.events)
          const signal = events.find(({name}) => name === 'reasoning.signal')
          expect(signal?.attributes?.['reasoning.signal.name']).toBe('check_missed')
        }
      },
      60_000,
    )
  },
)
