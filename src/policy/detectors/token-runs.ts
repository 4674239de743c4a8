/** Long words without spaces: where keys and JWTs are looked for. */
import {isTokenCharacter} from './characters.ts'

/** Half-open, in UTF-16 code units. */
export interface TokenRun {
  readonly start: number
  readonly end: number
}

/** `sk-` and nine more: the shortest key with a prefix that is taken for one. */
const MIN_LENGTH = 12

/** Every run of 12 or more letters, digits, `_`, `-` and `.`, in order. One pass. */
export function findTokenRuns(text: string): TokenRun[] {
  const runs: TokenRun[] = []
  const {length} = text
  let start = 0
  for (let i = 0; i <= length; i++) {
    if (i < length && isTokenCharacter(text.charCodeAt(i))) continue
    if (i - start >= MIN_LENGTH) runs.push({start, end: i})
    start = i + 1
  }
  return runs
}
