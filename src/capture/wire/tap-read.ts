/** Reads a tapped call's answer while its caller does, and notices how that ends. */
import {isLiveWatched} from '../../live-channel.ts'
import {providerOf, recogniseResponse} from './recognise.ts'
import type {BodyWatcher} from './tap-body.ts'
import {watchIdle} from './tap-idle.ts'
import {endLive, tellLiveSoon} from './tap-live.ts'
import {finishCall, startOwnSpan} from './tap-report.ts'
import {watchResponse} from './tap-response.ts'
import {type CallState, guarded, release, requestOf} from './tap-state.ts'
import {createWireParser, type WireParser} from './wire-parser.ts'

/** A page or an image is no answer, whatever the request was. */
const isReadableType = (contentType: string | null): boolean =>
  recogniseResponse({url: '/responses', contentType}).length > 0

/** Hands on what waits, and then does this, if the call is not over. */
export function closeBody(state: CallState, action: (parser: WireParser) => void): void {
  guarded(state, () => {
    state.waiting.flush()
    if (state.parser !== undefined) action(state.parser)
  })
}

/** The reader is gone: the provider's own mark says whether that was all. */
function finishUnread(state: CallState): void {
  closeBody(state, (parser) => finishCall(state, parser.abort()))
}

/** The call's own span ends: whoever reads the body may never come for the rest of it. */
function finishWithSpan(state: CallState): void {
  const {signal} = state.request
  closeBody(state, (parser) => {
    if (signal?.aborted === true) finishCall(state, parser.abort(), signal.reason ?? 'aborted')
    else if (parser.ended) finishCall(state, parser.result())
  })
}

/** Notes when the span that the call belongs to ends, and the one around it. */
export function listenToSpans(state: CallState): void {
  const {target, active, table, undo} = state
  const noteEnd = (): void => {
    state.hasSpanEnded = true
    state.idle?.spanEnded()
  }
  if (target !== undefined) {
    const listener = (): void => {
      noteEnd()
      finishWithSpan(state)
    }
    undo.push(table.onEnd(target.spanId, listener))
  }
  if (active !== undefined && active.spanId !== target?.spanId) {
    undo.push(table.onEnd(active.spanId, noteEnd))
  }
}

function createWatcher(state: CallState): BodyWatcher {
  const {clock, waiting} = state
  const {idle} = state
  // Ollama's client reads up to the message that says `done` and leaves the body open and unread.
  const leavesEarly = state.formats.includes('ollama')
  const noteLastMessage = (): void => {
    waiting.flush()
    if (state.parser?.format !== 'ollama' || !state.parser.ended) return
    // When the caller has the chunk.
    queueMicrotask(() => closeBody(state, (parser) => finishCall(state, parser.end())))
  }
  return {
    asked() {
      idle?.asked()
    },
    chunk(bytes) {
      if (state.parser === undefined) return
      try {
        const now = clock.now()
        state.lastChunk = now
        state.firstChunk ??= now
        const isRead = waiting.feed(bytes, now)
        if ((isRead || leavesEarly) && isLiveWatched()) tellLiveSoon(state, startOwnSpan)
        idle?.given()
        if (leavesEarly) noteLastMessage()
      } catch (error) {
        state.tap.faults.tell('a response was not read', error)
        release(state)
      }
    },
    end: () => closeBody(state, (parser) => finishCall(state, parser.end())),
    fail: (error) =>
      closeBody(state, (parser) => finishCall(state, parser.abort(), error ?? 'error')),
    cancel: () => finishUnread(state),
  }
}

/** @returns what the caller gets: a response whose body is watched, or the one that came */
export function readBody(state: CallState, response: Response): Response {
  if (!isReadableType(response.headers.get('content-type'))) return response
  const {formats, format, request, tap} = state
  state.parser = createWireParser(formats, {
    // Asked for at the end: until then a long request need not have been read.
    get requestModel() {
      return requestOf(state).model
    },
    provider: providerOf(request.url, format),
    limits: tap.limits,
  })
  state.undo.push(() => endLive(state))
  state.idle = watchIdle(() => finishUnread(state))
  if (state.hasSpanEnded) state.idle.spanEnded()
  return watchResponse(response, createWatcher(state)) ?? response
}
