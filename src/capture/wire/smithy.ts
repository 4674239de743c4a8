/**
 * Middleware for clients of AWS SDK 3, which send with an HTTP client of their own. One stands
 * innermost, next to the request handler: each attempt of a call passes, signed, and the response's
 * body has not been read. The other stands above whatever reads the body, to see it given up.
 */
import {getHub} from '../../hub.ts'
import {getModelSpans} from '../../model-spans.ts'
import {recogniseResponse} from './recognise.ts'
import {type BodyWatcher, isWatchedBody, watchBody} from './tap-body.ts'
import {beginCall, type Tap, type TappedCall} from './tap-call.ts'
import {bodyText, type TappedRequest} from './tap-request.ts'
import {type ForeignResponse, WATCH} from './tap-response.ts'
import {isNodeStream, watchNodeStream} from './watch-node-stream.ts'

/** What of Smithy's `HttpRequest` is read. */
interface SmithyRequest {
  readonly method?: string | undefined
  readonly protocol?: string | undefined
  readonly hostname?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly body?: unknown
}

/** What of Smithy's `HttpResponse` is read; `body` is replaced where it is a web stream. */
interface SmithyResponse {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  body?: unknown
}

type Handler = (args: {request: unknown}) => Promise<{response: unknown; output?: unknown}>

/** A middleware of the step `deserialize`. */
export type SmithyMiddleware = (next: Handler, context: object) => Handler

export interface SmithyTap {
  /** Stands below what reads the response. */
  readonly onWire: SmithyMiddleware
  /** Stands above it. */
  readonly onOutput: SmithyMiddleware
  /** Lets everything pass from now on. */
  stop(): void
}

const SMITHY_CONTEXT = '__smithy_context'

/** The caller's signal; versions before 2026 do not tell the middleware. */
function signalOf(context: object): AbortSignal | undefined {
  const inner = (context as Record<string, unknown>)[SMITHY_CONTEXT]
  return typeof inner === 'object' && inner !== null
    ? (inner as {abortSignal?: AbortSignal}).abortSignal
    : undefined
}

