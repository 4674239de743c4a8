/** What a tool's name says that it does, and what a sentence says that is going to be done. */

/** Sorts of acts. A word may belong to several. */
const ACTS = {
  read: 'get fetch look lookup search find list read view open check show query retrieve see examine review verify locate cat ls grep describe inspect count browse download analyze analyse scroll goto head tail select load explore investigate confirm gather info information pull access learn details detail determine file strings print display extract decompile disassemble tshark curl request visit interact explore dump decode echo status availability available options option history metadata which files collect',
  edit: 'edit update change modify fix set adjust correct replace insert patch add rewrite refactor implement import amend revise upgrade write append apply reschedule move rename undo undone increase decrease switch reseat paste wrap put typo',
  create:
    'create make write new draft generate implement script book order schedule register file reproduce save build touch add reserve open',
  delete:
    'cancel cancellation delete remove rm drop revoke clean uninstall erase clear cancelling canceling',
  send: 'send email mail message notify reply post publish respond escalate transfer forward tell ask inform hand announce contact human agent sms ping comment',
  pay: 'pay refund charge credit issue compensate compensation certificate reimburse transfer gift voucher',
  run: 'run execute python python3 test launch try bash exec start shell see reproduce interact connect script install pip command result results compile',
  submit: 'submit finish done complete end flag solution finalize finalise commit resolved pass',
  compute: 'calculate compute calculation sum total math expression cost price',
} as const

export type Act = keyof typeof ACTS

let table: Map<string, Act[]> | undefined

function actsOf(word: string): readonly Act[] {
  if (table === undefined) {
    table = new Map()
    for (const [act, words] of Object.entries(ACTS) as [Act, string][]) {
      for (const one of words.split(' ')) table.set(one, [...(table.get(one) ?? []), act])
    }
  }
  return table.get(word) ?? table.get(stem(word)) ?? []
}

/** Enough of a stem for verbs in `-ing`, `-ed`, `-s` and nouns in the plural. */
export function stem(word: string): string {
  const cut = word.replace(/(?:ing|ed|es|s)$/, '')
  if (cut.length < 3) return word
  if (/(.)\1$/.test(cut) && !/(?:ll|ss)$/.test(cut)) return cut.slice(0, -1)
  return cut
}

/** The words of `get_user_details`, `getUserDetails`, `get-user-details`, lower-case. */
export const wordsOfName = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 0)

/** What a tool does, by its name: the first word that says it. */
export function actsOfTool(name: string): ReadonlySet<Act> {
  for (const word of wordsOfName(name)) {
    const acts = actsOf(word)
    if (acts.length > 0) return new Set(acts)
  }
  return new Set()
}

/** What a sentence speaks of doing. */
export function actsIn(sentence: string): ReadonlySet<Act> {
  const acts = new Set<Act>()
  for (const [word] of sentence.toLowerCase().matchAll(/[a-z]{2,20}/g)) {
    for (const act of actsOf(word)) acts.add(act)
  }
  return acts
}
