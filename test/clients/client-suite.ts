/** What is asked of every client that sends with `fetch`: told once, run for each. */
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import {ANSWER, THOUGHT, THOUGHT_BEFORE_TOOL, TOOL} from '../mock-providers/scenario.mjs'
import {cutAfter, type Front, inChunks, slowly, startFront, whole} from './front.ts'
import {millisOf, onlyTree, startWireClients, type WireClients} from './wire-client.ts'

export interface AskOptions {
  url: string
  /** The tapped or the plain one. */
  fetch: typeof fetch
  tools?: boolean
  signal?: AbortSignal
  model?: string
}

/** One client, as the suite drives it. */
export interface ClientUnderTest {
  model: string
  /** The value of `gen_ai.provider.name`; the mock's address tells none. */
  provider: string
  /** Asks for the whole answer. */
  document(options: AskOptions): Promise<unknown>
  /** Asks for a stream. */
  stream(options: AskOptions): Promise<AsyncIterable<unknown>>
  /** Whether its requests can be read: those that are a `Request` cannot. */
  readsRequests: boolean
  /** A status after which it tries again by itself, where it does. */
  retriedStatus?: number
  /** Stands in front of a message of the stream, in the bytes. */
  messageMark: string
}

export interface Suite {
  readonly wire: WireClients
  readonly front: Front
}

