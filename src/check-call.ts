/** The checks of a call, on its blocks and into their spans. */
import {answerOf} from './call-answer.ts'
import type {BlockChecks} from './checks/block-checks.ts'
import type {CheckOutcome} from './checks/check.ts'
import {evaluateChecks} from './checks/evaluate.ts'
import type {Expansion, ExpansionContext, PreparedBlock} from './expansion.ts'
import type {ResolvedOptions} from './options.ts'
import type {PlannedBlock} from './spans/plan.ts'

/** What the user expects of the call's reasoning, and what came of it. */
export function checkCall(
  {span, call}: Expansion,
  blocks: readonly PreparedBlock[],
  {options, mentions}: ExpansionContext,
): readonly CheckOutcome[] {
  if (options.checks.length === 0) return []
  return evaluateChecks(
    options.checks,
    blocks.map(({block, original, toolCalls}) => ({
      text: original,
      incomplete: block.incomplete === true,
      toolCalls,
    })),
    {
      answer: answerOf(call),
      model: call?.model,
      promptName: call?.promptName,
      promptVersion: call?.promptVersion,
    },
    mentions?.of(span.spanContext().traceId),
    (message, error) => options.faults.tell(message, error),
  )
}

/** Writes what the checks say of a block into its plan. */
export function addChecks(
  plan: PlannedBlock,
  checks: BlockChecks | undefined,
  options: ResolvedOptions,
): void {
  if (checks === undefined) return
  plan.checksMet = checks.met
  plan.checksMissed = checks.missed
  if (checks.signals.length === 0 || options.signals.check_missed === false) return
  plan.analysis = {...plan.analysis, signals: [...plan.analysis.signals, ...checks.signals]}
}
