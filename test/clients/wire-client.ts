/**
 * What the tests with the providers' own clients share: a pipeline with a context manager, a mock
 * provider on loopback, the tap, and what came of each call as a tree.
 */
import {context, type HrTime, trace, type Tracer} from '@opentelemetry/api'
import {instrumentFetch, tapFetch} from '../../src/fetch.ts'
import {getHub} from '../../src/hub.ts'
import type {
  CapturedCall,
  KindClassifier,
  OutputItem,
  ReasoningBlock,
  ToolCall,
} from '../../src/model.ts'
import {ReasoningSpanProcessor} from '../../src/processor.ts'
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {type MockOptions, startMockProviders} from '../mock-providers/server.mjs'
import {InvariantSpanProcessor} from '../setup/invariants.ts'
import {createContextManager, createProvider} from '../setup/sdk.ts'

export interface StepTree {
  span: ReadableSpanLike
  kind: string
  text: string
  /** Milliseconds since the epoch. */
  start: number
  end: number
  signals: readonly string[]
  toolCallIds: readonly string[]
}

export interface BlockTree {
  span: ReadableSpanLike
  visibility: string
  timing: string
  signals: readonly string[]
  attempt: number | undefined
  choiceIndex: number | undefined
  steps: readonly StepTree[]
}

/** One span of a model call, whoever made it, with all that came of it. */
export interface CallTree {
  span: ReadableSpanLike
  name: string
  attributes: ReadableSpanLike['attributes']
  signals: readonly string[]
  blocks: readonly BlockTree[]
  /** What taps left for this span, one a response, exact to the character. */
  captured: readonly CapturedCall[]
  /** The readable reasoning of all responses, in order. */
  texts: readonly string[]
  visibilities: readonly string[]
  /** Pieces of answer, joined. */
  answer: string
  toolCalls: readonly ToolCall[]
}

export interface WireClients {
  /** The mock provider's address. */
  url: string
  tracer: Tracer
  provider: {forceFlush(): Promise<void>}
  next: InvariantSpanProcessor
  /** `fetch` with a tap, for clients that take one. */
  fetch: typeof fetch
  /** `fetch` as it was before anything was tapped. */
  untapped: typeof fetch
  /** Runs below a span of this name and flushes. */
  under<T>(name: string, action: () => Promise<T>): Promise<T>
  /** The trees so far, in the order in which their calls began. */
  trees(): CallTree[]
  /** Forgets the trees so far. */
  reset(): Promise<void>
  /** At the end of a file: checks what must hold of all spans, and puts everything back. */
  stop(): Promise<void>
}

export interface WireClientOptions extends MockOptions {
  /** Taps `globalThis.fetch`, for clients that take none. @defaultValue false */
  global?: boolean
  /** @defaultValue the package's own */
  classifier?: KindClassifier
}

export const millisOf = (time: HrTime): number => time[0] * 1000 + time[1] / 1e6

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [])
const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

const isModelCall = ({attributes}: ReadableSpanLike): boolean =>
  attributes['gen_ai.operation.name'] !== undefined ||
  attributes['gen_ai.request.model'] !== undefined ||
  attributes['llm.model_name'] !== undefined

export const blocksOf = (items: readonly OutputItem[]): ReasoningBlock[] =>
  items.flatMap((item) => (item.type === 'reasoning' ? [item.block] : []))

