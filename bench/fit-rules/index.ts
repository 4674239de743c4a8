/**
 * `npm run fit-rules [-- --write]`: fits the votes of the rules on the labelled sets, prints how
 * well such fits label what they have not seen, and compares the votes with the ones in
 * `src/analysis`. With `--write` it puts them there. Takes half a minute.
 *
 * Exits 0 where the votes are the ones in `src/analysis`, 1 where they are not, 2 without the sets.
 */
import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {STEP_KINDS} from '../../src/model.ts'
import {countLabels, f1ByKind, kappaOf, newConfusion} from './agreement.ts'
import {bandsOf, type Curve, fitCurve, type Outcome} from './calibrate.ts'
import {OWN_SETS, requireDatasets} from './labelled-sets.ts'
import {rewriteCues, rewriteCurve, rewriteFeatures} from './rewrite.ts'
import {
  fitRounded,
  foldTrials,
  outcomesOf,
  readExamples,
  type Trial,
  transferTrials,
} from './trials.ts'
import {CUE_COUNT, labelBy, VOTER_NAMES} from './voters.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const wrong = process.argv.slice(2).find((argument) => argument !== '--write')
if (wrong !== undefined) {
  console.error(`expected nothing or \`--write\`, got \`${wrong}\``)
  process.exit(2)
}
const isWrite = process.argv.includes('--write')

const examples = readExamples(requireDatasets())
for (const set of OWN_SETS) {
  const own = examples.filter((example) => example.set === set)
  const sentences = own.reduce((sum, {gold}) => sum + gold.length, 0)
  console.log(`${set}: ${own.length} texts, ${sentences} sentences`)
}

const folds = foldTrials(examples)
const transfers = transferTrials(examples)
console.log(`\n| kappa, F1 by kind | all | ${STEP_KINDS.join(' | ')} |`)
console.log(`|---|---|${STEP_KINDS.map(() => '---|').join('')}`)
printAgreement('5 folds by trace', folds)
printAgreement('fitted on the two others', transfers)

const ofFolds = outcomesOf(folds)
const ofTransfers = outcomesOf(transfers)
// A user's traces are neither as near to the sets as their own other traces, nor as far from all
// three as one set is from two: both kinds of trial count the same.
const curve = fitCurve([...ofFolds.values(), ...ofTransfers.values()].flat())
const {atNoLead, byLead} = curve
console.log(
  `\nconfidence: odds of e^(${atNoLead.toFixed(3)} + ${byLead.toFixed(3)} × lead)\n\n` +
    '| labels: confidence, right | ' +
    'under 0.4 | 0.4 | 0.5 | 0.6 | 0.7 | 0.8 | from 0.9 |\n|---|---|---|---|---|---|---|---|',
)
printBands('5 folds', ofFolds, curve)
printBands('others', ofTransfers, curve)

const votes = fitRounded(examples)
const given = votes.filter((vote) => vote !== 0).length
console.log(`\n${given} votes of ${VOTER_NAMES.length} voters, ${CUE_COUNT} of them cue groups`)
const differing = compareFiles()
if (differing.length === 0) console.log('They are the ones in src/analysis.')
else if (isWrite) console.log(`Written to ${differing.join(', ')}.`)
else {
  console.log(`Others are in ${differing.join(', ')}: \`npm run fit-rules -- --write\` puts these.`)
  process.exitCode = 1
}

function printAgreement(name: string, trials: readonly Trial[]): void {
  for (const set of OWN_SETS) {
    const counts = newConfusion()
    for (const trial of trials) {
      for (const example of trial.unseen) {
        if (example.set !== set) continue
        const kinds = labelBy(trial.votes, example.text).map(({kind}) => kind)
        countLabels(counts, example.gold, kinds)
      }
    }
    const f1 = f1ByKind(counts).map((value) => value?.toFixed(2) ?? '-')
    console.log(`| ${set}, ${name} | ${kappaOf(counts).toFixed(3)} | ${f1.join(' | ')} |`)
  }
}

function printBands(
  name: string,
  bySet: ReadonlyMap<string, readonly Outcome[]>,
  used: Curve,
): void {
  for (const [set, outcomes] of bySet) {
    const cells = bandsOf(used, outcomes).map(
      ({labels, confidence, right}) => `${labels}: ${confidence.toFixed(2)}, ${right.toFixed(2)}`,
    )
    console.log(`| ${set}, ${name} | ${cells.join(' | ')} |`)
  }
}

/** Names the files that hold other numbers, and rewrites them where that was asked for. */
function compareFiles(): string[] {
  const files: [path: string, rewrite: (source: string) => string][] = [
    ...['request', 'evidence', 'doubt'].map((theme): [string, (source: string) => string] => [
      `src/analysis/cues/${theme}.ts`,
      (source) => rewriteCues(source, votes),
    ]),
    ['src/analysis/feature-votes.ts', (source) => rewriteFeatures(source, votes)],
    ['src/analysis/kinds.ts', (source) => rewriteCurve(source, curve)],
  ]
  return files
    .filter(([path, rewrite]) => {
      const source = readFileSync(join(root, path), 'utf8')
      const wanted = formatted(path, rewrite(source))
      if (wanted === source) return false
      if (isWrite) writeFileSync(join(root, path), wanted)
      return true
    })
    .map(([path]) => path)
}

/** As oxfmt would have it. */
function formatted(path: string, source: string): string {
  const {status, stdout, stderr, error} = spawnSync(
    join(root, 'node_modules/.bin/oxfmt'),
    [`--stdin-filepath=${path}`],
    {cwd: root, input: source, encoding: 'utf8'},
  )
  if (status !== 0) throw new Error(`oxfmt could not format ${path}: ${error?.message ?? stderr}`)
  return stdout
}
