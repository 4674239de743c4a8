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

/** An address without its `http://`, as people type it. */
const HOST_AND_PORT = /^[\w.-]+:\d+(?:\/|$)/

/** Why a source could not be read, in words. */
export const unreadable = (source: string, error: unknown): string => {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    if (!HOST_AND_PORT.test(source)) return 'no such file'
    return `no such file; an address begins with http://, as in http://${source}`
  }
  if (code === 'EISDIR') return 'is a folder'
  if (code === 'EACCES') return 'may not be read'
  return message
}

/** Bytes at the beginning that tell whether a text is one. */
const SNIFFED_BYTES = 1024
/** Control characters that texts have: tab, line ends, form feed, backspace, and colours. */
const IN_TEXTS = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x1b])

/** Whether this is the beginning of no text. */
export const isNoText = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, SNIFFED_BYTES).some((byte) => byte < 0x20 && !IN_TEXTS.has(byte))
