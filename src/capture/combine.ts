/** One thought, one block: the same output seen under several keys becomes one list of items. */
import type {OutputItem, ReasoningBlock} from '../model.ts'

interface Source {
  readonly items: OutputItem[]
  /** Texts of its readable blocks, as they are. */
  readonly texts: readonly string[]
  readonly opaque: number
  readonly choices: boolean
  /** The texts without white space; made only when two sources do not match as they are. */
  bare?: readonly string[] | undefined
  joined?: string | undefined
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '')

const isOpaque = (block: ReasoningBlock): boolean =>
  block.visibility === 'redacted' || block.visibility === 'encrypted'

function asSource(items: OutputItem[]): Source {
  const texts: string[] = []
  let opaque = 0
  let choices = false
  for (const item of items) {
    if (item.type !== 'reasoning') continue
    const {block} = item
    if (block.choiceIndex !== undefined) choices = true
    if (block.text !== '') texts.push(block.text)
    else if (isOpaque(block)) opaque++
  }
  return {items, texts, opaque, choices}
}

const bareOf = (source: Source): readonly string[] =>
  (source.bare ??= source.texts.map(withoutSpace))

const joinedOf = (source: Source): string => (source.joined ??= bareOf(source).join(''))

/** The usual case: two keys hold the very same texts. */
const isSame = (a: Source, b: Source): boolean =>
  a.texts.length === b.texts.length && a.texts.every((text, index) => text === b.texts[index])

/** Whether `a` is the better telling of the output: more of it, then better kept apart. */
function isRicher(a: Source, b: Source): boolean {
  if (!isSame(a, b) && joinedOf(a).length !== joinedOf(b).length) {
    return joinedOf(a).length > joinedOf(b).length
  }
  if (a.texts.length !== b.texts.length) return a.texts.length > b.texts.length
  if (a.opaque !== b.opaque) return a.opaque > b.opaque
  if (a.choices !== b.choices) return a.choices
  return a.texts.length === 0 && a.items.length > b.items.length
}

/** What `other` tells that `base` does not: blocks that are neither in it nor a cut form of one. */
function missingBlocks(base: Source, other: Source): OutputItem[] {
  const repeats =
    other.texts.length === 0 ||
    isSame(base, other) ||
    joinedOf(base).startsWith(joinedOf(other)) ||
    joinedOf(base).endsWith(joinedOf(other))
  const known = repeats ? undefined : new Set(bareOf(base))
  let opaqueLeft = Math.max(0, other.opaque - base.opaque)
  const missing: OutputItem[] = []
  for (const item of other.items) {
    if (item.type !== 'reasoning') continue
    const {block} = item
    if (block.text === '') {
      // An encrypted copy beside the text is the same thought; a redacted one is another.
      if (opaqueLeft === 0 || !isOpaque(block)) continue
      if (block.visibility === 'encrypted' && base.texts.length > 0) continue
      opaqueLeft--
      missing.push(item)
    } else if (known !== undefined) {
      const text = withoutSpace(block.text)
      if (known.has(text)) continue
      if (block.incomplete && bareOf(base).some((whole) => whole.startsWith(text))) continue
      missing.push(item)
    }
  }
  return missing
}

/**
 * A joined text whose last part another source keeps apart, in two: Mastra's stream joins the text
 * of all steps and keeps only the last step's part.
 */
function apart(base: Source, told: readonly Source[]): Source {
  const whole = base.texts[0]
  if (whole === undefined || base.texts.length > 1) return base
  for (const {texts} of told) {
    const last = texts[0]
    if (last === undefined || texts.length > 1 || last.length >= whole.length) continue
    if (!whole.endsWith(last)) continue
    const split = base.items.flatMap((item): OutputItem[] => {
      if (item.type !== 'reasoning' || item.block.text !== whole) return [item]
      const {block} = item
      const head = {...block, text: whole.slice(0, -last.length)}
      return [
        {type: 'reasoning', block: head},
        {type: 'reasoning', block: {...block, text: last}},
      ]
    })
    return asSource(split)
  }
  return base
}

/**
 * Combines what was read of one output under several keys or names. The fullest source gives the
 * order and the blocks; what only others have (a redacted block, an answer, tool calls) is added
 * from them. Sources that are equally full count in the order given.
 */
export function combine(sources: readonly OutputItem[][]): OutputItem[] {
  const filled = sources.filter((items) => items.length > 0)
  const first = filled[0]
  if (first === undefined) return []
  if (filled.length === 1) return first
  const told = filled.map(asSource)
  let base = told[0] as Source
  for (const source of told) if (isRicher(source, base)) base = source
  const fullest = base
  base = apart(fullest, told)
  const added: OutputItem[] = []
  const texts: OutputItem[] = []
  const calls: OutputItem[] = []
  let hasText = base.items.some((item) => item.type === 'text')
  let hasCall = base.items.some((item) => item.type === 'tool_call')
  for (const source of told) {
    if (source === fullest) continue
    added.push(...missingBlocks(base, source))
    if (!hasText) {
      for (const item of source.items) {
        // Some instrumentations also label the reasoning as text.
        if (item.type === 'text' && !isThought(base, item.text)) texts.push(item)
      }
      hasText = texts.length > 0
    }
    if (!hasCall) {
      for (const item of source.items) if (item.type === 'tool_call') calls.push(item)
      hasCall = calls.length > 0
    }
  }
  if (added.length === 0 && texts.length === 0 && calls.length === 0) return base.items
  // The additions to reasoning go behind the reasoning that is there, before any answer.
  let after = -1
  base.items.forEach((item, index) => {
    if (item.type === 'reasoning') after = index
  })
  return [
    ...base.items.slice(0, after + 1),
    ...added,
    ...base.items.slice(after + 1).filter((item) => item.type === 'text'),
    ...texts,
    ...base.items.slice(after + 1).filter((item) => item.type !== 'text'),
    ...calls,
  ]
}

function isThought(base: Source, text: string): boolean {
  if (base.texts.length === 0) return false
  if (base.texts.includes(text)) return true
  const bare = withoutSpace(text)
  return bare === joinedOf(base) || bareOf(base).includes(bare)
}
