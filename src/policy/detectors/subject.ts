/** What the detectors look at: a text, and what several of them want to know of it. */
import {findNumberRuns, type NumberRun} from './number-runs.ts'
import {findTokenRuns, type TokenRun} from './token-runs.ts'

/** A text under inspection. */
export interface Subject {
  readonly text: string
  /** Digits in groups. Looked for once. */
  numberRuns(): readonly NumberRun[]
  /** Long words without spaces. Looked for once. */
  tokenRuns(): readonly TokenRun[]
}

/** Told of each find: half-open, in UTF-16 code units. */
export type Found = (start: number, end: number) => void

/** Finds one kind of personal or secret data, in time linear in the text. */
export interface Detector {
  readonly name: string
  /** What is written in the place of a find. */
  readonly label: string
  find(subject: Subject, found: Found): void
}

/** Makes a subject of a text. */
export function createSubject(text: string): Subject {
  let numbers: readonly NumberRun[] | undefined
  let tokens: readonly TokenRun[] | undefined
  return {
    text,
    numberRuns: () => (numbers ??= findNumberRuns(text)),
    tokenRuns: () => (tokens ??= findTokenRuns(text)),
  }
}
