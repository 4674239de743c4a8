/** What `fetch` was called with, as far as it can be read without consuming anything. */

export interface TappedRequest {
  url: string
  method: string
  /** `undefined` where the body is a stream, and until that of a `Request` was read. */
  body: string | undefined
  /** The body will be there before long. */
  isPending?: boolean | undefined
  signal: AbortSignal | undefined
}

const isRequest = (input: unknown): input is Request =>
  typeof input === 'object' && input !== null && 'url' in input && 'method' in input

/** Bytes of a body that are decoded; longer ones carry images. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** `undefined` where it is neither text nor bytes, or too long. */
export function bodyText(body: unknown): string | undefined {
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

/** Text of a body, up to the limit; the rest is let go. */
async function readText(body: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for (;;) {
    const {done, value} = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > MAX_BODY_BYTES) {
      // Otherwise what the request has yet to send would be kept for us.
      void reader.cancel().catch(() => {})
      return undefined
    }
    text += decoder.decode(value, {stream: true})
  }
}

/**
 * Reads the body of a `Request` from a copy of it, before it is sent. The copy holds at most the
 * bytes that are decoded; the request itself stays unread, and sends what it would have sent.
 *
 * @param read gets the text
 */
export function readRequestBody(input: unknown, read: TappedRequest): void {
  if (read.body !== undefined || !isRequest(input) || input.bodyUsed || input.body === null) return
  if (typeof input.clone !== 'function' || input.body.locked) return
  let body: ReadableStream<Uint8Array> | null
  try {
    body = input.clone().body
  } catch {
    // A request of a kind of its own.
    return
  }
  if (body === null) return
  read.isPending = true
  readText(body).then(
    (text) => {
      read.body = text
      read.isPending = false
    },
    () => {
      // It was given up, or its stream broke: then there is nothing to read.
      read.isPending = false
    },
  )
}
