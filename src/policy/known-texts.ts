/**
 * Finds a text that is known to be reasoning wherever it is quoted: as it is, or escaped any number
 * of times by JSON or Python, with its white space changed, or cut off.
 */

/** A passage that quotes a known text. All half-open, in UTF-16 code units. */
export interface Quotation {
  /** Where in the searched text. */
  readonly start: number
  readonly end: number
  /** The known text; `undefined` where several overlap, or where looking on would take too long. */
  readonly text: string | undefined
  /** Where in the known text. */
  readonly from: number
  readonly to: number
}

/** A piece of a known text that looks the same however it is escaped. */
interface Probe {
  readonly piece: string
  /** Where in the known text the piece starts, and where it ends. */
  readonly from: number
  readonly to: number
}

interface KnownText {
  /** Without white space at its ends. */
  readonly text: string
  readonly probes: readonly Probe[]
}

/** Shorter texts are no quotation: `Hm, ok.` says nothing and stands everywhere. */
const MIN_LENGTH = 8
/** A quotation of a part of a text, at least. */
const MIN_PART = 32
/**
 * Code units that are compared for each one searched, at most. Only a text that repeats itself and
 * nearly is a known one comes that far; it then counts as a quotation as a whole.
 */
const MAX_EFFORT = 8
/** How far from its start, and from its middle, a probe is looked for in a known text. */
const PROBE_REACH = 256

