/** Values that are meant to be searched for: short, and never structured. */
import type {AttributeValue} from '@opentelemetry/api'
import {cutText} from './text.ts'

/** Elasticsearch and Cassandra, behind Jaeger, index no longer value. */
const MAX_BYTES = 255

/** A short string, a number or a boolean; `undefined` for anything else. */
export function scalar(value: string | undefined): string | undefined
export function scalar(value: AttributeValue | undefined): string | number | boolean | undefined
export function scalar(value: AttributeValue | undefined): string | number | boolean | undefined {
  if (typeof value === 'string') return cutText(value, 0, value.length, MAX_BYTES)
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
