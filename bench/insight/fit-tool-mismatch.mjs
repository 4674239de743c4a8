/**
 * Fits the weights of `tool_mismatch` (`src/analysis/signals/tool-mismatch.ts`): a logistic
 * regression on the pairs of `make-tool-mismatch.mjs` and on the agents' texts of
 * `steps/agents`, right and with another text's call. Prints the weights fitted on all of them, and
 * what such weights reach in five folds, each pair judged by weights fitted without it.
 *
 *     node bench/insight/fit-tool-mismatch.mjs
 */
import {splitSentences} from '../../src/analysis/sentences.ts'
import {FEATURES, mismatchOdds, toolFeatures} from '../../src/analysis/signals/tool-mismatch.ts'
import {foldOf, readDataset} from './datasets.mjs'
import {makePairs} from './make-tool-mismatch.mjs'

const ROUNDS = 4000
const RATE = 0.5
const DECAY = 0.0005

/** Texts of `steps/agents` with the call that follows, and with that of another text. */
function ofAgents() {
  const rows = readDataset('steps/agents')
    .filter((row) => row.tool_calls?.length > 0 && row.trace.length >= 20)
    .map((row) => ({
      id: row.id,
      source: row.id.startsWith('real') ? 'agents, real' : 'agents, authored',
      trace: row.trace,
      tool_calls: row.tool_calls.map(({name, arguments: args}) => ({
        name,
        arguments: typeof args === 'string' ? args : JSON.stringify(args ?? {}),
      })),
    }))
    .filter(({source}) => source === 'agents, authored')
  return rows.flatMap((row, i) => {
    const other = rows[(i * 37 + 11) % rows.length]
    return [
      {...row, way: 'right', labels: {tool_mismatch: false}},
      {
        ...row,
        id: `tool/${row.id}`,
        way: 'tool',
        tool_calls: other.tool_calls,
        labels: {tool_mismatch: other.tool_calls[0].name !== row.tool_calls[0].name},
      },
    ]
  })
}

export const pairsWithFeatures = (pairs) =>
  pairs.map((pair) => {
    const sentences = splitSentences(pair.trace)
    return {...pair, features: toolFeatures(pair.trace, sentences, pair.tool_calls)}
  })

const sigmoid = (x) => 1 / (1 + Math.exp(-x))

export function fit(pairs) {
  const weights = FEATURES.map(() => 0)
  const positives = pairs.filter(({labels}) => labels.tool_mismatch).length
  const share = {true: 0.5 / positives, false: 0.5 / (pairs.length - positives)}
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : DECAY * weight))
    for (const {features, labels} of pairs) {
      const odds = features.reduce((sum, x, i) => sum + x * weights[i], 0)
      const error = (sigmoid(odds) - Number(labels.tool_mismatch)) * share[labels.tool_mismatch]
      features.forEach((x, i) => (gradient[i] += error * x))
    }
    gradient.forEach((g, i) => (weights[i] -= RATE * g))
  }
  return weights
}

const FOLDS = 5

/** Odds of each pair by weights that were fitted without its fold. */
export function crossValidate(pairs) {
  const folds = pairs.map(({id}) => foldOf(id, FOLDS))
  const odds = new Array(pairs.length)
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const weights = fit(pairs.filter((_, i) => folds[i] !== fold))
    pairs.forEach(({features}, i) => {
      if (folds[i] === fold) odds[i] = mismatchOdds(features, weights)
    })
  }
  return odds
}

/** Pairs of real agents and of the authored texts. */
export const allPairs = () => pairsWithFeatures([...makePairs(), ...ofAgents()])

if (process.argv[1]?.endsWith('fit-tool-mismatch.mjs')) {
  const pairs = allPairs()
  const weights = fit(pairs)
  console.log(JSON.stringify(weights.map((w) => Math.round(w * 100) / 100)))
  FEATURES.forEach((name, i) => console.log(name.padEnd(26), weights[i].toFixed(2)))
  const odds = crossValidate(pairs)
  for (const cut of [-0.5, -0.25, 0, 0.25, 0.5, 1, 1.5, 2]) {
    const groups = new Map()
    pairs.forEach(({source, way, labels}, i) => {
      const key = `${source} ${way}`
      groups.set(key, [...(groups.get(key) ?? []), [labels.tool_mismatch, odds[i] >= cut]])
    })
    const real = [...groups]
      .filter(([key]) => !key.startsWith('agents'))
      .flatMap(([, list]) => list)
    const rate = (label) => {
      const list = real.filter(([l]) => l === label)
      return list.filter(([, hit]) => hit).length / list.length
    }
    const shares = [...groups].map(
      ([key, list]) => `${key} ${(list.filter(([, hit]) => hit).length / list.length).toFixed(2)}`,
    )
    console.log(
      `cut ${cut}: TPR ${rate(true).toFixed(3)} FPR ${rate(false).toFixed(3)}`,
      `balanced ${((rate(true) + 1 - rate(false)) / 2).toFixed(3)}; ${shares.join(' | ')}`,
    )
  }
}
