/** Spans that leave without our additions: too many waited, we failed, or we are turned off. */
import type {Attributes} from '@opentelemetry/api'
import {captureSpan} from './capture/span/index.ts'
import {copySpan, coverSpan} from './copied-span.ts'
import type {ExpansionContext} from './expansion.ts'
import {VISIBILITIES} from './model.ts'
import {redactOwnSpan, redactSpan} from './policy-on-spans.ts'
import {strictest} from './policy.ts'
import type {ReadableSpanLike} from './readable-span.ts'
import {isReasoningSpan} from './spans/reasoning-span.ts'

/**
 * The span without our additions, under the policy. Where that fails its texts go altogether: what
 * cannot be looked at cannot be known to be free of reasoning. Never throws.
 */
export function leaveUnexpanded(
  span: ReadableSpanLike,
  context: ExpansionContext,
): ReadableSpanLike {
  if (!context.options.policy.withholds || typeof span !== 'object' || span === null) return span
  try {
    return underPolicy(span, context)
  } catch {
    return coverSpan(span, {
      attributes: withoutText(span),
      events: [],
      links: [],
      status: {code: 0},
    })
  }
}

function underPolicy(span: ReadableSpanLike, {options, thoughts}: ExpansionContext) {
  if (isReasoningSpan(span)) {
    return copySpan(span, redactOwnSpan(span, options))
  }
  const call = captureSpan(span)
  const {attributes} = span
  // The blocks are not settled, so neither is what of them was visible: the strictest holds.
  const policy = strictest(
    VISIBILITIES.map((visibility) =>
      options.policy.resolve({
        provider: call?.provider,
        model: call?.model,
        visibility,
        attributes,
        origin: 'span',
      }),
    ),
  )
  for (const item of call?.items ?? []) {
    if (item.type !== 'reasoning') continue
    thoughts.withhold(span.spanContext().traceId, item.block.text, policy)
  }
  return copySpan(span, redactSpan(span, call, [policy], options, thoughts))
}

/** Short strings that name things, and everything that is not text. */
function withoutText(span: ReadableSpanLike): Attributes {
  const kept: Attributes = {}
  try {
    for (const [key, value] of Object.entries(span.attributes ?? {})) {
      if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value
      else if (typeof value === 'string' && value.length <= MAX_NAME_LENGTH && NAMES.test(key)) {
        kept[key] = value
      }
    }
  } catch {
    // A getter that throws: what was read until then stays.
  }
  return kept
}

const MAX_NAME_LENGTH = 256
const NAMES =
  /(?:^|\.)(?:model|name|id|type|kind|provider|system|version|address|method|route|scheme|status_code)$/
