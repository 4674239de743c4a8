/**
 * One reader for structured text that a strict parser refuses: JSON that was cut by an attribute
 * limit or broken on the way, and what Python's `repr` prints. It takes what it can and says
 * whether that was everything. Linear in the length of the text; never throws.
 */

/** What could be read. */
export interface Reading {
  /** `undefined` where nothing could be read at all. */
  value: unknown
  /** Nothing was missing or out of place. */
  complete: boolean
  /** Nothing was out of place, only the end is missing. */
  truncated?: boolean | undefined
  /** The string that was still open where the text ended: only its beginning is known. */
  cut?: string | undefined
}

/** Levels of nesting that are built; what lies deeper is skipped and the reading is not complete. */
const MAX_DEPTH = 120

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const PYTHON_ESCAPES: Readonly<Record<string, string>> = {
  ...SIMPLE_ESCAPES,
  '\n': '',
  '0': '\0',
  a: '\x07',
  v: '\v',
}
const JSON_ESCAPES: Readonly<Record<string, string>> = {...SIMPLE_ESCAPES, '/': '/'}

const WORDS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  null: null,
  None: null,
  NaN: null,
  Infinity: null,
  undefined: null,
}

const NUMBER = /[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y
const NAME = /[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*/y
const HEX = /^[0-9a-fA-F]+$/

// Absent: a value was expected and none stood there.
const ABSENT = Symbol('absent')

/**
 * Reads one value from the start of `text`.
 *
 * @param python `repr` rules instead of JSON's: tuples, calls as objects (`ClassName(a=1)` becomes
 *   `{$type: "ClassName", a: 1}`), adjacent strings joined, triple quotes, `\x` and octal escapes
 */
export function readLeniently(text: string, python: boolean): Reading {
  const end = text.length
  const escapes = python ? PYTHON_ESCAPES : JSON_ESCAPES
  let at = 0
  let complete = true
  let broken = false
  let cut: string | undefined
  // Where the next backslash stands, so that a text without any is not searched again and again.
  let backslash = text.indexOf('\\')

  /** What is missing at the end was cut off; what is missing before it was never right. */
  const fail = (): void => {
    complete = false
    if (at < end) broken = true
  }

  const skipSpace = (): void => {
    while (at < end && text.charCodeAt(at) <= 32) at++
  }

  /** The code points of `\xNN`, `\uNNNN`, `\UNNNNNNNN`; leaves `at` behind them. */
  const readHex = (digits: number): string => {
    const hex = text.slice(at, at + digits)
    if (hex.length < digits || !HEX.test(hex)) {
      if (hex.length < digits && (hex === '' || HEX.test(hex))) at = end
      fail()
      return ''
    }
    at += digits
    const code = Number.parseInt(hex, 16)
    return digits === 4
      ? String.fromCharCode(code)
      : code > 0x10ffff
        ? ''
        : String.fromCodePoint(code)
  }

  const readEscape = (): string => {
    at++
    if (at >= end) {
      fail()
      return ''
    }
    const letter = text[at] as string
    at++
    if (letter === 'u') return readHex(4)
    if (python && letter === 'x') return readHex(2)
    if (python && letter === 'U') return readHex(8)
    const plain = escapes[letter]
    if (plain !== undefined) return plain
    return python ? `\\${letter}` : letter
  }

  const readString = (): string => {
    const quote = text[at] as string
    const triple = python && text.startsWith(quote.repeat(3), at)
    const closing = triple ? quote.repeat(3) : quote
    at += closing.length
    let result = ''
    let close = -1
    for (;;) {
      // Only again when an escape swallowed the quote that was found: else it would be quadratic.
      if (close < at) close = text.indexOf(closing, at)
      if (close === -1) close = end
      if (backslash !== -1 && backslash < at) backslash = text.indexOf('\\', at)
      if (backslash === -1 || backslash >= close) {
        result += text.slice(at, close)
        at = Math.min(end, close + closing.length)
        if (close >= end) {
          fail()
          const last = result.charCodeAt(result.length - 1)
          // A limit may have cut a surrogate pair in two.
          if (last >= 0xd800 && last <= 0xdbff) result = result.slice(0, -1)
          cut = result
        }
        return result
      }
      result += text.slice(at, backslash)
      at = backslash
      result += readEscape()
    }
  }

  /** Adjacent strings are one in Python; prefixes (`b`, `r`, `u`) are passed over. */
  const readStrings = (): string => {
    let result = readString()
    if (!python) return result
    for (;;) {
      skipSpace()
      if (text[at] !== '"' && text[at] !== "'") return result
      result += readString()
      if (cut !== undefined) cut = result
    }
  }

  const readNumber = (): unknown => {
    NUMBER.lastIndex = at
    const match = NUMBER.exec(text)
    if (match === null) {
      // A sign that ends the text lost its digits to the cut.
      at++
      fail()
      return ABSENT
    }
    at = NUMBER.lastIndex
    return Number(match[0].replaceAll('_', ''))
  }

  /** Passes over one bracketed value without building it. */
  const skipDeep = (): void => {
    fail()
    let open = 0
    while (at < end) {
      const char = text[at] as string
      if (char === '"' || char === "'") readString()
      else {
        if (char === '{' || char === '[' || char === '(') open++
        else if (char === '}' || char === ']' || char === ')') open--
        at++
      }
      if (open <= 0) return
    }
  }

  const readList = (closing: string, depth: number): unknown[] => {
    at++
    const list: unknown[] = []
    for (;;) {
      skipSpace()
      if (at >= end) {
        fail()
        return list
      }
      const char = text[at]
      if (char === closing) {
        at++
        return list
      }
      if (char === ',') {
        at++
        continue
      }
      // A bracket of another kind closes an outer value: ours was broken.
      if (char === '}' || char === ']' || char === ')') {
        fail()
        return list
      }
      const value = readValue(depth + 1)
      if (value !== ABSENT) list.push(value)
    }
  }

  /** `{k: v}` of JSON and Python, `Name(k=v, w)`, and a Python set, which becomes a list. */
  const readFields = (closing: string, separator: string, depth: number): unknown => {
    at++
    const object: Record<string, unknown> = {}
    let bare: unknown[] | undefined
    for (;;) {
      skipSpace()
      if (at >= end) {
        fail()
        break
      }
      const char = text[at]
      if (char === closing) {
        at++
        break
      }
      if (char === ',') {
        at++
        continue
      }
      if (char === '}' || char === ']' || char === ')') {
        fail()
        break
      }
      const key = readValue(depth + 1)
      skipSpace()
      if (text[at] !== separator) {
        if (at >= end) fail()
        else if (key !== ABSENT) (bare ??= []).push(key)
        continue
      }
      at++
      skipSpace()
      if (at >= end) {
        fail()
        break
      }
      const value = text[at] === ',' || text[at] === closing ? ABSENT : readValue(depth + 1)
      if (value === ABSENT) fail()
      else if (key !== ABSENT) {
        const name = typeof key === 'string' ? key : String(key)
        // `__proto__` as an assignment would change the object instead of naming a field.
        if (name !== '__proto__') object[name] = value
      }
    }
    if (bare === undefined) return object
    if (closing === '}') {
      if (Object.keys(object).length === 0 && python) return bare
      complete = false
      broken = true
      return object
    }
    object['args'] = bare
    return object
  }

  const readName = (depth: number): unknown => {
    NAME.lastIndex = at
    const match = NAME.exec(text)
    if (match === null) {
      fail()
      at++
      return ABSENT
    }
    const name = match[0]
    at = NAME.lastIndex
    const next = text[at]
    if (python && name.length <= 2 && (next === '"' || next === "'")) return readStrings()
    if (next === '(' && python) {
      const call = readFields(')', '=', depth) as Record<string, unknown>
      return {$type: name, ...call}
    }
    if (Object.prototype.hasOwnProperty.call(WORDS, name)) return WORDS[name]
    // A word that ends with the text may be the beginning of another: `tru`, `No`.
    if (at >= end) {
      fail()
      return ABSENT
    }
    if (!python) fail()
    return name
  }

  /** `<FinishReason.STOP: 'STOP'>` and other reprs in angle brackets: the text inside. */
  const readAngle = (): unknown => {
    const close = text.indexOf('>', at)
    const inside = text.slice(at + 1, close === -1 ? end : close)
    at = close === -1 ? end : close + 1
    if (close === -1) fail()
    const quoted = /: '([^']*)'$/.exec(inside)
    return quoted?.[1] ?? inside
  }

  function readValue(depth: number): unknown {
    skipSpace()
    if (at >= end) {
      fail()
      return ABSENT
    }
    const char = text[at] as string
    const opens = char === '{' || char === '[' || char === '('
    if (opens && depth >= MAX_DEPTH) {
      skipDeep()
      return ABSENT
    }
    if (char === '"' || char === "'") return readStrings()
    if (char === '{') return readFields('}', ':', depth)
    if (char === '[') return readList(']', depth)
    if (char === '(' && python) return readList(')', depth)
    if (char === '<' && python) return readAngle()
    if ((char >= '0' && char <= '9') || char === '-' || char === '+' || char === '.') {
      return readNumber()
    }
    return readName(depth)
  }

  const value = readValue(0)
  skipSpace()
  if (at < end) fail()
  return {
    value: value === ABSENT ? undefined : value,
    complete,
    truncated: !complete && !broken,
    cut,
  }
}
