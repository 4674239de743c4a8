/** Why there is or is no reasoning in a call of a model. Pure. */
import {captureSpan} from '../capture/span/index.ts'
import type {Contribution} from '../hub.ts'
import {mergeCall} from '../merge.ts'
import type {CapturedCall, Visibility} from '../model.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {ATTR_BLOCK_COUNT, ATTR_STEP_COUNT} from '../semconv.ts'
import {isReasoningSpan} from '../spans/reasoning-span.ts'
import {type ExpandedCall, expandedCall, expandedReason} from './expanded-call.ts'
import {counted, formatCount} from './format.ts'
import {instrumentationOf} from './instrumentations.ts'
import {isModelCall} from './model-call.ts'
import {oneLine} from './text-width.ts'
import type {SpanGroup} from './trace-expander.ts'

/** What was found. The words are those of `--json`. */
export type Finding =
  | 'text'
  | 'summary'
  | 'redacted'
  | 'encrypted'
  | 'hidden'
  | 'already_expanded'
  | 'told_elsewhere'
  | 'capture_incomplete'
  | 'only_logs'
  | 'content_off'
  | 'none'

/** What `doctor` says of one call. */
export interface Diagnosis {
  traceId: string
  spanId: string
  name: string
  /** Scope name and version. */
  instrumentation: string
  /** The dialect that was recognised; absent where there was nothing to recognise. */
  dialect?: string
  /** Places that were looked at. */
  keys: readonly string[]
  hasLogs: boolean
  finding: Finding
  /** A sentence of what was found. */
  reason: string
  blocks: number
  steps: number
  /** UTF-16 code units of readable reasoning. */
  textLength: number
  reasoningTokens?: number
  hasAnswer: boolean
  /** What its reasoning spans tell, where it has them already. */
  expanded?: ExpandedCall
  /** What would change it. */
  advice?: string
}

/** What a call is looked at with. */
export interface Patient {
  span: ReadableSpanLike
  parent: ReadableSpanLike | undefined
  /** A span right below it has reasoning. */
  isToldBelow: boolean
  group: SpanGroup
  contributions: readonly Contribution[]
  /** Spans of ours that were read right below it. */
  ownSpans: readonly ReadableSpanLike[]
}

const BY_VISIBILITY: Readonly<Record<Visibility, Finding>> = {
  full: 'text',
  summary: 'summary',
  redacted: 'redacted',
  encrypted: 'encrypted',
  hidden: 'hidden',
}

type Told = Pick<Diagnosis, 'finding' | 'reason' | 'advice'>

/** OpenAI's own models never show their reasoning in Chat Completions. */
const isOpenAiReasoner = (call: CapturedCall | undefined): boolean =>
  /^openai$|^azure/.test(call?.provider ?? '') && /^(?:o\d|gpt-5)/.test(call?.model ?? '')

const OPENAI_ADVICE =
  "OpenAI shows summaries of it through the Responses API only: call that with `reasoning: {summary: 'auto'}`"

const ofBlocks = (
  span: ReadableSpanLike,
  visibilities: readonly Visibility[],
  call: CapturedCall,
): Told => {
  const {loses} = instrumentationOf(span.instrumentationScope)
  const cut = call.incomplete ? '; something of it was cut off before it was written' : ''
  const readable =
    visibilities.find((v) => v === 'full') ?? visibilities.find((v) => v === 'summary')
  if (readable !== undefined) {
    const others = visibilities.filter((v) => v !== 'full' && v !== 'summary').length
    const beside = others === 0 ? '' : `, and ${counted(others, 'block')} that cannot be read`
    const what = readable === 'full' ? 'the model’s own text' : 'a summary by the provider'
    return {finding: BY_VISIBILITY[readable], reason: `${what}${beside}${cut}`}
  }
  if (visibilities.includes('redacted')) {
    return {finding: 'redacted', reason: 'the provider withheld it and left a marker in its place'}
  }
  if (visibilities.includes('encrypted')) {
    return {
      finding: 'encrypted',
      reason: 'only the provider can read it',
      advice: 'ask the provider for summaries, if it has them',
    }
  }
  const tokens =
    call.reasoningTokens === undefined
      ? ''
      : `${formatCount(call.reasoningTokens)} tokens of it were billed, `
  if (isOpenAiReasoner(call)) {
    return {
      finding: 'hidden',
      reason: `${tokens}the provider showed no text`,
      advice: OPENAI_ADVICE,
    }
  }
  return {
    finding: 'hidden',
    reason: `${tokens}no text was recorded`,
    advice:
      loses === undefined
        ? 'either the provider showed none, or the instrumentation dropped it'
        : `this instrumentation is known to lose text: ${loses}; ReasoningRecorder can report it by hand`,
  }
}

/** Logfire tells a streamed answer on a span of its own; that of the call then has no usage. */
const mayBeStreamedByLogfire = ({attributes, instrumentationScope}: ReadableSpanLike): boolean =>
  instrumentationScope.name.startsWith('logfire') &&
  attributes['gen_ai.usage.output_tokens'] === undefined

