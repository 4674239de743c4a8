/** What `fetch` was called with, as far as it can be read without consuming anything. */

export interface TappedRequest {
  url: string
  method: string
  /** `undefined` where the body is a stream, or stands in a `Request`, which reading would use up. */
  body: string | undefined
  signal: AbortSignal | undefined
}

const isRequest = (input: unknown): input is Request =>
  typeof input === 'object' && input !== null && 'url' in input && 'method' in input

/** Bytes of a body that are decoded; longer ones carry images. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

function bodyText(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  const bytes =
    body instanceof Uint8Array
      ? body
      : body instanceof ArrayBuffer
        ? new Uint8Array(body)
        : undefined
  if (bytes === undefined || bytes.length > MAX_BODY_BYTES) return undefined
  return new TextDecoder().decode(bytes)
}

/** Reads the arguments of `fetch`. What is no request gives an empty address. */
export function readArguments(input: unknown, init: RequestInit | undefined): TappedRequest {
  const request = isRequest(input) ? input : undefined
  return {
    url: request === undefined ? String(input ?? '') : request.url,
    method: (init?.method ?? request?.method ?? 'GET').toUpperCase(),
    body: bodyText(init?.body),
    signal: init?.signal ?? request?.signal,
  }
}
