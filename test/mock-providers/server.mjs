// One loopback server for every mock provider. `node server.mjs [port]`, or import { startMockProviders }.
import {createServer} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {pathToFileURL} from 'node:url'
import {plan} from './scenario.mjs'
import {openaiChat} from './openai-chat.mjs'
import {openaiResponses} from './openai-responses.mjs'
import {anthropicMessages} from './anthropic.mjs'
import {gemini} from './gemini.mjs'
import {ollamaChat} from './ollama.mjs'
import {bedrockConverse} from './bedrock.mjs'
import {errorBody, failureOf} from './errors.mjs'

/** Picks the provider by the end of the path, so any base URL prefix (/v1, /openai/v1, …) works. */
export function answer(path, body, turn = plan(body)) {
  if (path.endsWith('/chat/completions')) return openaiChat(body, turn)
  if (path.endsWith('/responses')) return openaiResponses(body, turn)
  if (path.endsWith('/messages')) return anthropicMessages(body, turn)
  if (path.endsWith('/api/chat')) return ollamaChat(body, turn)
  const google = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/.exec(path)
  if (google) {
    return gemini(body, turn, {model: google[1], stream: google[2] === 'streamGenerateContent'})
  }
  const bedrock = /\/model\/([^/]+)\/(converse|converse-stream)$/.exec(path)
  if (bedrock) return bedrockConverse(body, turn, {stream: bedrock[2] === 'converse-stream'})
  return undefined
}

async function handle(req, res, {delayMs, conversations}) {
  const chunks = []
  for await (const c of req) chunks.push(c)
  const text = Buffer.concat(chunks).toString('utf8')
  const body = text ? JSON.parse(text) : {}
  const path = new URL(req.url, 'http://mock').pathname
  const fail = (status, error, headers = {}) =>
    res
      .writeHead(status, {'content-type': 'application/json', ...headers})
      .end(JSON.stringify(error))

  const {status, cutAfter} = failureOf(req.headers)
  if (status) {
    const retry = status === 429 || status === 529 ? {'retry-after-ms': '10'} : {}
    return fail(status, errorBody(path, status), retry)
  }
  const name = req.headers['x-mock-conversation']
  if (name && !conversations[name]) {
    const known = Object.keys(conversations).join(', ') || 'none'
    return fail(404, {error: {message: `no mock conversation ${name}; known: ${known}`}})
  }
  const turn = plan(body, name ? conversations[name] : undefined)
  const out = answer(path, body, turn)
  if (!out) return fail(404, {error: {message: 'no mock for this path'}})

  const head = (type) =>
    res.writeHead(200, {
      'content-type': type,
      'request-id': 'req_mock1',
      'x-request-id': 'req_mock1',
    })
  if (out.json) {
    await sleep(turn.pauseMs ?? delayMs * 4)
    return head('application/json').end(JSON.stringify(out.json))
  }
  let written = 0
  const stream = async (type, items, serialize) => {
    head(type)
    for (const item of items) {
      await sleep(delayMs)
      if (written++ === cutAfter) return res.destroy()
      res.write(serialize(item))
    }
    return res.end()
  }
  if (out.events) return stream('text/event-stream', out.events, serverSentEvent)
  if (out.lines) {
    return stream('application/x-ndjson', out.lines, (line) => JSON.stringify(line) + '\n')
  }
  return stream('application/vnd.amazon.eventstream', out.frames, (frame) => frame)
}

function serverSentEvent({event, data}) {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${event ? `event: ${event}\n` : ''}data: ${text}\n\n`
}

export async function startMockProviders({port = 0, delayMs = 3, conversations = {}} = {}) {
  const server = createServer((req, res) =>
    handle(req, res, {delayMs, conversations}).catch((e) =>
      res.headersSent ? res.destroy(e) : res.writeHead(500).end(String(e)),
    ),
  )
  await new Promise((ok) => server.listen(port, '127.0.0.1', ok))
  const actual = server.address().port
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    close: () => new Promise((ok) => (server.close(ok), server.closeAllConnections())),
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const {url} = await startMockProviders({port: Number(process.argv[2] ?? 0)})
  console.log(url)
}
