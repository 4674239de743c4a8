/**
 * From the bytes of a response's body to the messages in it, whatever frames them: server-sent
 * events, JSON lines, a streamed array, one document, or AWS's event stream. The first byte tells
 * which; the content type is not asked, since proxies get it wrong.
 */
import {createEventStreamParser} from './event-stream.ts'
import {createJsonValuesParser} from './json-values.ts'
import type {WireLimits} from './limits.ts'
import {createSseParser} from './sse.ts'
import {createUtf8Decoder} from './utf8.ts'

export interface Framing {
  feed(bytes: Uint8Array): void
  end(): void
}

export interface FramingCallbacks {
  /** One message's text, which should be JSON, under the name that its frame gave it. */
  onMessage(text: string, event: string): void
  /** The beginning of a document that was cut or is too long. */
  onPartial(text: string): void
  /** An event in AWS's framing that stands for an error. */
  onException(name: string): void
  /** Something was left out: too long, broken, or cut in its frame. */
  onLoss(): void
}

/** Bytes that are looked at in one go, so that a huge chunk is never a string as a whole. */
const SLICE = 64 * 1024

const isSpace = (byte: number): boolean =>
  byte === 32 || (byte >= 9 && byte <= 13) || byte === 0xef || byte === 0xbb || byte === 0xbf

/** A UTF-8 stream that a text parser reads. */
function asText(
  parser: {feed(text: string): void; end(): void},
  callbacks: FramingCallbacks,
): Framing {
  const decoder = createUtf8Decoder()
  return {
    feed: (bytes) => parser.feed(decoder.decode(bytes)),
    end() {
      if (!decoder.end()) callbacks.onLoss()
      parser.end()
    },
  }
}

function choose(first: number, callbacks: FramingCallbacks, limits: WireLimits): Framing {
  const {maxDocumentLength, maxPartialLength} = limits
  if (first === 0x7b || first === 0x5b) {
    return asText(
      createJsonValuesParser(
        {
          onValue: (text) => callbacks.onMessage(text, ''),
          onPartial: callbacks.onPartial,
          onMalformed: callbacks.onLoss,
        },
        maxDocumentLength,
        maxPartialLength,
      ),
      callbacks,
    )
  }
  if (first <= 1) {
    const decoder = new TextDecoder()
    const parser = createEventStreamParser(
      {
        onMessage({event, isException, payload}) {
          if (isException) callbacks.onException(event)
          else callbacks.onMessage(decoder.decode(payload), event)
        },
        onOverflow: callbacks.onLoss,
      },
      maxDocumentLength,
    )
    return {
      feed: parser.feed,
      end: () => {
        if (!parser.end()) callbacks.onLoss()
      },
    }
  }
  return asText(
    createSseParser(
      {onEvent: callbacks.onMessage, onOverflow: callbacks.onLoss},
      maxDocumentLength,
    ),
    callbacks,
  )
}

export function createFraming(callbacks: FramingCallbacks, limits: WireLimits): Framing {
  let framing: Framing | undefined
  return {
    feed(bytes) {
      let at = 0
      if (framing === undefined) {
        // Some proxies send spaces until the model has begun.
        while (at < bytes.length && isSpace(bytes[at] as number)) at++
        if (at === bytes.length) return
        framing = choose(bytes[at] as number, callbacks, limits)
      }
      if (at === 0 && bytes.length <= SLICE) framing.feed(bytes)
      else for (; at < bytes.length; at += SLICE) framing.feed(bytes.subarray(at, at + SLICE))
    },
    end: () => framing?.end(),
  }
}
