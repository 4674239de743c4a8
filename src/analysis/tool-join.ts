/** Which step led to which tool call. */
import type {Step, ToolCall} from '../model.ts'
import {findMentions} from './tool-mentions.ts'

/** Tools that are looked for in the text: each costs a scan of it. */
const MAX_NAMES = 16

/**
 * Joins the tool calls that follow a block to the steps that led to them. A call goes to the last
 * `act` step that names its tool; else to the last `act` step that names no other of the tools;
 * else to the last step that names it; else to the last `act` step; else to the last step.
 *
 * @param toolCalls the calls made after this block and before the next
 * @returns calls by index of their step; empty where there are no steps
 */
export function joinToolCalls(
  steps: readonly Step[],
  text: string,
  toolCalls: readonly ToolCall[],
): Map<number, ToolCall[]> {
  const joined = new Map<number, ToolCall[]>()
  if (steps.length === 0 || toolCalls.length === 0) return joined
  const named = new Map<string, Set<number>>()
  const taken = new Set<number>()
  for (const {name} of toolCalls) {
    if (named.has(name) || named.size === MAX_NAMES) continue
    const indexes = stepsNaming(name, text, steps)
    named.set(name, indexes)
    for (const index of indexes) taken.add(index)
  }
  const lastAct = steps.findLastIndex(({kind}) => kind === 'act')
  const lastFreeAct = steps.findLastIndex(({kind}, index) => kind === 'act' && !taken.has(index))
  for (const call of toolCalls) {
    const naming = [...(named.get(call.name) ?? [])]
    const candidates = [
      naming.findLast((index) => steps[index]?.kind === 'act') ?? -1,
      lastFreeAct,
      naming.at(-1) ?? -1,
      lastAct,
      steps.length - 1,
    ]
    const index = candidates.find((candidate) => candidate >= 0) as number
    const calls = joined.get(index)
    if (calls === undefined) joined.set(index, [call])
    else calls.push(call)
  }
  return joined
}

/** The steps whose text names the tool, ascending. */
function stepsNaming(name: string, text: string, steps: readonly Step[]): Set<number> {
  const indexes = new Set<number>()
  let index = 0
  for (const mention of findMentions(text, [{name}])) {
    while (index < steps.length && steps[index]!.end <= mention) index += 1
    if (index < steps.length && steps[index]!.start <= mention) indexes.add(index)
  }
  return indexes
}
