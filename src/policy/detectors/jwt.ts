/** JSON Web Tokens, signed (three parts) and encrypted (five), also where the signature was cut off. */
import type {Detector} from './subject.ts'

/** Every header is a JSON object, and so begins like this in base64url. */
const HEAD = 'eyJ'
/** `{"a":1}`: the shortest part that is worth the name. */
const MIN_PART = 9

/** Start and end of the first token in `word` from `from` on, or nothing. */
function tokenIn(word: string, from: number): readonly [number, number] | undefined {
  let head = word.indexOf(HEAD, from)
  while (head >= 0) {
    const dot = word.indexOf('.', head)
    if (dot < 0) return undefined
    let end = word.indexOf('.', dot + 1)
    if (end < 0) end = word.length
    if (dot - head >= MIN_PART && end - dot > MIN_PART) {
      // The signature, or the three further parts of an encrypted token; empty ones included.
      for (let part = 0; part < 3 && word[end] === '.'; part++) {
        const next = word.indexOf('.', end + 1)
        end = next < 0 ? word.length : next
      }
      // A full stop behind the token is the sentence's.
      while (word[end - 1] === '.') end--
      return [head, end]
    }
    // Behind the dot, so that each part is looked at once.
    head = word.indexOf(HEAD, dot)
  }
  return undefined
}

/** Compact tokens. */
export const jwt: Detector = {
  name: 'jwt',
  label: '[JWT]',
  find(subject, found) {
    if (!subject.text.includes(HEAD)) return
    for (const run of subject.tokenRuns()) {
      const word = subject.text.slice(run.start, run.end)
      for (let token = tokenIn(word, 0); token !== undefined; token = tokenIn(word, token[1])) {
        found(run.start + token[0], run.start + token[1])
      }
    }
  },
}
