/** OTLP out of files and standard input: JSON lines or protobuf, gzipped or not. */
import {createJsonLinesParser} from '../otlp/json-lines.ts'
import {type OtlpRequest, readRequest} from '../otlp/request.ts'
import {nameOf, readBytes} from './bytes.ts'
import type {Io, Problem} from './io.ts'

/** A file that looks like protobuf is read whole up to this size, in bytes; beyond, as lines. */
const MAX_PROTOBUF_BYTES = 256 * 1024 * 1024
const SNIFFED_BYTES = 1024

/** What is done with what was read. */
export interface OtlpHandlers {
  /** `length` is about the size that the request had where it stood, in characters or bytes. */
  onRequest: (request: OtlpRequest, length: number) => void | Promise<void>
  onProblem: (problem: Problem) => void
}

/** JSON has no control characters but white space; protobuf's tags are full of them. */
const looksBinary = (head: Uint8Array): boolean =>
  head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)

const systemReason = (error: unknown): string => {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EISDIR') return 'is a folder'
  if (code === 'EACCES') return 'may not be read'
  return message
}

type Read = {value: unknown; line: number; length: number}

/** Gathers what a push parser finds until somebody takes it. */
const jsonReader = (file: string, onProblem: OtlpHandlers['onProblem']) => {
  let found: Read[] = []
  const parser = createJsonLinesParser({
    onValue: (value, line, length) => found.push({value, line, length}),
    onError: ({line, reason}) => onProblem({file, line, reason}),
  })
  return {
    ...parser,
    take: (): Read[] => {
      const taken = found
      found = []
      return taken
    },
  }
}

const readSource = async (source: string, io: Io, handlers: OtlpHandlers): Promise<void> => {
  const file = nameOf(source)
  const json = jsonReader(file, handlers.onProblem)
  const handle = async (read: readonly Read[]): Promise<void> => {
    for (const {value, line, length} of read) {
      const request = readRequest(value)
      if (request === undefined) {
        const reason = 'not OTLP: expected an object with resourceSpans or resourceLogs'
        handlers.onProblem({file, line, reason})
        continue
      }
      await handlers.onRequest(request, length)
    }
  }
  let held: Uint8Array[] | undefined = []
  let heldBytes = 0
  let isBinary: boolean | undefined
  const release = async (): Promise<void> => {
    for (const chunk of held ?? []) {
      json.feed(chunk)
      await handle(json.take())
    }
    held = undefined
  }
  for await (const chunk of readBytes(source, io)) {
    if (held === undefined) {
      json.feed(chunk)
      await handle(json.take())
      continue
    }
    held.push(chunk)
    heldBytes += chunk.length
    if (isBinary === undefined && heldBytes >= SNIFFED_BYTES) {
      isBinary = looksBinary(Buffer.concat(held).subarray(0, SNIFFED_BYTES))
    }
    if (isBinary === false || heldBytes > MAX_PROTOBUF_BYTES) await release()
  }
  if (held !== undefined) {
    const bytes = Buffer.concat(held)
    // Loaded here and not above: most files are JSON, and protobufjs takes long to load.
    const messages = looksBinary(bytes.subarray(0, SNIFFED_BYTES))
      ? (await import('../otlp/protobuf.ts')).decodeOtlpFile(bytes)
      : undefined
    if (messages === undefined) await release()
    let line = 0
    for (const {value, error} of messages ?? []) {
      line++
      if (error === undefined) await handle([{value, line, length: bytes.length / line}])
      else handlers.onProblem({file, line, reason: `message ${line}: ${error}`})
    }
  }
  json.end()
  await handle(json.take())
}

/**
 * Reads sources one after the other. What cannot be read is told and passed over.
 *
 * @returns how many requests there were
 */
export const readOtlp = async (
  sources: readonly string[],
  io: Io,
  handlers: OtlpHandlers,
): Promise<number> => {
  let requests = 0
  const counting: OtlpHandlers = {
    ...handlers,
    onRequest: (request, length) => {
      requests++
      return handlers.onRequest(request, length)
    },
  }
  for (const source of sources) {
    try {
      await readSource(source, io, counting)
    } catch (error) {
      handlers.onProblem({file: nameOf(source), reason: systemReason(error)})
    }
  }
  return requests
}
