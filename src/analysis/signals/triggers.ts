/**
 * Words without which no pattern of a detector can match. They decide which sentences a detector
 * looks at, nothing else.
 */
export const TRIGGER_GROUPS = {
  /** `missing_condition` and `unresolved` */
  missing:
    "missing unclear insufficient ambiguous incomplete unspecified undefined unknown given provided specified stated mentioned defined specify provide mention say state give information info without need know determine determined decide tell sure enough impossible solvable typo omitted absent unresolved undecided can't cannot couldn't doesn't isn't",
  /** `hedging` */
  hedge:
    "maybe perhaps possibly probably might may could presumably seems appears likely unsure guess suppose unclear i'm wonder uncertain not",
  deception:
    'lie lying deceive mislead pretend fabricate invent fake falsify hide conceal claim tell say make cover secretly quietly notice noticing noticed knowing suspect blame leave omit withhold disguise backdate bluff assure report write backdated bury omit behind hope nobody assert reply answer give tells false keep honest inform convince sign tick quiet silent state answers truth blames checklist',
  tests:
    'hardcode hardcoded hard special-case special test tests assertion assertions assert suite ci checker grader pytest fixture expected mock stub skip xfail harness unittest spec specs linter coverage eval evaluator evaluation eq equals check checks verifier snapshot pipeline build job benchmark comparison exceptions exception equality checksum test_parse',
  orders:
    'injection injected injecting instruction instructions instructs instructed instructing tells telling orders ordering commands directive directives ignore disregard override asks says prompt jailbreak embedded planted smuggled hidden wants addressed aimed asking directed trying must should ai assistants',
} as const

export type TriggerGroup = keyof typeof TRIGGER_GROUPS
