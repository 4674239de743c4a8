/** What comes of the checks in one call. */
import type {ToolCall} from '../model.ts'
import type {CheckInput, CheckOutcome, CheckResult} from './check.ts'
import type {CompiledCheck, CompiledCondition, CompiledMention} from './compile.ts'

/** A block of the call, in its place among the others. */
export interface CheckedBlock {
  /** As the model wrote it: what the policy masks is not missing. */
  readonly text: string
  /** It was cut before we saw it. */
  readonly incomplete: boolean
  /** The calls that follow it, before the next block. */
  readonly toolCalls: readonly ToolCall[]
}

/** What is known of the call besides its blocks. */
export type CallFacts = Omit<CheckInput, 'text' | 'toolCalls'>

/** What earlier calls of the trace spoke of, by the ids of mentions. */
export interface TraceMentions {
  has(id: number): boolean
  add(id: number): void
}

interface Place {
  readonly block: number
  readonly start: number
  readonly end: number
}

interface Verdict {
  readonly result: CheckResult
  /** Where, if at one place. */
  readonly place?: Place | undefined
}

const NOT_APPLICABLE: Verdict = {result: 'not_applicable'}

function firstMatch(pattern: RegExp, text: string): {start: number; end: number} | undefined {
  pattern.lastIndex = 0
  const match = pattern.exec(text)
  pattern.lastIndex = 0
  return match === null ? undefined : {start: match.index, end: match.index + match[0].length}
}

const isBefore = (a: Place, b: Place): boolean =>
  a.block < b.block || (a.block === b.block && a.start < b.start)

/** One call, and what was found in it so far: each mention is looked for once. */
class CheckedCall {
  readonly #blocks: readonly CheckedBlock[]
  readonly #facts: CallFacts
  readonly #earlier: TraceMentions | undefined
  readonly #places = new Map<CompiledMention, Place | undefined>()
  #input: CheckInput | undefined

  constructor(blocks: readonly CheckedBlock[], facts: CallFacts, earlier?: TraceMentions) {
    this.#blocks = blocks
    this.#facts = facts
    this.#earlier = earlier
  }

  get input(): CheckInput {
    const texts = this.#blocks.map(({text}) => text).filter((text) => text !== '')
    this.#input ??= {
      ...this.#facts,
      text: texts.join('\n\n'),
      toolCalls: this.#blocks.flatMap(({toolCalls}) => toolCalls),
    }
    return this.#input
  }

  /** Where the first of its patterns matches first. */
  find(mention: CompiledMention): Place | undefined {
    if (this.#places.has(mention)) return this.#places.get(mention)
    let place: Place | undefined
    for (const [block, {text}] of this.#blocks.entries()) {
      for (const pattern of mention.patterns) {
        const match = firstMatch(pattern, text)
        if (match !== undefined && (place === undefined || match.start < place.start)) {
          place = {block, ...match}
        }
      }
      if (place !== undefined) break
    }
    this.#places.set(mention, place)
    return place
  }

  wasMentioned(mention: CompiledMention, check: CompiledCheck): boolean {
    return check.isOfTrace && this.#earlier?.has(mention.id) === true
  }

  holds(when: CompiledCondition): boolean {
    const {tools, mentions, prompt, model} = when
    if (tools !== undefined && !this.input.toolCalls.some(({name}) => tools.has(name))) return false
    if (prompt !== undefined && this.#facts.promptName !== prompt) return false
    if (model !== undefined && firstMatch(model, this.#facts.model ?? '') === undefined)
      return false
    return mentions.every((mention) => this.find(mention) !== undefined)
  }

  /** Each expectation of the check that is given. */
  *verdicts(check: CompiledCheck): Generator<Verdict, void, unknown> {
    if (check.mentions.length > 0) yield this.#mentions(check)
    if (check.never.length > 0) yield this.#never(check)
    if (check.before !== undefined) yield this.#before(check, check.before)
    if (check.onlyAfter !== undefined) yield this.#onlyAfter(check, check.onlyAfter)
    if (check.test !== undefined) {
      const result: unknown = check.test(this.input)
      if (result === true || result === 'met') yield {result: 'met'}
      else if (result === false || result === 'missed') yield {result: 'missed'}
      else yield NOT_APPLICABLE
    }
  }

  /** What is not there may have been cut off. */
  #missing(upTo = this.#blocks.length): Verdict {
    return this.#blocks.slice(0, upTo).some(({incomplete}) => incomplete)
      ? NOT_APPLICABLE
      : {result: 'missed'}
  }

  #mentions(check: CompiledCheck): Verdict {
    let last: Place | undefined
    for (const mention of check.mentions) {
      const place = this.find(mention)
      if (place === undefined) {
        if (this.wasMentioned(mention, check)) continue
        return this.#missing()
      }
      if (last === undefined || isBefore(last, place)) last = place
    }
    return {result: 'met', place: last}
  }

  #never(check: CompiledCheck): Verdict {
    for (const [block, {text}] of this.#blocks.entries()) {
      for (const pattern of check.never) {
        const match = firstMatch(pattern, text)
        if (match !== undefined) return {result: 'missed', place: {block, ...match}}
      }
    }
    return {result: 'met'}
  }

  #before(
    check: CompiledCheck,
    [first, then]: readonly [CompiledMention, CompiledMention],
  ): Verdict {
    const second = this.find(then)
    if (second === undefined) return NOT_APPLICABLE
    const place = this.find(first)
    if (place !== undefined && isBefore(place, second)) return {result: 'met', place: second}
    if (this.wasMentioned(first, check)) return {result: 'met', place: second}
    const missing = this.#missing(second.block)
    return missing.result === 'missed' ? {...missing, place: second} : missing
  }

  #onlyAfter(
    check: CompiledCheck,
    {tool, mentions}: NonNullable<CompiledCheck['onlyAfter']>,
  ): Verdict {
    const block = this.#blocks.findIndex(({toolCalls}) => toolCalls.some(({name}) => name === tool))
    if (block < 0) return NOT_APPLICABLE
    for (const mention of mentions) {
      const place = this.find(mention)
      if (place !== undefined && place.block <= block) continue
      if (this.wasMentioned(mention, check)) continue
      const missing = this.#missing(block + 1)
      return missing.result === 'missed' ? {...missing, place: {block, start: 0, end: 0}} : missing
    }
    return {result: 'met', place: {block, start: 0, end: 0}}
  }
}

