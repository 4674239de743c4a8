/** What the spans of a call that was expanded before tell of it. Pure. */
import type {AttributeValue} from '@opentelemetry/api'
import type {ReadableSpanLike} from '../readable-span.ts'
import * as semconv from '../semconv.ts'
import {counted} from './format.ts'
import {oneLine} from './text-width.ts'

/** What is worth a second look. */
export type Mark = 'late' | 'incomplete' | 'over_budget'

/** A call that was expanded before. */
export interface ExpandedCall {
  /** Dialects, wire formats or `recorder` that its blocks were read from. */
  sources: string[]
  /** Each visibility that its blocks have. */
  visibilities: string[]
  /** `measured`, `estimated`. */
  timings: string[]
  /** Policies that withheld something; `keep` is not among them. */
  policies: string[]
  marks: Mark[]
  /** Blocks that are among the spans; the call itself tells how many there were. */
  blocks: number
  /** UTF-16 code units, as the blocks tell it. */
  textLength: number
  reasoningTokens?: number
}

const texts = (blocks: readonly ReadableSpanLike[], key: string): string[] => [
  ...new Set(
    blocks.flatMap(({attributes}) => {
      const value = attributes[key]
      return typeof value === 'string' ? [oneLine(value)] : []
    }),
  ),
]

const number = (value: AttributeValue | undefined): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0

const sum = (blocks: readonly ReadableSpanLike[], key: string): number =>
  blocks.reduce((total, {attributes}) => total + number(attributes[key]), 0)

/** Reads the blocks of a call. @param blocks the spans of ours right below it */
export const expandedCall = (blocks: readonly ReadableSpanLike[]): ExpandedCall => {
  const some = (test: (span: ReadableSpanLike) => boolean): boolean => blocks.some(test)
  const marks: Mark[] = []
  if (some(({attributes}) => attributes[semconv.ATTR_LATE] === true)) marks.push('late')
  if (some(({attributes}) => attributes[semconv.ATTR_TEXT_INCOMPLETE] === true)) {
    marks.push('incomplete')
  }
  // On a block it counts steps that have no spans: the limit of spans a second was reached.
  if (some(({attributes}) => number(attributes[semconv.ATTR_STEPS_MERGED]) > 0)) {
    marks.push('over_budget')
  }
  const tokens = sum(blocks, semconv.ATTR_TOKEN_COUNT)
  return {
    sources: texts(blocks, semconv.ATTR_SOURCE),
    visibilities: texts(blocks, semconv.ATTR_VISIBILITY),
    timings: texts(blocks, semconv.ATTR_TIMING),
    policies: texts(blocks, semconv.ATTR_TEXT_POLICY).filter((policy) => policy !== 'keep'),
    marks,
    blocks: blocks.length,
    textLength: sum(blocks, semconv.ATTR_TEXT_LENGTH),
    ...(tokens === 0 ? {} : {reasoningTokens: tokens}),
  }
}

/** The same in a sentence. @param told how many blocks the call says it has */
export const expandedReason = (call: ExpandedCall, told: number): string => {
  if (call.blocks === 0) return 'its reasoning spans are not among the spans that were read'
  const parts = [
    call.visibilities.join(', ') || 'of unknown visibility',
    ...(call.timings.length === 0 ? [] : [`times ${call.timings.join(' and ')}`]),
    ...(call.policies.length === 0 ? [] : [`content: ${call.policies.join(', ')}`]),
  ]
  if (call.blocks < told) parts.push(`${counted(told - call.blocks, 'block')} missing`)
  return parts.join(' · ')
}
