/**
 * A body that somebody else reads, and we look at. Pulled and never pushed: a chunk is asked for when
 * the reader asks for one, so back-pressure is what it was and nothing is held.
 */

/** Told of what passes. Must not throw. */
export interface BodyWatcher {
  /** The reader asks for the next chunk. */
  asked?(): void
  /** Bytes that arrived just now. They are only lent: look at them before this returns. */
  chunk(bytes: Uint8Array): void
  /** All of the body passed. */
  end(): void
  /** The body broke. */
  fail(error: unknown): void
  /** The reader gave it up. */
  cancel(): void
}

const WATCHED = Symbol.for('otel-reasoning.watched.v1')

function watchedBodies(): WeakSet<object> {
  const shared = globalThis as {[WATCHED]?: WeakSet<object>}
  shared[WATCHED] ??= new WeakSet()
  return shared[WATCHED]
}

/** Whether a tap has dealt with this body, ours or that of another copy of the package. */
export const isWatchedBody = (body: object): boolean => watchedBodies().has(body)

/** A tap of another kind that stands above leaves this response alone. */
export function noteDealtWith(response: {readonly body?: unknown} | undefined): void {
  try {
    const body = response?.body
    if (typeof body === 'object' && body !== null) watchedBodies().add(body)
  } catch {
    // A response of a kind of its own.
  }
}

type Controller = ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController

/** Only a stream of bytes gives a reader that brings its own buffer. */
function isByteStream(stream: ReadableStream<Uint8Array>): boolean {
  try {
    stream.getReader({mode: 'byob'}).releaseLock()
    return true
  } catch {
    return false
  }
}

/**
 * The same bytes in the same chunks at the same time, of a stream of the same kind.
 *
 * @param keep is not collected before the stream is: undici cancels a body whose response was
 */
export function watchBody(
  source: ReadableStream<Uint8Array>,
  watcher: BodyWatcher,
  keep: unknown,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let held = keep
  const isBytes = isByteStream(source)

  // Locked with the first read and not before: a body that nobody reads is collected as it would be.
  const open = (controller: Controller): ReadableStreamDefaultReader<Uint8Array> => {
    const own = source.getReader()
    reader = own
    held = undefined
    // A break between two reads is passed on when it happens.
    own.closed.catch((error: unknown) => {
      watcher.fail(error)
      controller.error(error)
    })
    return own
  }

  const pull = async (controller: Controller): Promise<void> => {
    watcher.asked?.()
    const {done, value} = await (reader ?? open(controller)).read()
    if (!done) {
      // Before it is passed on: that takes the bytes away from us.
      if (value instanceof Uint8Array) watcher.chunk(value)
      controller.enqueue(value as Uint8Array<ArrayBuffer>)
      return
    }
    watcher.end()
    controller.close()
    if ('byobRequest' in controller) controller.byobRequest?.respond(0)
  }

  const cancel = (reason: unknown): Promise<void> => {
    void held
    watcher.cancel()
    return (reader ?? source).cancel(reason)
  }

  const watched = isBytes
    ? (new ReadableStream({type: 'bytes', pull, cancel}) as ReadableStream<Uint8Array>)
    : new ReadableStream<Uint8Array>({pull, cancel}, {highWaterMark: 0})
  watchedBodies().add(watched)
  return watched
}
