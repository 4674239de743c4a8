/** Clients that call `fetch` with a `Request`. */
import {afterEach, beforeEach, expect, test} from 'vitest'
import {tapFetch} from '../../src/fetch.ts'
import {
  answering,
  END,
  type LocalServer,
  type Pipeline,
  readAll,
  REQUEST,
  serve,
  startEvents,
  startPipeline,
  thinking,
} from './tapped.ts'

let pipeline: Pipeline
let server: LocalServer
let received: {body: string; path: string}[]
beforeEach(async () => {
  pipeline = startPipeline()
  received = []
  server = await serve(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    received.push({body, path: req.url ?? ''})
    if (req.url === '/moved/v1/chat/completions') {
      res.writeHead(307, {location: '/v1/chat/completions'}).end()
      return
    }
    if (body.includes('"refuse"')) {
      res.writeHead(400, {'content-type': 'application/json'}).end('{"error": {}}')
      return
    }
    startEvents(res).end(thinking('First I look it up. ') + answering('Yes.') + END)
  })
})
afterEach(async () => {
  await server.close()
  await pipeline.stop()
})

const tools = [{type: 'function', function: {name: 'lookup_order'}}]
const bodyOf = (model: string): string =>
  JSON.stringify({model, stream: true, tools, n: 2, messages: [{role: 'user', content: 'Hi'}]})

const requestOf = (path = '/v1/chat/completions', model = 'asked-for'): Request =>
  new Request(server.url + path, {...REQUEST, body: bodyOf(model)})

test('its body is read and sent as it is', async () => {
  const request = requestOf()
  await pipeline.under('agent', async () => {
    await readAll(await tapFetch(fetch)(request))
  })
  expect(request.bodyUsed).toBe(true)
  expect(received).toEqual([{path: '/v1/chat/completions', body: bodyOf('asked-for')}])
  const [call] = pipeline.calls()
  expect(call?.name).toBe('chat asked-for')
  expect(call?.attributes).toMatchObject({
    'gen_ai.request.model': 'asked-for',
    'gen_ai.request.choice.count': 2,
    'gen_ai.response.model': 'deepseek-r1',
  })
  expect(pipeline.blocks()).toHaveLength(1)
})

test('a body that stands beside it is the one that counts', async () => {
  await pipeline.under('agent', async () => {
    await readAll(await tapFetch(fetch)(requestOf(), {body: bodyOf('in its place')}))
  })
  expect(received.map(({body}) => body)).toEqual([bodyOf('in its place')])
  expect(pipeline.calls().map(({name}) => name)).toEqual(['chat in its place'])
})

test('a redirect sends it again', async () => {
  await pipeline.under('agent', async () => {
    await readAll(await tapFetch(fetch)(requestOf('/moved/v1/chat/completions')))
  })
  expect(received.map(({body}) => body)).toEqual([bodyOf('asked-for'), bodyOf('asked-for')])
  expect(pipeline.calls().map(({name}) => name)).toEqual(['chat asked-for'])
})

test('a call that is refused has a span, since its model is known', async () => {
  await pipeline.under('agent', async () => {
    await tapFetch(fetch)(requestOf('/v1/chat/completions', 'refuse'))
  })
  expect(pipeline.calls().map(({attributes}) => attributes['error.type'])).toEqual(['400'])
})

test('requests to other addresses are left alone', async () => {
  const request = requestOf('/v1/embeddings')
  const {body} = request
  await tapFetch(async (given: Request) => {
    expect(given).toBe(request)
    expect(given.body).toBe(body)
    return new Response('{}')
  })(request)
})

test('a long stream is sent as it comes, and no more of it is held than is read', async () => {
  const piece = new Uint8Array(64 * 1024).fill(32)
  let pulled = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += 1
        if (pulled > 1000) controller.close()
        else controller.enqueue(piece.slice())
      },
    },
    {highWaterMark: 0},
  )
  const init: RequestInit & {duplex: 'half'} = {method: 'POST', body: stream, duplex: 'half'}
  const tapped = tapFetch(async (given: Request) => {
    // Nobody sends yet: what is read is read for us.
    await new Promise((ok) => setTimeout(ok, 100))
    expect(pulled).toBeLessThan(80)
    expect((await given.arrayBuffer()).byteLength).toBe(1000 * piece.length)
    return new Response('{}')
  })
  await tapped(new Request(`${server.url}/v1/chat/completions`, init))
  expect(pulled).toBe(1001)
})
