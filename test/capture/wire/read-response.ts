/** Feeds a body to a parser in a given chunking. */
import {createWireParser, recogniseResponse} from '../../../src/capture/wire/index.ts'
import type {WireCall, WireFormat, WireParserOptions} from '../../../src/capture/wire/index.ts'

/** A chunking: lengths in turn, the last one again and again. `[Infinity]` is the whole body. */
export type Chunking = readonly number[]

export const WHOLE: Chunking = [Number.POSITIVE_INFINITY]
export const BYTE_BY_BYTE: Chunking = [1]

export function chunksOf(body: Uint8Array, chunking: Chunking): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let turn = 0
  for (let at = 0; at < body.length;) {
    const length = Math.max(1, chunking[Math.min(turn++, chunking.length - 1)] ?? 1)
    // Copies: a parser must not count on a chunk that it was handed staying as it is.
    chunks.push(body.slice(at, Math.min(body.length, at + length)))
    at += length
  }
  return chunks
}

export function readResponse(
  formats: WireFormat | readonly WireFormat[],
  body: Uint8Array | string,
  chunking: Chunking = WHOLE,
  options: WireParserOptions = {},
): WireCall {
  const parser = createWireParser(formats, options)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  for (const chunk of chunksOf(bytes, chunking)) {
    parser.feed(chunk)
    // The caller may reuse its buffer.
    chunk.fill(0)
  }
  return parser.end()
}

/** Everything but arrival times, which depend on the chunking. */
export const blocksOf = (call: WireCall) =>
  call.items.flatMap((item) => (item.type === 'reasoning' ? [item.block] : []))

export const textsOf = (call: WireCall): string[] => blocksOf(call).map(({text}) => text)

export const visibilitiesOf = (call: WireCall): string[] =>
  blocksOf(call).map(({visibility}) => visibility)

export const callsOf = (call: WireCall) =>
  call.items.flatMap((item) => (item.type === 'tool_call' ? [item.call] : []))

/** The order of a call's items in short. */
export const orderOf = (call: WireCall): string =>
  call.items.map(({type}) => ({reasoning: 'R', text: 'T', tool_call: 'C'})[type]).join('')

/** Recognises a response by its address and reads it. */
export function recogniseAndRead(
  shape: {url: string; contentType: string; requestBody?: string},
  body: Uint8Array,
  chunking: Chunking = WHOLE,
): {call: WireCall; format: WireFormat | undefined; candidates: readonly WireFormat[]} {
  const candidates = recogniseResponse(shape)
  const parser = createWireParser(candidates)
  for (const chunk of chunksOf(body, chunking)) parser.feed(chunk)
  const call = parser.end()
  return {call, format: parser.format, candidates}
}
