/** Bedrock's own client, over HTTP/2 as it comes, over HTTP/1.1 and over `fetch`. */
import {crc32} from 'node:zlib'
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import {FetchHttpHandler} from '@smithy/fetch-http-handler'
import {NodeHttpHandler} from '@smithy/node-http-handler'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {instrumentBedrock, reasoningPlugin} from '../../src/bedrock.ts'
import {instrumentFetch} from '../../src/fetch.ts'
import {ANSWER, SIGNATURE, THOUGHT, THOUGHT_BEFORE_TOOL, TOOL} from '../mock-providers/scenario.mjs'
import {
  type Answer,
  cutAfter,
  type Front,
  inChunks,
  slowly,
  spoiled,
  startFront,
  whole,
} from './front.ts'
import {millisOf, onlyTree, startWireClients, type WireClients} from './wire-client.ts'

const HANDLERS = {
  'HTTP/2': {version: 2, handler: () => undefined},
  'HTTP/1.1': {version: 1, handler: () => new NodeHttpHandler()},
  fetch: {version: 1, handler: () => new FetchHttpHandler()},
} as const

/** One frame of AWS's event stream, with a header that says it is an event. */
function frameOf(type: string, payload: object): Buffer {
  const header = (key: string, value: string): Buffer => {
    const size = Buffer.alloc(2)
    size.writeUInt16BE(value.length)
    return Buffer.concat([
      Buffer.from([key.length]),
      Buffer.from(key),
      Buffer.from([7]),
      size,
      Buffer.from(value),
    ])
  }
  const headers = Buffer.concat([
    header(':event-type', type),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ])
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(16 + headers.length + body.length, 0)
  prelude.writeUInt32BE(headers.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const trailer = Buffer.alloc(4)
  const all = Buffer.concat([prelude, headers, body])
  trailer.writeUInt32BE(crc32(all))
  return Buffer.concat([all, trailer])
}

/** What Bedrock makes of Anthropic's answer: the same document, or its events in frames. */
async function invoked(path: string, body: Buffer): Promise<Answer | undefined> {
  const match = /\/model\/[^/]+\/invoke(-with-response-stream)?$/.exec(path)
  if (match === null) return undefined
  const isStream = match[1] !== undefined
  const asked = {...(JSON.parse(body.toString()) as object), stream: isStream}
  const response = await wire.untapped(`${wire.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({model: 'claude', thinking: {type: 'enabled'}, ...asked}),
  })
  const text = await response.text()
  if (!isStream) return {status: 200, type: 'application/json', body: Buffer.from(text)}
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) =>
    frameOf('chunk', {bytes: Buffer.from(data ?? '').toString('base64')}),
  )
  return {status: 200, type: 'application/vnd.amazon.eventstream', body: Buffer.concat(events)}
}

const INPUT = {
  modelId: 'deepseek.r1-v1:0',
  messages: [{role: 'user' as const, content: [{text: 'May I return order A-1042?'}]}],
}
const WITH_TOOLS = {
  ...INPUT,
  toolConfig: {
    tools: [{toolSpec: {name: TOOL.name, inputSchema: {json: {type: 'object'}}}}],
  },
}

let wire: WireClients
beforeAll(async () => {
  wire = await startWireClients()
})
afterEach(() => wire.reset())
afterAll(() => wire.stop())

describe.each(Object.entries(HANDLERS))('over %s', (_name, {version, handler}) => {
  let front: Front
  let plain: BedrockRuntimeClient
  let client: BedrockRuntimeClient

  const createClient = (): BedrockRuntimeClient => {
    const requestHandler = handler()
    const config: BedrockRuntimeClientConfig = {
      region: 'us-east-1',
      endpoint: front.url,
      credentials: {accessKeyId: 'none', secretAccessKey: 'none'},
      ...(requestHandler === undefined ? {} : {requestHandler}),
    }
    return new BedrockRuntimeClient(config)
  }

  beforeEach(async () => {
    front = await startFront(wire.url, version)
    plain = createClient()
    client = createClient()
    instrumentBedrock(client)
  })
  afterEach(async () => {
    plain.destroy()
    client.destroy()
    await front.close()
  })

  async function stream(
    by: BedrockRuntimeClient,
    input: typeof INPUT = INPUT,
    onEvent: (count: number) => boolean | void = () => {},
    abortSignal?: AbortSignal,
  ): Promise<ConverseStreamOutput[]> {
    const command = new ConverseStreamCommand(input)
    const output = await by.send(command, abortSignal === undefined ? {} : {abortSignal})
    const events: ConverseStreamOutput[] = []
    for await (const event of output.stream ?? []) {
      events.push(event)
      if (onEvent(events.length) === true) break
    }
    return events
  }

  test('a document gives the caller what it gave without us, and one tree', async () => {
    const {$metadata: _, ...expected} = await plain.send(new ConverseCommand(INPUT))
    await wire.under('ask', async () => {
      const {$metadata, ...output} = await client.send(new ConverseCommand(INPUT))
      expect(output).toEqual(expected)
      expect($metadata.httpStatusCode).toBe(200)
    })
    const tree = onlyTree(wire.trees())
    expect(tree).toMatchObject({
      name: `chat ${INPUT.modelId}`,
      texts: [THOUGHT],
      visibilities: ['full'],
      answer: ANSWER,
      attributes: {
        'gen_ai.provider.name': 'aws.bedrock',
        'gen_ai.response.finish_reasons': ['end_turn'],
        'server.address': '127.0.0.1',
      },
    })
    expect(tree.blocks).toHaveLength(1)
    expect(tree.blocks[0]?.steps.length).toBeGreaterThan(0)
  })

  test.each([
    ['in chunks of a byte', inChunks(1)],
    ['in one chunk', whole],
    ['in chunks that cut events', inChunks(97)],
  ])('a stream %s gives the same events and one tree', {timeout: 60_000}, async (_, deliver) => {
    front.deliver = deliver
    const expected = await stream(plain)
    const events = await wire.under('ask', () => stream(client))
    expect(events).toEqual(expected)
    expect(onlyTree(wire.trees())).toMatchObject({
      texts: [THOUGHT],
      visibilities: ['full'],
      answer: ANSWER,
    })
    expect(onlyTree(wire.trees()).blocks).toHaveLength(1)
    const written = JSON.stringify(wire.next.spans.map(({attributes}) => attributes))
    expect(written).not.toContain(SIGNATURE)
  })

  test('a slow stream is measured', async () => {
    front.deliver = slowly(150, 3)
    const began = Date.now()
    await wire.under('ask', () => stream(client))
    const tree = onlyTree(wire.trees())
    const [block] = tree.blocks
    expect(block?.timing).toBe('measured')
    const [first, last] = [block?.span.startTime, block?.span.endTime].map((time) =>
      time === undefined ? 0 : millisOf(time),
    ) as [number, number]
    expect(first).toBeGreaterThanOrEqual(began - 5)
    expect(last).toBeGreaterThan(first + 20)
    expect(last).toBeLessThanOrEqual(Date.now())
  })

  test('tools are called, and the thought leads to them', async () => {
    await wire.under('document', () => client.send(new ConverseCommand(WITH_TOOLS)))
    await wire.under('stream', () => stream(client, WITH_TOOLS))
    const trees = wire.trees()
    expect(trees).toHaveLength(2)
    for (const tree of trees) {
      expect(tree.texts).toEqual([THOUGHT_BEFORE_TOOL])
      expect(tree.toolCalls).toMatchObject([{name: TOOL.name}])
      expect(JSON.parse(tree.toolCalls[0]?.arguments ?? '')).toEqual(TOOL.arguments)
      const ids = tree.blocks.flatMap(({steps}) => steps.flatMap(({toolCallIds}) => toolCallIds))
      expect(ids).toEqual([tree.toolCalls[0]?.id])
    }
  })

  test('an abort in the middle of reasoning keeps what arrived', async () => {
    front.deliver = slowly(100, 5)
    const aborter = new AbortController()
    await wire.under('ask', async () => {
      const reading = stream(
        client,
        INPUT,
        (count) => (count === 6 ? aborter.abort() : undefined),
        aborter.signal,
      )
      await expect(reading).rejects.toBeInstanceOf(Error)
    })
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toHaveLength(1)
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.span.status.code).toBe(0)
    expect(tree.attributes['error.type']).toBe('AbortError')
  })

  test('a reader that stops early keeps what it had read', async () => {
    front.deliver = slowly(100, 3)
    await wire.under('ask', () => stream(client, INPUT, (count) => count === 6))
    const tree = onlyTree(wire.trees())
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.attributes['error.type']).toBeUndefined()
  })

  test('a connection that is cut keeps what arrived, and the caller gets its error', async () => {
    front.deliver = cutAfter(1500)
    const expected = await stream(plain).catch((error: Error) => error.message)
    await wire.under('ask', async () => {
      expect(await stream(client).catch((error: Error) => error.message)).toBe(expected)
    })
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.span.status.code).toBe(2)
    expect(tree.attributes['error.type']).toBeTypeOf('string')
  })

  test('a frame that is broken ends the stream for both, and the text before it is kept', async () => {
    // The length of the sixth or so frame: no frame is that long.
    front.deliver = async (body, sink) => {
      let at = 0
      for (let frame = 0; frame < 6; frame++) at += body.readUInt32BE(at)
      await spoiled(at, new Uint8Array([255, 255, 255, 255]))(body, sink)
    }
    await wire.under('ask', async () => {
      await expect(stream(client)).rejects.toBeInstanceOf(Error)
    })
    await wire.provider.forceFlush()
    await expect.poll(() => wire.trees().length).toBe(1)
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toHaveLength(1)
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
  })

  test('an event that was changed on its way ends the stream, and the text before it is kept', async () => {
    front.deliver = async (body, sink) => {
      let at = 0
      for (let event = 0; event < 6; event++) at = body.indexOf('{"contentBlockIndex"', at + 1)
      await spoiled(at, Buffer.from('!'))(body, sink)
    }
    await wire.under('ask', async () => {
      await expect(stream(client)).rejects.toThrow(/checksum/)
    })
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toHaveLength(1)
    expect(THOUGHT.startsWith(tree.texts[0] ?? '-')).toBe(true)
    expect(tree.signals).toContain('truncated')
    expect(tree.attributes['error.type']).toBe('Error')
  })

  test('a retry inside the client is told apart', async () => {
    front.failures = [503, 429]
    const events = await wire.under('ask', () => stream(client))
    expect(events.length).toBeGreaterThan(10)
    expect(front.requests).toBe(3)
    const tree = onlyTree(wire.trees())
    expect(tree.texts).toEqual([THOUGHT])
    expect(tree.blocks[0]?.attempt).toBe(3)
    expect(tree.span.status.code).toBe(0)
  })

  test('an error status is the caller’s error, and one failed span', async () => {
    front.failures = [400]
    await wire.under('ask', async () => {
      await expect(client.send(new ConverseCommand(INPUT))).rejects.toMatchObject({
        $metadata: {httpStatusCode: 400},
      })
    })
    const tree = onlyTree(wire.trees())
    expect(tree.blocks).toEqual([])
    expect(tree.attributes['error.type']).toBe('400')
    expect(tree.span.status.code).toBe(2)
  })

  test('a hundred streams at once do not mix', {timeout: 60_000}, async () => {
    await Promise.all(
      Array.from({length: 100}, (_, index) =>
        wire.under(`ask ${index}`, () => stream(client, {...INPUT, modelId: `model-${index}`})),
      ),
    )
    const trees = wire.trees()
    expect(trees).toHaveLength(100)
    expect(new Set(trees.map((tree) => tree.name)).size).toBe(100)
    for (const tree of trees) expect(tree.texts).toEqual([THOUGHT])
  })

  test('InvokeModel and its stream give the model’s own format', async () => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 2000,
      messages: [{role: 'user', content: 'May I return order A-1042?'}],
    })
    front.answer = invoked
    const input = {modelId: 'anthropic.claude-sonnet-4-5', body}
    await wire.under('document', async () => {
      const output = await client.send(new InvokeModelCommand(input))
      expect(JSON.parse(new TextDecoder().decode(output.body))).toMatchObject({type: 'message'})
    })
    await wire.under('stream', async () => {
      const output = await client.send(new InvokeModelWithResponseStreamCommand(input))
      let count = 0
      for await (const event of output.body ?? []) if (event.chunk !== undefined) count++
      expect(count).toBeGreaterThan(10)
    })
    const trees = wire.trees()
    expect(trees).toHaveLength(2)
    for (const tree of trees) {
      expect(tree.texts).toEqual([THOUGHT])
      expect(tree.name).toBe(`chat ${input.modelId}`)
    }
  })

  test('what was given back stays untouched, and a second plugin counts once', async () => {
    const undo = instrumentBedrock(client)
    client.middlewareStack.use(reasoningPlugin())
    await wire.under('ask', () => stream(client))
    expect(wire.trees()).toHaveLength(1)
    await wire.reset()
    undo()
    await wire.under('ask', () => stream(client))
    expect(wire.trees()).toEqual([])
  })

  test('the plugin fits a command of its own', async () => {
    const command = new ConverseCommand(INPUT)
    command.middlewareStack.use(reasoningPlugin())
    await wire.under('ask', () => plain.send(command))
    expect(onlyTree(wire.trees()).texts).toEqual([THOUGHT])
  })
})

test('where the client uses fetch and that is tapped too, nothing is read twice', async () => {
  const undo = instrumentFetch()
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: wire.url,
    credentials: {accessKeyId: 'none', secretAccessKey: 'none'},
    requestHandler: new FetchHttpHandler(),
  })
  instrumentBedrock(client)
  try {
    await wire.under('ask', () => client.send(new ConverseCommand(INPUT)))
    await wire.under('ask', async () => {
      const {stream} = await client.send(new ConverseStreamCommand(INPUT))
      for await (const _ of stream ?? []);
    })
    await wire.under('ask', async () => {
      client.middlewareStack.add(
        (next) => (args) => {
          const {headers} = args.request as {headers: Record<string, string>}
          headers['x-mock-error'] = '400'
          return next(args)
        },
        {step: 'build', name: 'fails'},
      )
      await expect(client.send(new ConverseCommand(INPUT))).rejects.toBeInstanceOf(Error)
    })
  } finally {
    undo()
  }
  expect(wire.trees().map(({texts}) => texts)).toEqual([[THOUGHT], [THOUGHT], []])
  expect(wire.trees().map(({blocks}) => blocks.length)).toEqual([1, 1, 0])
})

test('calls that are wrong are told what was expected', () => {
  expect(() => instrumentBedrock({} as never)).toThrow(/expected `client` to be a client of AWS/)
  expect(() => reasoningPlugin({createSpan: true} as never)).toThrow(/unknown option `createSpan`/)
})
