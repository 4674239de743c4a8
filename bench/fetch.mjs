// @ts-check
/**
 * What the tap costs: the `openai` client reads the same streams from another process on loopback,
 * through `fetch` and through the tap, in turn. What is said of a chunk was measured on streams that
 * send one event at a time, as providers do. First byte and throughput are of bare `fetch`.
 */
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {createServer} from 'node:http'
import {fileURLToPath} from 'node:url'
import OpenAI from 'openai'
import {tapFetch} from 'otel-reasoning/fetch'
import {thought} from './fixtures.mjs'
import {median} from './measure.mjs'

/** @param {number[]} values the difference between the outer edges of their middle half */
function middleHalf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (/** @type {number} */ share) =>
    sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return at(0.75) - at(0.25)
}

const SERVE = 'OTEL_REASONING_BENCH_SERVE'
const EVENTS = 200
const MANY = 1000
const MANY_EVENTS = 30

/** @param {object} delta @param {string | null} [finish] */
const event = (delta, finish = null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-0123456789abcdef',
    object: 'chat.completion.chunk',
    created: 1_770_000_000,
    model: 'deepseek-r1',
    system_fingerprint: 'fp_0123456789',
    choices: [{index: 0, delta, logprobs: null, finish_reason: finish}],
  })}\n\n`

/** @param {number} count */
function eventsOf(count) {
  const pieces = thought(count * 5).match(/.{1,5}/gs) ?? []
  const turn = Math.floor(count * 0.8)
  return pieces
    .slice(0, count)
    .map((piece, i) => event(i < turn ? {reasoning_content: piece} : {content: piece}))
}

function serve() {
  const server = createServer((req, res) => {
    const count = Number(req.headers['x-events'])
    const pace = Number(req.headers['x-pace'])
    const events = eventsOf(count)
    res.writeHead(200, {'content-type': 'text/event-stream'})
    const end = () => res.end(`${event({}, 'stop')}data: [DONE]\n\n`)
    let at = 0
    const burst = () => {
      while (at < events.length) {
        const hasRoom = res.write(events[at])
        at += 1
        if (!hasRoom) return void res.once('drain', burst)
      }
      end()
    }
    const paced = () => {
      const timer = setInterval(() => {
        if (at < events.length) res.write(events[at])
        else {
          clearInterval(timer)
          end()
        }
        at += 1
      }, pace)
      res.on('close', () => clearInterval(timer))
    }
    const write = pace > 0 ? paced : burst
    req.resume().on('end', write)
  })
  server.listen(0, '127.0.0.1', () => process.send?.(/** @type {any} */ (server.address()).port))
  process.on('disconnect', () => process.exit(0))
}

if (process.env[SERVE] === '1') serve()

const BODY = JSON.stringify({
  model: 'deepseek-r1',
  stream: true,
  messages: [{role: 'user', content: 'May I return order A-1042?'}],
})

/** @param {typeof fetch} fetcher @param {string} url @param {number} events @param {number} [pace] */
const request = (fetcher, url, events, pace = 0) =>
  fetcher(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {'x-events': String(events), 'x-pace': String(pace)},
    body: BODY,
  })

/** @param {() => Promise<number>} read reads some streams and counts their events */
async function microsOf(read) {
  const cpu = process.cpuUsage()
  const count = await read()
  const {user, system} = process.cpuUsage(cpu)
  return (user + system) / count
}

/** @param {typeof fetch} fetcher @param {string} url @returns {Promise<number>} µs of CPU an event */
const clientMicros = (fetcher, url) =>
  microsOf(async () => {
    const client = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none', fetch: fetcher})
    let count = 0
    const read = async () => {
      const stream = await client.chat.completions.create(
        {
          model: 'deepseek-r1',
          stream: true,
          messages: [{role: 'user', content: 'May I return order A-1042?'}],
        },
        {headers: {'x-events': String(EVENTS), 'x-pace': '4'}},
      )
      for await (const _ of stream) count += 1
    }
    await Promise.all(Array.from({length: 60}, read))
    return count
  })

/** @param {typeof fetch} fetcher @param {string} url */
async function firstByteMillis(fetcher, url) {
  const start = performance.now()
  const response = await request(fetcher, url, 3)
  const reader = /** @type {ReadableStream} */ (response.body).getReader()
  await reader.read()
  const millis = performance.now() - start
  while (!(await reader.read()).done);
  return millis
}

/** @param {typeof fetch} fetcher @param {string} url @returns {Promise<number>} MB/s */
async function throughput(fetcher, url) {
  const start = performance.now()
  const response = await request(fetcher, url, 20_000)
  let bytes = 0
  for await (const chunk of /** @type {any} */ (response.body)) bytes += chunk.length
  return bytes / 1000 / (performance.now() - start)
}

/** @param {typeof fetch} fetcher @param {string} url @returns {Promise<number>} µs of CPU an event */
const manyMicros = (fetcher, url) =>
  microsOf(async () => {
    const read = async () => {
      const response = await request(fetcher, url, MANY_EVENTS, 50)
      for await (const _ of /** @type {any} */ (response.body));
    }
    await Promise.all(Array.from({length: MANY}, read))
    return MANY * MANY_EVENTS
  })

/**
 * Both in turn, the order turning.
 *
 * @param {(fetcher: typeof fetch, url: string) => Promise<number>} run
 * @param {typeof fetch} tapped @param {string} url @param {number} rounds
 * @param {number} [warmUps]
 */
async function pairs(run, tapped, url, rounds, warmUps = 3) {
  /** @type {number[]} */
  const without = []
  /** @type {number[]} */
  const withTap = []
  for (let round = -warmUps; round < rounds; round += 1) {
    const isFirst = round % 2 === 0
    const a = await run(isFirst ? fetch : tapped, url)
    const b = await run(isFirst ? tapped : fetch, url)
    if (round < 0) continue
    without.push(isFirst ? a : b)
    withTap.push(isFirst ? b : a)
  }
  const added = median(withTap.map((value, i) => value - (without[i] ?? 0)))
  return {without, withTap, added}
}

/** @returns {Promise<import('./measure.mjs').Result[]>} */
export async function measureFetch() {
  const child = fork(fileURLToPath(import.meta.url), {env: {...process.env, [SERVE]: '1'}})
  try {
    const [port] = await once(child, 'message')
    const url = `http://127.0.0.1:${port}`
    const tapped = tapFetch(fetch)
    const client = await pairs(clientMicros, tapped, url, 15)
    const first = await pairs(firstByteMillis, tapped, url, 301, 200)
    const same = await pairs(firstByteMillis, fetch, url, 301, 10)
    const flow = await pairs(throughput, tapped, url, 7)
    const many = await pairs(manyMicros, tapped, url, 7)
    const share = client.added / median(client.without)
    // What two runs without a tap differ by, in the middle half of the pairs.
    const differences = same.withTap.map((value, i) => value - (same.without[i] ?? 0))
    const noise = middleHalf(differences) / 2
    return [
      {
        what: 'tap, CPU a token-sized chunk',
        figure: `${client.added.toFixed(2)} µs`,
        bar: '4 µs',
        met: client.added <= 4,
        beside: `openai client: ${median(client.without).toFixed(1)} µs`,
      },
      {
        what: 'tap, share of what the client uses',
        figure: `${(share * 100).toFixed(0)} %`,
        bar: '25 %',
        met: share <= 0.25,
      },
      {
        what: 'tap, first byte later by',
        figure: `${(first.added * 1000).toFixed(0)} µs`,
        bar: `noise of pairs, ${(noise * 1000).toFixed(0)} µs`,
        met: first.added <= noise,
        beside: `without: ${median(first.without).toFixed(2)} ms`,
      },
      {
        what: 'tap, throughput of token-sized chunks',
        figure: `${median(flow.withTap).toFixed(1)} MB/s`,
        bar: 'none',
        met: true,
        beside: `without: ${median(flow.without).toFixed(1)} MB/s`,
      },
      {
        what: `tap, CPU a chunk of ${MANY} streams at once`,
        figure: `${many.added.toFixed(2)} µs`,
        bar: '4 µs',
        met: many.added <= 4,
        beside: `bare fetch: ${median(many.without).toFixed(1)} µs`,
      },
    ]
  } finally {
    child.disconnect()
  }
}
