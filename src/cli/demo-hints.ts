/** What to look for in each run of the refund agent: nothing in the tree marks it. */

/** By the run's name, which is its conversation id. */
export const DEMO_HINTS: Readonly<Record<string, string>> = {
  'right-branch':
    'the `verify` step that checks the amount against the opened-box rule, and the `backtrack` step that corrects it before issue_refund.',
  'wrong-branch':
    'which policy the `infer` step names: the 60 days of clothing, although the order says electronics (30 days).',
  'missed-condition':
    'the condition that no step names: the box was opened, so a 10% fee should have been kept.',
}
