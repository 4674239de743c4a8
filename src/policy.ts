/** What may leave the process: `keep`, `mask`, `hash`, `length` or `drop`, and where it holds. */
export {type ContentPolicyResolver, createContentPolicy} from './policy/content-policy.ts'
export type {DetectorName} from './policy/detectors.ts'
export {KnownTexts, NO_KNOWN_TEXTS} from './policy/known-texts.ts'
export {maskedRanges, maskText, type MaskedRange} from './policy/mask.ts'
export {redactAttributes, redactEvents, redactLogValue} from './policy/redact-value.ts'
export {
  type ContentContext,
  type ContentOption,
  type ContentOrigin,
  type ContentRule,
  type ContentRuleObject,
  type ResolvedPolicy,
} from './policy/rule.ts'
export {strictest} from './policy/rule.ts'
export {applyPolicy} from './policy/text-attributes.ts'
