/** OTLP out of files and standard input: JSON lines or protobuf, gzipped or not. */
import {createJsonLinesParser} from '../otlp/json-lines.ts'
import {type OtlpRequest, readRequest} from '../otlp/request.ts'
import {nameOf, readBytes, unreadable} from './bytes.ts'
import type {Io, Problem} from './io.ts'

/** A file that looks like protobuf is read whole, up to this size in bytes; a longer one is not read. */
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

/** What Jaeger's own pages are drawn from: another format. */
const isJaegerJson = (value: unknown): boolean => {
  const {data} = (value ?? {}) as {data?: unknown}
  const [first] = Array.isArray(data) ? (data as unknown[]) : []
  return typeof first === 'object' && first !== null && 'traceID' in first && 'spans' in first
}

const notOtlp = (value: unknown): string =>
  isJaegerJson(value)
    ? 'this is the JSON of Jaeger’s pages (/api/traces/ID): ask for /api/v3/traces/ID, which is OTLP, or save from there'
    : 'not OTLP: expected an object with resourceSpans or resourceLogs'

type Read = {value: unknown; line: number; length: number} | {line: number; reason: string}

/** Gathers what a push parser finds, good and bad in their order, until somebody takes it. */
const jsonReader = () => {
  let found: Read[] = []
  const parser = createJsonLinesParser({
    onValue: (value, line, length) => found.push({value, line, length}),
    onError: ({line, reason}) => found.push({line, reason}),
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
  const json = jsonReader()
  const handle = async (read: readonly Read[]): Promise<void> => {
    for (const one of read) {
      const request = 'value' in one ? readRequest(one.value) : undefined
      if ('value' in one && request !== undefined) {
        await handlers.onRequest(request, one.length)
        continue
      }
      const reason = 'value' in one ? notOtlp(one.value) : one.reason
      handlers.onProblem({file, line: one.line, reason})
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
    if (isBinary === false) await release()
    else if (heldBytes > MAX_PROTOBUF_BYTES) {
      const reason = `looks binary, and is longer than ${MAX_PROTOBUF_BYTES / 1024 / 1024} MiB`
      handlers.onProblem({file, isFile: true, reason})
      return
    }
  }
  if (held !== undefined) {
    const bytes = Buffer.concat(held)
    // Loaded here and not above: most files are JSON, and protobufjs takes long to load.
    isBinary = looksBinary(bytes.subarray(0, SNIFFED_BYTES))
    const messages = isBinary
      ? (await import('../otlp/protobuf.ts')).decodeOtlpFile(bytes)
      : undefined
    if (!isBinary) await release()
    else if (messages === undefined) {
      const reason = 'looks binary, neither OTLP JSON nor protobuf'
      handlers.onProblem({file, isFile: true, reason})
    }
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
      handlers.onProblem({file: nameOf(source), isFile: true, reason: unreadable(source, error)})
    }
  }
  return requests
}
