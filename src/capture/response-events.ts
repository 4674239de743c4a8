/** Streams of OpenAI's Responses that somebody recorded as a list of events. */

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (item: unknown): string =>
  isObject(item) && typeof item['type'] === 'string' ? item['type'] : ''

const isEvent = (item: unknown): boolean => typeOf(item).startsWith('response.')

const DELTAS: ReadonlySet<string> = new Set([
  'response.output_text.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
])

/** Whether an event is a piece of the answer or of the reasoning. */
export const isResponseDelta = (item: unknown): boolean => DELTAS.has(typeOf(item))

const isWhole = (item: unknown): boolean => {
  const response = isObject(item) ? item['response'] : undefined
  const output = isObject(response) ? response['output'] : undefined
  return Array.isArray(output) && output.length > 0
}

/**
 * Of a list of such events the ones that tell the output once: the whole response, otherwise the
 * items that were completed, otherwise the pieces. Any other list is given back as it is.
 */
export function tellingEvents(list: readonly unknown[]): readonly unknown[] {
  if (!list.some(isEvent)) return list
  const whole = list.filter(isWhole)
  if (whole.length > 0) return whole.slice(-1)
  const completed = list
    .filter((item) => typeOf(item) === 'response.output_item.done')
    .map((item) => (item as Fields)['item'])
  return completed.length > 0 ? completed : list.filter(isResponseDelta)
}
