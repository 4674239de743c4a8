/**
 * Makes pairs of a thought and the call that follows it, right and wrong, from real agents' runs
 * (`../shared/datasets/agents`). Wrong calls are made in two ways:
 *
 * - `tool`: the call of another step of the same set, one of another tool, so that name and
 *   arguments are those of a call that was really made, only not after this thought
 * - `argument`: the right call with one value, which the thought names, put in another's place: the
 *   value that another step has there, or the same value with two of its characters changed
 *
 * Seeded; the same pairs each time. As a command it writes them as JSON lines to standard output.
 *
 *     node bench/insight/make-tool-mismatch.mjs > pairs.jsonl
 */
import {literalsIn} from '../../src/analysis/signals/literals.ts'
import {readDataset} from './datasets.mjs'

const SETS = ['agents/tau-bench-airline', 'agents/swe-agent']
/** What an agent does for itself or says to its user is no call that a thought announces. */
const NO_CALLS = new Set(['respond', 'think', ''])
const MIN_THOUGHT = 20

function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const toText = (args) => (typeof args === 'string' ? args : JSON.stringify(args ?? {}))

/** The value with two characters changed, each to another of its own sort. */
function changed(value, rand) {
  const at = [...value].flatMap((c, i) => (/[a-z0-9]/i.test(c) ? [i] : []))
  const letters = [...value]
  for (let k = 0; k < 2 && at.length > 0; k += 1) {
    const i = at.splice(Math.floor(rand() * at.length), 1)[0]
    const c = letters[i]
    const alphabet = /\d/.test(c)
      ? '0123456789'
      : /[a-z]/.test(c)
        ? 'abcdefghijklmnopqrstuvwxyz'
        : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
    letters[i] =
      alphabet[
        (alphabet.indexOf(c) + 1 + Math.floor(rand() * (alphabet.length - 1))) % alphabet.length
      ]
  }
  return letters.join('')
}

export function makePairs(seed = 7) {
  const rand = random(seed)
  const pairs = []
  for (const set of SETS) {
    const rows = readDataset(set)
    if (rows === undefined) return undefined
    const seen = new Set()
    const steps = rows.flatMap((row) =>
      row.steps.flatMap((step, i) => {
        const text = step.thought?.trim() ?? ''
        const key = `${text}|${step.tool}|${toText(step.args)}`
        if (text.length < MIN_THOUGHT || NO_CALLS.has(step.tool) || seen.has(key)) return []
        seen.add(key)
        return [{id: `${row.id}/${i}`, trace: text, tool: step.tool, args: toText(step.args)}]
      }),
    )
    const push = (step, way, label, name, args) =>
      pairs.push({
        id: `${way}/${step.id}`,
        source: set.split('/')[1],
        way,
        trace: step.trace,
        tool_calls: [{name, arguments: args}],
        labels: {tool_mismatch: label},
      })
    for (const step of steps) {
      push(step, 'right', false, step.tool, step.args)
      const others = steps.filter(({tool}) => tool !== step.tool)
      const other = others[Math.floor(rand() * others.length)]
      push(step, 'tool', true, other.tool, other.args)
      const named = literalsIn(step.args).filter(({text}) => step.trace.includes(text))
      if (named.length === 0) continue
      const {text, type} = named[Math.floor(rand() * named.length)]
      const sameType = steps
        .flatMap(({args}) => literalsIn(args))
        .filter((literal) => literal.type === type && literal.text !== text)
        .map((literal) => literal.text)
      const value =
        rand() < 0.5 && sameType.length > 0
          ? sameType[Math.floor(rand() * sameType.length)]
          : changed(text, rand)
      if (step.trace.includes(value)) continue
      push(step, 'argument', true, step.tool, step.args.replaceAll(text, value))
    }
  }
  return pairs
}

if (process.argv[1]?.endsWith('make-tool-mismatch.mjs')) {
  const pairs = makePairs()
  if (pairs === undefined) {
    console.error('the agents sets are not here (../shared/datasets/agents)')
    process.exitCode = 2
  } else for (const pair of pairs) console.log(JSON.stringify(pair))
}
