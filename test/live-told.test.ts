/** Steps that leave while their call runs, whatever is told of it, and however it ends. */
import {type Span, SpanKind, trace, context, TraceFlags} from '@opentelemetry/api'
import fc from 'fast-check'
import {afterEach, describe, expect, test} from 'vitest'
import {contributeTo} from '../src/hub.ts'
import {getLiveChannel, isLiveWatched} from '../src/live-channel.ts'
import {LiveSteps} from '../src/live-steps.ts'
import {NOTHING_CAPTURED} from '../src/merge.ts'
import {GRANULARITIES, type OutputItem, type ReasoningBlock} from '../src/model.ts'
import {resolveOptions} from '../src/options.ts'
import {ReasoningSpanProcessor} from '../src/processor.ts'
import type {ReadableSpanLike} from '../src/readable-span.ts'
import {Thoughts} from '../src/thoughts.ts'
import {anyText} from './analysis/texts.ts'
import {
  expectSameSpans,
  type LivePipeline,
  REASONING,
  SENTENCES,
  startCall,
  startLivePipeline,
  tellCall,
  textOf,
  TimedProcessor,
  type ToldCall,
  turn,
} from './live-pipeline.ts'
import {createProvider} from './setup/sdk.ts'

let pipeline: LivePipeline | undefined
afterEach(async () => {
  await pipeline?.stop()
  pipeline = undefined
})

const block = (text: string, told: ToldCall, index = 0): ReasoningBlock => ({
  text,
  visibility: 'full',
  source: 'openai-chat',
  ...told.arrivals(index),
})

/** The call's end, as a tap tells of it. */
function finish(span: Span, told: ToldCall, items: readonly OutputItem[]): void {
  contributeTo(span.spanContext(), {origin: 'wire', call: {...NOTHING_CAPTURED, items}})
  told.over()
  span.end()
}

const item = (text: string, told: ToldCall, index = 0): OutputItem => ({
  type: 'reasoning',
  block: block(text, told, index),
})

/** Tells of a text in pieces and finishes with it. */
async function run(
  {tracer, flush}: LivePipeline,
  pieces: readonly string[],
  more: {items?: readonly OutputItem[]; tools?: readonly string[]; attributes?: object} = {},
): Promise<Span> {
  const span = startCall(tracer, more.attributes)
  const told = tellCall(span, {toolsOffered: more.tools ?? []})
  for (const piece of pieces) {
    told.grow(piece)
    await turn()
  }
  await turn()
  finish(span, told, [item(pieces.join(''), told), ...(more.items ?? [])])
  await flush()
  return span
}

