/** From a call's analysed blocks to its child spans: the block, then its steps, in order. */
import type {Attributes, HrTime, SpanContext} from '@opentelemetry/api'
import {joinToolCalls} from '../analysis/tool-join.ts'
import {ANALYZER_VERSION} from '../analysis/version.ts'
import type {ReasoningBlock, Signal, Step} from '../model.ts'
import type {ReadableSpanLike, TimedEventLike} from '../readable-span.ts'
import * as semconv from '../semconv.ts'
import {isAfter, nanosBetween} from './hr-time.ts'
import {derivedSpanId, type IdSeed, idSeed} from './ids.ts'
import {ReasoningSpan} from './reasoning-span.ts'
import {scalar} from './scalar.ts'
import {severest, signalNames} from './signals.ts'
import {chunkText, cutText} from './text.ts'
import type {Interval} from './times.ts'
import {type BlockTimes, blockTimes} from './block-times.ts'
import {type CappedBlock, capCall} from './cap-call.ts'
import type {ParentCall, PlannedBlock, Stretch} from './plan.ts'

const TITLE_BYTES = 200
const EVIDENCE_BYTES = 200
/** Tool calls that a step names: more are no longer read by anybody. */
const MAX_CALLS = 64
const CHUNK_BYTES = 2000
const CHUNKS_BYTES = 16 * 1024
export interface BuildOptions {
  readonly maxSteps: number
  readonly maxTextBytes: number
  /** UTF-16 code units: the SDK's own limit on attribute values. */
  readonly maxTextLength: number
  readonly longText: boolean
  readonly stepHashes: boolean
  readonly caveat: boolean
  readonly langfuse: boolean
  readonly phoenix: boolean
  readonly hash: (planned: StepOwner, text: string) => string | undefined
}

/** What a step's span needs to know of its block. */
export type StepOwner = Pick<PlannedBlock, 'index' | 'showsText' | 'showsLength'> & {
  readonly block: Pick<ReasoningBlock, 'text'>
}

/** Builds the children of one call. */
class Builder {
  readonly spans: ReasoningSpan[] = []
  readonly #parent: ParentCall
  readonly #options: BuildOptions
  readonly #seed: IdSeed

  constructor(parent: ParentCall, options: BuildOptions) {
    this.#parent = parent
    this.#options = options
    this.#seed = idSeed(parent.context.traceId, parent.context.spanId)
  }

