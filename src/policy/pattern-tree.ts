/** A regular expression's source as a tree, as far as its cost depends on it. */

/** A set of characters: which of ASCII, and whether any beyond. */
export interface CharacterSet {
  /** Bit `c & 31` of word `c >> 5` for each ASCII character `c`. */
  readonly ascii: Uint32Array
  /** May match something beyond ASCII: then it is taken to overlap with everything that may. */
  readonly beyond: boolean
}

/** One term of a pattern. */
export type PatternNode =
  | {type: 'characters'; set: CharacterSet}
  | {type: 'sequence'; items: readonly PatternNode[]}
  | {type: 'either'; options: readonly PatternNode[]}
  | {
      type: 'repeat'
      body: PatternNode
      min: number
      max: number
      /** The quantifier without its `?`: where in the source it stands. */
      start: number
      end: number
    }
  /** `^`, `$`, `\b`, `\B`: takes no characters. */
  | {type: 'assertion'; source: string}
  | {type: 'look'; body: PatternNode; behind: boolean}

/** What the reader does not understand, and so nobody can vouch for. */
export class UnreadablePattern extends Error {
  override name = 'UnreadablePattern'
}

const emptySet = (beyond = false): {ascii: Uint32Array; beyond: boolean} => ({
  ascii: new Uint32Array(4),
  beyond,
})

const add = (set: {ascii: Uint32Array}, code: number): void => {
  set.ascii[code >> 5] = (set.ascii[code >> 5] ?? 0) | (1 << (code & 31))
}

const addRange = (set: {ascii: Uint32Array; beyond: boolean}, from: number, to: number): void => {
  for (let code = from; code <= Math.min(to, 127); code++) add(set, code)
  if (to > 127) set.beyond = true
}

function union(target: {ascii: Uint32Array; beyond: boolean}, other: CharacterSet): void {
  for (let i = 0; i < 4; i++) target.ascii[i] = (target.ascii[i] ?? 0) | (other.ascii[i] ?? 0)
  target.beyond ||= other.beyond
}

function negated(set: CharacterSet): CharacterSet {
  const result = emptySet(true)
  for (let i = 0; i < 4; i++) result.ascii[i] = ~(set.ascii[i] ?? 0)
  return result
}

const setOf = (ranges: readonly (readonly [number, number])[], beyond = false): CharacterSet => {
  const set = emptySet(beyond)
  for (const [from, to] of ranges) addRange(set, from, to)
  return set
}

const DIGIT = setOf([[48, 57]])
/** `\w`. With `iu` it takes two letters beyond ASCII; that makes no difference here. */
export const WORD: CharacterSet = setOf([
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
])
const SPACE = setOf(
  [
    [9, 13],
    [32, 32],
  ],
  true,
)
const LINE_END = setOf(
  [
    [10, 10],
    [13, 13],
  ],
  false,
)
const ANY = setOf([[0, 127]], true)

/** Whether a character can be in both. */
export function overlap(a: CharacterSet, b: CharacterSet): boolean {
  if (a.beyond && b.beyond) return true
  for (let i = 0; i < 4; i++) if (((a.ascii[i] ?? 0) & (b.ascii[i] ?? 0)) !== 0) return true
  return false
}

/** Whether two sets are the same set. */
export const isSame = (a: CharacterSet, b: CharacterSet): boolean =>
  a.beyond === b.beyond && a.ascii.every((word, i) => word === b.ascii[i])

const CONTROLS: Readonly<Record<string, number>> = {t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0}
const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: DIGIT,
  D: negated(DIGIT),
  w: WORD,
  W: negated(WORD),
  s: SPACE,
  S: negated(SPACE),
}

/** How deep groups may nest: deeper is not worth reading. */
const MAX_DEPTH = 50

/**
 * Reads a pattern that the engine has already accepted.
 *
 * @throws UnreadablePattern on backreferences and on what is not understood
 */