/** Spans as trees of their model calls. */
export function treesOf(spans: readonly ReadableSpanLike[]): CallTree[] {
  const childrenOf = (parent: ReadableSpanLike): ReadableSpanLike[] =>
    spans.filter(
      (span) =>
        span.parentSpanContext?.spanId === parent.spanContext().spanId &&
        span.spanContext().traceId === parent.spanContext().traceId,
    )
  const stepOf = (span: ReadableSpanLike): StepTree => ({
    span,
    kind: textOf(span.attributes['reasoning.step.kind']),
    text: textOf(span.attributes['reasoning.text']),
    start: millisOf(span.startTime),
    end: millisOf(span.endTime),
    signals: listOf(span.attributes['reasoning.signals']),
    toolCallIds: listOf(span.attributes['reasoning.tool.call.ids']),
  })
  const blockOf = (span: ReadableSpanLike): BlockTree => ({
    span,
    visibility: textOf(span.attributes['reasoning.visibility']),
    timing: textOf(span.attributes['reasoning.timing']),
    signals: listOf(span.attributes['reasoning.signals']),
    attempt: numberOf(span.attributes['reasoning.attempt']),
    choiceIndex: numberOf(span.attributes['reasoning.choice.index']),
    steps: childrenOf(span).map(stepOf),
  })
  return spans
    .filter(isModelCall)
    .sort((a, b) => millisOf(a.startTime) - millisOf(b.startTime))
    .map((span) => {
      const {traceId, spanId} = span.spanContext()
      const captured = getHub()
        .read(traceId, spanId)
        .filter(({origin}) => origin === 'wire')
        .map(({call}) => call)
      const items = captured.flatMap((call) => call.items)
      return {
        span,
        name: span.name,
        attributes: span.attributes,
        signals: listOf(span.attributes['reasoning.signals']),
        blocks: childrenOf(span)
          .filter(({name}) => name === 'reasoning')
          .map(blockOf),
        captured,
        texts: blocksOf(items).flatMap(({text}) => (text === '' ? [] : [text])),
        visibilities: blocksOf(items).map(({visibility}) => visibility),
        answer: items.map((item) => (item.type === 'text' ? item.text : '')).join(''),
        toolCalls: items.flatMap((item) => (item.type === 'tool_call' ? [item.call] : [])),
      }
    })
}

/** The only tree there is. @throws where there are several or none */
export function onlyTree(trees: readonly CallTree[]): CallTree {
  const [tree] = trees
  if (tree === undefined || trees.length > 1) {
    throw new Error(`expected one model call, got [${trees.map(({name}) => name).join(', ')}]`)
  }
  return tree
}

/** Starts all of it. One at a time in a process: the context manager and the provider are global. */
export async function startWireClients({
  global: isGlobal = false,
  classifier,
  ...options
}: WireClientOptions = {}): Promise<WireClients> {
  const mock = await startMockProviders({delayMs: 0, ...options})
  let next = new InvariantSpanProcessor()
  // One that outlives `reset`, which begins with a new one behind it.
  const forward = {
    onStart: (span: unknown) => next.onStart(span),
    onEnd: (span: unknown) => next.onEnd(span),
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  }
  const {provider, tracer} = createProvider({
    spanProcessors: [
      new ReasoningSpanProcessor({
        next: forward,
        content: 'keep',
        maxSpansPerSecond: Infinity,
        classifier,
      }),
    ],
  })
  const manager = createContextManager()
  manager.enable()
  context.setGlobalContextManager(manager)
  trace.setGlobalTracerProvider(provider)
  const untapped = globalThis.fetch
  const tapped = tapFetch(untapped)
  const undo = isGlobal ? instrumentFetch() : undefined
  const app = tracer('app')
  return {
    url: mock.url,
    tracer: app,
    provider,
    get next() {
      return next
    },
    fetch: tapped,
    untapped,
    under: (name, action) =>
      app.startActiveSpan(name, async (span) => {
        try {
          return await action()
        } finally {
          span.end()
          await provider.forceFlush()
        }
      }),
    trees: () => treesOf(next.spans),
    async reset() {
      // What the last test left to be read belongs to it.
      await provider.forceFlush()
      next.assertSound()
      next = new InvariantSpanProcessor()
    },
    async stop() {
      undo?.()
      await mock.close()
      await provider.shutdown()
      trace.disable()
      context.disable()
      next.assertSound()
    },
  }
}
