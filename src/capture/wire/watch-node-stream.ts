/**
 * A Node stream that somebody else reads, and we look at. Nothing is put between: the stream stays
 * what it is, and whatever its reader is told (a chunk, the end, an error), we are told just before.
 */
import type {BodyWatcher} from './tap-body.ts'

/** What of Node's `Readable` is needed. */
export interface NodeStream {
  emit(event: string | symbol, ...args: unknown[]): boolean
  pipe(destination: never): unknown
  readonly readableEnded?: boolean | undefined
  readonly errored?: unknown
}

export const isNodeStream = (body: unknown): body is NodeStream =>
  typeof body === 'object' &&
  body !== null &&
  typeof (body as {pipe?: unknown}).pipe === 'function' &&
  typeof (body as {emit?: unknown}).emit === 'function'

/** What Node destroys a stream with whose iteration was left. */
const isGivenUp = (error: unknown): boolean => (error as {code?: unknown}).code === 'ABORT_ERR'

/**
 * Watches from now on. A listener for `data` would start the flow before its reader is there, and
 * one for `error` would take an error that nobody handles; `emit` sees both and changes neither.
 */
export function watchNodeStream(stream: NodeStream, watcher: BodyWatcher): void {
  const {emit} = stream
  let isOver = false

  const noteEnd = (error: unknown): void => {
    isOver = true
    if (error === null || error === undefined || isGivenUp(error)) watcher.cancel()
    else watcher.fail(error)
  }

  const note = (event: string | symbol, value: unknown): void => {
    if (event === 'data') {
      if (value instanceof Uint8Array) watcher.chunk(value)
    } else if (event === 'end') {
      isOver = true
      watcher.end()
    } else if (event === 'error') noteEnd(value ?? 'error')
    // Node tells of an error only where somebody listens for it.
    else if (event === 'close') noteEnd(stream.errored)
  }

  stream.emit = function watched(this: unknown, event, ...args) {
    if (!isOver) note(event, args[0])
    return Reflect.apply(emit, this, [event, ...args]) as boolean
  }
}
