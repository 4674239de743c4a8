/** Takes reasoning out of values of any notation. Never changes what it is given. */
import {isOpaqueName, reasoningFields, reasoningType} from '../capture/reasoning-part.ts'
import {looksStructured, parseStructured} from '../capture/structured.ts'
import {splitThinkTags} from '../capture/think-tags.ts'
import {compileKnownTexts} from './known-texts.ts'
import {hasHint, hasMarker} from './markers.ts'
import {writePython} from './python-text.ts'
import {
  createReplacement,
  OPAQUE_REMOVED,
  type Piece,
  REMOVED,
  type Replacement,
} from './replacement.ts'
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

/** Objects and arrays of one value: what refers to itself has no end. */
const MAX_NODES = 200_000

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

/**
 * Gemini signs parts that are no thoughts too, and frameworks call that `signature`: bytes in
 * base64, not the signature of a function.
 */
export const isSignature = (key: string, value: unknown): boolean =>
  key === 'signature' && typeof value === 'string' && /^[\w+/=-]{16,}$/.test(value)

const isLabel = (key: string, value: string): boolean =>
  LABELS.has(key) && value.length <= 40 && !/\s/.test(value)

/** An attribute's string, read. */
interface Document {
  readonly value: unknown
  readonly complete: boolean
  readonly cut: string | undefined
  readonly write: (value: unknown) => string
}

const writeJson = (value: unknown): string => JSON.stringify(value) ?? 'null'

const PYTHON = /^[\s[{(]{0,20}(?:[a-z]{0,2}'|[A-Za-z_][\w.]{0,80}\()/

function readDocument(text: string): Document | undefined {
  const isQuoted = text.charCodeAt(0) === 0x22
  if (isQuoted || looksStructured(text)) {
    try {
      const value: unknown = JSON.parse(text)
      return {value, complete: true, cut: undefined, write: writeJson}
    } catch {
      // Cut, broken, or Python's.
    }
  }
  const reading = parseStructured(text)
  if (reading === undefined) return undefined
  const write = PYTHON.test(text) ? writePython : writeJson
  return {value: reading.value, complete: reading.complete, cut: reading.cut, write}
}

/** Lines of JSON, or of a server-sent stream of it; `undefined` where one line is neither. */
function jsonLines(text: string): string[] | undefined {
  if (!text.includes('\n')) return undefined
  const lines = text.split('\n')
  const isLine = (line: string): boolean =>
    /^\s{0,8}(?:(?:data:\s?)?(?:[[{]|$)|event:|id:|:)/.test(line)
  return lines.every(isLine) ? lines : undefined
}

/** Carries pieces from the walk that collects them to the walk that puts in what replaces them. */
class Pieces {
  isCollecting = true
  readonly #collected: Piece[] = []
  #replacements: readonly string[] = []
  #next = 0
  #nodes = 0

  take(piece: Piece): string {
    if (!this.isCollecting) return this.#replacements[this.#next++] ?? REMOVED
    this.#collected.push(piece)
    return piece.text
  }

  replaceBy(replacement: Replacement): void {
    this.#replacements = replacement.pieces(this.#collected)
    this.isCollecting = false
    this.#nodes = 0
  }

  /** Whether so many objects were visited that this one is replaced unseen. */
  isExhausted(): boolean {
    return ++this.#nodes > MAX_NODES
  }
}

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
 * @param knownTexts reasoning of this trace as it came, to be found where it is quoted
 */
export function createRedactor(policy: ResolvedPolicy, knownTexts: readonly string[]): Redactor {
  // Under `mask` a thought without secrets may stand anywhere.
  const secret =
    policy.policy === 'mask' ? knownTexts.filter((text) => policy.mask(text) !== text) : knownTexts
  const known = compileKnownTexts(secret)
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
    const thoughts = splitThinkTags(text)?.flatMap((piece) =>
      piece.type === 'reasoning' ? [piece] : [],
    )
    if (thoughts === undefined) return text
    let result = ''
    let at = 0
    for (const {text: thought, incomplete} of thoughts) {
      let start = text.indexOf(thought, at)
      // The same words may stand in the answer too: the ones behind a tag are meant.
      while (start > 0 && !/(?:^|[>\]▷])\s*$/.test(text.slice(Math.max(at, start - 80), start))) {
        const next = text.indexOf(thought, start + 1)
        if (next < 0) break
        start = next
      }
      if (start < 0) return REMOVED
      result += text.slice(at, start) + alone(thought, incomplete === true)
      at = start + thought.length
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

  /** Looks for reasoning in a value. */
  function inspect(value: unknown, walk: Walk, depth: number): unknown {
    if (typeof value === 'string') {
      return walk.pieces.isCollecting ? value : string(value, walk.nesting + 1)
    }
    if (!isObject(value)) return value
    if (depth > MAX_DEPTH || walk.pieces.isExhausted()) return REMOVED
    if (Array.isArray(value)) return mapped(value, (item) => inspect(item, walk, depth + 1))
    const fields = reasoningFields(value)
    const kinds = new Map(fields.map(({key, kind}) => [key, kind]))
    const isPart = reasoningType(value) !== undefined || wasCutBeforeItsType(value, walk)
    return changed(value, (key, item) => {
      const kind = kinds.get(key)
      if (kind === 'opaque' || isSignature(key, item)) return removed(item)
      if (kind !== undefined) return within(item, walk, depth + 1)
      if (!isPart) return inspect(item, walk, depth + 1)
      if (typeof item !== 'string') return beside(item, walk, depth + 1)
      const isCutText = item === walk.cut && !isLabel(key, item)
      return isCutText ? within(item, walk, depth + 1) : inspect(item, walk, depth + 1)
    })
  }

  const wasCutBeforeItsType = (object: Fields, {cut, isMarked}: Walk): boolean =>
    cut !== undefined &&
    isMarked &&
    TEXT_KEYS.some((key) => object[key] === cut) &&
    !TYPE_KEYS.some((key) => key in object)

  /** What a framework keeps beside a part: there a `signature` is the part's. */
  function beside(value: unknown, walk: Walk, depth: number): unknown {
    if (!isObject(value)) return inspect(value, walk, depth)
    if (depth > MAX_DEPTH || walk.pieces.isExhausted()) return REMOVED
    if (Array.isArray(value)) return mapped(value, (item) => beside(item, walk, depth + 1))
    return changed(value, (key, item) => {
      if (isOpaqueName(key) || key === 'signature') return removed(item)
      return beside(item, walk, depth + 1)
    })
  }

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
