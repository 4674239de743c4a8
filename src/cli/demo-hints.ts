/** What to look for in each run of the refund agent. */

/** By the run's name, which is its conversation id. */
export const DEMO_HINTS: Readonly<Record<string, string>> = {
  'right-branch':
    'the `verify` step that checks the amount against the opened-box rule, and the `backtrack` step that corrects it before issue_refund.',
  'wrong-branch':
    'which policy the `infer` step names: the 60 days of clothing, although the order says electronics (30 days). Nothing marks it: all checks are met.',
  'missed-condition':
    'the check `opened_box` that is missed: no step names the opened box, so no 10% fee was kept.',
}