function* mentionsOf(check: CompiledCheck): Generator<CompiledMention, void, unknown> {
  yield* check.mentions
  if (check.before !== undefined) yield check.before[0]
  if (check.onlyAfter !== undefined) yield* check.onlyAfter.mentions
}

function decide(check: CompiledCheck, call: CheckedCall): Verdict {
  const {when} = check
  if (typeof when === 'function' ? when(call.input) !== true : when && !call.holds(when)) {
    return NOT_APPLICABLE
  }
  let met: Verdict | undefined
  let unknown = false
  for (const verdict of call.verdicts(check)) {
    if (verdict.result === 'missed') return verdict
    if (verdict.result === 'met') met = verdict.place === undefined ? (met ?? verdict) : verdict
    else unknown = true
  }
  return met === undefined || unknown ? NOT_APPLICABLE : met
}

/**
 * Evaluates checks on one call. Linear in its text for each pattern. Never throws.
 *
 * @param earlier of the trace; what this call speaks of is added
 * @param onFault told of a user's function that threw
 * @returns one outcome a check, in their order
 */
export function evaluateChecks(
  checks: readonly CompiledCheck[],
  blocks: readonly CheckedBlock[],
  facts: CallFacts,
  earlier: TraceMentions | undefined,
  onFault: (message: string, error: unknown) => void,
): CheckOutcome[] {
  if (checks.length === 0) return []
  const call = new CheckedCall(blocks, facts, earlier)
  const isReadable = blocks.some(({text}) => text !== '')
  const last = Math.max(
    blocks.findLastIndex(({text}) => text !== ''),
    0,
  )
  const outcomes = checks.map((check): CheckOutcome => {
    let verdict = NOT_APPLICABLE
    try {
      if (isReadable) verdict = decide(check, call)
    } catch (error) {
      onFault(`the check \`${check.name}\` threw`, error)
    }
    const {result, place = {block: last, start: 0, end: 0}} = verdict
    return {name: check.name, result, severity: check.severity, ...place}
  })
  if (earlier !== undefined) {
    for (const check of checks) {
      if (!check.isOfTrace) continue
      for (const mention of mentionsOf(check)) {
        if (call.find(mention) !== undefined) earlier.add(mention.id)
      }
    }
  }
  return outcomes
}
