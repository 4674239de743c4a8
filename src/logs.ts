/** Reasoning that arrives as log events: read here, joined to its span through the hub. */
import {captureLogRecord} from './capture/log.ts'
import type {FaultReport} from './fault-report.ts'
import {getHub} from './hub.ts'
import {type ResolvedOptions, resolveOptions} from './options.ts'
import {type ContentOption, redactAttributes, redactLogValue} from './policy.ts'

/** What we read of a log record; both SDK lines' records fit. @public */
export interface LogRecordLike {
  readonly spanContext?: {traceId: string; spanId: string; traceFlags: number} | undefined
  readonly eventName?: string | undefined
  readonly body?: unknown
  readonly attributes?: unknown
  readonly instrumentationScope?: {readonly name: string; readonly version?: string}
}

/** The log processor that ours hands records to. @public */
export interface LogRecordProcessorLike {
  onEmit(record: unknown, context?: unknown): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
  enabled?(options: unknown): boolean
}

/** @public */
export interface ReasoningLogRecordProcessorOptions {
  /** Gets every record; none is needed, where log events are only read. */
  next?: LogRecordProcessorLike | undefined
  /**
   * What `next` gets of the reasoning in log records. What goes on *spans* is the span processor's
   * `content`.
   *
   * @defaultValue records are handed on as they are
   */
  content?: ContentOption | undefined
  /** Key of the HMAC under `mask` and `hash`. */
  hashKey?: string | Uint8Array | undefined
  /** Called with faults. Never with reasoning text. */
  onError?: ((error: Error) => void) | undefined
}

/**
 * Reads reasoning from GenAI log events (`gen_ai.client.inference.operation.details`,
 * `gen_ai.choice` and others) and leaves it for the span that they belong to. Wraps, like the span
 * form; records without a span are only handed on.
 *
 * @public
 */
export class ReasoningLogRecordProcessor {
  readonly #next: LogRecordProcessorLike | undefined
  readonly #options: ResolvedOptions
  readonly #faults: FaultReport
  #shutdown: Promise<void> | undefined

  /** @throws TypeError on wrong values and on unknown options */
  constructor({next, ...options}: ReasoningLogRecordProcessorOptions = {}) {
    if (next !== undefined && typeof next?.onEmit !== 'function') {
      throw new TypeError(
        `ReasoningLogRecordProcessor: expected \`next\` to be a log record processor, got ${typeof next} without \`onEmit\`.`,
      )
    }
    this.#next = next
    this.#options = resolveOptions('ReasoningLogRecordProcessor', options)
    this.#faults = this.#options.faults
    getHub().announce()
  }

  onEmit(record: LogRecordLike, context?: unknown): void {
    if (this.#shutdown !== undefined) return
    let leaving: LogRecordLike | undefined = this.#options.policy.withholds ? undefined : record
    try {
      const captured = captureLogRecord(record)
      const span = record.spanContext
      if (captured !== undefined && span !== undefined && captured.items.length > 0) {
        getHub().contribute(span.traceId, span.spanId, {origin: 'log', call: captured})
      }
      leaving ??= this.#redact(record, captured?.provider, captured?.model)
    } catch (error) {
      this.#faults.tell('a log record was not read', error)
      // What could not be looked at cannot be known to be free of reasoning.
      leaving ??= withoutContent(record)
    }
    try {
      this.#next?.onEmit(leaving, context)
    } catch (error) {
      this.#faults.tell('the next log processor threw', error)
    }
  }

  /** Asks `next`: a record that nobody exports may still hold reasoning, so the answer is yes without one. */
  enabled(options: unknown): boolean {
    return this.#next?.enabled?.(options) ?? true
  }

  async forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown
    await this.#next?.forceFlush()
  }

  shutdown(): Promise<void> {
    this.#shutdown ??= Promise.resolve(this.#next?.shutdown())
    return this.#shutdown
  }

  #redact(
    record: LogRecordLike,
    provider: string | undefined,
    model: string | undefined,
  ): LogRecordLike {
    const attributes = (record.attributes ?? {}) as Parameters<typeof redactAttributes>[0]
    const policy = this.#options.policy.resolve({
      provider,
      model,
      visibility: 'full',
      attributes,
      origin: 'log',
    })
    if (policy.policy === 'keep') return record
    const newAttributes = redactAttributes(attributes, policy, [])
    const newBody = redactLogValue(record.body, policy, [])
    if (newAttributes === attributes && newBody === record.body) return record
    return copyRecord(record, newBody, newAttributes)
  }
}

/** Other processors keep the original; the SDK's record keeps its getters and methods. */
const copyRecord = (record: LogRecordLike, body: unknown, attributes: unknown): LogRecordLike =>
  Object.create(record, {
    body: {value: body, enumerable: true},
    attributes: {value: attributes, enumerable: true},
  }) as LogRecordLike

const withoutContent = (record: LogRecordLike): LogRecordLike => copyRecord(record, undefined, {})
