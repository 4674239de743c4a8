/** Spans that leave without our additions: too many waited, we failed, or we are turned off. */
import type {Attributes} from '@opentelemetry/api'
import {captureSpan} from './capture/span/index.ts'
import {copySpan, type ExpansionContext} from './expand.ts'
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
    return copySpan(span, withoutText(span), [])
  }
}

function underPolicy(span: ReadableSpanLike, {options, thoughts}: ExpansionContext) {
  if (isReasoningSpan(span)) {
    const {attributes, events} = redactOwnSpan(span, options)
    return copySpan(span, attributes, events)
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
  const shown = redactSpan(span, call, [policy], options, thoughts)
  return copySpan(span, shown.attributes, shown.events)
}

/** Short strings that name things, and everything that is not text. */
function withoutText(span: ReadableSpanLike): Attributes {
  const kept: Attributes = {}
  try {
    for (const [key, value] of Object.entries(span.attributes ?? {})) {
      if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value
      else if (typeof value === 'string' && NAMES.test(key)) kept[key] = value
    }
  } catch {
    // A getter that throws: what was read until then stays.
  }
  return kept
}

const NAMES =
  /(?:^|\.)(?:model|name|id|type|kind|provider|system|version|address|method|route|scheme|status_code)$/
