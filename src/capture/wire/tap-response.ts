/** A response whose body is watched, and which is otherwise the one that came. */
import {type BodyWatcher, watchBody} from './tap-body.ts'

/** A response of a client that does not use `fetch`: watches its own body. */
export interface ForeignResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: {get(name: string): string | null}
  /** @returns whether the body can be watched */
  [WATCH](watcher: BodyWatcher): boolean
}

export const WATCH: unique symbol = Symbol('watch')

/** What a constructed response cannot be told. */
const KEPT = ['url', 'redirected', 'type', 'headers'] as const

function dress(copy: Response, original: Response): Response {
  for (const key of KEPT) {
    Object.defineProperty(copy, key, {
      value: original[key],
      configurable: true,
      enumerable: false,
      writable: false,
    })
  }
  const {clone} = copy
  Object.defineProperty(copy, 'clone', {
    value: () => dress(clone.call(copy), original),
    configurable: true,
    enumerable: false,
    writable: true,
  })
  // What a `fetch` of the client's own has put on it.
  for (const key of Object.getOwnPropertyNames(original)) {
    const own = Object.hasOwn(copy, key)
      ? undefined
      : Object.getOwnPropertyDescriptor(original, key)
    if (own !== undefined) Object.defineProperty(copy, key, own)
  }
  return copy
}

const isReadable = (body: unknown): body is ReadableStream<Uint8Array> =>
  typeof body === 'object' &&
  body !== null &&
  typeof (body as {getReader?: unknown}).getReader === 'function'

/**
 * The response with a watched body.
 *
 * @returns `undefined` where it cannot be watched (no body, a body that was read, a response that is
 *   none); it is untouched then
 */
export function watchResponse(response: Response, watcher: BodyWatcher): Response | undefined {
  if (WATCH in response) {
    const foreign = response as unknown as ForeignResponse
    return foreign[WATCH](watcher) ? ({...foreign} as unknown as Response) : undefined
  }
  if (Object.prototype.toString.call(response) !== '[object Response]') return undefined
  const {body, status, statusText, headers} = response
  if (!isReadable(body) || body.locked || response.bodyUsed) return undefined
  // The client may have come with a `Response` of its own.
  const Made = response.constructor as typeof Response
  const copy = new Made(watchBody(body, watcher, response), {status, statusText, headers})
  return copy.status === status && isReadable(copy.body) ? dress(copy, response) : undefined
}
