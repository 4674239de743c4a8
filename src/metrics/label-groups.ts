/** What sets calls apart in metrics, with a limit on how many such groups there may be. */
import type {Attributes, AttributeValue} from '@opentelemetry/api'
import {
  ATTR_PROMPT_NAME,
  ATTR_PROMPT_VERSION,
  ATTR_REQUEST_MODEL,
  METRIC_GROUP_LIMIT,
} from '../semconv.ts'

const KEYS = [ATTR_REQUEST_MODEL, ATTR_PROMPT_NAME, ATTR_PROMPT_VERSION] as const

/** In the place of each value of a group that is one too many. */
const OTHER = 'other'

/** Labels by model, prompt name and prompt version: the first hundred combinations, then `other`. */
export class LabelGroups {
  readonly #groups = new Map<string, Attributes>()

  /** The same object for the same group. */
  of(attributes: Attributes): Attributes {
    const values = KEYS.map((key) => attributes[key])
    const id = JSON.stringify(values)
    const known = this.#groups.get(id)
    if (known !== undefined) return known
    const isFull = this.#groups.size >= METRIC_GROUP_LIMIT
    const group: Attributes = {}
    for (const [i, key] of KEYS.entries()) {
      const value: AttributeValue | undefined = values[i]
      if (value !== undefined) group[key] = isFull ? OTHER : value
    }
    if (!isFull) this.#groups.set(id, group)
    return group
  }
}