const PLAIN = /[A-Za-z0-9][A-Za-z0-9 ,.;:()-]{7,31}/
/** Where there is nothing of the kind: a piece without what every notation escapes. */
const UNQUOTED = /[^\s"'\\/<>&]{3,16}/

const hex = (piece: string, slashes: string): string =>
  piece.replace(
    /[\u0080-\uffff]/g,
    (unit) => `${slashes}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const upperHex = (escaped: string): string =>
  escaped.replace(/u[0-9a-f]{4}/g, (unit) => `u${unit.slice(1).toUpperCase()}`)

function probesAt(text: string, offset: number): readonly Probe[] {
  const stretch = text.slice(offset, offset + PROBE_REACH)
  const match = PLAIN.exec(stretch) ?? UNQUOTED.exec(stretch)
  if (match === null) return []
  const piece = match[0]
  const from = offset + match.index
  const probe = (one: string): Probe => ({piece: one, from, to: from + piece.length})
  const escaped = hex(piece, '\\')
  if (escaped === piece) return [probe(piece)]
  const doubled = hex(piece, '\\\\')
  return [piece, escaped, upperHex(escaped), doubled, upperHex(doubled)].map(probe)
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 160
const BACKSLASH = 92

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  b: 8,
  f: 12,
  v: 11,
  a: 7,
  '0': 0,
}
const HEX_DIGITS: Readonly<Record<string, number>> = {u: 4, x: 2, U: 8}

/** The code point behind a backslash at `at`, and how many code units spell it. */
function escapeAt(raw: string, at: number): readonly [number, number] {
  const letter = raw[at] ?? ''
  const digits = HEX_DIGITS[letter]
  if (digits !== undefined) {
    const spelt = raw.slice(at + 1, at + 1 + digits)
    if (spelt.length === digits && /^[0-9a-f]+$/i.test(spelt)) {
      return [Number.parseInt(spelt, 16), 1 + digits]
    }
  }
  return [ESCAPES[letter] ?? raw.charCodeAt(at), 1]
}

/** How far `raw` from `j` on goes on like `text` from `i` on. */
function forward(text: string, i: number, raw: string, j: number): readonly [number, number] {
  for (;;) {
    if (i >= text.length || j >= raw.length) return [i, j]
    const wanted = text.charCodeAt(i)
    const code = raw.charCodeAt(j)
    if (code === wanted && code !== BACKSLASH) {
      i++
      j++
      continue
    }
    if (isSpace(code) && isSpace(wanted)) {
      while (isSpace(text.charCodeAt(i))) i++
      while (isSpace(raw.charCodeAt(j))) j++
      continue
    }
    if (code !== BACKSLASH) return [i, j]
    let behind = j
    while (raw.charCodeAt(behind) === BACKSLASH) behind++
    let next = i
    while (text.charCodeAt(next) === BACKSLASH) next++
    if (next - i > behind - j) return [i, j]
    if (behind >= raw.length) return [next, behind]
    const [point, units] = escapeAt(raw, behind)
    const own = next < text.length ? (text.codePointAt(next) ?? -1) : -1
    if (point === own || point === text.charCodeAt(next)) {
      i = next + (point === own && own > 0xffff ? 2 : 1)
      j = behind + units
    } else if (isSpace(point) && isSpace(own)) {
      i = next + 1
      j = behind + units
    } else if (next > i) {
      // The text's own backslashes, and what follows them is no escape.
      i = next
      j = behind
    } else if (raw.charCodeAt(behind) === own) {
      // `\n` is an escaped `n` to us and a bare one to whoever wrote it.
      i = next + 1
      j = behind + 1
    } else {
      return [i, j]
    }
  }
}

/** How far `raw` before `j` is like `text` before `i`; not behind `floor`. */
function backward(
  text: string,
  i: number,
  raw: string,
  j: number,
  floor: number,
): readonly [number, number] {
  const skipSlashes = (): void => {
    if (i === 0 || text.charCodeAt(i - 1) === BACKSLASH) return
    while (j > floor && raw.charCodeAt(j - 1) === BACKSLASH) j--
  }
  for (;;) {
    if (i <= 0 || j <= floor) return [i, j]
    const wanted = text.charCodeAt(i - 1)
    const code = raw.charCodeAt(j - 1)
    if (code === wanted) {
      i--
      j--
      // A quotation mark or a backslash is escaped in front.
      if (wanted === 34 || wanted === 39 || wanted === 47 || wanted === BACKSLASH) skipSlashes()
      continue
    }
    if (isSpace(code) && isSpace(wanted)) {
      while (i > 0 && isSpace(text.charCodeAt(i - 1))) i--
      while (j > floor && isSpace(raw.charCodeAt(j - 1))) j--
      continue
    }
    let matched = false
    for (const units of [1, 3, 5, 9]) {
      const slash = j - units - 1
      if (slash < floor || raw.charCodeAt(slash) !== BACKSLASH) continue
      const [point, length] = escapeAt(raw, slash + 1)
      const isPair = point > 0xffff && text.codePointAt(i - 2) === point
      if (
        length !== units ||
        !(point === wanted || isPair || (isSpace(point) && isSpace(wanted)))
      ) {
        continue
      }
      i -= isPair ? 2 : 1
      j = slash
      skipSlashes()
      matched = true
      break
    }
    if (!matched) return [i, j]
  }
}

/** Overlapping quotations as one. */
function merged(quotations: Quotation[]): readonly Quotation[] {
  if (quotations.length < 2) return quotations
  quotations.sort((a, b) => a.start - b.start || b.end - a.end)
  const result: Quotation[] = []
  for (const next of quotations) {
    const last = result.at(-1)
    if (last === undefined || next.start >= last.end) result.push(next)
    else if (next.end > last.end) {
      result[result.length - 1] = {
        start: last.start,
        end: next.end,
        text: undefined,
        from: 0,
        to: 0,
      }
    }
  }
  return result
}

/** Texts that are known to be reasoning, ready to be looked for. */
export interface KnownTexts {
  readonly isEmpty: boolean
  /** Every quotation of any of them, in order, without overlap. Linear in `raw` for each text. */
  quotations(raw: string): readonly Quotation[]
  /** The known text that `raw` as a whole is, white space at its ends aside. */
  has(raw: string): boolean
  /** A known text that goes on where `beginning` was cut off. */
  continuing(beginning: string): string | undefined
}

/**
 * UTF-16 code units of texts that stay prepared (8 MiB); over it they are prepared again. Each span
 * of a trace asks for the thoughts of all spans before it.
 */
const MAX_PREPARED = 4 * 1024 * 1024

const prepared = new Map<string, KnownText>()
let preparedLength = 0

function prepare(raw: string): KnownText {
  let known = prepared.get(raw)
  if (known !== undefined) return known
  const text = raw.trim()
  const middle = text.length > 4 * PROBE_REACH ? probesAt(text, text.length >> 1) : []
  const probes = text.length < MIN_LENGTH ? [] : [...probesAt(text, 0), ...middle]
  known = {text, probes}
  if (preparedLength + raw.length > MAX_PREPARED) {
    prepared.clear()
    preparedLength = 0
  }
  if (raw.length <= MAX_PREPARED) {
    prepared.set(raw, known)
    preparedLength += raw.length
  }
  return known
}

/** Prepares texts. Those under 8 code units are only found where they stand alone. */
export function compileKnownTexts(texts: readonly string[]): KnownTexts {
  const whole = new Set<string>()
  const known: KnownText[] = []
  for (const raw of texts) {
    const one = prepare(raw)
    if (one.text === '' || whole.has(one.text)) continue
    whole.add(one.text)
    if (one.probes.length > 0) known.push(one)
  }

  const search = ({text}: KnownText, probe: Probe, raw: string, found: Quotation[]): void => {
    let floor = 0
    let effort = 0
    let at = raw.indexOf(probe.piece)
    while (at >= 0) {
      const [from, start] = backward(text, probe.from, raw, at, floor)
      const [to, end] = forward(text, probe.to, raw, at + probe.piece.length)
      const length = to - from
      // Reasoning quotes prompts and drafts answers: a passage in common is no quotation of it.
      const isCut = from === 0 && end >= raw.length
      const isMost = isCut || length * 2 >= text.length
      if (length === text.length || (length >= MIN_PART && isMost)) {
        found.push({start, end, text, from, to})
        floor = end
        at = raw.indexOf(probe.piece, end)
        continue
      }
      effort += length
      if (effort > MAX_EFFORT * raw.length) {
        found.push({start: 0, end: raw.length, text: undefined, from: 0, to: 0})
        return
      }
      at = raw.indexOf(probe.piece, at + 1)
    }
  }

  return {
    isEmpty: whole.size === 0,
    has: (raw) => whole.has(raw.trim()),
    continuing: (beginning) => {
      const start = beginning.trimStart()
      if (start.length < MIN_PART) return undefined
      return known.find(({text}) => text.length > start.length && text.startsWith(start))?.text
    },
    quotations(raw) {
      const found: Quotation[] = []
      for (const one of known) for (const probe of one.probes) search(one, probe, raw, found)
      return merged(found)
    },
  }
}
