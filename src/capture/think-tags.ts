/**
 * Reasoning that stands inside an answer, between tags: what models with open weights print when
 * nobody parsed it, and what Mistral's, Kimi's and gpt-oss's templates use in the place of `<think>`.
 */

/** A piece of an answer, in its order. */
export type ThinkPiece =
  | {type: 'reasoning'; text: string; incomplete?: true | undefined}
  | {type: 'text'; text: string}

/** Where in an answer a thought stands, without white space at its ends. */
export interface ThoughtRange {
  readonly start: number
  readonly end: number
  readonly incomplete: boolean
}

interface Token {
  at: number
  end: number
  /** `ticks`: a run of backticks or tildes that may open or close code. */
  kind: 'open' | 'close' | 'ticks'
  name: string
}

// Fixed words and runs of one character only: linear.
const TOKENS =
  /`+|~{3,}|<(\/?)(think|thinking|thought|thoughts|reasoning|reflection|seed:think|antml:thinking|antthinking|internal_thought)>|\[(\/?)THINK\]|◁(\/?)think▷|<\|(begin|end)_of_thought\|>|<\|channel\|>analysis<\|message\|>|<\|end\|>/gi

/** What gpt-oss prints before and after its answer when nobody parsed its channels. */
const CHANNEL_MARKS = /<\|start\|>assistant|<\|channel\|>final<\|message\|>|<\|return\|>/g

const BLANK = /(?:\s|<\|start\|>assistant|<\|channel\|>final<\|message\|>|<\|return\|>)*/y

/** Names that mean reasoning wherever they stand; others only count at the start of an answer. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  'think',
  'thinking',
  'thought',
  'thoughts',
  'seed:think',
  'antml:thinking',
  'antthinking',
  '[think]',
  '◁think▷',
  'of_thought',
])

/** A tag may stand in any letter case; a text without one of these words has none. */
const HINT = /think|thought|reasoning>|reflection>|<\|channel\|>analysis/i

function findTokens(text: string): Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(TOKENS)) {
    const at = match.index
    const word = match[0]
    const end = at + word.length
    const first = word.charCodeAt(0)
    if (first === 0x60 || first === 0x7e) {
      tokens.push({at, end, kind: 'ticks', name: word})
      continue
    }
    let name: string
    let closes: boolean
    if (match[2] !== undefined) {
      name = match[2].toLowerCase()
      closes = match[1] === '/'
    } else if (match[3] !== undefined) {
      name = '[think]'
      closes = match[3] === '/'
    } else if (match[4] !== undefined) {
      name = '◁think▷'
      closes = match[4] === '/'
    } else if (match[5] !== undefined) {
      name = 'of_thought'
      closes = match[5].toLowerCase() === 'end'
    } else {
      name = 'channel'
      closes = word.toLowerCase() === '<|end|>'
    }
    tokens.push({at, end, kind: closes ? 'close' : 'open', name})
  }
  return tokens
}

/** Whether only spaces stand between the last line break (or the start) and `at`. */
function startsLine(text: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before--) {
    const code = text.charCodeAt(before)
    if (code === 10 || code === 13) return true
    if (code !== 32 && code !== 9) return false
  }
  return true
}

/** Which tokens stand in a code fence or between backticks. */
function tokensInCode(text: string, tokens: readonly Token[]): ReadonlySet<Token> {
  const inCode = new Set<Token>()
  // From the end: the next run of backticks of the same length, for pairing inline code.
  const next = new Map<Token, Token>()
  const seen = new Map<string, Token>()
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index] as Token
    if (token.kind !== 'ticks') continue
    const later = seen.get(token.name)
    if (later !== undefined) next.set(token, later)
    seen.set(token.name, token)
  }
  let fence: Token | undefined
  let inlineEnd = -1
  let paragraph = text.indexOf('\n\n')
  for (const token of tokens) {
    if (token.kind !== 'ticks') {
      if (fence !== undefined || token.at < inlineEnd) inCode.add(token)
      continue
    }
    if (token.at < inlineEnd) continue
    const marks = token.name.length >= 3 && startsLine(text, token.at)
    if (fence !== undefined) {
      const closes =
        marks && token.name[0] === fence.name[0] && token.name.length >= fence.name.length
      if (closes) fence = undefined
    } else if (marks) fence = token
    else {
      const partner = next.get(token)
      if (paragraph !== -1 && paragraph < token.end) paragraph = text.indexOf('\n\n', token.end)
      // Inline code does not reach over a paragraph's end.
      if (partner !== undefined && (paragraph === -1 || paragraph > partner.at)) {
        inlineEnd = partner.end
      }
    }
  }
  return inCode
}

/** A piece of an answer: its thoughts as they stand in it. */
type Found = {type: 'text'; text: string} | ({type: 'reasoning'} & ThoughtRange)

/**
 * Splits an answer at its reasoning tags. Tags in code fences and between backticks are text; a
 * closing tag alone ends reasoning whose opening tag the template had put into the prompt. A tag
 * that is never closed makes the rest reasoning, `incomplete`, unless the model stopped by itself.
 * White space at the seams belongs to the template and is left out.
 *
 * @param stopped the model came to its own end (`stop`, `end_turn`), so that there is an answer
 * @returns `undefined` where there is no reasoning in it
 */
export function splitThinkTags(text: string, stopped = false): ThinkPiece[] | undefined {
  return findPieces(text, stopped)?.map((piece) => {
    if (piece.type === 'text') return piece
    const {type, start, end, incomplete} = piece
    const thought = text.slice(start, end)
    return incomplete ? {type, text: thought, incomplete} : {type, text: thought}
  })
}

/** Where the thoughts are that `splitThinkTags` finds. */
export const findThoughts = (text: string): ThoughtRange[] | undefined =>
  findPieces(text, false)?.filter((piece) => piece.type === 'reasoning')

function findPieces(text: string, stopped: boolean): Found[] | undefined {
  if (!HINT.test(text)) return undefined
  const tokens = findTokens(text)
  if (!tokens.some((token) => token.kind !== 'ticks')) return undefined
  const inCode = tokensInCode(text, tokens)
  const closing = closingTags(tokens, inCode)
  const pieces: Found[] = []
  let from = 0
  let blank = skipBlank(text, 0)
  let found = false
  // Nothing but reasoning so far: the next tag still stands at the answer's start.
  let leads = true

  const addText = (piece: string): void => {
    const plain = piece.includes('<|') ? piece.replace(CHANNEL_MARKS, '') : piece
    const trimmed = found ? plain.trimStart() : plain
    if (trimmed.trim() === '') return
    pieces.push({type: 'text', text: trimmed})
    leads = false
  }
  const addReasoning = (open: number, close: number, incomplete: boolean): void => {
    const piece = text.slice(open, close)
    const start = open + piece.length - piece.trimStart().length
    const end = open + piece.trimEnd().length
    if (start < end) pieces.push({type: 'reasoning', start, end, incomplete})
  }

  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token
    if (token.kind === 'ticks' || token.at < from || inCode.has(token)) continue
    if (token.kind === 'close') {
      const alone = !found && from === 0 && PLAIN_NAMES.has(token.name)
      if (!alone || mentioned(text, token)) continue
      addReasoning(0, token.at, false)
      found = true
      from = token.end
      blank = skipBlank(text, from)
      continue
    }
    const leading = leads && token.at <= blank
    if (!leading && !PLAIN_NAMES.has(token.name) && token.name !== 'channel') continue
    const close = closing.get(token)
    if (close === undefined) {
      if (!leading || stopped) continue
      addReasoning(token.end, text.length, true)
      found = true
      from = text.length
      break
    }
    const inside = text.slice(token.end, close.at)
    // In the middle of a line a pair may be talk about tags; a thought has more than a few words.
    if (!leading && !startsLine(text, token.at) && isShort(inside)) continue
    addText(text.slice(from, token.at))
    addReasoning(token.end, close.at, false)
    found = true
    from = close.end
    blank = skipBlank(text, from)
  }
  if (!found) return undefined
  addText(text.slice(from))
  return pieces
}

const isShort = (inside: string): boolean =>
  inside.length < 200 && inside.trim().split(/\s+/, 5).length < 5

/** Where the first thing stands that is neither white space nor a template's mark. */
function skipBlank(text: string, from: number): number {
  BLANK.lastIndex = from
  BLANK.test(text)
  return BLANK.lastIndex
}

/** For each opening tag the closing one of its name, out of code where there is one. */
function closingTags(
  tokens: readonly Token[],
  inCode: ReadonlySet<Token>,
): ReadonlyMap<Token, Token> {
  const closing = new Map<Token, Token>()
  const plain = new Map<string, Token>()
  const any = new Map<string, Token>()
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index] as Token
    if (token.kind === 'close') {
      any.set(token.name, token)
      if (!inCode.has(token)) plain.set(token.name, token)
    } else if (token.kind === 'open') {
      // A thought may leave a code fence open; its own closing tag ends it all the same.
      const close = plain.get(token.name) ?? any.get(token.name)
      if (close !== undefined) closing.set(token, close)
    }
  }
  return closing
}

/** A lone closing tag with a space before it and words after it is talk about the tag. */
function mentioned(text: string, token: Token): boolean {
  const before = text.charCodeAt(token.at - 1)
  const after = text.charCodeAt(token.end)
  const ends = Number.isNaN(after) || after === 10 || after === 13
  return before === 32 && !ends
}
