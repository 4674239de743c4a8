/** What the tests of live steps share: a live processor beside one that is not, and slow servers. */
import type {ServerResponse} from 'node:http'
import {context, type HrTime, SpanKind, type Span, trace, type Tracer} from '@opentelemetry/api'
import {expect} from 'vitest'
import {getLiveChannel, type LiveCall, type LiveGrowth} from '../src/live-channel.ts'
import {NOTHING_CAPTURED} from '../src/merge.ts'
import type {Arrival, CapturedCall} from '../src/model.ts'
import {ReasoningSpanProcessor, type ReasoningSpanProcessorOptions} from '../src/processor.ts'
import type {ReadableSpanLike} from '../src/readable-span.ts'
import {addNanos} from '../src/spans/hr-time.ts'
import {
  answering,
  END,
  type LocalServer,
  serve,
  sleep,
  startEvents,
  thinking,
} from './fetch/tapped.ts'
import {InvariantSpanProcessor} from './setup/invariants.ts'
import {createContextManager, createProvider, type Provider} from './setup/sdk.ts'

/** Also notes when each span came, in milliseconds of the monotonic clock. */
export class TimedProcessor extends InvariantSpanProcessor {
  readonly cameAt = new Map<string, number>()
  override onEnd(span: unknown): void {
    this.cameAt.set((span as ReadableSpanLike).spanContext().spanId, performance.now())
    super.onEnd(span)
  }
  get steps(): ReadableSpanLike[] {
    return this.reasoning.filter(({name}) => name !== 'reasoning')
  }
  get blocks(): ReadableSpanLike[] {
    return this.reasoning.filter(({name}) => name === 'reasoning')
  }
  get calls(): ReadableSpanLike[] {
    return this.users.filter(({attributes}) => attributes['gen_ai.operation.name'] === 'chat')
  }
}

export interface LivePipeline {
  live: TimedProcessor
  plain: TimedProcessor
  processor: ReasoningSpanProcessor
  tracer: Tracer
  flush(): Promise<void>
  stop(): Promise<void>
}

type Options = Omit<ReasoningSpanProcessorOptions, 'next'>

export function startLivePipeline(
  given: Options = {content: 'keep'},
  more: Partial<Parameters<typeof createProvider>[0]> = {},
): LivePipeline {
  // The network's time would otherwise be up in the one sooner than in the other.
  const options: Options = {maxNetworkMillis: Infinity, ...given}
  const live = new TimedProcessor(true)
  const plain = new TimedProcessor(false)
  const processor = new ReasoningSpanProcessor({...options, next: live, live: true})
  const set: Provider = createProvider({
    spanProcessors: [processor, new ReasoningSpanProcessor({...options, next: plain})],
    ...more,
  })
  context.setGlobalContextManager(createContextManager().enable())
  trace.setGlobalTracerProvider(set.provider)
  return {
    live,
    plain,
    processor,
    tracer: set.tracer('app'),
    flush: () => set.provider.forceFlush(),
    async stop() {
      await set.provider.shutdown()
      trace.disable()
      context.disable()
      live.assertSound()
      plain.assertSound()
    },
  }
}

const shown = ({name, kind, startTime, endTime, attributes, events, status}: ReadableSpanLike) => ({
  name,
  kind,
  startTime,
  endTime,
  attributes,
  events,
  status,
})

/** The same spans by the same ids with the same contents, each once, whatever their order. */
export function expectSameSpans(live: TimedProcessor, plain: TimedProcessor): void {
  const byId = (spans: readonly ReadableSpanLike[]) =>
    Object.fromEntries(spans.map((span) => [span.spanContext().spanId, shown(span)]))
  expect(live.reasoning.length).toBe(plain.reasoning.length)
  expect(byId(live.reasoning)).toEqual(byId(plain.reasoning))
}

/** Texts of all steps, in their places. */
export const textOf = (steps: readonly ReadableSpanLike[]): string =>
  [...steps]
    .sort(
      (a, b) =>
        Number(a.attributes['reasoning.step.index']) - Number(b.attributes['reasoning.step.index']),
    )
    .map(({attributes}) => String(attributes['reasoning.text']).trim())
    .join(' ')
    .replaceAll(/\s+/g, ' ')

