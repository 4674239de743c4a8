/**
 * Reasoning between tags inside an answer, with the moments at which it came. Where the tags are is
 * only known at the end (a lone closing tag, a pair in the middle, code), so this reads whole texts.
 */
import {splitThinkTags} from '../think-tags.ts'

/** A piece of an answer and where it stands in it. */
export interface ContentPiece {
  type: 'reasoning' | 'text'
  text: string
  /** Offset into the answer (UTF-16 code units); -1 where the piece does not stand there as it is. */
  start: number
  incomplete: boolean
}

/** Anything that can stand between two pieces; fixed words and short runs only: linear. */
const SEAM =
  /<\/?[\w:]{1,24}>|\[\/?THINK\]|◁\/?think▷|<\|\w{1,24}\|>(?:analysis|final)?|assistant/iy

const SPACES = /\s*/y

/** Marks between two pieces that are skipped, at most. */
const MAX_MARKS = 16

/** Where `piece` stands at or behind `from`, with nothing but tags and white space before it. */
function locate(content: string, piece: string, from: number): number {
  let at = from
  for (let marks = 0; marks < MAX_MARKS; marks++) {
    if (content.startsWith(piece, at)) return at
    SPACES.lastIndex = at
    SPACES.test(content)
    at = SPACES.lastIndex
    if (content.startsWith(piece, at)) return at
    SEAM.lastIndex = at
    if (!SEAM.test(content)) return -1
    at = SEAM.lastIndex
  }
  return -1
}

/**
 * Splits an answer at its reasoning tags. The answer keeps its white space; the reasoning's own is
 * the template's and left out.
 *
 * @param stopped the model came to its own end, so that there is an answer
 * @returns `undefined` where there is no reasoning in it
 */
export function splitContent(content: string, stopped: boolean): ContentPiece[] | undefined {
  const pieces = splitThinkTags(content, stopped)
  if (pieces === undefined) return undefined
  let from = 0
  return pieces.map((piece): ContentPiece => {
    const incomplete = piece.type === 'reasoning' && piece.incomplete === true
    const start = locate(content, piece.text, from)
    if (start === -1) return {type: piece.type, text: piece.text, start, incomplete}
    let begin = start
    if (piece.type === 'text') {
      while (begin > from && content.charCodeAt(begin - 1) <= 32) begin--
    }
    from = start + piece.text.length
    return {type: piece.type, text: content.slice(begin, from), start: begin, incomplete}
  })
}
