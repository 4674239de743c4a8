/**
 * A processor that checks, at every span that it gets, what must hold of all spans of ours; used as
 * `next` throughout the suite.
 */
import type {ReadableSpanLike} from '../../src/readable-span.ts'
import {STEP_KINDS} from '../../src/model.ts'
import * as semconv from '../../src/semconv.ts'
import {isAfter} from '../../src/spans/hr-time.ts'

const KNOWN_KEYS = new Map(semconv.ATTRIBUTES.map((row) => [row.key, row]))

const isOurs = (span: ReadableSpanLike): boolean =>
  span.instrumentationScope.name === semconv.SCOPE_NAME

function fail(span: ReadableSpanLike, message: string): never {
  throw new Error(`${span.name} ${span.spanContext().spanId}: ${message}`)
}

/** Throws on the first rule of the design that a span of ours breaks. */
export function checkSpan(
  span: ReadableSpanLike,
  known: ReadonlyMap<string, ReadableSpanLike>,
  isLive = false,
): void {
  const {spanId, traceId, traceFlags} = span.spanContext()
  if (!/^[0-9a-f]{16}$/.test(spanId) || /^0+$/.test(spanId)) fail(span, `invalid id ${spanId}`)
  if (known.has(spanId)) fail(span, 'handed on twice')
  if (!isOurs(span)) return
  const isBlock = span.name === semconv.SPAN_REASONING
  if (!isBlock && !STEP_KINDS.some((kind) => span.name === semconv.stepSpanName(kind))) {
    fail(span, 'name outside the closed set')
  }
  if (span.kind !== 0) fail(span, `kind ${span.kind} is not INTERNAL`)
  if (span.status.code !== 0) fail(span, 'status is not UNSET')
  if (isAfter(span.startTime, span.endTime)) fail(span, 'ends before it starts')
  for (const time of [span.startTime, span.endTime, span.duration]) {
    if (!Number.isInteger(time[0]) || !Number.isInteger(time[1]) || time[1] < 0 || time[1] >= 1e9) {
      fail(span, `broken time ${JSON.stringify(time)}`)
    }
  }
  for (const [key, value] of Object.entries(span.attributes)) {
    if (!key.startsWith('reasoning.')) continue
    const row = KNOWN_KEYS.get(key)
    if (row === undefined) fail(span, `unknown attribute ${key}`)
    if (!row.on.includes(isBlock ? 'block' : 'step')) fail(span, `${key} does not belong here`)
    const type = Array.isArray(value) ? 'string[]' : typeof value
    const fits =
      row.type === type || (type === 'number' && (row.type === 'int' || row.type === 'double'))
    if (!fits) fail(span, `${key} is ${type}, not ${row.type}`)
    if (row.type === 'int' && !Number.isInteger(value)) fail(span, `${key} is not an integer`)
    if (typeof value === 'string' && Buffer.byteLength(value) > 60_000)
      fail(span, `${key} is over 60 KB`)
    if (typeof value === 'string' && /[\ud800-\udbff]$/.test(value)) {
      fail(span, `${key} is cut inside a pair`)
    }
  }
  const title = span.attributes[semconv.ATTR_STEP_TITLE]
  if (typeof title === 'string' && Buffer.byteLength(title) > 200)
    fail(span, 'title over 200 bytes')
  const parentId = span.parentSpanContext?.spanId
  const parent = parentId === undefined ? undefined : known.get(parentId)
  // A pipeline that gets our spans only never sees the call.
  if (parent === undefined) {
    if (!isBlock && !isLive) fail(span, 'its block did not come before it')
    return
  }
  if (parent.spanContext().traceId !== traceId) fail(span, 'in another trace than its parent')
  if (parent.spanContext().traceFlags !== traceFlags)
    fail(span, 'other trace flags than its parent')
  if (parent.spanContext().traceState !== span.spanContext().traceState)
    fail(span, 'other trace state')
  if (parent.resource !== span.resource) fail(span, "not its parent's resource")
  if (span.attributes[semconv.ATTR_TIMING] === 'estimated') {
    if (isAfter(parent.startTime, span.startTime) && !isAfter(parent.startTime, parent.endTime)) {
      fail(span, 'starts before its parent')
    }
    if (isAfter(span.endTime, parent.endTime) && !isAfter(parent.startTime, parent.endTime)) {
      fail(span, 'ends after its parent')
    }
  }
}

/** Checks each span as it comes and hands it on. */
export class InvariantSpanProcessor {
  readonly spans: ReadableSpanLike[] = []
  readonly starts: unknown[] = []
  flushes = 0
  shutdowns = 0
  readonly #known = new Map<string, ReadableSpanLike>()
  /** Faults, since what a processor throws is swallowed by the one in front of it. */
  readonly faults: Error[] = []
  readonly #isLive: boolean

  /** @param isLive steps may come before their block: with `REASONING_LIVE` any test runs so */
  constructor(isLive = process.env['REASONING_LIVE'] === 'true') {
    this.#isLive = isLive
  }

  onStart(span: unknown): void {
    this.starts.push(span)
  }

  onEnd(span: unknown): void {
    const readable = span as ReadableSpanLike
    try {
      checkSpan(readable, this.#known, this.#isLive)
      const previous = this.#known.get(readable.parentSpanContext?.spanId ?? '')
      const siblings = this.spans.filter(
        (other) =>
          isOurs(other) &&
          isOurs(readable) &&
          other.parentSpanContext?.spanId === readable.parentSpanContext?.spanId &&
          other.spanContext().traceId === readable.spanContext().traceId,
      )
      const sibling = siblings.at(-1)
      if (
        previous !== undefined &&
        sibling !== undefined &&
        readable.attributes[semconv.ATTR_TIMING] === 'estimated' &&
        isAfter(sibling.startTime, readable.startTime)
      ) {
        fail(readable, 'starts before the sibling in front of it')
      }
    } catch (error) {
      this.faults.push(error as Error)
    }
    this.#known.set(readable.spanContext().spanId, readable)
    this.spans.push(readable)
  }

  async forceFlush(): Promise<void> {
    this.flushes += 1
  }

  async shutdown(): Promise<void> {
    this.shutdowns += 1
  }

  /** Spans of ours, in the order in which they came. */
  get reasoning(): ReadableSpanLike[] {
    return this.spans.filter(isOurs)
  }

  get users(): ReadableSpanLike[] {
    return this.spans.filter((span) => !isOurs(span))
  }

  /** To be called at the end of each test. */
  assertSound(): void {
    if (this.faults.length > 0) throw this.faults[0]
  }
}
