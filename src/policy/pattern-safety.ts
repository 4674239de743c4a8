/**
 * Which of the user's patterns may run on text of any length. Refuses what can backtrack
 * catastrophically, bounds what would be quadratic, and says why.
 */
import {cyclesOf, MAX_POSITIONS, type Position, positionsOf} from './pattern-positions.ts'
import {
  isSame,
  overlap,
  type PatternNode,
  readPattern,
  UnreadablePattern,
  WORD,
} from './pattern-tree.ts'

/**
 * Characters that a repetition takes at most where something after it can fail and it begins the
 * pattern (`\w+@`): without a bound such a pattern walks a run of word characters from each of them.
 */
const MAX_LEADING = 256
/** The same for a repetition that something fixed stands in front of. */
const MAX_INNER = 1024
/** For repetitions in repetitions, the product. */
const MAX_NESTED = 4096
/** A repetition of at most so many is short. */
const MAX_SHORT = 32
/** Ways through all short repetitions of a pattern that are few. */
const MAX_WAYS = 2000
/** States of the product automaton that are visited before a pattern counts as too complex. */
const MAX_VISITED = 200_000

type Repeat = Extract<PatternNode, {type: 'repeat'}>

function canFail(node: PatternNode): boolean {
  switch (node.type) {
    case 'sequence':
      return node.items.some(canFail)
    case 'either':
      return node.options.every(canFail)
    case 'repeat':
      return node.min > 0 && canFail(node.body)
    default:
      return true
  }
}

/** A repetition of `\w`, behind which `\b` always holds. */
const endsAtBoundary = (node: PatternNode | undefined): boolean =>
  node?.type === 'repeat' && node.body.type === 'characters' && isSame(node.body.set, WORD)

interface Marks {
  /** Repetitions after which something can fail. */
  fallible: Set<PatternNode>
  /** Repetitions in front of which nothing must match. */
  leading: Set<PatternNode>
  /** Repetitions to bound, with the repetitions to bound around them. */
  bounded: Map<Repeat, readonly Repeat[]>
  looks: Extract<PatternNode, {type: 'look'}>[]
}

/** Walks the tree and notes what follows each repetition. */
function mark(root: PatternNode, inLook: boolean, marks: Marks): void {
  const walk = (
    node: PatternNode,
    fallible: boolean,
    leading: boolean,
    around: readonly Repeat[],
  ): void => {
    if (node.type === 'look') {
      marks.looks.push(node)
    } else if (node.type === 'either') {
      for (const option of node.options) walk(option, fallible, leading, around)
    } else if (node.type === 'sequence') {
      let ahead = leading
      for (const [i, item] of node.items.entries()) {
        const holds = endsAtBoundary(item) && isBoundary(node.items[i + 1]) ? i + 2 : i + 1
        walk(item, fallible || node.items.slice(holds).some(canFail), ahead, around)
        ahead &&= item.type === 'assertion' || item.type === 'look' || !canFail(item)
      }
    } else if (node.type === 'repeat') {
      if (fallible) marks.fallible.add(node)
      if (leading) marks.leading.add(node)
      let inner = around
      if (fallible && node.max > MAX_LEADING) {
        marks.bounded.set(node, around)
        inner = [...around, node]
      }
      walk(node.body, fallible || node.min > 1, leading, inner)
    }
  }
  walk(root, inLook, true, [])
}

const isBoundary = (node: PatternNode | undefined): boolean =>
  node?.type === 'assertion' && node.source === '\\b'

