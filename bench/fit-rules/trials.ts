/**
 * Fits that are tried on what they have not seen: on a fifth of the traces of every set in turn,
 * and on a whole set after a fit on the others.
 */
import {STEP_KINDS} from '../../src/model.ts'
import type {Outcome} from './calibrate.ts'
import {type Example, fitVotes, roundVotes} from './fit.ts'
import {foldsOf, type LabelledText, OWN_SETS, type OwnSet, readSet} from './labelled-sets.ts'
import {labelBy, prepare} from './voters.ts'

/** The sentences of the smaller sets count twice: `modern` would drown them. */
const WEIGHTS: Readonly<Record<OwnSet, number>> = {modern: 1, agents: 2, recordings: 2}
const FOLDS = 5

export interface SetExample extends Example {
  readonly id: string
  readonly set: OwnSet
  readonly labelled: LabelledText
}

/** The sets that the votes are fitted on, cut into sentences as their annotators had them. */
export function readExamples(folder: string): SetExample[] {
  return OWN_SETS.flatMap((set) =>
    readSet(folder, set).map((labelled) => ({
      id: labelled.id,
      set,
      labelled,
      text: prepare(labelled.trace, labelled.segments, labelled.toolCalls),
      gold: labelled.segments.map(({kind}) => (kind === null ? -1 : STEP_KINDS.indexOf(kind))),
      weight: WEIGHTS[set],
    })),
  )
}

/** Votes in tenths, as they are shipped, and the examples that they were not fitted on. */
export interface Trial {
  readonly votes: Int16Array
  readonly unseen: readonly SetExample[]
}

export const fitRounded = (examples: readonly Example[]): Int16Array =>
  roundVotes(fitVotes(examples))

/** Five fits; each text is unseen in one of them. */
export function foldTrials(examples: readonly SetExample[]): Trial[] {
  const folds = OWN_SETS.map((set) => foldsOf(of(examples, set), FOLDS))
  return Array.from({length: FOLDS}, (_, fold) => ({
    votes: fitRounded(folds.flatMap((own) => own.filter((__, i) => i !== fold).flat())),
    unseen: folds.flatMap((own) => own[fold]!),
  }))
}

/** A fit for each set, on the others. */
export function transferTrials(examples: readonly SetExample[]): Trial[] {
  return OWN_SETS.map((set) => ({
    votes: fitRounded(examples.filter((example) => example.set !== set)),
    unseen: of(examples, set),
  }))
}

const of = (examples: readonly SetExample[], set: OwnSet): SetExample[] =>
  examples.filter((example) => example.set === set)

/** What became of the labels of unseen sentences. All of a set weigh 1 together. */
export function outcomesOf(trials: readonly Trial[]): Map<OwnSet, Outcome[]> {
  const bySet = new Map<OwnSet, Outcome[]>(OWN_SETS.map((set) => [set, []]))
  for (const {votes, unseen} of trials) {
    for (const {text, gold, set} of unseen) {
      labelBy(votes, text).forEach(({kind, lead}, i) => {
        if (gold[i]! < 0) return
        bySet.get(set)!.push({lead: lead / 10, isRight: kind === gold[i], weight: 1})
      })
    }
  }
  for (const outcomes of bySet.values()) {
    const weight = 1 / outcomes.length
    outcomes.forEach((outcome, i) => (outcomes[i] = {...outcome, weight}))
  }
  return bySet
}