function readSmithyRequest(request: SmithyRequest, signal: AbortSignal | undefined): TappedRequest {
  const {protocol = 'https:', hostname = '', port, path = '/', method = 'POST', body} = request
  return {
    url: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`,
    method: method.toUpperCase(),
    body: bodyText(body),
    signal,
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isWebStream = (body: unknown): body is ReadableStream<Uint8Array> =>
  isObject(body) && typeof (body as {getReader?: unknown}).getReader === 'function'

function headerOf(headers: SmithyResponse['headers'], name: string): string | null {
  const found = Object.keys(headers ?? {}).find((key) => key.toLowerCase() === name)
  return found === undefined ? null : String(headers?.[found])
}

/** An aborted request ends like one that was cut, or like one that is whole: its signal knows. */
function knowing(watcher: BodyWatcher, signal: AbortSignal | undefined): BodyWatcher {
  if (signal === undefined) return watcher
  const reason = (): unknown => (signal.aborted ? (signal.reason ?? 'aborted') : undefined)
  return {
    asked: () => watcher.asked?.(),
    chunk: watcher.chunk,
    end() {
      const why = reason()
      if (why === undefined) watcher.end()
      else watcher.fail(why)
    },
    fail: (error) => watcher.fail(reason() ?? error),
    cancel() {
      const why = reason()
      if (why === undefined) watcher.cancel()
      else watcher.fail(why)
    },
  }
}

/**
 * The response as a tapped call takes it. Watching it leaves the client's own object in place.
 *
 * @param started gets the watcher
 */
function asForeign(
  response: SmithyResponse,
  signal: AbortSignal | undefined,
  started: (watcher: BodyWatcher) => void,
): ForeignResponse {
  const {statusCode, headers} = response
  return {
    ok: statusCode >= 200 && statusCode < 300,
    status: statusCode,
    headers: {get: (name) => headerOf(headers, name)},
    [WATCH](told) {
      const {body} = response
      const watcher = knowing(told, signal)
      if (isNodeStream(body)) watchNodeStream(body, watcher)
      else if (isWebStream(body) && !body.locked) response.body = watchBody(body, watcher, response)
      else return false
      started(watcher)
      return true
    },
  }
}

const isEventStream = (value: unknown): value is AsyncIterable<unknown> =>
  isObject(value) &&
  !isNodeStream(value) &&
  !isWebStream(value) &&
  typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'

/**
 * Tells when its reader stops before the end, and when it cannot be read on: in both cases the client
 * leaves the body as it is, open and unread.
 */
function noteEnd(stream: AsyncIterable<unknown>, watcher: BodyWatcher): void {
  const iterate = stream[Symbol.asyncIterator]
  stream[Symbol.asyncIterator] = () => {
    const iterator = Reflect.apply(iterate, stream, []) as AsyncIterator<unknown>
    const {next, return: leave} = iterator
    iterator.next = (...args) => {
      const result = Reflect.apply(next, iterator, args) as ReturnType<typeof next>
      // The caller gets the same promise, and so nothing later.
      result.then(undefined, (error: unknown) => watcher.fail(error))
      return result
    }
    if (leave !== undefined) {
      iterator.return = (value) => {
        watcher.cancel()
        return Reflect.apply(leave, iterator, [value]) as ReturnType<typeof leave>
      }
    }
    return iterator
  }
}

/** The two middlewares of one tap. */
export function createSmithyTap(tap: Tap): SmithyTap {
  getHub().announce()
  getModelSpans().watch()
  const watchers = new WeakMap<object, BodyWatcher>()
  let isStopped = false

  const begin = (read: TappedRequest): TappedCall | undefined => {
    const formats = recogniseResponse({url: read.url, method: read.method})
    return formats.length === 0 ? undefined : beginCall(read, formats, tap)
  }

  const respond = (call: TappedCall, response: unknown, signal: AbortSignal | undefined): void => {
    const given = response as SmithyResponse
    // A tap on `fetch` stands below ours, where the client was told to use `fetch`.
    const isOurs = isObject(response) && typeof given.statusCode === 'number'
    if (!isOurs || (isObject(given.body) && isWatchedBody(given.body))) {
      call.leave()
      return
    }
    const foreign = asForeign(given, signal, (watcher) => watchers.set(response, watcher))
    call.respond(foreign as unknown as Response)
  }

  const onWire: SmithyMiddleware = (next, context) => (args) => {
    let call: TappedCall | undefined
    let signal: AbortSignal | undefined
    try {
      if (!isStopped && isObject(args.request)) {
        signal = signalOf(context)
        call = begin(readSmithyRequest(args.request, signal))
      }
    } catch (error) {
      tap.faults.tell('a request was not followed', error)
    }
    if (call === undefined) return next(args)
    const followed = call
    let promise: ReturnType<Handler>
    try {
      promise = next(args)
    } catch (error) {
      followed.leave()
      throw error
    }
    followed.sent()
    return promise.then(
      (result) => {
        respond(followed, result?.response, signal)
        return result
      },
      (error: unknown) => {
        followed.reject(error)
        throw error
      },
    )
  }

  const onOutput: SmithyMiddleware = (next) => async (args) => {
    const result = await next(args)
    const response: unknown = result?.response
    const watcher = isObject(response) ? watchers.get(response) : undefined
    if (watcher === undefined) return result
    try {
      const stream = Object.values(result.output ?? {}).find(isEventStream)
      if (stream !== undefined) noteEnd(stream, watcher)
    } catch (error) {
      tap.faults.tell('the end of a response will not be seen', error)
    }
    return result
  }

  return {
    onWire,
    onOutput,
    stop() {
      isStopped = true
      tap.attempts.giveUp()
    },
  }
}
