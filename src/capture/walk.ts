/** What a reading of one output carries along, and the two ways to add an item to it. */
import type {OutputItem, ReasoningBlock, Visibility} from '../model.ts'
import {isPlaceholder} from './placeholder.ts'
import {splitThinkTags} from './think-tags.ts'
import {showsOwnText, textVisibility} from './visibility.ts'
import type {Origin} from './visibility.ts'

/** Object nodes that one reading visits (200,000); what lies behind them makes it incomplete. */
export const MAX_NODES = 200_000
/** Levels of nesting that a reading descends. */
export const MAX_WALK_DEPTH = 40

/** State of one reading; made by `createWalk`. */
export interface Walk extends Origin {
  readonly source: string
  /** Which alternative is being read; `undefined` where there is only one. */
  choiceIndex: number | undefined
  /** Something was cut, broken, or more than we look at. */
  incomplete: boolean
  /** The string in which a JSON text was cut. */
  cut: string | undefined
  finishReasons: string[]
  reasoningTokens: number | undefined
  /** The model came to its own end, so that an open think tag is not a thought. */
  stopped: boolean
  /** The parts of a message are being read. */
  inContent: boolean
  /** Pieces of a stream are being read: tags are looked for once their texts are joined. */
  inPieces: boolean
  nodes: number
}

/** What is known before a value is read. */
export interface OutputHints extends Origin {
  /** Becomes `source` of every block. */
  source: string
  /** Finish reasons known from elsewhere. */
  finishReasons?: readonly string[] | undefined
}

const STOPPED = /^(?:stop|end_turn|complete|completed|eos|stop_sequence|end|finish)$/i

/** Whether one of the reasons says that the model came to its own end. */
export const hasStopped = (reasons: readonly string[]): boolean =>
  reasons.some((reason) => STOPPED.test(reason))

export const createWalk = (hints: OutputHints): Walk => ({
  source: hints.source,
  provider: hints.provider,
  model: hints.model,
  responseModel: hints.responseModel,
  choiceIndex: undefined,
  incomplete: false,
  cut: undefined,
  finishReasons: [],
  reasoningTokens: undefined,
  stopped: hints.finishReasons !== undefined && hasStopped(hints.finishReasons),
  inContent: false,
  inPieces: false,
  nodes: 0,
})

/** How sure a shape is of what it says: `stated` visibilities are kept, others depend on the model. */
export interface Claim {
  visibility: Visibility
  /** In a part with a type, as opposed to a Chat field. */
  typed: boolean
  /** The shape itself tells (`reasoning_text`), whatever the model. */
  stated?: boolean | undefined
}

function visibilityOf(walk: Walk, {visibility, typed, stated}: Claim): Visibility {
  if (stated) return visibility
  if (visibility === 'full') return textVisibility(walk, typed)
  // Chat converters put the whole text of open models into the place of a summary.
  return visibility === 'summary' && showsOwnText(walk) ? 'full' : visibility
}

/** Adds a block with text; an empty text adds nothing. */
export function addThought(walk: Walk, items: OutputItem[], text: string, claim: Claim): void {
  if (text === '') return
  if (isPlaceholder(text)) {
    addMarker(walk, items, 'redacted')
    return
  }
  const visibility = visibilityOf(walk, claim)
  const block: ReasoningBlock = {text, visibility, source: walk.source}
  if (walk.cut !== undefined && text === walk.cut) block.incomplete = true
  if (walk.choiceIndex !== undefined) block.choiceIndex = walk.choiceIndex
  items.push({type: 'reasoning', block})
}

/** Adds a block without text: something stands in the place of reasoning, or nothing does. */
export function addMarker(walk: Walk, items: OutputItem[], visibility: Visibility): void {
  const block: ReasoningBlock = {text: '', visibility, source: walk.source}
  if (walk.choiceIndex !== undefined) block.choiceIndex = walk.choiceIndex
  items.push({type: 'reasoning', block})
}

/** Adds a piece of the answer, with the reasoning that stands between tags in it taken out. */
export function addText(walk: Walk, items: OutputItem[], text: string): void {
  if (text === '') return
  if (walk.inPieces) {
    items.push({type: 'text', text})
    return
  }
  const cut = walk.cut !== undefined && text === walk.cut
  const pieces = splitThinkTags(text, walk.stopped && !cut)
  if (pieces === undefined) {
    items.push({type: 'text', text})
    return
  }
  pieces.forEach((piece, index) => {
    if (piece.type === 'text') {
      items.push({type: 'text', text: piece.text})
      return
    }
    if (isPlaceholder(piece.text)) {
      addMarker(walk, items, 'redacted')
      return
    }
    const block: ReasoningBlock = {text: piece.text, visibility: 'full', source: walk.source}
    if (piece.incomplete || (cut && index === pieces.length - 1)) block.incomplete = true
    if (walk.choiceIndex !== undefined) block.choiceIndex = walk.choiceIndex
    items.push({type: 'reasoning', block})
  })
}