/** Whether one text can take two ways through a loop: exponential. */
function isExponential(states: readonly Position[], cycle: readonly number[]): boolean {
  for (let start = 0; start < states.length; start++) {
    const own = cycle[start] ?? -1
    if (own < 0) continue
    // Pairs of states that the same text leads to from `start`. Apart and together again: ambiguous.
    const seen = new Set<number>()
    const open: (readonly [number, number, boolean])[] = [[start, start, false]]
    for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
      const [a, b, apart] = pair
      for (const nextA of states[a]?.follow ?? []) {
        for (const nextB of states[b]?.follow ?? []) {
          if (cycle[nextA] !== own || cycle[nextB] !== own || !meets(states, nextA, nextB)) continue
          const isApart = apart || nextA !== nextB
          if (isApart && nextA === start && nextB === start) return true
          const key = (nextA * states.length + nextB) * 2 + (isApart ? 1 : 0)
          if (seen.has(key)) continue
          if (seen.size > MAX_VISITED) return true
          seen.add(key)
          open.push([nextA, nextB, isApart])
        }
      }
    }
  }
  return false
}

const meets = (states: readonly Position[], a: number, b: number): boolean => {
  const left = states[a]
  const right = states[b]
  return left !== undefined && right !== undefined && (a === b || overlap(left.set, right.set))
}

/** Whether one text can be shared between loops `p` and `q` in many ways: `\d+\d+x`. */
function isShared(
  states: readonly Position[],
  cycle: readonly number[],
  p: number,
  q: number,
): boolean {
  const size = states.length
  const seen = new Set<number>()
  const open: (readonly [number, number, number])[] = [[p, p, q]]
  for (let triple = open.pop(); triple !== undefined; triple = open.pop()) {
    const [a, b, c] = triple
    for (const nextA of states[a]?.follow ?? []) {
      if (cycle[nextA] !== cycle[p]) continue
      for (const nextC of states[c]?.follow ?? []) {
        if (cycle[nextC] !== cycle[q] || !meets(states, nextA, nextC)) continue
        for (const nextB of states[b]?.follow ?? []) {
          if (!meets(states, nextA, nextB) || !meets(states, nextB, nextC)) continue
          if (nextA === p && nextB === q && nextC === q) return true
          const key = (nextA * size + nextB) * size + nextC
          if (seen.has(key)) continue
          if (seen.size > MAX_VISITED) return true
          seen.add(key)
          open.push([nextA, nextB, nextC])
        }
      }
    }
  }
  return false
}

/** In how many ways the short repetitions of a pattern can be gone through, others taken as once. */
function waysThrough(node: PatternNode): number {
  switch (node.type) {
    case 'sequence':
      return node.items.reduce((ways, item) => ways * waysThrough(item), 1)
    case 'either':
      return node.options.reduce((ways, option) => ways + waysThrough(option), 0)
    case 'repeat': {
      if (node.max > MAX_SHORT) return 1
      const once = waysThrough(node.body)
      let ways = 0
      for (let count = node.min; count <= node.max; count++) ways += once ** count
      return ways
    }
    default:
      return 1
  }
}

/**
 * The repetitions whose ambiguity matters. Short ones do not, as long as all of them together can
 * be gone through in few ways, and no longer one is around them.
 */
function loopsIn(root: PatternNode): Set<PatternNode> {
  const loops = new Set<PatternNode>()
  const countsAll = waysThrough(root) > MAX_WAYS
  const walk = (node: PatternNode, inLoop: boolean): void => {
    if (node.type === 'sequence') for (const item of node.items) walk(item, inLoop)
    else if (node.type === 'either') for (const option of node.options) walk(option, inLoop)
    else if (node.type === 'repeat') {
      const isFixed = node.min === node.max && node.max <= MAX_SHORT
      const isLoop = node.max > 1 && (node.max > MAX_SHORT || countsAll || (inLoop && !isFixed))
      if (isLoop) loops.add(node)
      walk(node.body, inLoop || isLoop)
    }
  }
  walk(root, false)
  return loops
}

