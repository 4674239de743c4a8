/** Reasoning that arrives as log events: read here, joined to its span through the hub. */
import type {Attributes} from '@opentelemetry/api'
import {captureLogRecord} from './capture/log.ts'
import type {FaultReport} from './fault-report.ts'
import {contributeTo, getHub} from './hub.ts'
import type {CapturedCall} from './model.ts'
import {type ResolvedOptions, resolveOptions} from './options.ts'
import {
  type ContentOption,
  redactAttributes,
  redactLogValue,
  type ResolvedPolicy,
  strictest,
} from './policy.ts'
import {Thoughts} from './thoughts.ts'

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
  /** What was withheld, to be found where later records quote it. */
  readonly #thoughts = new Thoughts()
  /** The same of records without a trace, which have nothing else in common. */
  #untraced = new Thoughts()
  #untracedLength = 0
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
        contributeTo(span, {origin: 'log', call: captured})
      }
      leaving ??= this.#redact(record, captured)
    } catch (error) {
      this.#faults.tell('a log record was not read', error)
      // What could not be looked at cannot be known to be free of reasoning.
      leaving ??= withoutContent(record)
    }
    try {
      this.#next?.onEmit(leaving, context)
    } catch (error) {
      this.#faults.tell(NEXT_THREW, error)
    }
  }

  /** Asks `next`: a record that nobody exports may still hold reasoning, so the answer is yes without one. */
  enabled(options: unknown): boolean {
    try {
      return this.#next?.enabled?.(options) ?? true
    } catch (error) {
      this.#faults.tell(NEXT_THREW, error)
      return true
    }
  }

  async forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown
    await this.#next?.forceFlush()
  }

  shutdown(): Promise<void> {
    // Async, so that a `next` that throws rejects the promise and nothing else.
    this.#shutdown ??= (async () => this.#next?.shutdown())()
    return this.#shutdown
  }

  #redact(record: LogRecordLike, call: CapturedCall | undefined): LogRecordLike {
    const attributes = (record.attributes ?? {}) as Attributes
    const own = this.#options.policy.resolve({
      provider: call?.provider,
      model: call?.model,
      visibility: 'full',
      attributes,
      origin: 'log',
    })
    const traceId = record.spanContext?.traceId
    this.#withhold(traceId, call, own)
    // A thought that one record had to drop may be quoted in any that follows.
    const withheld =
      traceId === undefined
        ? this.#untraced.withheldIn(NO_TRACE)
        : this.#thoughts.withheldIn(traceId)
    const policy = withheld.policy === undefined ? own : strictest([own, withheld.policy])
    if (policy.policy === 'keep') return record
    const newAttributes = redactAttributes(attributes, policy, withheld.texts)
    const newBody = redactLogValue(record.body, policy, withheld.texts)
    if (newAttributes === attributes && newBody === record.body) return record
    return copyRecord(record, newBody, newAttributes)
  }

  #withhold(
    traceId: string | undefined,
    call: CapturedCall | undefined,
    policy: ResolvedPolicy,
  ): void {
    for (const item of call?.items ?? []) {
      if (item.type !== 'reasoning') continue
      const {text} = item.block
      if (traceId !== undefined) {
        this.#thoughts.withhold(traceId, text, policy)
        continue
      }
      this.#untracedLength += text.length
      if (this.#untracedLength > MAX_UNTRACED_LENGTH) {
        this.#untraced = new Thoughts()
        this.#untracedLength = text.length
      }
      this.#untraced.withhold(NO_TRACE, text, policy)
    }
  }
}

/** UTF-16 code units of text that are remembered of records without a trace. */
const MAX_UNTRACED_LENGTH = 64 * 1024
const NO_TRACE = ''

const NEXT_THREW = 'the next log processor threw'

/**
 * Other processors keep the original; the SDK's record keeps its getters and methods. Writable,
 * since processors that follow may set what they like.
 */
function copyRecord(record: LogRecordLike, body: unknown, attributes: Attributes): LogRecordLike {
  const own = {enumerable: true, writable: true, configurable: true}
  return Object.create(record, {
    body: {value: body, ...own},
    // Of its own even where nothing changed in them: attributes are added to the very object.
    attributes: {value: {...attributes}, ...own},
  }) as LogRecordLike
}

const withoutContent = (record: LogRecordLike): LogRecordLike => copyRecord(record, undefined, {})
