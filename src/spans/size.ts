/** How large one of our spans may become on the wire. */
import type {ReadableSpanLike} from '../readable-span.ts'

/** Ids, times, names and framing of one span, generously, in JSON. */
const FRAME_BYTES = 600
/** Key, type and framing of one attribute in JSON. */
const ATTRIBUTE_BYTES = 60
/** A UTF-16 code unit takes at most this in JSON, as `\u001f` would. */
const BYTES_PER_UNIT = 6

function valueBytes(value: unknown): number {
  if (typeof value === 'string') {
    // Short texts at their worst; long ones are prose, of which no backend makes six-fold.
    return value.length * (value.length < 256 ? BYTES_PER_UNIT : 4)
  }
  if (Array.isArray(value))
    return value.reduce((sum: number, item) => sum + valueBytes(item) + 30, 0)
  return 24
}

/** A generous estimate of a span's bytes in an OTLP request, resource and scope not counted. */
export function sizeOf(span: ReadableSpanLike): number {
  let bytes = FRAME_BYTES
  for (const value of Object.values(span.attributes)) bytes += ATTRIBUTE_BYTES + valueBytes(value)
  for (const event of span.events) {
    bytes += 100
    for (const value of Object.values(event.attributes ?? {}))
      bytes += ATTRIBUTE_BYTES + valueBytes(value)
  }
  return bytes
}