/** Long enough for several steps. */
export const SENTENCES: readonly string[] = [
  'The customer wants a refund for order A-1042. ',
  'I should first find out which policy applies. ',
  'The order was bought on March 3, and it was delivered on March 7. ',
  'The refund window is 30 days from delivery. ',
  'So the request is inside the window, since 21 days have passed. ',
  'Wait, was it a final sale item? ',
  'Let me check the order again. ',
  'The order says that it was not on sale. ',
  'Let me verify the count of days once more. ',
  'From March 7 to March 28 there are 21 days, which is less than 30. ',
  'Perhaps the customer has opened the box, I am not sure. ',
  'The policy does not mention the box. ',
  'The price was paid with a gift card of the shop. ',
  'Therefore I will approve the refund. ',
]
export const REASONING: string = SENTENCES.join('')

export interface SlowServer extends LocalServer {
  /** When the last of the reasoning was sent, in milliseconds of the monotonic clock. */
  sentAt(): number
}

/** Streams one event a piece, with a pause before each. */
export async function serveSlowly(
  pieces: readonly string[],
  delayMillis: number,
  end: (res: ServerResponse) => void = (res) => res.end(answering('It is approved.') + END),
): Promise<SlowServer> {
  let sent = 0
  const server = await serve(async (_req, res) => {
    startEvents(res).flushHeaders()
    for (const piece of pieces) {
      await sleep(delayMillis)
      res.write(thinking(piece))
    }
    sent = performance.now()
    await sleep(delayMillis)
    end(res)
  })
  return {...server, sentAt: () => sent}
}

export const chat = (url: string): string => `${url}/v1/chat/completions`

/** The span of an instrumentation, open. */
export const startCall = (tracer: Tracer, attributes = {}): Span =>
  tracer.startSpan('chat deepseek-r1', {
    kind: SpanKind.CLIENT,
    // Before what is told of it by hand.
    startTime: Date.now() - 600_000,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'deepseek-r1',
      'session.id': 's-1',
      ...attributes,
    },
  })

export const turn = (): Promise<void> => new Promise((ok) => setImmediate(ok))

/** A call told of by hand, as a tap would. */
export interface ToldCall {
  grow(text: string, more?: Partial<LiveGrowth>): void
  over(): void
  /** Arrivals of everything told of a block. */
  arrivals(index?: number): {arrivals: Arrival[]; endTime: HrTime}
}

export function tellCall(span: Span, facts: Partial<CapturedCall> = {}): ToldCall {
  const call: LiveCall = {span, call: {...NOTHING_CAPTURED, dialect: 'openai-chat', ...facts}}
  const now = Date.now() - 600_000
  let time: HrTime = [Math.floor(now / 1000), (now % 1000) * 1_000_000]
  const told = new Map<number, {length: number; arrivals: Arrival[]}>()
  const channel = getLiveChannel()
  return {
    grow(text, more = {}) {
      const index = more.index ?? 0
      const block = told.get(index) ?? {length: 0, arrivals: []}
      told.set(index, block)
      if (text !== '') time = addNanos(time, 7_000_000)
      const arrivals: Arrival[] = text === '' ? [] : [{offset: block.length, time}]
      if (block.length === 0 && text.length > 1) {
        // What came in one piece is told of when there is a second one.
        time = addNanos(time, 1_000_000)
        arrivals.push({offset: text.length - 1, time})
      }
      block.arrivals.push(...arrivals)
      channel.grown(call, [
        {
          index,
          visibility: 'full',
          source: 'openai-chat',
          text,
          offset: block.length,
          arrivals,
          endTime: time,
          ended: false,
          broken: false,
          ...more,
        },
      ])
      block.length += text.length
    },
    over: () => channel.over(call),
    arrivals: (index = 0) => ({
      arrivals: told.get(index)?.arrivals ?? [],
      endTime: told.get(index)?.arrivals.at(-1)?.time ?? time,
    }),
  }
}