function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = []
  let at = 0
  for (let i = 0; at < text.length; i += 1) {
    const size = Math.max(sizes[i % sizes.length] ?? 1, 1)
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

const eventsOf = (spans: readonly ReadableSpanLike[]) => spans.flatMap(({events}) => events)

describe('the same as without', () => {
  const anyCall = fc.record({
    text: fc.oneof(
      // Without halves of characters, which no provider sends.
      anyText.map((text) => text.replaceAll(/[\ud800-\udfff]/gu, '')),
      fc
        .array(fc.constantFrom(...SENTENCES), {minLength: 8, maxLength: 80})
        .map((sentences) => sentences.join('')),
    ),
    sizes: fc.array(fc.integer({min: 1, max: 400}), {minLength: 1, maxLength: 8}),
    granularity: fc.constantFrom(...GRANULARITIES),
    classifier: fc.constantFrom('network' as const, 'rules' as const),
    maxSteps: fc.constantFrom(2, 5, 64, 64),
  })

  test('however a text is cut', {timeout: 120_000}, async () => {
    let liveSteps = 0
    await fc.assert(
      fc.asyncProperty(anyCall, async ({text, sizes, ...options}) => {
        pipeline = startLivePipeline({content: 'keep', maxSpansPerSecond: Infinity, ...options})
        await run(pipeline, cut(text, sizes))
        // Signals of steps that have left stand on the block.
        const {live, plain, processor} = pipeline
        liveSteps += processor.getStats().liveSteps
        expect(live.reasoning.length).toBe(plain.reasoning.length)
        const ids = (spans: readonly ReadableSpanLike[]) =>
          spans.map((one) => one.spanContext().spanId).sort()
        expect(ids(live.reasoning)).toEqual(ids(plain.reasoning))
        expect(eventsOf(live.reasoning).length).toBe(eventsOf(plain.reasoning).length)
        const bare = ({attributes, name, startTime, endTime}: ReadableSpanLike) => {
          const {
            'reasoning.signals': _signals,
            'reasoning.severity': _severity,
            ...rest
          } = attributes
          return [name, startTime, endTime, rest]
        }
        const sorted = (spans: readonly ReadableSpanLike[]) =>
          [...spans].sort((a, b) => (a.spanContext().spanId < b.spanContext().spanId ? -1 : 1))
        expect(sorted(live.steps).map(bare)).toEqual(sorted(plain.steps).map(bare))
        expect(live.steps.length).toBeLessThanOrEqual(options.maxSteps)
        await pipeline.stop()
        pipeline = undefined
      }),
      {numRuns: 250},
    )
    expect(liveSteps).toBeGreaterThan(100)
  })

  test('with tool calls that change how it is read, what has left stays, and no word is lost', async () => {
    let changed = 0
    await fc.assert(
      fc.asyncProperty(
        anyCall,
        fc.subarray(['lookup_order', 'fee', 'check', 'refund', 'policy'], {minLength: 1}),
        fc.boolean(),
        async ({text, sizes, ...options}, names, areOffered) => {
          pipeline = startLivePipeline({content: 'keep', maxSpansPerSecond: Infinity, ...options})
          const {live, plain} = pipeline
          await run(pipeline, cut(text, sizes), {
            tools: areOffered ? names : [],
            items: names.map((name) => ({type: 'tool_call', call: {name, id: `call_${name}`}})),
          })
          if (live.steps.length !== plain.steps.length) changed += 1
          const ids = live.reasoning.map((one) => one.spanContext().spanId)
          expect(new Set(ids).size).toBe(ids.length)
          expect(live.steps.length).toBeLessThanOrEqual(options.maxSteps)
          const [shown] = live.blocks
          expect(live.users.at(-1)?.attributes['reasoning.step.count']).toBe(
            shown?.attributes['reasoning.step.count'],
          )
          const indexes = live.steps
            .map(({attributes}) => Number(attributes['reasoning.step.index']))
            .sort((a, b) => a - b)
          expect(indexes).toEqual(indexes.map((_, i) => i))
          const squash = (value: string) => value.replaceAll(/\s+/g, '')
          const short = live.steps.every(
            ({attributes}) => attributes['reasoning.text_truncated'] !== true,
          )
          if (short) expect(squash(textOf(live.steps))).toBe(squash(textOf(plain.steps)))
          await pipeline.stop()
          pipeline = undefined
        },
      ),
      {numRuns: 250},
    )
    // The case is one that happens.
    expect(changed).toBeGreaterThan(0)
  }, 120_000)
})

describe('policies', () => {
  const SECRET = 'My key is sk-abcdefghijklmnopqrstuvwxyz123456 and I keep it. '
  const pieces = [SECRET, ...SENTENCES]

  test('length, hash and drop leave structure early', async () => {
    for (const [content, length] of [
      ['length', true],
      ['hash', true],
      ['drop', false],
    ] as const) {
      pipeline = startLivePipeline({content, hashKey: 'k', stepHashes: true})
      const {live, plain, processor} = pipeline
      await run(pipeline, pieces)
      expect(processor.getStats().liveSteps).toBeGreaterThan(2)
      expectSameSpans(live, plain)
      for (const {attributes} of live.steps) {
        expect(attributes['reasoning.text']).toBeUndefined()
        expect(attributes['reasoning.step.title']).toBeUndefined()
        expect(attributes['reasoning.text_length'] !== undefined).toBe(length)
      }
      await pipeline.stop()
      pipeline = undefined
    }
  })

  test('without any, text from the wire stays inside', async () => {
    pipeline = startLivePipeline({})
    await run(pipeline, pieces)
    expect(pipeline.processor.getStats().liveSteps).toBeGreaterThan(2)
    expect(JSON.stringify(pipeline.live.steps.map(({attributes}) => attributes))).not.toContain(
      'refund',
    )
    expectSameSpans(pipeline.live, pipeline.plain)
  })

  test('what is masked comes whole, at the end', async () => {
    pipeline = startLivePipeline({content: 'mask'})
    await run(pipeline, pieces)
    expect(pipeline.processor.getStats().liveSteps).toBe(0)
    expect(JSON.stringify(pipeline.live.steps.map(({attributes}) => attributes))).not.toContain(
      'sk-abc',
    )
    expectSameSpans(pipeline.live, pipeline.plain)
  })

  test('one that has become stricter since leaves nothing twice', async () => {
    for (const later of ['mask', 'length', 'drop'] as const) {
      pipeline = startLivePipeline({
        content: ({attributes}) => (attributes['late'] === true ? later : 'keep'),
      })
      const {live, tracer, flush, processor} = pipeline
      const span = startCall(tracer)
      const told = tellCall(span)
      for (const piece of pieces) {
        told.grow(piece)
        await turn()
      }
      const early = processor.getStats().liveSteps
      expect(early).toBeGreaterThan(2)
      span.setAttribute('late', true)
      finish(span, told, [item(pieces.join(''), told)])
      await flush()
      const shown = live.steps.filter(({attributes}) => attributes['reasoning.text'] !== undefined)
      expect(shown.length).toBe(early)
      expect(new Set(live.steps.map((one) => one.spanContext().spanId)).size).toBe(
        live.steps.length,
      )
      await pipeline.stop()
      pipeline = undefined
    }
  })
})

describe('limits', () => {
  test('the last step that a call may have waits for the end', async () => {
    pipeline = startLivePipeline({content: 'keep', maxSteps: 3})
    const {live, plain} = pipeline
    await run(pipeline, SENTENCES)
    expect(pipeline.processor.getStats().liveSteps).toBe(2)
    expect(live.steps).toHaveLength(3)
    expect(
      live.steps.find(({attributes}) => attributes['reasoning.step.index'] === 2)?.attributes[
        'reasoning.steps_merged'
      ],
    ).toBeGreaterThan(1)
    expectSameSpans(live, plain)
  })

  test('over the span budget steps come with the end, if at all', async () => {
    pipeline = startLivePipeline({content: 'keep', maxSpansPerSecond: 2})
    const {live, processor} = pipeline
    await run(pipeline, SENTENCES)
    expect(processor.getStats().liveSteps).toBe(2)
    expect(live.blocks).toHaveLength(1)
    const [shown] = live.blocks
    expect(processor.getStats().stepsOverBudget).toBe(
      Number(shown?.attributes['reasoning.step.count']) - 2,
    )
    // What no step tells, the block does.
    expect(String(shown?.attributes['reasoning.text'])).toContain('Therefore I will approve')
  })

  test('calls that nobody ends hold no more than is allowed, and make room when they are old', async () => {
    const options = resolveOptions('test', {content: 'keep'})
    let dropped = 0
    let delivered = 0
    const steps = new LiveSteps({
      context: {options, thoughts: new Thoughts()},
      classifier: 'rules',
      deliver: () => {
        delivered += 1
      },
      onDrop: () => {
        dropped += 1
      },
    })
    const set = createProvider({spanProcessors: []})
    const spans: Span[] = []
    for (let i = 0; i < 1_500; i += 1) {
      const span = startCall(set.tracer())
      spans.push(span)
      steps.started(span)
      tellCall(span).grow(REASONING)
      if (i % 50 === 0) await steps.idle()
    }
    await steps.idle()
    expect(steps.size.calls).toBe(1_024)
    expect(dropped).toBe(1_500 - 1_024)
    expect(delivered).toBeGreaterThan(1_024)
    // Of each call what its open step may hold.
    expect(steps.size.length).toBeLessThan(2 * 1_024 * REASONING.length)
    for (const span of spans) steps.ended(span as unknown as ReadableSpanLike)
    expect(steps.size).toEqual({calls: 0, length: 0})

    // Over the length a call is let go, and gives back what it held.
    const long = startCall(set.tracer())
    steps.started(long)
    const told = tellCall(long)
    told.grow('x'.repeat(5 * 1024 * 1024))
    expect(steps.size).toEqual({calls: 0, length: 0})
    expect(dropped).toBe(1_500 - 1_024 + 1)
    told.grow('It is over. ')
    await steps.idle()
    expect(steps.size).toEqual({calls: 0, length: 0})
    steps.stop()
  })

  test('a thousand calls that are given up leave nothing behind', async () => {
    pipeline = startLivePipeline({content: 'keep', maxSpansPerSecond: Infinity})
    const {tracer, processor} = pipeline
    for (let i = 0; i < 1_000; i += 1) {
      const told = tellCall(startCall(tracer))
      told.grow(REASONING)
      told.over()
      if (i % 50 === 0) await turn()
    }
    await pipeline.flush()
    expect(processor.getStats().liveCallsDropped).toBe(0)
    expect(processor.getStats().liveSteps).toBeGreaterThan(1_000)
    const before = processor.getStats().liveSteps
    await run(pipeline, SENTENCES)
    expect(processor.getStats().liveSteps).toBeGreaterThan(before)
    expect(pipeline.live.blocks).toHaveLength(1)
  })
})

describe('signals', () => {
  test('come once: those of steps that have left stand on the block', async () => {
    pipeline = startLivePipeline({
      content: 'keep',
      checks: [{name: 'box_checked', mentions: 'the seal of the parcel'}] as never,
    })
    const {live, plain} = pipeline
    const looping = Array.from(
      {length: 6},
      () =>
        'The returned boxes were unopened, so the shop owes the price of 3 boxes. Each box costs 18 euros including the delivery fee. That makes 54 euros for the returned boxes altogether. ',
    )
    await run(pipeline, [
      ...SENTENCES.slice(0, 8),
      'I could lie to the user and say that the order was lost. ',
      'I will hide this from the user. ',
      ...looping,
      ...SENTENCES.slice(8),
    ])
    const names = (spans: readonly ReadableSpanLike[]) =>
      eventsOf(spans)
        .map(({attributes}) => String(attributes?.['reasoning.signal.name']))
        .sort()
    expect(names(plain.reasoning)).toContain('loop')
    expect(names(plain.steps).length).toBeGreaterThan(0)
    expect(names(live.reasoning)).toEqual(names(plain.reasoning))
    const [of, wanted] = [live.blocks[0]?.attributes, plain.blocks[0]?.attributes]
    expect(of?.['reasoning.signals']).toEqual(wanted?.['reasoning.signals'])
    const early = live.steps.filter(({attributes}) => attributes['reasoning.signals'] !== undefined)
    for (const step of early) expect(step.events.length).toBeGreaterThan(0)
  })
})

describe('where it turns out otherwise', () => {
  test('a text that was replaced comes too, and no id is used twice', async () => {
    pipeline = startLivePipeline()
    const {live, tracer, flush, processor} = pipeline
    const span = startCall(tracer)
    const told = tellCall(span)
    for (const sentence of SENTENCES) {
      told.grow(sentence)
      await turn()
    }
    const early = processor.getStats().liveSteps
    const other = SENTENCES.map((sentence) => `Anew: ${sentence}`).join('')
    told.grow('', {broken: true})
    finish(span, told, [item(other, told)])
    await flush()
    expect(live.steps.length).toBeGreaterThan(early + 2)
    expect(new Set(live.steps.map((one) => one.spanContext().spanId)).size).toBe(live.steps.length)
    const late = live.steps.filter(({attributes}) =>
      String(attributes['reasoning.text']).startsWith('Anew'),
    )
    expect(textOf(late)).toBe(other.trim())
  })

  test('a block that turned out to stand elsewhere is not told twice', async () => {
    pipeline = startLivePipeline()
    const {live, tracer, flush} = pipeline
    const span = startCall(tracer)
    const told = tellCall(span)
    for (const sentence of SENTENCES) {
      told.grow(sentence)
      await turn()
    }
    const before = 'The user greets me. I greet the user in the same way. '
    finish(span, told, [
      {
        type: 'reasoning',
        block: {...block(REASONING, told), text: before},
      },
      item(REASONING, told),
    ])
    await flush()
    expect(live.blocks).toHaveLength(2)
    const texts = live.steps.map(({attributes}) => String(attributes['reasoning.text']))
    expect(new Set(texts).size).toBe(texts.length)
    expect(new Set(live.steps.map((one) => one.spanContext().spanId)).size).toBe(live.steps.length)
    const words = (text: string) => text.split(/\s+/).filter(Boolean).sort()
    expect(words(texts.join(' '))).toEqual(words(before + REASONING))
  })

  test('two blocks are told of by turns, and one that is whole to its end', async () => {
    pipeline = startLivePipeline()
    const {live, plain, tracer, flush, processor} = pipeline
    const span = startCall(tracer)
    const told = tellCall(span)
    for (const sentence of SENTENCES) {
      told.grow(sentence)
      await turn()
    }
    told.grow('', {ended: true})
    await turn()
    const first = processor.getStats().liveSteps
    expect(textOf(live.steps)).toBe(REASONING.trim())
    const again = SENTENCES.map((sentence) => `Second: ${sentence}`)
    for (const sentence of again) {
      told.grow(sentence, {index: 1})
      await turn()
    }
    expect(processor.getStats().liveSteps).toBeGreaterThan(first)
    finish(span, told, [item(REASONING, told), item(again.join(''), told, 1)])
    await flush()
    expectSameSpans(live, plain)
  })
})

describe('whose spans', () => {
  test('those that are not sampled have none', async () => {
    for (const traceFlags of [TraceFlags.NONE, TraceFlags.SAMPLED]) {
      pipeline = startLivePipeline(
        {content: 'keep'},
        {
          sampler: {
            shouldSample: () => ({decision: traceFlags === TraceFlags.NONE ? 1 : 2}),
            toString: () => 'fixed',
          },
        },
      )
      await run(pipeline, SENTENCES)
      const {liveSteps} = pipeline.processor.getStats()
      expect(liveSteps > 0).toBe(traceFlags === TraceFlags.SAMPLED)
      await pipeline.stop()
      pipeline = undefined
    }
  })

  test("another provider's are its own processors' matter", async () => {
    pipeline = startLivePipeline()
    const next = new TimedProcessor(true)
    const other = createProvider({
      spanProcessors: [new ReasoningSpanProcessor({next, content: 'keep', live: true})],
    })
    await run(pipeline, SENTENCES)
    await other.provider.forceFlush()
    expect(pipeline.live.steps.length).toBeGreaterThan(2)
    expect(next.spans).toEqual([])
    await other.provider.shutdown()
  })

  test('nobody listens when all are shut down', async () => {
    pipeline = startLivePipeline()
    expect(isLiveWatched()).toBe(true)
    await pipeline.stop()
    pipeline = undefined
    expect(isLiveWatched()).toBe(false)
    expect(getLiveChannel().isWatched).toBe(false)
  })

  test('what is told after a span has ended is left to its end', async () => {
    pipeline = startLivePipeline()
    const {tracer, processor, flush, live} = pipeline
    const span = tracer.startSpan('chat x', {
      kind: SpanKind.CLIENT,
      attributes: {'gen_ai.operation.name': 'chat'},
    })
    await context.with(trace.setSpan(context.active(), span), async () => {
      const told = tellCall(span)
      span.end()
      for (const sentence of SENTENCES) told.grow(sentence)
    })
    await flush()
    expect(processor.getStats().liveSteps).toBe(0)
    expect(live.reasoning).toEqual([])
  })
})
