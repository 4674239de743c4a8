/** The redaction with the known texts as a list, as tests like to write them. */
import type {Attributes} from '@opentelemetry/api'
import {KnownTexts} from '../../src/policy/known-texts.ts'
import * as values from '../../src/policy/redact-value.ts'
import type {ResolvedPolicy} from '../../src/policy/rule.ts'
import type {TimedEventLike} from '../../src/readable-span.ts'

export const redactAttributes = (
  attributes: Attributes,
  policy: ResolvedPolicy,
  texts: readonly string[],
): Attributes => values.redactAttributes(attributes, policy, new KnownTexts(texts))

export const redactEvents = (
  events: TimedEventLike[],
  policy: ResolvedPolicy,
  texts: readonly string[],
): TimedEventLike[] => values.redactEvents(events, policy, new KnownTexts(texts))

export const redactLogValue = (
  value: unknown,
  policy: ResolvedPolicy,
  texts: readonly string[],
): unknown => values.redactLogValue(value, policy, new KnownTexts(texts))
