/** Wraps `fetch`: looks at a model's responses while they pass, and at nothing else. */
import {getHub} from '../../hub.ts'
import {getModelSpans} from '../../model-spans.ts'
import {isSdkDisabled} from '../../sdk-disabled.ts'
import {checkTapOptions, type FetchTapOptions} from '../tap-options.ts'
import {recogniseResponse} from './recognise.ts'
import {createAttempts} from './tap-attempts.ts'
import {noteDealtWith} from './tap-body.ts'
import {beginCall, type Tap, type TappedCall} from './tap-call.ts'
import {readArguments, readRequestBody} from './tap-request.ts'

type AnyFetch = (...args: never) => PromiseLike<unknown>

/** @param entry that faults are told of */
export const resolveTap = (
  owner: string,
  options: FetchTapOptions,
  entry = 'otel-reasoning/fetch',
): Tap => ({...checkTapOptions(owner, options, entry), attempts: createAttempts()})

/** Every `fetch` that is one of ours: tapping it again would read everything twice. */
const ours = new WeakSet<object>()

interface TappedFetch<F> {
  fetch: F
  /** Lets everything pass from now on. */
  stop(): void
}

function wrap<F extends AnyFetch>(fetch: F, tap: Tap): TappedFetch<F> {
  getHub().announce()
  getModelSpans().watch()
  let isStopped = false

  const begin = (input: unknown, init: unknown): TappedCall | undefined => {
    try {
      const request = readArguments(input, init as RequestInit | undefined)
      const formats = recogniseResponse({
        url: request.url,
        method: request.method,
        requestBody: request.body,
      })
      const call = formats.length === 0 ? undefined : beginCall(request, formats, tap)
      // Whatever stands in its place is sent instead of the request's own body.
      if (call !== undefined && (init as RequestInit | undefined)?.body === undefined) {
        readRequestBody(input, request)
      }
      return call
    } catch (error) {
      tap.faults.tell('a request was not followed', error)
      return undefined
    }
  }

  // A proxy and no function of ours: whatever else somebody put on `fetch` is still there.
  const proxy = new Proxy(fetch, {
    apply(target, self, args: unknown[]) {
      const call = isStopped ? undefined : begin(args[0], args[1])
      if (call === undefined) return Reflect.apply(target, self, args)
      let promise: PromiseLike<unknown>
      try {
        promise = Reflect.apply(target, self, args)
      } catch (error) {
        call.leave()
        throw error
      }
      if (typeof promise?.then !== 'function') {
        call.leave()
        return promise
      }
      call.sent()
      // What has no more than `then` need not keep its rules: it may call back twice, or return nothing.
      const isPromise = typeof (promise as {catch?: unknown}).catch === 'function'
      return (isPromise ? promise : Promise.resolve(promise)).then(
        (response) => {
          const given = call.respond(response as Response)
          noteDealtWith(given)
          return given
        },
        (error: unknown) => {
          call.reject(error)
          throw error
        },
      )
    },
  })
  ours.add(proxy)
  return {
    fetch: proxy,
    stop() {
      isStopped = true
      tap.attempts.giveUp()
    },
  }
}

/**
 * A `fetch` for a client that takes one. The client gets the same bytes at the same time; what a
 * model said goes to the span of its call. One that is tapped already is returned as it is.
 *
 * @throws TypeError where `fetch` is no function, on wrong values and on unknown options
 * @example
 * new OpenAI({fetch: tapFetch(fetch)})
 * @public
 */
export function tapFetch<F extends AnyFetch>(fetch: F, options: FetchTapOptions = {}): F {
  if (typeof fetch !== 'function') {
    throw new TypeError(
      `tapFetch: expected \`fetch\` to be a function, got ${fetch === null ? 'null' : typeof fetch}`,
    )
  }
  const tap = resolveTap('tapFetch', options)
  return ours.has(fetch) || isSdkDisabled() ? fetch : wrap(fetch, tap).fetch
}

const INSTALLED = Symbol.for('otel-reasoning.fetch.v1')

interface Installed {
  /** Whether `globalThis.fetch` still leads through the tap. */
  isThere(): boolean
  readonly undo: () => void
}

/**
 * Taps `globalThis.fetch`. A second call changes nothing and returns the first one's undo.
 *
 * @returns its undo: puts back what was there, or, where somebody has wrapped `fetch` since, lets
 *   everything pass
 * @throws TypeError on wrong values and on unknown options
 * @example
 * const undo = instrumentFetch()
 * @public
 */
export function instrumentFetch(options: FetchTapOptions = {}): () => void {
  return installTap(resolveTap('instrumentFetch', options))
}

/** `instrumentFetch` with options that were checked. */
export function installTap(tap: Tap): () => void {
  const shared = globalThis as {[INSTALLED]?: Installed | undefined; fetch?: AnyFetch | undefined}
  const known = shared[INSTALLED]
  if (known?.isThere() === true) return known.undo
  const original = shared.fetch
  if (typeof original !== 'function' || isSdkDisabled()) return () => {}
  // One that a mock or a hot reload has thrown out.
  known?.undo()
  const {fetch, stop} = wrap(original, tap)
  const installed: Installed = {
    isThere: () => shared.fetch !== original,
    undo() {
      stop()
      if (shared.fetch === fetch) shared.fetch = original
      if (shared[INSTALLED] === installed) shared[INSTALLED] = undefined
    },
  }
  try {
    shared.fetch = fetch
  } catch (error) {
    // Frozen by whoever hardens the program.
    stop()
    tap.faults.tell('`globalThis.fetch` cannot be replaced', error)
    return () => {}
  }
  shared[INSTALLED] = installed
  return installed.undo
}
