/**
 * What is asked of the clients of OpenAI, Anthropic and Google, in each of their modes: told once, run
 * for each. The mock provider plays what the headers of a request say.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import type {KindClassifier} from '../../src/model.ts'
import {suppressTracing} from '../../src/suppress-tracing.ts'
import {ANSWER, USAGE} from '../mock-providers/scenario.mjs'
import type {MockTurn} from '../mock-providers/server.mjs'
import {
  type CallTree,
  millisOf,
  onlyTree,
  startWireClients,
  type WireClients,
} from './wire-client.ts'

export interface Ask {
  url: string
  fetch: typeof fetch
  model: string
  /** Offers `lookup_order` and `issue_refund`. */
  tools: boolean
  /** What the mock provider is told. */
  headers: Record<string, string>
  /** Retries of the client itself. */
  retries: number
  signal: AbortSignal | undefined
}

/** A client in one of its modes. */
export interface Driver {
  /** Package and version. */
  client: string
  /** The value of `gen_ai.provider.name`. */
  provider: string
  /** The API that is called. */
  mode: string
  model: string
  /** The default conversation's thought, as this provider shows it. */
  thoughts: readonly string[]
  visibilities: readonly string[]
  /** Reasoning tokens that the response tells of. */
  tokens: number | undefined
  finishReason: string
  /** @defaultValue that of the default conversation */
  answer?: string
  /** Its answer to a request for all at once. */
  whole(ask: Ask): Promise<unknown>
  /** Its events. */
  stream(ask: Ask): Promise<AsyncIterable<unknown>>
  /** The reasoning that an event brought. */
  thoughtIn(event: unknown): string
  /** Ids of tool calls are in the response. @defaultValue true */
  hasCallIds?: boolean
  /** Events after which the mock's failures come. @defaultValue 8 */
  eventsBeforeFault?: number
  /** The client makes the span of a call itself. @defaultValue false */
  makesSpans?: boolean
}

const LOOKUPS = [
  {name: 'lookup_order', arguments: {order_id: 'A-1042'}},
  {name: 'issue_refund', arguments: {order_id: 'A-1042', amount: 89.1}},
]

/** Two calls at once. */
export const PARALLEL =
  'Both can be asked for at once. So I call lookup_order for the date of delivery. And I call issue_refund, since the refund is due.'

const conversations: Record<string, MockTurn[]> = {
  parallel: [{thought: PARALLEL, summary: [PARALLEL], calls: LOOKUPS}],
}

/** A step a sentence, whatever the sentences say. */
const classifier: KindClassifier = (sentences) =>
  sentences.map((_, index) => ({kind: index % 2 === 0 ? 'fact' : 'infer', confidence: 1}))

export const SUITE_OPTIONS = {conversations, classifier}

/** Ids grow from call to call. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      /^(?:date|keep-alive)$/.test(key)
        ? ''
        : typeof inner === 'string'
          ? inner.replaceAll(/(?:mock|response-)[\d_]*\d/g, 'mock')
          : inner,
    ),
  )

const nameOf = (error: unknown): string => {
  const {name, message} = error as Error
  return `${(error as object).constructor.name} ${name} ${message}`
}

export interface Suite {
  readonly wire: WireClients
  /** @param more defaults: the tapped `fetch`, no tools, no retries */
  ask(more?: Partial<Ask>): Ask
}

/** Reads a stream. @param onEvent true stops the reading */
async function read(
  driver: Driver,
  ask: Ask,
  onEvent: (count: number, event: unknown) => boolean | void = () => {},
): Promise<unknown[]> {
  const events: unknown[] = []
  for await (const event of await driver.stream(ask)) {
    events.push(event)
    if (onEvent(events.length, event) === true) break
  }
  return events
}

