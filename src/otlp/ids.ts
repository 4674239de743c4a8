/** Trace and span ids as hex, in whatever form a JSON serializer wrote them. */

const isHex = (text: string, digits: number): boolean =>
  text.length === digits && /^[0-9a-f]+$/i.test(text)

/**
 * Lower-case hex of `bytes` bytes, or `''` for what is no id. OTLP/JSON says hex; serializers that
 * follow protobuf's own JSON mapping (Tempo's among them) write base64.
 */
const idFromOtlp = (value: unknown, bytes: number): string => {
  if (typeof value !== 'string' || value === '') return ''
  if (isHex(value, bytes * 2)) return value.toLowerCase()
  if (value.length !== Math.ceil(bytes / 3) * 4) return ''
  const decoded = Buffer.from(value, 'base64')
  return decoded.length === bytes ? decoded.toString('hex') : ''
}

export const traceIdFromOtlp = (value: unknown): string => idFromOtlp(value, 16)

export const spanIdFromOtlp = (value: unknown): string => idFromOtlp(value, 8)
