/** Puts numbers into source files and leaves everything else of them as it is. */
import {FEATURE_NAMES} from '../../src/analysis/features.ts'
import {STEP_KINDS} from '../../src/model.ts'
import type {Curve} from './calibrate.ts'
import {CUE_COUNT, KIND_COUNT, VOTER_NAMES} from './voters.ts'

/** The votes of a voter as an object literal, those for a kind before those against it. */
function votesLiteral(votes: Int16Array, voter: number): string {
  const row = votes.subarray(voter * KIND_COUNT, (voter + 1) * KIND_COUNT)
  const given = STEP_KINDS.map((kind, i) => ({kind, vote: row[i]!}))
    .filter(({vote}) => vote !== 0)
    .sort((a, b) => b.vote - a.vote)
  return `{${given.map(({kind, vote}) => `${kind}: ${vote / 10}`).join(', ')}}`
}

/** A file of cue groups with new votes: `['name', {…}, 'phrases']`. */
export function rewriteCues(source: string, votes: Int16Array): string {
  return source.replace(
    /(\[\s*'([\w-]+)',\s*)\{[^{}]*\}/g,
    (_, before: string, name: string) => before + votesLiteral(votes, cueNumber(name)),
  )
}

function cueNumber(name: string): number {
  const number = VOTER_NAMES.indexOf(name)
  if (number < 0 || number >= CUE_COUNT) throw new Error(`no cue group \`${name}\``)
  return number
}

/** The file of the features' votes: the object is written anew, so that it has every feature. */
export function rewriteFeatures(source: string, votes: Int16Array): string {
  const rows = FEATURE_NAMES.map((name, i) => {
    const key = /^\w+$/.test(name) ? name : `'${name}'`
    return `  ${key}: ${votesLiteral(votes, CUE_COUNT + i)},\n`
  })
  const body = /(=> \(\{\n)[^]*(\}\)\n)/
  if (!body.test(source)) throw new Error('found no `=> ({ … })` to put the votes of features in')
  return source.replace(body, (_, before: string, after: string) => before + rows.join('') + after)
}

/** The file of the rules with the two numbers of the curve of confidences. */
export function rewriteCurve(source: string, {atNoLead, byLead}: Curve): string {
  const constants = {CONFIDENCE_AT_NO_LEAD: atNoLead, CONFIDENCE_BY_LEAD: byLead}
  let rewritten = source
  for (const [name, value] of Object.entries(constants)) {
    const line = new RegExp(`^const ${name} = .*$`, 'm')
    if (!line.test(source)) throw new Error(`found no \`const ${name}\``)
    rewritten = rewritten.replace(line, `const ${name} = ${Number(value.toFixed(3))}`)
  }
  return rewritten
}