/** Declares the tests of one driver. */
export function describeDriver(driver: Driver, isGlobal = false): Suite {
  const suite = {} as {wire: WireClients; ask: Suite['ask']}
  suite.ask = (more = {}) => ({
    url: suite.wire.url,
    fetch: isGlobal ? globalThis.fetch : suite.wire.fetch,
    model: driver.model,
    tools: false,
    headers: {},
    retries: 0,
    signal: undefined,
    ...more,
  })
  const {ask} = suite
  /** Some clients make spans of their own. */
  const untapped = <T>(run: (asked: Ask) => Promise<T>, more: Partial<Ask> = {}): Promise<T> =>
    suppressTracing(() => run(ask({...more, fetch: suite.wire.untapped})))
  const outcome = (asked: Ask): Promise<unknown> => read(driver, asked).then(comparable, nameOf)
  const once = async (action: () => Promise<unknown>, isAnswered = true): Promise<CallTree> => {
    await suite.wire.under('ask', async () => void (await action()))
    // A client that lets go of a body unread is noticed a second later.
    const answers = (): number | undefined => suite.wire.trees()[0]?.captured.length
    await expect.poll(answers, {timeout: 5000}).toBe(isAnswered ? 1 : 0)
    return onlyTree(suite.wire.trees())
  }
  /** What arrived before the end: a beginning of the thought, and said to be one. */
  const expectCut = (tree: CallTree): void => {
    expect(tree.captured[0]?.incomplete).toBe(true)
    expect(tree.texts.length).toBeGreaterThan(0)
    const last = tree.texts.length - 1
    expect(tree.texts.slice(0, last)).toEqual(driver.thoughts.slice(0, last))
    expect(driver.thoughts[last]?.startsWith(tree.texts[last] ?? '-')).toBe(true)
    // A span that ends before its body is given up has left already.
    expect([...tree.signals, ...(tree.blocks.at(-1)?.signals ?? [])]).toContain('truncated')
  }
  const expectWhole = (tree: CallTree): void => {
    expect(tree.texts).toEqual(driver.thoughts)
    expect(tree.visibilities).toEqual(driver.visibilities)
    expect(tree.blocks.map(({visibility}) => visibility)).toEqual(driver.visibilities)
    expect(tree.answer).toBe(driver.answer ?? ANSWER)
    expect(tree.captured).toMatchObject([
      {incomplete: false, finishReasons: [driver.finishReason], reasoningTokens: driver.tokens},
    ])
    if (driver.makesSpans !== true)
      expect(tree.attributes).toMatchObject({
        'gen_ai.provider.name': driver.provider,
        'gen_ai.request.model': driver.model,
        'gen_ai.response.model': driver.model,
        'gen_ai.response.finish_reasons': [driver.finishReason],
        'gen_ai.usage.input_tokens': USAGE.input,
      })
    const stepTexts = tree.blocks.map(({steps}) => steps.map(({text}) => text).join(' '))
    const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
    const readable = driver.thoughts.map(spaced)
    expect(stepTexts.filter((text) => text !== '').map(spaced)).toEqual(readable)
  }

  describe(`${driver.client}, ${driver.mode}${isGlobal ? ', fetch tapped for all' : ''}`, () => {
    beforeAll(async () => {
      suite.wire = await startWireClients({...SUITE_OPTIONS, global: isGlobal})
    })
    afterEach(() => suite.wire.reset())
    afterAll(() => suite.wire.stop())

    test('all at once: the caller gets the same, and there is one tree', async () => {
      const expected = comparable(await untapped(driver.whole))
      const tree = await once(async () => {
        expect(comparable(await driver.whole(ask()))).toEqual(expected)
      })
      expectWhole(tree)
      expect(tree.blocks.every(({timing}) => timing === 'estimated')).toBe(true)
    })

    test.each([
      ['event by event', {}],
      ['byte by byte', {'x-mock-chunks': '1'}],
      ['cut inside events', {'x-mock-chunks': '83'}],
      ['in one chunk', {'x-mock-chunks': 'whole'}],
    ])('streamed %s: the caller gets the same, and there is one tree', async (_, headers) => {
      const expected = await untapped(outcome, {headers})
      expect(Array.isArray(expected)).toBe(true)
      const tree = await once(async () => expect(await outcome(ask({headers}))).toEqual(expected))
      expectWhole(tree)
    })

    test('parallel tool calls are joined to the steps that led to them', async () => {
      const asked = {tools: true, headers: {'x-mock-conversation': 'parallel'}}
      const expected = await untapped(outcome, asked)
      for (const isStream of [false, true]) {
        const tree = await once(async () => {
          if (isStream) expect(await outcome(ask(asked))).toEqual(expected)
          else await driver.whole(ask(asked))
        })
        expect(tree.texts.join(' ')).toBe(PARALLEL)
        expect(tree.toolCalls.map(({name}) => name)).toEqual(LOOKUPS.map(({name}) => name))
        expect(tree.toolCalls.map((call) => JSON.parse(call.arguments ?? ''))).toEqual(
          LOOKUPS.map((call) => call.arguments),
        )
        const steps = tree.blocks.flatMap((block) => block.steps)
        const names = steps.flatMap(({span}) => span.attributes['reasoning.tool.names'] ?? [])
        expect(new Set(names)).toEqual(new Set(LOOKUPS.map(({name}) => name)))
        if (driver.hasCallIds !== false) {
          const ids = steps.flatMap(({toolCallIds}) => toolCallIds)
          expect(new Set(ids)).toEqual(new Set(tree.toolCalls.map(({id}) => id)))
        }
        await suite.wire.reset()
      }
    })

    test('given up in the middle of reasoning: what arrived is kept', async () => {
      const headers = {'x-mock-delay': '15'}
      const run = async (asked: Ask): Promise<string> => {
        const aborter = new AbortController()
        let thoughts = 0
        return read(driver, {...asked, signal: aborter.signal}, (_, event) => {
          if (driver.thoughtIn(event) !== '') thoughts += 1
          if (thoughts === 2) aborter.abort()
        }).then(() => 'no error', nameOf)
      }
      const expected = await untapped(run, {headers})
      const tree = await once(async () => expect(await run(ask({headers}))).toBe(expected))
      expectCut(tree)
      // To give up is no failure.
      if (driver.makesSpans !== true) expect(tree.span.status.code).toBe(0)
    })

    test('a reader that stops early: what arrived is kept, and nothing is raised', async () => {
      const headers = {'x-mock-delay': '5'}
      let thoughts = 0
      const tree = await once(() =>
        read(driver, ask({headers}), (_, event) => {
          if (driver.thoughtIn(event) !== '') thoughts += 1
          return thoughts === 2
        }),
      )
      expectCut(tree)
      expect(tree.span.status.code).toBe(0)
    })

    test.each(['cut', 'malformed', 'error'])(
      '%s: the caller gets the same error, and what arrived is kept',
      async (error) => {
        const headers = {'x-mock-error': `${error};after=${driver.eventsBeforeFault ?? 8}`}
        const expected = await untapped(outcome, {headers})
        const tree = await once(async () => expect(await outcome(ask({headers}))).toBe(expected))
        if (error.startsWith('malformed')) {
          expect(tree.captured[0]?.incomplete).toBe(true)
          expect(driver.thoughts[0]?.startsWith(tree.texts[0]?.slice(0, 30) ?? '-')).toBe(true)
        } else {
          expectCut(tree)
          expect(tree.span.status.code).toBe(2)
          expect(tree.attributes['error.type']).toBeTypeOf('string')
        }
      },
    )

    test.each([400, 401, 429, 500])('status %i: the same error, and one span', async (status) => {
      const headers = {'x-mock-error': String(status)}
      const expected = await untapped(outcome, {headers})
      const tree = await once(
        async () => expect(await outcome(ask({headers}))).toBe(expected),
        false,
      )
      expect(tree.blocks).toEqual([])
      expect(tree.attributes['gen_ai.request.model']).toBe(driver.model)
      if (driver.makesSpans !== true) {
        expect(tree.attributes['error.type']).toBe(String(status))
      }
      expect(tree.span.status.code).toBe(2)
    })

    test('a rate limit, then an answer: one span, and the second attempt says so', async () => {
      const headers = {'x-mock-error': `429;times=1;key=${driver.mode} ${isGlobal}`}
      const tree = await once(async () => {
        const events = await read(driver, ask({headers, retries: 2}))
        expect(events.length).toBeGreaterThan(3)
      })
      expect(tree.texts).toEqual(driver.thoughts)
      expect(tree.blocks.map(({attempt}) => attempt)).toEqual(driver.visibilities.map(() => 2))
      expect(tree.span.status.code).not.toBe(2)
    })

    test('200 streams at once do not mix', {timeout: 60_000}, async () => {
      const model = (index: number): string => `${driver.model}-x${index}`
      const results = await Promise.all(
        Array.from({length: 200}, async (_, index) => {
          let events = 0
          await suite.wire.under(`ask ${index}`, async () => {
            events = (await read(driver, ask({model: model(index)}))).length
          })
          return events
        }),
      )
      expect(new Set(results).size).toBe(1)
      const trees = suite.wire.trees()
      const models = trees.map(({attributes}) => attributes['gen_ai.request.model'])
      expect(new Set(models).size).toBe(200)
      expect(trees).toHaveLength(200)
      for (const {texts} of trees) expect(texts).toEqual(driver.thoughts)
      const parents = new Map(
        suite.wire.next.users.map((span) => [span.spanContext().spanId, span.name]),
      )
      for (const {span, attributes} of trees) {
        const parent = parents.get(span.parentSpanContext?.spanId ?? '')
        expect(attributes['gen_ai.request.model']).toBe(model(Number(parent?.slice(4))))
      }
    })

    // A machine that is busy delivers late by itself.
    test(
      'steps begin within 5 ms of their first character',
      {retry: 5, timeout: 30_000},
      async () => {
        await suite.wire.reset()
        const arrivals: {at: number; offset: number}[] = []
        let offset = 0
        const tree = await once(async () => {
          await sleep(20)
          await read(driver, ask({headers: {'x-mock-delay': '12'}}), (_, event) => {
            const thought = driver.thoughtIn(event)
            if (thought !== '') arrivals.push({at: Date.now(), offset})
            offset += thought.length
          })
        })
        const steps = tree.blocks.flatMap((block) => block.steps)
        expect(steps.length).toBeGreaterThan(3)
        expect(tree.blocks.every(({timing}) => timing === 'measured')).toBe(true)
        const all = driver.thoughts.join('')
        let from = 0
        for (const step of steps) {
          const start = all.indexOf(step.text.slice(0, 30), from)
          expect(start).toBeGreaterThanOrEqual(0)
          from = start
          const arrived = arrivals.findLast((arrival) => arrival.offset <= start)
          expect(Math.abs(step.start - (arrived?.at ?? 0)), step.text).toBeLessThan(5)
        }
        const began = millisOf(tree.span.startTime)
        const silence =
          Number(tree.blocks[0]?.span.attributes['reasoning.time_to_first_chunk']) * 1000
        expect(Math.abs(began + silence - (arrivals[0]?.at ?? 0))).toBeLessThan(6)
      },
    )
  })
  return suite
}
