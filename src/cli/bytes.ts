/** The bytes of a file or of standard input, unpacked where they are gzipped. */
import {createReadStream} from 'node:fs'
import {pipeline, Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {type Io, UsageError} from './io.ts'

/** What the command line means by `-`. */
export const STDIN = '-'

/** How a source is named in messages. */
export const nameOf = (source: string): string => (source === STDIN ? '<stdin>' : source)

/** The files that were named, or standard input where none was. */
export const sourcesOf = (positionals: readonly string[], io: Io, command: string): string[] => {
  if (positionals.length > 0) return [...positionals]
  if (io.stdin.isTTY === true) {
    throw new UsageError(
      `${command} needs a file, or something on its standard input: otel-reasoning ${command} FILE`,
    )
  }
  return [STDIN]
}

const GZIP = [0x1f, 0x8b]

async function* prepended(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>) {
  yield* first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

const asBytes = (chunk: unknown): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)

async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield asBytes(chunk)
}

/** The iterator of what `pipeline` fills: an error at either end comes out of it. */
const unzipped = (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> =>
  chunksOf(pipeline(Readable.from(chunks), createGunzip(), () => {}))

/**
 * Reads a source chunk by chunk.
 *
 * @throws what the file system or the decompression says, while it is read
 */
export async function* readBytes(source: string, io: Io): AsyncGenerator<Uint8Array> {
  const stream = source === STDIN ? io.stdin : createReadStream(source)
  const chunks = chunksOf(stream)
  const head: Uint8Array[] = []
  let seen = 0
  while (seen < GZIP.length) {
    const next = await chunks.next()
    if (next.done === true) break
    head.push(next.value)
    seen += next.value.length
  }
  const start = Buffer.concat(head)
  const all = prepended(start.length === 0 ? [] : [start], chunks)
  yield* GZIP.every((byte, i) => start[i] === byte) ? unzipped(all) : all
}
