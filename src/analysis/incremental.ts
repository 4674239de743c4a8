/**
 * The analysis of a text that is still coming: a push object, fed with chunks as they are cut by
 * whoever sends them, that gives each step as soon as nothing that may follow can change it.
 */
import type {Granularity, Sentence, Step} from '../model.ts'
import type {KindStream} from './network/labels.ts'
import {MAX_GAP_LENGTH} from './pieces.ts'
import {LOOK_BEHIND, scanSentences, type TextRange} from './sentences.ts'
import {beginSteps} from './steps.ts'
import type {TurnLabel} from './turns.ts'

/** A step that has ended, with its words: what it was found in is not kept. */
export interface EndedStep {
  /** Offsets are UTF-16 code units into the whole text, as in any analysis. */
  step: Step
  text: string
  title: string
  /** Its sentences. */
  sentences: readonly Sentence[]
  /** Where the next step begins; `undefined` where the text ended with this one. */
  nextStart: number | undefined
}

/**
 * Gives the steps that the analysis of the whole text finds, whatever the chunks: each once, in
 * order, final.
 */
export interface IncrementalAnalysis {
  /** @returns the steps that ended; a step ends at most four sentences before what was fed */
  feed(chunk: string): EndedStep[]
  /** The text has ended. @returns the steps that were still open; nothing may be fed after it */
  end(): EndedStep[]
  /** UTF-16 code units that are held: the open step, and what is not cut into sentences yet. */
  readonly heldLength: number
}

/** A sentence whose step has not ended, and its words. */
interface HeldSentence extends TextRange {
  readonly text: string
  /** Where `text` begins in the whole. */
  readonly offset: number
  /** With its label, once that is final. */
  sentence: Sentence | undefined
}

/** Text that is fed is gathered until it is this long, in UTF-16 code units … */
const LEAST_GATHERED = 128
/** … and this part of what stands before it uncut, so that a long fence is not read each time. */
const PART_GATHERED = 1 / 16

/**
 * Begins the analysis of a text.
 *
 * @param kinds labels its sentences: `startRules()` or the network's
 */
export function beginAnalysis(
  kinds: KindStream,
  granularity?: Granularity | undefined,
): IncrementalAnalysis {
  const builder = beginSteps(granularity)
  let gathered: string[] = []
  let gatheredLength = 0
  // What is not cut into sentences yet, and a little before it. It begins at `offset` in the whole;
  // the next sentence begins at `at` in it.
  let window = ''
  let offset = 0
  let at = 0
  // Where the last sentence ended in the whole, which what stands between belongs to the next.
  let lastEnd = 0
  const ranges: TextRange[] = []
  const labels: TurnLabel[] = []
  const unlabelled: HeldSentence[] = []
  const open: HeldSentence[] = []
  let openLength = 0

  /** Goes as far as what has come allows. */
  function proceed(isWhole: boolean, out: EndedStep[]): void {
    window += gathered.join('')
    gathered = []
    gatheredLength = 0
    ranges.length = 0
    at = scanSentences(window, at, window.length, ranges, isWhole)
    labels.length = 0
    for (const range of ranges) {
      kinds.add(window, range, labels)
      unlabelled.push(hold(range))
    }
    if (isWhole) kinds.end(labels)
    for (const {kind, confidence, turn} of labels) {
      const held = unlabelled.shift() as HeldSentence
      const sentence: Sentence = {start: held.start, end: held.end, kind, confidence}
      held.sentence = sentence
      open.push(held)
      const ended = builder.add(held.text, held.offset, sentence, turn)
      if (ended !== undefined) out.push(close(ended))
    }
    const gap = offset + at - lastEnd
    const from = Math.max(at - (gap <= MAX_GAP_LENGTH ? gap : 0) - LOOK_BEHIND, 0)
    window = window.slice(from)
    offset += from
    at -= from
  }

  /** A sentence with the gap before it, as far as a step may hold it, and what else is asked for. */
  function hold({start, end}: TextRange): HeldSentence {
    const gap = start + offset - lastEnd
    const from = Math.max(start - Math.max(gap <= MAX_GAP_LENGTH ? gap : 0, LOOK_BEHIND), 0)
    lastEnd = end + offset
    openLength += end - from
    return {
      start: start + offset,
      end: lastEnd,
      text: window.slice(from, end),
      offset: from + offset,
      sentence: undefined,
    }
  }

  function close(step: Step): EndedStep {
    let count = 0
    while (count < open.length && (open[count] as HeldSentence).end <= step.end) count += 1
    const own = open.splice(0, count)
    let words = ''
    let end = step.start
    for (const held of own) {
      words += held.text.slice(end - held.offset)
      end = held.end
      openLength -= held.text.length
    }
    return {
      step,
      text: words,
      title: words.slice(step.titleStart - step.start, step.titleEnd - step.start),
      sentences: own.map(({sentence}) => sentence as Sentence),
      nextStart: open[0]?.start,
    }
  }

  return {
    feed(chunk) {
      gathered.push(chunk)
      gatheredLength += chunk.length
      const out: EndedStep[] = []
      const least = Math.max(LEAST_GATHERED, (window.length - at) * PART_GATHERED)
      if (gatheredLength >= least) proceed(false, out)
      return out
    },
    end() {
      const out: EndedStep[] = []
      proceed(true, out)
      for (const step of builder.end()) out.push(close(step))
      return out
    },
    get heldLength() {
      return window.length + gatheredLength + openLength
    },
  }
}