  addBlock({planned, steps, merged}: CappedBlock, times: BlockTimes): void {
    const {block, analysis} = planned
    const parent = this.#parent
    const attributes: Attributes = {
      'reasoning.block.index': planned.index,
      'reasoning.visibility': block.visibility,
      'reasoning.source': block.source,
      'reasoning.timing': times.timing,
      'reasoning.text_policy': planned.policy,
      'reasoning.analyzer.version': analysis.analyzer ?? ANALYZER_VERSION,
    }
    this.#addCommon(attributes)
    if (this.#options.caveat) attributes[semconv.ATTR_CAVEAT] = semconv.CAVEAT
    if (block.blocksMerged !== undefined) {
      attributes[semconv.ATTR_BLOCKS_MERGED] = block.blocksMerged
    }
    if (block.attempt !== undefined) attributes[semconv.ATTR_ATTEMPT] = block.attempt
    if (block.choiceIndex !== undefined) attributes[semconv.ATTR_CHOICE_INDEX] = block.choiceIndex
    if (planned.withSteps || analysis.steps.length > 0) {
      attributes[semconv.ATTR_STEP_COUNT] = analysis.steps.length
    }
    if (planned.tokenCount !== undefined && planned.tokenMethod !== undefined) {
      attributes[semconv.ATTR_TOKEN_COUNT] = planned.tokenCount
      attributes[semconv.ATTR_TOKEN_METHOD] = planned.tokenMethod
    }
    if (planned.showsLength && block.text.length > 0) {
      attributes[semconv.ATTR_TEXT_LENGTH] = block.text.length
    }
    if (block.incomplete === true) attributes[semconv.ATTR_TEXT_INCOMPLETE] = true
    if (planned.hash !== undefined) attributes[semconv.ATTR_TEXT_HASH] = planned.hash
    if (steps.length === 0 && planned.showsText && block.text.length > 0) {
      attributes[semconv.ATTR_TEXT] = this.#cut(block.text, 0, block.text.length)
      this.#addRest(attributes, block.text, 0, block.text.length)
    }
    if (steps.length === 0 && planned.withSteps && analysis.steps.length > 0) {
      attributes[semconv.ATTR_STEPS_MERGED] = analysis.steps.length
    }
    const isLate = this.#isLate(times.block)
    if (isLate) attributes[semconv.ATTR_LATE] = true
    const silence = this.#timeToFirstChunk(planned, times)
    if (silence !== undefined) attributes[semconv.ATTR_TIME_TO_FIRST_CHUNK] = silence
    this.#addSignalNames(attributes, analysis.signals)
    const {checksMet = [], checksMissed = []} = planned
    if (checksMet.length > 0) attributes[semconv.ATTR_CHECKS_MET] = [...checksMet]
    if (checksMissed.length > 0) attributes[semconv.ATTR_CHECKS_MISSED] = [...checksMissed]
    if (this.#options.phoenix && planned.showsText && steps.length > 0) {
      attributes['output.value'] = this.#cut(block.text, 0, block.text.length)
    }

    const {left} = planned
    // What a step that has left should hold is told on the block: each signal is one event.
    const holders = analysis.signals.map((signal) => {
      const holder = holderOf(signal, steps)
      return left?.indexes.has(holder) === true ? -1 : holder
    })
    const blockEvents = analysis.signals
      .filter((_, i) => holders[i] === -1)
      .map((signal) => this.#event(signal, planned, times.block.start))
    const span = new ReasoningSpan(
      semconv.SPAN_REASONING,
      derivedSpanId(this.#seed, planned.index, -1),
      parent.context,
      times.block,
      attributes,
      blockEvents.length > 0 ? blockEvents : undefined,
      parent.resource,
    )
    this.spans.push(span)

    if (steps.length === 0) return
    const context = span.spanContext()
    const joined =
      planned.toolCalls.length > 0 ? joinToolCalls(steps, block.text, planned.toolCalls) : undefined
    for (let i = 0; i < steps.length; i += 1) {
      if (left?.indexes.has(i) === true) continue
      const step = steps[i] as Step
      const interval = times.steps[i] ?? times.block
      const index = i + (left?.from ?? 0)
      const stepAttributes = this.#stepAttributes(planned, step, index, times.timing)
      if (isLate && this.#isLate(interval)) stepAttributes[semconv.ATTR_LATE] = true
      if (merged > 0 && i === steps.length - 1) stepAttributes[semconv.ATTR_STEPS_MERGED] = merged
      const calls = joined?.get(i)
      if (calls !== undefined) {
        const ids = calls.flatMap((call) => scalar(call.id) ?? [])
        if (ids.length > 0) stepAttributes[semconv.ATTR_TOOL_CALL_IDS] = ids.slice(0, MAX_CALLS)
        const names = new Set(calls.map((call) => scalar(call.name)))
        stepAttributes[semconv.ATTR_TOOL_NAMES] = [...names].slice(0, MAX_CALLS)
      }
      let events: TimedEventLike[] | undefined
      if (holders.length > 0) {
        const signals = analysis.signals.filter((_, s) => holders[s] === i)
        this.#addSignalNames(stepAttributes, signals)
        if (signals.length > 0) {
          events = signals.map((signal) => this.#event(signal, planned, interval.start))
        }
      }
      this.spans.push(
        this.#stepSpan(planned.index, step.kind, index, context, interval, stepAttributes, events),
      )
    }
  }

  /** A step of a block that is not whole yet. */
  liveStep(planned: StepOwner, step: Step, index: number, interval: Interval): ReasoningSpan {
    const {traceId, traceFlags, traceState} = this.#parent.context
    const spanId = derivedSpanId(this.#seed, planned.index, -1)
    const context: SpanContext =
      traceState === undefined
        ? {traceId, spanId, traceFlags}
        : {traceId, spanId, traceFlags, traceState}
    const attributes = this.#stepAttributes(planned, step, index, 'measured')
    return this.#stepSpan(planned.index, step.kind, index, context, interval, attributes)
  }

  #stepSpan(
    block: number,
    kind: Step['kind'],
    index: number,
    context: SpanContext,
    interval: Interval,
    attributes: Attributes,
    events?: TimedEventLike[] | undefined,
  ): ReasoningSpan {
    return new ReasoningSpan(
      semconv.stepSpanName(kind),
      derivedSpanId(this.#seed, block, index),
      context,
      interval,
      attributes,
      events,
      this.#parent.resource,
    )
  }

  #stepAttributes(
    planned: StepOwner,
    step: Step,
    index: number,
    timing: 'measured' | 'estimated',
  ): Attributes {
    const {text} = planned.block
    const {start, end, titleStart, titleEnd} = step
    // Literal keys, the names of `semconv.ts`: an object that is born with its properties takes a
    // third of the time and memory of one that gets them one by one, and there are 64 a call.
    const attributes: Attributes = planned.showsText
      ? {
          'reasoning.step.index': index,
          'reasoning.step.kind': step.kind,
          'reasoning.step.confidence': step.confidence,
          'reasoning.timing': timing,
          'reasoning.text_length': end - start,
          'reasoning.step.title': this.#cut(text, titleStart, titleEnd, TITLE_BYTES),
          'reasoning.text': this.#cut(text, start, end),
        }
      : {
          'reasoning.step.index': index,
          'reasoning.step.kind': step.kind,
          'reasoning.step.confidence': step.confidence,
          'reasoning.timing': timing,
        }
    if (planned.showsText) this.#addRest(attributes, text, start, end)
    else if (planned.showsLength) attributes[semconv.ATTR_TEXT_LENGTH] = end - start
    this.#addCommon(attributes)
    if (this.#options.stepHashes) {
      const hash = this.#options.hash(planned, text.slice(start, end))
      if (hash !== undefined) attributes[semconv.ATTR_TEXT_HASH] = hash
    }
    return attributes
  }

  /** What every span of ours carries. */
  #addCommon(attributes: Attributes): void {
    const {copied, model, promptName, promptVersion} = this.#parent
    if (model !== undefined) attributes[semconv.ATTR_REQUEST_MODEL] = model
    if (promptName !== undefined) attributes[semconv.ATTR_PROMPT_NAME] = promptName
    if (promptVersion !== undefined) attributes[semconv.ATTR_PROMPT_VERSION] = promptVersion
    for (const key in copied) attributes[key] = copied[key]
    if (this.#options.langfuse) attributes['gen_ai.operation.name'] = 'reasoning'
    if (this.#options.phoenix) attributes['openinference.span.kind'] = 'CHAIN'
  }

  #cut(text: string, start: number, end: number, bytes = this.#options.maxTextBytes): string {
    return cutText(text, start, end, bytes, this.#options.maxTextLength)
  }

  /** What goes with a text that is shown. */
  #addRest(attributes: Attributes, text: string, start: number, end: number): void {
    const shown = attributes[semconv.ATTR_TEXT] as string
    if (this.#options.phoenix) attributes['output.value'] = shown
    if (shown.length === end - start) return
    attributes[semconv.ATTR_TEXT_TRUNCATED] = true
    if (this.#options.longText && this.#options.maxTextLength >= CHUNK_BYTES) {
      attributes[semconv.ATTR_TEXT_CHUNKS] = chunkText(text, start, end, CHUNK_BYTES, CHUNKS_BYTES)
    }
  }

  #addSignalNames(attributes: Attributes, signals: readonly Signal[]): void {
    if (signals.length === 0) return
    attributes[semconv.ATTR_SIGNALS] = signalNames(signals)
    attributes[semconv.ATTR_SEVERITY] = severest(signals) as string
  }

  #isLate(interval: Interval): boolean {
    return this.#parent.late || isAfter(interval.end, this.#parent.endTime)
  }

  #timeToFirstChunk(planned: PlannedBlock, times: BlockTimes): number | undefined {
    if (planned.index !== 0) return undefined
    if (times.timing === 'measured') {
      return nanosBetween(this.#parent.startTime, times.block.start) / 1e9
    }
    return this.#parent.timeToFirstChunk
  }

  #event(signal: Signal, planned: PlannedBlock, time: HrTime): TimedEventLike {
    const attributes: Attributes = {
      [semconv.ATTR_SIGNAL_NAME]: signal.name,
      [semconv.ATTR_SIGNAL_SEVERITY]: signal.severity,
      [semconv.ATTR_SIGNAL_CONFIDENCE]: signal.confidence,
      [semconv.ATTR_SIGNAL_DETECTOR]: signal.detector,
    }
    const {model, promptName, promptVersion} = this.#parent
    if (model !== undefined) attributes[semconv.ATTR_REQUEST_MODEL] = model
    if (promptName !== undefined) attributes[semconv.ATTR_PROMPT_NAME] = promptName
    if (promptVersion !== undefined) attributes[semconv.ATTR_PROMPT_VERSION] = promptVersion
    if (signal.check !== undefined) attributes[semconv.ATTR_SIGNAL_CHECK] = signal.check
    if (planned.showsText && signal.end > signal.start) {
      attributes[semconv.ATTR_SIGNAL_EVIDENCE] = this.#cut(
        planned.block.text,
        signal.start,
        signal.end,
        EVIDENCE_BYTES,
      )
    }
    return {name: semconv.EVENT_SIGNAL, time, attributes, droppedAttributesCount: 0}
  }
}

/** Index of the step in which a signal begins; -1 where it is about the whole block. */
function holderOf(signal: Signal, steps: readonly Step[]): number {
  if (signal.end <= signal.start) return -1
  let holder = -1
  for (let i = 0; i < steps.length; i += 1) {
    if ((steps[i] as Step).start > signal.start) break
    holder = i
  }
  return holder
}

/**
 * The span of a step whose block is still being written: the same as `buildReasoningSpans` makes of
 * it once the call is over, but for the tool calls and signals, which are not known yet.
 *
 * @param step offsets are those into the text of `owner`, which may be the step's alone
 */
export const buildLiveStep = (
  parent: ParentCall,
  owner: StepOwner,
  step: Step,
  index: number,
  interval: Interval,
  options: BuildOptions,
): ReadableSpanLike => new Builder(parent, options).liveStep(owner, step, index, interval)

/** The children of one call: each block followed by its steps. */
export function buildReasoningSpans(
  parent: ParentCall,
  stretches: readonly Stretch[],
  options: BuildOptions,
): ReadableSpanLike[] {
  const blocks = stretches.flatMap((s) => ('planned' in s ? [s.planned] : []))
  const capped = new Map<PlannedBlock, CappedBlock>()
  for (const block of capCall(blocks, options.maxSteps)) capped.set(block.planned, block)
  const times = blockTimes(parent, stretches, capped)
  const builder = new Builder(parent, options)
  for (const block of capped.values()) {
    const blockTime = times.get(block.planned)
    if (blockTime !== undefined) builder.addBlock(block, blockTime)
  }
  return builder.spans
}