const ofSilence = (
  {span, parent, isToldBelow}: Pick<Patient, 'span' | 'parent' | 'isToldBelow'>,
  call: CapturedCall | undefined,
  hasAnswer: boolean,
  hasLogs: boolean,
): Told => {
  const {content, loses, logsOnly, isKnown} = instrumentationOf(span.instrumentationScope)
  if (isToldBelow) {
    return {finding: 'told_elsewhere', reason: 'a span below it tells the reasoning of this call'}
  }
  if (!hasAnswer && parent !== undefined && isModelCall(parent)) {
    return {
      finding: 'told_elsewhere',
      reason: 'it is a part of the call above it, which tells more',
    }
  }
  if (!hasAnswer && mayBeStreamedByLogfire(span)) {
    return {
      finding: 'told_elsewhere',
      reason: 'Logfire tells a streamed answer on a span of its own, “streaming response from …”',
    }
  }
  const dropped = span.droppedAttributesCount
  if (dropped > 0 || call?.incomplete === true) {
    const what =
      dropped > 0
        ? `${counted(dropped, 'attribute')} of this span ${dropped === 1 ? 'was' : 'were'} dropped`
        : 'its content was cut off before it was written'
    return {
      finding: 'capture_incomplete',
      reason: `${what}, so that nothing can be said`,
      advice:
        'raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT where the spans are made',
    }
  }
  if (!hasAnswer && logsOnly === true && !hasLogs) {
    return {
      finding: 'only_logs',
      reason: 'this instrumentation writes content as log events, and none of this call were given',
      advice: content,
    }
  }
  if (!hasAnswer) {
    return {
      finding: 'content_off',
      reason: 'neither reasoning nor an answer is recorded: content capture looks off',
      advice: content,
    }
  }
  if (loses !== undefined && isKnown) {
    return {
      finding: 'none',
      reason: 'the answer is recorded and no reasoning with it',
      advice: `if the model did reason: ${loses}. ReasoningRecorder can report it by hand`,
    }
  }
  return {
    finding: 'none',
    reason:
      'the answer is recorded and no reasoning with it: the model gave none, or it was dropped',
  }
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Looks at a span. Gives `undefined` for one that is no call of a model and tells no reasoning. */
export const diagnose = ({
  span,
  parent,
  isToldBelow,
  group,
  contributions,
  ownSpans,
}: Patient): Diagnosis | undefined => {
  if (isReasoningSpan(span)) return undefined
  const captured = captureSpan(span)
  const merged = mergeCall(captured, contributions)
  const items = merged?.items ?? []
  const reasoning = items.flatMap(({item}) => (item.type === 'reasoning' ? [item.block] : []))
  const [leaving, ...children] = group
  const wasExpanded = span.attributes[ATTR_BLOCK_COUNT] !== undefined
  if (!isModelCall(span) && (reasoning.length === 0 || children.length === 0) && !wasExpanded) {
    return undefined
  }
  const hasAnswer = items.some(({item}) => item.type !== 'reasoning')
  const {name, version} = span.instrumentationScope
  const call = merged?.call
  const {traceId, spanId} = span.spanContext()
  const blockCount = number(span.attributes[ATTR_BLOCK_COUNT])
  const expanded = wasExpanded ? expandedCall(ownSpans) : undefined
  const dialect = expanded?.sources.join(', ') || call?.dialect
  const reasoningTokens = call?.reasoningTokens ?? expanded?.reasoningTokens
  const told: Told =
    expanded !== undefined
      ? {finding: 'already_expanded', reason: expandedReason(expanded, blockCount)}
      : reasoning.length === 0 || call === undefined
        ? ofSilence({span, parent, isToldBelow}, call, hasAnswer, contributions.length > 0)
        : children.length === 0
          ? {finding: 'told_elsewhere', reason: 'what it repeats stands on a span below it already'}
          : ofBlocks(
              span,
              reasoning.map(({visibility}) => visibility),
              call,
            )
  return {
    traceId,
    spanId,
    name: oneLine(span.name),
    instrumentation: oneLine(version === undefined ? name : `${name} ${version}`),
    ...(dialect === undefined ? {} : {dialect}),
    keys: [...new Set([...(captured?.keys ?? []), ...contributions.flatMap((c) => c.call.keys)])],
    hasLogs: contributions.length > 0,
    ...told,
    blocks: wasExpanded ? blockCount : reasoning.length,
    steps: number(leaving.attributes[ATTR_STEP_COUNT]),
    textLength: expanded?.textLength ?? reasoning.reduce((sum, {text}) => sum + text.length, 0),
    ...(reasoningTokens === undefined ? {} : {reasoningTokens}),
    hasAnswer,
    ...(expanded === undefined ? {} : {expanded}),
  }
}
