/**
 * What is asked of every instrumentation that runs beside the tap: whoever captured the reasoning, a
 * call has one span and one reasoning tree, with each thought once.
 */
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest'
import {SUMMARY_PARTS, THOUGHT, THOUGHT_SENTENCES} from '../mock-providers/scenario.mjs'
import {type CallTree, onlyTree, startWireClients, type WireClients} from './wire-client.ts'

/** How a client is asked. */
export interface Ask {
  url: string
  fetch: typeof fetch
  isStreamed: boolean
}

/** One kind of response and what it holds. */
export interface Dialect {
  name: string
  ask(ask: Ask): Promise<unknown>
  /** The readable blocks. */
  texts: readonly string[]
  /** Of blocks of which nothing can be read. */
  unreadable: readonly string[]
}

export interface InstrumentationUnderTest {
  /** What its spans' scope is called. */
  scope: RegExp
  /** Of the client's own spans, where it makes some below those of the instrumentation. */
  clientScope?: RegExp
  /** Puts it on. @returns takes it off */
  start(hasContent: boolean, wire: WireClients): () => void
  dialects: readonly Dialect[]
}

const joined = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

const textOf = ({blocks}: CallTree): string[] =>
  blocks
    .map(({steps, span}) =>
      steps.length > 0
        ? steps.map(({text}) => text).join(' ')
        : String(span.attributes['reasoning.text'] ?? ''),
    )
    .map(joined)
    .filter((text) => text !== '')

/** Occurrences in what our spans say. */
function countIn(wire: WireClients, sentence: string): number {
  const texts = wire.next.reasoning.map(({attributes}) =>
    String(attributes['reasoning.text'] ?? ''),
  )
  // In order, since a passage may be several steps.
  return joined(texts.join(' ')).split(joined(sentence)).length - 1
}

/** The call that has the reasoning; of the spans around it none has any. */
function treeOf(trees: readonly CallTree[], under: InstrumentationUnderTest): CallTree {
  const scopes = trees.map(({span}) => span.instrumentationScope.name)
  const expected =
    under.clientScope === undefined ? [under.scope] : [under.scope, under.clientScope]
  expect(scopes).toHaveLength(expected.length)
  for (const scope of expected) expect(scopes).toContainEqual(expect.stringMatching(scope))
  return onlyTree(trees.filter(({blocks}) => blocks.length > 0))
}

/** Declares the tests. */
export function describeInstrumentation(under: InstrumentationUnderTest): void {
  let wire: WireClients
  beforeAll(async () => {
    wire = await startWireClients()
  })
  afterEach(() => wire.reset())
  afterAll(() => wire.stop())

  const cases = under.dialects.flatMap((dialect) =>
    [true, false].flatMap((isStreamed) =>
      [true, false].map((hasContent) => ({
        dialect,
        isStreamed,
        hasContent,
        title: `${dialect.name}, ${isStreamed ? 'streamed' : 'whole'}, ${hasContent ? 'with' : 'without'} content`,
      })),
    ),
  )

  test.each(cases)(
    'one tree a call, each thought once: $title',
    async ({dialect, isStreamed, hasContent}) => {
      const stop = under.start(hasContent, wire)
      try {
        await wire.under('agent', () => dialect.ask({url: wire.url, fetch: wire.fetch, isStreamed}))
        await expect.poll(() => wire.trees().length).toBeGreaterThan(0)
        await wire.provider.forceFlush()
      } finally {
        stop()
      }
      const tree = treeOf(wire.trees(), under)
      expect(wire.next.reasoning.filter(({name}) => name === 'reasoning')).toHaveLength(
        tree.blocks.length,
      )
      expect(textOf(tree)).toEqual(dialect.texts.map(joined))
      expect(
        tree.blocks
          .map(({visibility}) => visibility)
          .filter((name) => name !== 'full' && name !== 'summary'),
      ).toEqual(dialect.unreadable)
      for (const sentence of dialect.texts.includes(THOUGHT) ? THOUGHT_SENTENCES : SUMMARY_PARTS) {
        if (dialect.texts.some((text) => text.includes(sentence))) {
          expect(countIn(wire, sentence), sentence).toBe(1)
        }
      }
    },
  )

  test.each([true, false])(
    'alone, without a tap, what it keeps is still one tree (streamed: %s)',
    async (isStreamed) => {
      const [dialect] = under.dialects
      const stop = under.start(true, wire)
      try {
        await wire.under('agent', async () =>
          dialect?.ask({url: wire.url, fetch: wire.untapped, isStreamed}),
        )
      } finally {
        stop()
      }
      await wire.provider.forceFlush()
      const withReasoning = wire.trees().filter(({blocks}) => blocks.length > 0)
      // Some lose it, and that is why there is a tap.
      expect(withReasoning.length).toBeLessThanOrEqual(1)
      const texts = withReasoning.flatMap(textOf)
      expect([[], dialect?.texts.map(joined)]).toContainEqual(texts)
    },
  )

  test('a hundred calls at once keep to their own spans', {timeout: 60_000}, async () => {
    const stop = under.start(true, wire)
    const [dialect] = under.dialects
    try {
      await Promise.all(
        Array.from({length: 100}, (_, index) =>
          wire.under(`agent ${index}`, async () =>
            dialect?.ask({url: wire.url, fetch: wire.fetch, isStreamed: index % 2 === 0}),
          ),
        ),
      )
      await wire.provider.forceFlush()
    } finally {
      stop()
    }
    const byTrace = new Map<string, CallTree[]>()
    for (const tree of wire.trees()) {
      const {traceId} = tree.span.spanContext()
      byTrace.set(traceId, [...(byTrace.get(traceId) ?? []), tree])
    }
    expect(byTrace.size).toBe(100)
    for (const trees of byTrace.values()) {
      expect(textOf(treeOf(trees, under))).toEqual(dialect?.texts.map(joined))
    }
  })
}
