/** Takes reasoning out of values of any notation. Never changes what it is given. */
import {reasoningFields, reasoningType} from '../capture/reasoning-part.ts'
import {looksStructured} from '../capture/structured.ts'
import {findThoughts} from '../capture/think-tags.ts'
import {type Document, jsonLines, readDocument} from './document.ts'
import type {KnownTexts} from './known-texts.ts'
import {hasHint, hasMarker} from './markers.ts'
import {Pieces} from './pieces.ts'
import {createReplacement, OPAQUE_REMOVED, REMOVED} from './replacement.ts'
import type {ResolvedPolicy} from './rule.ts'

type Fields = Record<string, unknown>

/** Replaces what is reasoning in a value. Each returns the very value where nothing is. */
export interface Redactor {
  /** A value in which reasoning may stand somewhere. */
  value(value: unknown): unknown
  /** A value that is reasoning, all of it. */
  reasoning(value: unknown): unknown
  /** A value that stands in the place of reasoning, or proves it. */
  opaque(value: unknown): unknown
}

/** JSON in JSON strings is opened so often; what lies deeper is replaced if it shows a sign. */
const MAX_NESTING = 6
/** Levels of objects and arrays; what lies deeper is replaced. */
const MAX_DEPTH = 100

/** Under these a short word is a label and not a thought, even inside a thought. */
const LABELS: ReadonlySet<string> = new Set(
  '$type block_type finish_reason format id index kind object partKind part_kind role status type'.split(
    ' ',
  ),
)
/** Where a part that was cut off before it said what it is would keep its text. */
const TEXT_KEYS = ['content', 'text', 'value', 'summary'] as const
const TYPE_KEYS = ['type', 'role', 'kind', 'part_kind', '$type'] as const

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

const PROOF_NAME = /(?:thought|thinking|reasoning)_?signature|encrypted_?(?:content|reasoning)/i

/**
 * A proof where the part does not say that it is one of reasoning. Gemini signs other parts too, and
 * frameworks call that `signature` (bytes in base64, not the signature of a function) or make longer
 * names of it (`__gemini_function_call_thought_signatures__`).
 */
export const isProof = (key: string, value: unknown): boolean =>
  key === 'signature'
    ? typeof value === 'string' && /^[\w+/=-]{16,}$/.test(value)
    : PROOF_NAME.test(key)

const isLabel = (key: string, value: string): boolean =>
  LABELS.has(key) && value.length <= 40 && !/\s/.test(value)

/** More than a name or an id. */
const isProse = (key: string, value: string): boolean =>
  !isLabel(key, value) && (value.length > 64 || /\s/.test(value))

/** Where a walk is. */
interface Walk {
  readonly pieces: Pieces
  /** The string in which the document was cut off. */
  readonly cut: string | undefined
  /** The document shows reasoning somewhere. */
  readonly isMarked: boolean
  readonly nesting: number
}

/**
 * Makes a redactor.
 *
 * @param policy any but `keep`
 * @param known reasoning of this trace as it came, to be found where it is quoted
 */
