/** A pattern as an automaton (Glushkov's): one state a character position, to see what is ambiguous. */
import type {CharacterSet, PatternNode} from './pattern-tree.ts'

/** One place in the pattern where a character is taken. */
export interface Position {
  readonly set: CharacterSet
  readonly follow: Set<number>
  /** Something that can fail comes after the outermost repetition around this position. */
  fallible: boolean
}

/** The automaton, and what is already known to be wrong with it. */
export interface Positions {
  readonly states: readonly Position[]
  /** Two repetitions lead from one position to the same next one: `(a*)*`. */
  readonly doubled: boolean
}

/** Patterns with more character positions than this are not analysed. */
export const MAX_POSITIONS = 500

interface Part {
  first: readonly number[]
  last: readonly number[]
  nullable: boolean
}

const NOTHING: Part = {first: [], last: [], nullable: true}

/**
 * Builds the automaton. Assertions and lookarounds take no characters: leaving them out only adds
 * paths.
 *
 * @param loops the repetitions that count as such; others are short enough to be taken as once
 * @param fallible the repetitions after which something can fail
 */
export function positionsOf(
  root: PatternNode,
  loops: ReadonlySet<PatternNode>,
  fallible: ReadonlySet<PatternNode>,
): Positions | undefined {
  const states: Position[] = []
  let doubled = false

  const link = (last: readonly number[], first: readonly number[], isLoop: boolean): void => {
    for (const from of last) {
      const follow = states[from]?.follow
      for (const to of first) {
        if (isLoop && follow?.has(to)) doubled = true
        follow?.add(to)
      }
    }
  }

  const build = (node: PatternNode, canFail: boolean | undefined): Part => {
    switch (node.type) {
      case 'characters': {
        const index =
          states.push({set: node.set, follow: new Set(), fallible: canFail ?? false}) - 1
        return {first: [index], last: [index], nullable: false}
      }
      case 'sequence': {
        let whole: Part = NOTHING
        for (const item of node.items) {
          const part = build(item, canFail)
          link(whole.last, part.first, false)
          whole = {
            first: whole.nullable ? [...whole.first, ...part.first] : whole.first,
            last: part.nullable ? [...whole.last, ...part.last] : part.last,
            nullable: whole.nullable && part.nullable,
          }
          if (states.length > MAX_POSITIONS) return whole
        }
        return whole
      }
      case 'either': {
        const parts = node.options.map((option) => build(option, canFail))
        return {
          first: parts.flatMap(({first}) => first),
          last: parts.flatMap(({last}) => last),
          nullable: parts.some(({nullable}) => nullable),
        }
      }
      case 'repeat': {
        const isLoop = loops.has(node)
        const part = build(node.body, canFail ?? (isLoop ? fallible.has(node) : undefined))
        if (isLoop) link(part.last, part.first, true)
        return {...part, nullable: part.nullable || node.min === 0}
      }
      default:
        return NOTHING
    }
  }

  build(root, undefined)
  return states.length > MAX_POSITIONS ? undefined : {states, doubled}
}

/** For each state, the number of its strongly connected component, or -1 where it is in no cycle. */
export function cyclesOf(states: readonly Position[]): readonly number[] {
  // States are numbered from left to right and only loops lead back, so reachability within a
  // component can be found by plain search; patterns are small.
  const component = states.map(() => -1)
  const reach = states.map((_, from) => {
    const seen = new Set<number>()
    const open = [...(states[from]?.follow ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(states[next]?.follow ?? []))
    }
    return seen
  })
  let count = 0
  for (let state = 0; state < states.length; state++) {
    if (component[state] !== -1 || !reach[state]?.has(state)) continue
    for (const other of reach[state] ?? []) if (reach[other]?.has(state)) component[other] = count
    count++
  }
  return component
}
