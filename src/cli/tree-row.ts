/** What one span says on its line of the tree: its name, what is to be told of it, its signals. */
import type {AttributeValue} from '@opentelemetry/api'
import {STEP_KINDS, type StepKind} from '../model.ts'
import type {ReadableSpanLike} from '../readable-span.ts'
import {
  ATTR_ATTEMPT,
  ATTR_BLOCK_COUNT,
  ATTR_CHOICE_INDEX,
  ATTR_LATE,
  ATTR_SIGNAL_CHECK,
  ATTR_SIGNAL_EVIDENCE,
  ATTR_SIGNAL_NAME,
  ATTR_SIGNAL_SEVERITY,
  ATTR_STEP_COUNT,
  ATTR_STEP_KIND,
  ATTR_STEP_TITLE,
  ATTR_STEPS_MERGED,
  ATTR_TEXT,
  ATTR_TEXT_INCOMPLETE,
  ATTR_TEXT_LENGTH,
  ATTR_TEXT_POLICY,
  ATTR_TEXT_TRUNCATED,
  ATTR_TIMING,
  ATTR_TOKEN_COUNT,
  ATTR_TOKEN_METHOD,
  ATTR_TOOL_NAMES,
  ATTR_VISIBILITY,
  EVENT_SIGNAL,
  SPAN_REASONING,
} from '../semconv.ts'
import {isReasoningSpan} from '../spans/reasoning-span.ts'
import {counted, formatCount} from './format.ts'
import {isModelCall} from './model-call.ts'
import type {Role, Segment} from './style.ts'
import {oneLine} from './text-width.ts'

/** A line of the tree, before it is fitted into columns. */
export interface Row {
  /** Never cut but in very narrow terminals. */
  label: Segment[]
  /** Facts beside the label. */
  notes: Segment[]
  /** What a step is about; takes the columns that are left. */
  title: string
  /** All of the step's text that is on the span, for who wants to read it. */
  text: string
  /** Where a step led to. */
  tools: string[]
  signals: {name: string; role: Role; evidence: string}[]
  isStep: boolean
  isReasoning: boolean
  isEstimated: boolean
}

const text = (value: AttributeValue | undefined): string =>
  typeof value === 'string' ? oneLine(value) : ''

