/** Pieces of a stream that somebody kept as they came, and how they become one text again. */
import type {OutputItem} from '../model.ts'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A piece of a stream that somebody recorded as it came. */
export function isChunk(object: Fields): boolean {
  if (isObject(object['delta'])) return true
  const {choices, type} = object
  if (Array.isArray(choices)) {
    return choices.every((choice) => isObject(choice) && isObject(choice['delta']))
  }
  return typeof type === 'string' && /^(?:content_block|message)_(?:start|stop|delta)$/.test(type)
}

/** Parts of Gemini and Genkit, which keep the chunks of a streamed thought side by side. */
export const isBareThought = (part: Fields): boolean =>
  part['thought'] === true ||
  (typeof part['reasoning'] === 'string' &&
    part['type'] === undefined &&
    part['role'] === undefined &&
    part['content'] === undefined &&
    part['parts'] === undefined)

/** Adds a chunk's piece to the item before it, where both are of one kind and one alternative. */
export function extendsLast(items: OutputItem[], item: OutputItem): boolean {
  const last = items.at(-1)
  if (item.type === 'text' && last?.type === 'text') {
    last.text += item.text
    return true
  }
  if (item.type !== 'reasoning' || last?.type !== 'reasoning') return false
  const {block} = item
  const same =
    block.visibility === last.block.visibility && block.choiceIndex === last.block.choiceIndex
  // Markers of chunks (a signature that comes last) belong to the thought before them.
  if (same) last.block.text += block.text
  return same || block.text === ''
}
