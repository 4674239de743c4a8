/** All spans and log events of some sources, for commands that look at them as a whole. */
import type {OtlpRequest} from '../otlp/request.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {ATTR_BLOCK_COUNT} from '../semconv.ts'
import {formatCount} from './format.ts'
import {JoinedLogs} from './joined-logs.ts'

/** Input whose spans are held, in characters or bytes as they were read: 256 Mi. */
const MAX_GATHERED_LENGTH = 256 * 1024 * 1024

const INVALID_SPAN_ID = /^0*$/

const isExpanded = ({attributes}: ReadableSpanLike): boolean =>
  Object.hasOwn(attributes, ATTR_BLOCK_COUNT)

/**
 * Holds what was read, up to 256 Mi characters of input; further spans are counted and left out.
 * What log events tell of calls is small and always held. A span that comes twice is held once, as
 * it was expanded if it was: the file that was read and what was made of it may both be named.
 */
export class Gathered {
  readonly spans: ReadableSpanLike[] = []
  readonly logs = new JoinedLogs()
  /** Where each span stands in `spans`. */
  readonly #positions = new Map<string, number>()
  readonly #wants: (span: ReadableSpanLike) => boolean
  readonly #maxLength: number
  #length = 0
  #leftOut = 0

  constructor(
    wants: (span: ReadableSpanLike) => boolean = () => true,
    maxLength: number = MAX_GATHERED_LENGTH,
  ) {
    this.#wants = wants
    this.#maxLength = maxLength
  }

  add(request: OtlpRequest, length = 0): void {
    this.logs.add(request.logs)
    const wanted = request.spans.filter(this.#wants)
    if (wanted.length === 0) return
    if (this.#length + length > this.#maxLength) {
      this.#leftOut += wanted.length
      return
    }
    // What is not wanted of it goes when the request goes.
    this.#length += (length * wanted.length) / request.spans.length
    for (const span of wanted) this.#hold(span)
  }

  #hold(span: ReadableSpanLike): void {
    const {traceId, spanId} = span.spanContext()
    const key = `${traceId}:${spanId}`
    const at = INVALID_SPAN_ID.test(spanId) ? undefined : this.#positions.get(key)
    const known = at === undefined ? undefined : this.spans[at]
    if (at === undefined || known === undefined) {
      this.#positions.set(key, this.spans.length)
      this.spans.push(span)
    } else if (isExpanded(span) && !isExpanded(known)) {
      this.spans[at] = span
    }
  }

  /** Says how much was left out, where something was. */
  complaint(): string | undefined {
    if (this.#leftOut === 0) return undefined
    return `more than ${formatCount(this.#maxLength)} characters: ${formatCount(this.#leftOut)} further spans were left out`
  }
}
