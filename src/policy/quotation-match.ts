/**
 * How far a searched text quotes a known one: as it is, or escaped any number of times by JSON or
 * Python, with its white space changed.
 */

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
export function forward(
  text: string,
  i: number,
  raw: string,
  j: number,
): readonly [number, number] {
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
export function backward(
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
