// One loopback server for every mock provider. `node server.mjs [port]`, or import { startMockProviders }.
import {createServer} from 'node:http'
import {setImmediate as nextTurn, setTimeout as sleep} from 'node:timers/promises'
import {pathToFileURL} from 'node:url'
import {plan} from './scenario.mjs'
import {openaiChat} from './openai-chat.mjs'
import {openaiResponses} from './openai-responses.mjs'
import {anthropicMessages} from './anthropic.mjs'
import {gemini} from './gemini.mjs'
import {ollamaChat} from './ollama.mjs'
import {bedrockConverse} from './bedrock.mjs'
import {errorBody, errorEvent, failureOf} from './errors.mjs'

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

async function handle(req, res, {delayMs, conversations, seen}) {
  const chunks = []
  for await (const c of req) chunks.push(c)
  const text = Buffer.concat(chunks).toString('utf8')
  const body = text ? JSON.parse(text) : {}
  const path = new URL(req.url, 'http://mock').pathname
  const fail = (status, error, headers = {}) =>
    res
      .writeHead(status, {'content-type': 'application/json', ...headers})
      .end(JSON.stringify(error))

  const failure = failureOf(req.headers, seen)
  const {status, cutAfter, malformedAfter, errorAfter} = failure
  if (status) return fail(status, errorBody(path, status), failure.headers)
  const delay = Number(req.headers['x-mock-delay'] ?? delayMs)
  const size = req.headers['x-mock-chunks']
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
    await sleep(turn.pauseMs ?? delay * 4)
    const json = JSON.stringify(out.json)
    head('application/json')
    if (!size) return res.end(json)
    await writeCut(res, [json], size)
    return res.end()
  }
  const stream = async (type, items, serialize) => {
    head(type)
    const frames = []
    for (const [index, item] of items.entries()) {
      if (index === cutAfter || index === errorAfter) break
      if (index === malformedAfter) frames.push(brokenOff(serialize(item)))
      frames.push(serialize(item))
    }
    if (errorAfter !== undefined) frames.push(serialize(errorEvent(path)))
    if (size) await writeCut(res, frames, size)
    else {
      for (const frame of frames) {
        await sleep(delay)
        if (res.destroyed) return undefined
        res.write(frame)
      }
    }
    if (cutAfter === undefined) return res.end()
    // What was written is on its way.
    await sleep(Math.max(delay, 5))
    return res.destroy()
  }
  if (out.events) {
    const event = serverSentEvent(out.lineEnd)
    return stream('text/event-stream', out.events, event)
  }
  if (out.lines) {
    return stream('application/x-ndjson', out.lines, (line) => JSON.stringify(line) + '\n')
  }
  return stream('application/vnd.amazon.eventstream', out.frames, (frame) => frame)
}

/** What the header `x-mock-chunks` asks for: chunks of so many bytes, or all in one (`whole`). */
async function writeCut(res, frames, size) {
  const all = Buffer.concat(frames.map((frame) => Buffer.from(frame)))
  const length = Number(size) || all.length
  for (let at = 0; at < all.length && !res.destroyed; at += length) {
    res.write(all.subarray(at, at + length))
    // Node makes one chunk of what is written in one turn.
    await nextTurn()
  }
}

/** The same event with the last third of its JSON missing. */
function brokenOff(frame) {
  if (typeof frame !== 'string') return frame.subarray(0, frame.length - 6)
  const text = frame.trimEnd()
  return text.slice(0, -Math.ceil(text.length / 3)) + frame.slice(text.length)
}

const serverSentEvent =
  (lineEnd = '\n') =>
  ({event, data}) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    return `${event ? `event: ${event}${lineEnd}` : ''}data: ${text}${lineEnd}${lineEnd}`
  }

export async function startMockProviders({port = 0, delayMs = 3, conversations = {}} = {}) {
  const seen = new Map()
  const server = createServer((req, res) =>
    handle(req, res, {delayMs, conversations, seen}).catch((e) =>
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