export function createRedactor(policy: ResolvedPolicy, known: KnownTexts): Redactor {
  const replacement = createReplacement(policy, known)

  const alone = (text: string, cut = false): string =>
    replacement.pieces([{text, cut}])[0] ?? REMOVED

  /** Known texts quoted in a string that says nothing else of reasoning. */
  const quoted = (text: string): string => {
    if (known.isEmpty) return text
    if (known.has(text)) return alone(text)
    let result = ''
    let at = 0
    for (const quotation of known.quotations(text)) {
      result += text.slice(at, quotation.start) + replacement.quotation(text, quotation)
      at = quotation.end
    }
    return at === 0 ? text : result + text.slice(at)
  }

  /** Reasoning between tags in an answer. The tags stay. */
  const tagged = (text: string): string => {
    const thoughts = findThoughts(text)
    if (thoughts === undefined) return text
    let result = ''
    let at = 0
    for (const {start, end, incomplete} of thoughts) {
      result += text.slice(at, start) + alone(text.slice(start, end), incomplete)
      at = end
    }
    return result + text.slice(at)
  }

  function string(text: string, nesting: number): string {
    if (text.length < 2) return text
    return hasHint(text) ? marked(text, nesting) : quoted(text)
  }

  /** A string with a word of reasoning in it: a document, an answer with tags, or just prose. */
  function marked(text: string, nesting: number): string {
    if (nesting > MAX_NESTING) return hasMarker(text) ? REMOVED : quoted(text)
    const document = readDocument(text)
    if (document?.complete !== true) {
      const lines = jsonLines(text)
      if (lines !== undefined) return lines.map((line) => jsonLine(line, nesting)).join('\n')
    }
    if (document === undefined) return prose(text, nesting)
    if (!document.complete && document.cut === undefined && hasMarker(text)) {
      // Broken, and not just cut: what was read may be put together wrongly.
      return isMaskOfNothing(text) ? text : REMOVED
    }
    const value = walked(document, text, nesting)
    if (value !== document.value) return document.write(value)
    if (document.complete) return text
    return hasMarker(text) && !isMaskOfNothing(text) ? REMOVED : quoted(text)
  }

  /** Under `mask`, a broken document in which nothing is found, whatever of it is reasoning. */
  const isMaskOfNothing = (text: string): boolean =>
    policy.policy === 'mask' && policy.mask(text) === text

  const jsonLine = (line: string, nesting: number): string => {
    const start = line.search(/[[{]/)
    return start < 0 ? quoted(line) : line.slice(0, start) + string(line.slice(start), nesting + 1)
  }

  function prose(text: string, nesting: number): string {
    const answer = tagged(text)
    if (answer !== text) return quoted(answer)
    if (!hasMarker(text)) return quoted(text)
    // `Result: {…}`
    const start = text.search(/[[{]/)
    if (start > 0) {
      const rest = text.slice(start)
      const redacted = marked(rest, nesting + 1)
      if (redacted !== rest || readDocument(rest)?.complete === true) {
        return quoted(text.slice(0, start)) + redacted
      }
    }
    return isMaskOfNothing(text) ? text : REMOVED
  }

  /** Walks a document; under `mask` twice, since what to write depends on all of its pieces. */
  function walked(
    document: Pick<Document, 'value' | 'cut'>,
    text: string,
    nesting: number,
  ): unknown {
    const pieces = new Pieces()
    const walk: Walk = {
      pieces,
      cut: document.cut,
      isMarked: document.cut !== undefined && hasMarker(text),
      nesting,
    }
    inspect(document.value, walk, 0)
    pieces.replaceBy(replacement)
    return inspect(document.value, walk, 0)
  }

  /**
   * Looks for reasoning in a value.
   *
   * @param isBeside the value belongs to a part that is reasoning: a `signature` in it is the part's
   */
  function inspect(value: unknown, walk: Walk, depth: number, isBeside = false): unknown {
    if (typeof value === 'string') {
      return walk.pieces.isCollecting ? value : string(value, walk.nesting + 1)
    }
    if (!isObject(value)) return value
    if (depth > MAX_DEPTH || walk.pieces.isExhausted()) return REMOVED
    if (Array.isArray(value)) {
      return mapped(value, (item) => inspect(item, walk, depth + 1, isBeside))
    }
    const fields = reasoningFields(value)
    const kinds = new Map(fields.map(({key, kind}) => [key, kind]))
    const isPart = reasoningType(value) !== undefined
    const wasCut = !isPart && wasCutBeforeItsType(value, walk)
    return changed(value, (key, item) => {
      const kind = kinds.get(key)
      if (kind === 'opaque' || isProof(key, item) || (isBeside && key === 'signature')) {
        return removed(item)
      }
      // A part may keep its text under a name that nobody knows.
      const isText =
        typeof item === 'string' &&
        ((isPart && isProse(key, item)) || (wasCut && item === walk.cut))
      if (kind !== undefined || isText) return within(item, walk, depth + 1)
      return inspect(item, walk, depth + 1, isBeside || isPart)
    })
  }

  const wasCutBeforeItsType = (object: Fields, {cut, isMarked}: Walk): boolean =>
    cut !== undefined &&
    isMarked &&
    TEXT_KEYS.some((key) => object[key] === cut) &&
    !TYPE_KEYS.some((key) => key in object)

  /** Everything readable in here is reasoning. */
  function within(value: unknown, walk: Walk, depth: number): unknown {
    if (typeof value === 'string') {
      if (value === '') return value
      const inner =
        looksStructured(value) && walk.nesting < MAX_NESTING ? readDocument(value) : undefined
      if (inner === undefined || !isObject(inner.value) || policy.policy !== 'mask') {
        return walk.pieces.take({text: value, cut: value === walk.cut})
      }
      // A list of parts written as a text: masked as what it says, escapes undone.
      const next = within(inner.value, {...walk, cut: inner.cut, nesting: walk.nesting + 1}, depth)
      return next === inner.value ? value : inner.write(next)
    }
    if (!isObject(value)) return value
    if (depth > MAX_DEPTH || walk.pieces.isExhausted()) return REMOVED
    if (Array.isArray(value)) return mapped(value, (item) => within(item, walk, depth + 1))
    const opaque = new Set(
      reasoningFields(value).flatMap(({key, kind}) => (kind === 'opaque' ? [key] : [])),
    )
    return changed(value, (key, item) => {
      if (opaque.has(key) || (key === 'signature' && item !== null)) {
        return removed(item)
      }
      if (typeof item === 'string' && isLabel(key, item)) return item
      return within(item, walk, depth + 1)
    })
  }

  const whole = (walkInto: (walk: Walk) => unknown): unknown => {
    const pieces = new Pieces()
    const walk: Walk = {pieces, cut: undefined, isMarked: false, nesting: 0}
    walkInto(walk)
    pieces.replaceBy(replacement)
    return walkInto(walk)
  }

  return {
    value(value) {
      if (typeof value === 'string') return string(value, 0)
      return isObject(value) ? walked({value, cut: undefined}, '', 0) : value
    },
    reasoning: (value) => whole((walk) => within(value, walk, 0)),
    opaque: removed,
  }
}

const removed = (value: unknown): unknown =>
  value === null || value === undefined || value === '' || typeof value === 'boolean'
    ? value
    : OPAQUE_REMOVED

function mapped(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined
  for (const [i, item] of list.entries()) {
    const next = change(item)
    if (next === item) continue
    copy ??= [...list]
    copy[i] = next
  }
  return copy ?? list
}

function changed(object: Fields, change: (key: string, item: unknown) => unknown): Fields {
  let copy: Fields | undefined
  for (const key of Object.keys(object)) {
    const item = object[key]
    const next = change(key, item)
    if (next === item) continue
    copy ??= {...object}
    copy[key] = next
  }
  return copy ?? object
}
