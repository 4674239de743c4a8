/**
 * The phrases that the rules know, in groups. Every group votes for and against kinds; a sentence
 * gets the sum of the votes of the groups found in it, of its features, and takes the kind with
 * most. Groups hold general English only: no names, no subject matter.
 *
 * The votes were not set by hand: they are the weights of a logistic regression over these groups
 * on sentences of today's models that were labelled by our guideline, rounded to a tenth. A new
 * phrase goes into the group whose meaning it shares and needs no new votes.
 */
import type {StepKind} from '../../model.ts'
import {doubtCues} from './doubt.ts'
import {evidenceCues} from './evidence.ts'
import {requestCues} from './request.ts'

/** What speaks for a kind (above 0) or against it, in natural logarithms of odds. */
export type Votes = Readonly<Partial<Record<StepKind, number>>>

/**
 * Name of the group, its votes, its phrases divided by ` | `: lower-case words, `#` for any number,
 * `=` for an equals sign, `^` before a phrase that counts only at the start of a sentence.
 */
export type Cue = readonly [name: string, votes: Votes, phrases: string]

/** All groups. A function, so that importing the package does not make what may never be used. */
export const allCues = (): readonly Cue[] => [...requestCues(), ...evidenceCues(), ...doubtCues()]
