/**
 * A stream that somebody else reads, and we look at. Pulled and never pushed: a chunk is asked for
 * when the reader asks for one, so back-pressure is what it was and nothing is held.
 */

/** Told of what passes. Must not throw. */
export interface StreamWatcher {
  chunk(chunk: unknown): void
  end(): void
  fail(error: unknown): void
  /** The reader gave it up. */
  cancel(): void
}

/** The same chunks in the same order at the same time, the same error, the same cancellation. */
export function watchStream(
  source: ReadableStream<unknown>,
  watcher: StreamWatcher,
): ReadableStream<unknown> {
  let reader: ReadableStreamDefaultReader<unknown> | undefined

  // Locked with the first read and not before: whoever reads the original instead still can.
  const open = (
    controller: ReadableStreamDefaultController<unknown>,
  ): ReadableStreamDefaultReader<unknown> => {
    const own = source.getReader()
    reader = own
    // A break between two reads is passed on when it happens.
    own.closed.catch((error: unknown) => {
      watcher.fail(error)
      controller.error(error)
    })
    return own
  }

  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        const {done, value} = await (reader ?? open(controller)).read()
        if (done) {
          watcher.end()
          controller.close()
        } else {
          watcher.chunk(value)
          controller.enqueue(value)
        }
      },
      cancel(reason) {
        watcher.cancel()
        return (reader ?? source).cancel(reason)
      },
    },
    {highWaterMark: 0},
  )
}