const number = (value: AttributeValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

const texts = (value: AttributeValue | undefined): string[] =>
  Array.isArray(value)
    ? value.flatMap((item) => (typeof item === 'string' ? [oneLine(item)] : []))
    : []

const isKind = (value: unknown): value is StepKind =>
  (STEP_KINDS as readonly unknown[]).includes(value)

const severityRole = (severity: unknown): Role =>
  severity === 'critical' || severity === 'warning' ? severity : 'info'

const signalsOf = ({events, attributes: {[ATTR_VISIBILITY]: visibility}}: ReadableSpanLike) =>
  events
    .filter(({name}) => name === EVENT_SIGNAL)
    // `hidden` is told by the block's own visibility already.
    .filter(({attributes = {}}) => attributes[ATTR_SIGNAL_NAME] !== visibility)
    .map(({attributes = {}}) => ({
      name: [text(attributes[ATTR_SIGNAL_NAME]) || 'signal', text(attributes[ATTR_SIGNAL_CHECK])]
        .filter(Boolean)
        .join(' '),
      role: severityRole(attributes[ATTR_SIGNAL_SEVERITY]),
      evidence: text(attributes[ATTR_SIGNAL_EVIDENCE]),
    }))

const stepRow = (span: ReadableSpanLike): Row => {
  const {attributes} = span
  const kind = attributes[ATTR_STEP_KIND]
  const known = isKind(kind) ? kind : 'other'
  const title = text(attributes[ATTR_STEP_TITLE]) || text(attributes[ATTR_TEXT])
  const length = number(attributes[ATTR_TEXT_LENGTH])
  const merged = number(attributes[ATTR_STEPS_MERGED])
  return {
    label: [
      {text: `${SPAN_REASONING} `, role: 'dim'},
      {text: known, role: known},
    ],
    notes: merged === undefined ? [] : [{text: `(${counted(merged, 'step')} in one)`, role: 'dim'}],
    // Under a policy that withholds the text, its length is what is left to say.
    text: text(attributes[ATTR_TEXT]) + (attributes[ATTR_TEXT_TRUNCATED] === true ? ' …' : ''),
    title: title === '' && length !== undefined ? `(${counted(length, 'character')})` : title,
    tools: texts(attributes[ATTR_TOOL_NAMES]),
    signals: signalsOf(span),
    isStep: true,
    isReasoning: true,
    isEstimated: attributes[ATTR_TIMING] === 'estimated',
  }
}

const VISIBILITY_ROLES: Readonly<Record<string, Role>> = {full: 'ok', summary: 'info'}

const blockRow = (span: ReadableSpanLike): Row => {
  const {attributes} = span
  const visibility = text(attributes[ATTR_VISIBILITY])
  const steps = number(attributes[ATTR_STEP_COUNT])
  const tokens = number(attributes[ATTR_TOKEN_COUNT])
  const attempt = number(attributes[ATTR_ATTEMPT])
  const choice = number(attributes[ATTR_CHOICE_INDEX])
  const policy = text(attributes[ATTR_TEXT_POLICY])
  const about = tokens === undefined || attributes[ATTR_TOKEN_METHOD] === 'reported' ? '' : '~'
  const notes: Segment[] = []
  const add = (note: string | undefined | false, role: Role = 'dim'): void => {
    if (note === undefined || note === false || note === '') return
    if (notes.length > 0) notes.push({text: ' · ', role: 'dim'})
    notes.push({text: note, role})
  }
  add(visibility, VISIBILITY_ROLES[visibility] ?? 'warning')
  add(attempt !== undefined && attempt > 1 && `attempt ${attempt}`)
  add(choice !== undefined && `choice ${choice}`)
  add(steps !== undefined && steps > 0 && counted(steps, 'step'))
  add(tokens !== undefined && `${about}${formatCount(tokens)} tokens`)
  add(policy !== 'keep' && policy !== '' && `content: ${policy}`)
  add(attributes[ATTR_TEXT_INCOMPLETE] === true && 'cut off', 'warning')
  add(attributes[ATTR_LATE] === true && 'late')
  return {
    label: [{text: SPAN_REASONING, role: 'plan'}],
    notes,
    title: text(attributes[ATTR_TEXT]),
    text: text(attributes[ATTR_TEXT]),
    tools: [],
    signals: signalsOf(span),
    isStep: false,
    isReasoning: true,
    isEstimated: attributes[ATTR_TIMING] === 'estimated',
  }
}

const isTool = ({attributes}: ReadableSpanLike): boolean =>
  attributes['gen_ai.operation.name'] === 'execute_tool' ||
  attributes['openinference.span.kind'] === 'TOOL' ||
  attributes['ai.operationId'] === 'ai.toolCall'

const toolName = ({attributes}: ReadableSpanLike): string =>
  text(attributes['gen_ai.tool.name']) ||
  text(attributes['ai.toolCall.name']) ||
  text(attributes['tool.name'])

const otherRow = (span: ReadableSpanLike, parent: ReadableSpanLike | undefined): Row => {
  const {attributes, name, status} = span
  const label = oneLine(name) || '(no name)'
  const model = text(attributes['gen_ai.request.model']) || text(attributes['llm.model_name'])
  const notes: Segment[] = []
  const add = (note: string, role: Role = 'dim'): void => {
    if (notes.length > 0) notes.push({text: ' · ', role: 'dim'})
    notes.push({text: note, role})
  }
  const tool = isTool(span) ? toolName(span) : ''
  if (tool !== '' && !label.includes(tool)) add(tool)
  if (isModelCall(span)) {
    if (model !== '' && !label.includes(model)) add(model)
    // A provider's SDK that traces by itself stands below the call that tells everything.
    const isTold = parent !== undefined && isModelCall(parent)
    if (attributes[ATTR_BLOCK_COUNT] === undefined && !isTold) add('no reasoning found')
  }
  if (status.code === 2) add(`✗ ${oneLine(status.message ?? '') || 'error'}`, 'critical')
  return {
    label: [{text: label, role: isTool(span) ? 'tool' : 'name'}],
    notes,
    title: '',
    text: '',
    tools: [],
    signals: [],
    isStep: false,
    isReasoning: false,
    isEstimated: false,
  }
}

/** What a span says on its line. */
export const rowOf = (span: ReadableSpanLike, parent?: ReadableSpanLike | undefined): Row => {
  if (!isReasoningSpan(span)) return otherRow(span, parent)
  return span.attributes[ATTR_STEP_KIND] === undefined ? blockRow(span) : stepRow(span)
}
