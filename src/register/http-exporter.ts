/**
 * Sends as the OTLP exporters over HTTP do, but keeps no program alive: one that has nothing else
 * left to do ends, and what was on its way is then sent as all that is left at its end.
 */
import type {OtlpTarget} from './environment.ts'
import type {SpanExporter} from './exit-exporter.ts'

interface HttpExporterOptions {
  target: OtlpTarget
  /** @returns a request's body; `undefined` where it cannot be made */
  serialize(spans: readonly unknown[]): Uint8Array | undefined
}

/** How a request went. */
interface Outcome {
  error?: Error | undefined
  mayRetry: boolean
  /** Milliseconds that the collector asks to wait for. */
  retryAfter?: number | undefined
}

const MAX_RETRIES = 5
const FIRST_WAIT_MILLIS = 1_000
const MAX_WAIT_MILLIS = 5_000
/** A connection that does not come about keeps the program alive, whatever is done about it. */
const CONNECT_MILLIS = 3_000

const SUCCESS = 0
const FAILURE = 1

const isRetryable = (status: number): boolean =>
  status === 429 || status === 502 || status === 503 || status === 504

function retryAfterOf(header: string | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}

/** @throws TypeError where the address is none */
export function createHttpExporter(options: HttpExporterOptions): SpanExporter {
  const {target, serialize} = options
  const {timeoutMillis, isCompressed} = target
  const address = new URL(target.url)
  const {request, Agent} =
    address.protocol === 'https:'
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http')
  const agent = new Agent({keepAlive: true})
  const headers = {
    'user-agent': 'otel-reasoning',
    ...target.headers,
    'content-type': target.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    ...(isCompressed && {'content-encoding': 'gzip'}),
  }

  const post = (body: Uint8Array, millis: number, settle: (outcome: Outcome) => void): void => {
    let isSettled = false
    const settleOnce = (outcome: Outcome): void => {
      if (isSettled) return
      isSettled = true
      settle(outcome)
    }
    const sent = request(
      address,
      {method: 'POST', headers: {...headers, 'content-length': body.byteLength}, agent},
      (response) => {
        const {statusCode: status = 0} = response
        const isTaken = status >= 200 && status < 300
        settleOnce({
          error: isTaken ? undefined : new Error(`status ${status}`),
          mayRetry: isRetryable(status),
          retryAfter: retryAfterOf(response.headers['retry-after']),
        })
        // An answer that breaks off has said what there was to say.
        response.on('error', () => {}).resume()
      },
    )
    const giveUp = (): unknown => sent.destroy(new Error('no answer in time'))
    const timer = setTimeout(giveUp, Math.max(millis, 1)).unref()
    sent.on('socket', (socket) => {
      socket.unref()
      if (!socket.connecting) return
      const connecting = setTimeout(giveUp, CONNECT_MILLIS).unref()
      socket.once('connect', () => clearTimeout(connecting))
      sent.once('close', () => clearTimeout(connecting))
    })
    sent.on('error', (error) => settleOnce({error, mayRetry: true}))
    sent.on('close', () => clearTimeout(timer))
    sent.end(body)
  }

  const send = (body: Uint8Array, done: Parameters<SpanExporter['export']>[1]): void => {
    const deadline = performance.now() + timeoutMillis
    let retries = 0
    let wait = FIRST_WAIT_MILLIS
    const attempt = (): void =>
      post(body, deadline - performance.now(), ({error, mayRetry, retryAfter}) => {
        if (error === undefined) {
          done({code: SUCCESS})
          return
        }
        // Not all at once, where many have lost the same collector.
        const pause = retryAfter ?? Math.min(wait, MAX_WAIT_MILLIS) * (0.8 + 0.4 * Math.random())
        wait *= 1.5
        retries += 1
        if (mayRetry && retries <= MAX_RETRIES && performance.now() + pause < deadline) {
          setTimeout(attempt, pause).unref()
        } else done({code: FAILURE, error})
      })
    attempt()
  }

  return {
    export(spans, done) {
      const body = serialize(spans)
      if (body === undefined) done({code: FAILURE, error: new Error('spans were not serialised')})
      else if (!isCompressed) send(body, done)
      else {
        process.getBuiltinModule('node:zlib').gzip(body, (error, zipped) => {
          if (error === null) send(zipped, done)
          else done({code: FAILURE, error})
        })
      }
    },
    forceFlush: async () => {},
    shutdown: async () => agent.destroy(),
  }
}