export function readPattern(pattern: RegExp): PatternNode {
  const {source} = pattern
  const ignoreCase = pattern.flags.includes('i')
  const sets = pattern.flags.includes('v')
  const unicode = sets || pattern.flags.includes('u')
  let at = 0

  /** With `i`, letters match their other case too; some also letters beyond ASCII. */
  const folded = (set: CharacterSet): CharacterSet => {
    if (!ignoreCase) return set
    const result = emptySet(set.beyond)
    union(result, set)
    for (let upper = 65; upper <= 90; upper++) {
      const lower = upper + 32
      const has = (code: number): boolean =>
        ((set.ascii[code >> 5] ?? 0) & (1 << (code & 31))) !== 0
      if (has(upper) || has(lower)) {
        add(result, upper)
        add(result, lower)
        if (unicode && (upper === 75 || upper === 83)) result.beyond = true
      }
    }
    return result
  }

  const codeUnit = (code: number): CharacterSet => setOf([[code, code]])

  /** Behind a backslash. A number where it stands for one character. */
  const readEscape = (inClass: boolean): CharacterSet | number => {
    const letter = source[at++] ?? ''
    const known = CLASSES[letter]
    if (known !== undefined) return known
    if (letter === 'p' || letter === 'P') {
      if (!unicode) return letter.charCodeAt(0)
      at = source.indexOf('}', at) + 1
      return ANY
    }
    if (letter === 'k' && !inClass) throw new UnreadablePattern('a backreference')
    if (letter >= '1' && letter <= '9' && !inClass) throw new UnreadablePattern('a backreference')
    if (letter === 'b' && inClass) return 8
    if (letter === 'q' && inClass && sets) throw new UnreadablePattern('strings in a class')
    const control = CONTROLS[letter]
    if (control !== undefined) return control
    if (letter === 'c') return source.charCodeAt(at++) & 31
    const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : 0
    if (digits > 0) {
      if (source[at] === '{' && unicode) {
        const close = source.indexOf('}', at)
        const code = Number.parseInt(source.slice(at + 1, close), 16)
        at = close + 1
        return code
      }
      const hex = source.slice(at, at + digits)
      if (/^[0-9a-f]+$/i.test(hex) && hex.length === digits) {
        at += digits
        return Number.parseInt(hex, 16)
      }
    }
    return letter.charCodeAt(0)
  }

  const readClassItem = (): CharacterSet | number => {
    if (source[at] === '\\') {
      at++
      return readEscape(true)
    }
    if (sets && source[at] === '[') throw new UnreadablePattern('a class inside a class')
    const code = source.codePointAt(at) ?? 0
    at += code > 0xffff ? 2 : 1
    return code
  }

  const readClass = (): CharacterSet => {
    const negate = source[at] === '^'
    if (negate) at++
    const set = emptySet()
    while (at < source.length && source[at] !== ']') {
      if (sets && (source.startsWith('--', at) || source.startsWith('&&', at))) {
        throw new UnreadablePattern('an operation on classes')
      }
      const from = readClassItem()
      if (source[at] === '-' && source[at + 1] !== ']' && typeof from === 'number') {
        at++
        const to = readClassItem()
        if (typeof to === 'number') {
          addRange(set, from, to)
          continue
        }
        add(set, 45)
        union(set, to)
      }
      if (typeof from === 'number') addRange(set, from, from)
      else union(set, from)
    }
    at++
    return negate ? negated(folded(set)) : folded(set)
  }

  const readGroup = (depth: number): PatternNode => {
    if (source[at] !== '?') return readEither(depth)
    const head = source.slice(at, at + 3)
    if (head.startsWith('?=') || head.startsWith('?!')) {
      at += 2
      return {type: 'look', body: readEither(depth), behind: false}
    }
    if (head === '?<=' || head === '?<!') {
      at += 3
      return {type: 'look', body: readEither(depth), behind: true}
    }
    if (head.startsWith('?<')) {
      at = source.indexOf('>', at) + 1
      return readEither(depth)
    }
    if (head.startsWith('?:')) {
      at += 2
      return readEither(depth)
    }
    throw new UnreadablePattern('a group with flags of its own')
  }

  const readAtom = (depth: number): PatternNode => {
    const char = source[at++] ?? ''
    if (char === '(') {
      if (depth > MAX_DEPTH) throw new UnreadablePattern('too many nested groups')
      const body = readGroup(depth + 1)
      at++
      return body
    }
    if (char === '[') return {type: 'characters', set: readClass()}
    if (char === '.') {
      return {type: 'characters', set: pattern.flags.includes('s') ? ANY : negated(LINE_END)}
    }
    if (char === '^' || char === '$') return {type: 'assertion', source: char}
    if (char === '\\') {
      if (source[at] === 'b' || source[at] === 'B') {
        return {type: 'assertion', source: `\\${source[at++]}`}
      }
      const escape = readEscape(false)
      return {
        type: 'characters',
        set: folded(typeof escape === 'number' ? codeUnit(escape) : escape),
      }
    }
    const code = source.codePointAt(at - 1) ?? 0
    if (code > 0xffff && unicode) at++
    return {type: 'characters', set: folded(codeUnit(code))}
  }

  const QUANTIFIER = /[*+?]|\{(\d+)(,?)(\d*)\}/y
  const readQuantified = (depth: number): PatternNode => {
    const body = readAtom(depth)
    QUANTIFIER.lastIndex = at
    const match = QUANTIFIER.exec(source)
    if (match === null) return body
    const start = at
    const end = QUANTIFIER.lastIndex
    at = source[end] === '?' ? end + 1 : end
    const sign = match[0]
    const min = sign === '+' ? 1 : sign === '*' || sign === '?' ? 0 : Number(match[1])
    let max = sign === '?' ? 1 : Infinity
    if (match[1] !== undefined) max = match[2] === '' ? min : match[3] ? Number(match[3]) : Infinity
    return {type: 'repeat', body, min, max, start, end}
  }

  const readSequence = (depth: number): PatternNode => {
    const items: PatternNode[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      items.push(readQuantified(depth))
    }
    return items.length === 1 && items[0] !== undefined ? items[0] : {type: 'sequence', items}
  }

  function readEither(depth: number): PatternNode {
    const options = [readSequence(depth)]
    while (source[at] === '|') {
      at++
      options.push(readSequence(depth))
    }
    return options.length === 1 && options[0] !== undefined ? options[0] : {type: 'either', options}
  }

  return readEither(0)
}