/** Numbers and ids differ from call to call. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (/^(?:id|created)$/.test(key) ? '' : inner)),
  )

/** Declares the tests. @returns what they run on, for tests of the client's own */
export function describeClient(client: ClientUnderTest): Suite {
  const suite = {} as {wire: WireClients; front: Front}
  beforeAll(async () => {
    suite.wire = await startWireClients()
  })
  beforeEach(async () => {
    suite.front = await startFront(suite.wire.url)
  })
  afterEach(async () => {
    await suite.front.close()
    await suite.wire.reset()
  })
  afterAll(() => suite.wire.stop())

  const options = (more: Partial<AskOptions> = {}): AskOptions => ({
    url: suite.front.url,
    fetch: suite.wire.fetch,
    ...more,
  })

  async function readAll(
    more: Partial<AskOptions> = {},
    onMessage: (count: number) => boolean | void = () => {},
  ): Promise<unknown[]> {
    const messages: unknown[] = []
    for await (const message of await client.stream(options(more))) {
      messages.push(message)
      if (onMessage(messages.length) === true) break
    }
    return messages
  }

  test('a document gives the caller what it gave without us, and one tree', async () => {
    const {wire} = suite
    const expected = await client.document(options({fetch: wire.untapped}))
    const given = await wire.under('ask', () => client.document(options()))
    expect(comparable(given)).toEqual(comparable(expected))
    expect(onlyTree(wire.trees())).toMatchObject({
      name: `chat ${client.model}`,
      texts: [THOUGHT],
      visibilities: ['full'],
      answer: ANSWER,
      attributes: {'gen_ai.provider.name': client.provider},
    })
    expect(onlyTree(wire.trees()).blocks).toHaveLength(1)
  })

  test.each([
    ['in chunks of a byte', inChunks(1)],
    ['in one chunk', whole],
    ['in chunks that cut messages', inChunks(97)],
  ])('a stream %s gives the same messages and one tree', {timeout: 60_000}, async (_, deliver) => {
    const {wire, front} = suite
    front.deliver = deliver
    const expected = await readAll({fetch: wire.untapped})
    const given = await wire.under('ask', () => readAll())
    expect(comparable(given)).toEqual(comparable(expected))
    const tree = onlyTree(wire.trees())
    expect(tree).toMatchObject({texts: [THOUGHT], visibilities: ['full'], answer: ANSWER})
    expect(tree.blocks).toHaveLength(1)
  })

  test('a slow stream is measured', async () => {
    const {wire, front} = suite
    front.deliver = slowly(400, 3)
    await wire.under('ask', () => readAll())
    const [block] = onlyTree(wire.trees()).blocks
    expect(block?.timing).toBe('measured')
    const [first, last] = [block?.span.startTime, block?.span.endTime].map((time) =>
      time === undefined ? 0 : millisOf(time),
    ) as [number, number]
    expect(last).toBeGreaterThan(first + 10)
  })

  test('tools are called, and the thought leads to them', async () => {
    const {wire} = suite
    await wire.under('document', () => client.document(options({tools: true})))
    await wire.under('stream', () => readAll({tools: true}))
    expect(wire.trees()).toHaveLength(2)
    for (const tree of wire.trees()) {
      expect(tree.texts).toEqual([THOUGHT_BEFORE_TOOL])
      expect(tree.toolCalls).toMatchObject([{name: TOOL.name}])
      expect(JSON.parse(tree.toolCalls[0]?.arguments ?? '')).toEqual(TOOL.arguments)
      const names = tree.blocks.flatMap(({steps}) =>
        steps.flatMap(({span}) => span.attributes['reasoning.tool.names'] ?? []),
      )
      expect(names).toEqual([TOOL.name])
    }
  })

  test('an abort in the middle of reasoning keeps what arrived', async () => {
    const {wire, front} = suite
    front.deliver = slowly(300, 5)
    const aborter = new AbortController()
    await wire.under('ask', async () => {
      const reading = readAll({signal: aborter.signal}, (count) =>
        count === 3 ? aborter.abort() : undefined,
      )
      await expect(reading).rejects.toBeInstanceOf(Error)
    })
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toHaveLength(1)
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.span.status.code).toBe(0)
  })

  test('a connection that is cut keeps what arrived, and the caller gets its error', async () => {
    const {wire, front} = suite
    front.deliver = cutAfter(2000)
    const expected = await readAll({fetch: wire.untapped}).catch((error: Error) => error.message)
    await wire.under('ask', async () => {
      expect(await readAll().catch((error: Error) => error.message)).toBe(expected)
    })
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.span.status.code).toBe(2)
  })

  test('a malformed message does to the caller what it did without us, and the rest is read', async () => {
    const {wire, front} = suite
    front.deliver = async (body, sink) => {
      const text = body.toString()
      let at = 0
      for (let count = 0; count < 5; count++) at = text.indexOf(client.messageMark, at + 1)
      const end = at + client.messageMark.length
      const broken = `${text.slice(0, end)}!${text.slice(end)}`
      await inChunks(300)(Buffer.from(broken), sink)
    }
    const outcome = (more: Partial<AskOptions>): Promise<unknown> =>
      readAll(more).then(comparable, (error: Error) => error.constructor.name)
    const expected = await outcome({fetch: wire.untapped})
    await wire.under('ask', async () => expect(await outcome({})).toEqual(expected))
    await expect.poll(() => wire.trees().length).toBe(1)
    const [text = ''] = onlyTree(wire.trees()).texts
    expect(text.length).toBeGreaterThan(20)
    // All that was readable until the client gave up.
    expect(THOUGHT.startsWith(text.slice(0, 20))).toBe(true)
  })

  test('an error status is the caller’s error, and a failed span where the model is known', async () => {
    const {wire, front} = suite
    front.failures = [400]
    await wire.under('ask', async () => {
      await expect(client.document(options())).rejects.toBeInstanceOf(Error)
    })
    if (!client.readsRequests) {
      expect(wire.trees()).toEqual([])
      return
    }
    const tree = onlyTree(wire.trees())
    expect(tree.blocks).toEqual([])
    expect(tree.attributes['error.type']).toBe('400')
    expect(tree.span.status.code).toBe(2)
  })

  test('a retry is told apart', async () => {
    const {wire, front} = suite
    front.failures = [503]
    await wire.under('ask', async () => {
      if (client.retriedStatus === undefined) {
        await expect(client.document(options())).rejects.toBeInstanceOf(Error)
      }
      await client.document(options())
    })
    expect(front.requests).toBe(2)
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toEqual([THOUGHT])
    expect(tree.blocks[0]?.attempt).toBe(2)
  })

  test('a hundred streams at once do not mix', {timeout: 60_000}, async () => {
    const {wire} = suite
    await Promise.all(
      Array.from({length: 100}, (_, index) =>
        wire.under(`ask ${index}`, () => readAll({model: `${client.model}-${index}`})),
      ),
    )
    const trees = wire.trees()
    expect(trees).toHaveLength(100)
    expect(new Set(trees.map(({name}) => name)).size).toBe(100)
    for (const {texts} of trees) expect(texts).toEqual([THOUGHT])
  })
  return suite
}