/** What speaks against a pattern, or `undefined`. */
function objection(root: PatternNode, marks: Marks, inRepeat: boolean): string | undefined {
  const positions = positionsOf(root, loopsIn(root), marks.fallible)
  if (positions === undefined) return `it has more than ${MAX_POSITIONS} characters`
  const {states, doubled} = positions
  const cycle = cyclesOf(states)
  if (doubled || isExponential(states, cycle)) {
    return 'a repetition inside a repetition, or alternatives inside one, can match the same text in many ways'
  }
  if (inRepeat && cycle.some((component) => component >= 0)) {
    return 'a lookaround inside a repetition has a repetition of its own'
  }
  for (let p = 0; p < states.length; p++) {
    for (let q = p + 1; q < states.length; q++) {
      const isPair = (cycle[p] ?? -1) >= 0 && (cycle[q] ?? -1) >= 0 && cycle[p] !== cycle[q]
      if (isPair && states[q]?.fallible && isShared(states, cycle, p, q)) {
        return 'two repetitions in a row can share the same text in many ways'
      }
    }
  }
  return undefined
}

const containsLook = (node: PatternNode, look: PatternNode, inRepeat = false): boolean => {
  if (node === look) return inRepeat
  if (node.type === 'sequence') return node.items.some((item) => containsLook(item, look, inRepeat))
  if (node.type === 'either') {
    return node.options.some((option) => containsLook(option, look, inRepeat))
  }
  if (node.type === 'repeat') return containsLook(node.body, look, inRepeat || node.max > 1)
  return node.type === 'look' && containsLook(node.body, look, inRepeat)
}

function boundFor(node: Repeat, marks: Marks): number {
  const chain = marks.bounded.get(node) ?? []
  const inside = [...marks.bounded.values()].filter((around) => around.includes(node))
  const depth = 1 + chain.length + (inside.length > 0 ? 1 : 0)
  if (depth > 1) return Math.max(2, Math.floor(MAX_NESTED ** (1 / depth)))
  return marks.leading.has(node) ? MAX_LEADING : MAX_INNER
}

const refusal = (pattern: RegExp, reason: string): TypeError =>
  new TypeError(
    `expected \`patterns\` to run in linear time, got ${String(pattern)}: ${reason}. ` +
      'Make it unambiguous or give the repetition a bound, like `{1,64}`; or mask with a function (`mask`)',
  )

const escapeLiteral = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/**
 * Makes a pattern safe to run on any text.
 *
 * - a string is taken literally
 * - `g` is added, `y` taken away
 * - a repetition that something can fail after takes at most 256 characters at the beginning of a
 *   pattern, 1,024 elsewhere; one at its end is as long as the text wants
 *
 * @throws TypeError where the pattern is empty, or one text could match it in so many ways that
 * failing takes exponential or polynomial time
 */
export function compilePattern(pattern: RegExp | string): RegExp {
  if (typeof pattern === 'string') {
    if (pattern === '') throw new TypeError('expected a string in `patterns` not to be empty')
    return new RegExp(escapeLiteral(pattern), 'g')
  }
  if (!(pattern instanceof RegExp)) {
    throw new TypeError(
      `expected \`patterns\` to be regular expressions or strings, got \`${String(pattern)}\` (${typeof pattern})`,
    )
  }
  let root: PatternNode
  try {
    root = readPattern(pattern)
  } catch (error) {
    if (error instanceof UnreadablePattern) throw refusal(pattern, `it has ${error.message}`)
    throw error
  }
  const marks: Marks = {fallible: new Set(), leading: new Set(), bounded: new Map(), looks: []}
  mark(root, false, marks)
  const reason = objection(root, marks, false)
  if (reason !== undefined) throw refusal(pattern, reason)
  // Bodies of lookarounds add their own lookarounds to the list while it is walked.
  for (const look of marks.looks) {
    mark(look.body, true, marks)
    const inner = objection(look.body, marks, containsLook(root, look))
    if (inner !== undefined) throw refusal(pattern, inner)
  }
  let {source} = pattern
  const repeats = [...marks.bounded.keys()].sort((a, b) => b.start - a.start)
  for (const node of repeats) {
    const max = Math.max(node.min, Math.min(node.max, boundFor(node, marks)))
    source = `${source.slice(0, node.start)}{${node.min},${max}}${source.slice(node.end)}`
  }
  const flags = pattern.flags.replace(/[gy]/g, '')
  return new RegExp(source, `${flags}g`)
}
