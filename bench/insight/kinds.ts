/**
 * How well kinds are labelled: kappa by set, with intervals over traces. The rules and the network are measured on traces that
 * they were not fitted on; both, and an LLM where one is configured, on two sets of other schemes that nothing was fitted on.
 *
 * `OTEL_REASONING_LLM_URL` (a chat completions address), `OTEL_REASONING_LLM_MODEL` and `OTEL_REASONING_LLM_KEY` add the LLM.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {beginLabelling} from '../../src/analysis/classify.ts'
import {beginLabels} from '../../src/analysis/kinds.ts'
import {beginNetworkLabels} from '../../src/analysis/network/labels.ts'
import {loadNetwork} from '../../src/analysis/network/load.ts'
import {splitSentences, type TextRange} from '../../src/analysis/sentences.ts'
import {type KindClassifier, type KindLabel, STEP_KINDS, type StepKind} from '../../src/model.ts'
import {
  LABELLED_FOLDER,
  type LabelledText,
  OWN_SETS,
  type OwnSet,
  readSet,
} from '../fit-rules/labelled-sets.ts'
import {foldTrials, readExamples} from '../fit-rules/trials.ts'
import {labelBy} from '../fit-rules/voters.ts'

/** One line of the table. */
export interface InsightRow {
  readonly part: 'kinds'
  /** `rules`, `network` or the name of an LLM. */
  readonly by: string
  readonly measure: string
  readonly set: string
  readonly value: number
  readonly text: string
  /** 95 %, over traces. */
  readonly interval?: readonly [low: string, high: string] | undefined
  readonly baseline?: number | undefined
  readonly ceiling?: number | undefined
}

const figure = (by: string, name: string, set: string, value: number): InsightRow => ({
  part: 'kinds',
  by,
  measure: name,
  set,
  value,
  text: value.toFixed(2),
})

const kappaRow = (
  by: string,
  name: string,
  set: string,
  value: number,
  low: number,
  high: number,
): InsightRow => ({
  ...figure(by, name, set, value),
  interval: [low.toFixed(2), high.toFixed(2)],
  baseline: BASELINES[set],
  ceiling: CEILINGS[set],
})

/** Kinds as numbers of one trace: what was annotated, what was given. */
type Pairs = [gold: number, given: number][]

const CEILINGS: Readonly<Record<string, number>> = {
  modern: 0.92,
  agents: 0.92,
  'agents-authored': 0.91,
  'agents-real': 0.95,
  mathematics: 0.95,
  recordings: 0.96,
}
/** The keyword list of the datasets' scorer. */
const BASELINES: Readonly<Record<string, number>> = {
  modern: 0.16,
  agents: 0.09,
  'reasoningflow-human-v1': 0.21,
  'thought-anchors': 0.27,
}
const DRAWS = 300
const LLM_TRACES = 20
const LLM_NAME = process.env['OTEL_REASONING_LLM_MODEL'] ?? 'default'

/**
 * @param mistakesFile gets the confusion table of the rules and their 20 worst mistakes
 * @returns undefined where the sets are not on this machine
 */
export async function measure(
  mistakesFile: string | undefined = process.env['REASONING_MISTAKES'],
): Promise<InsightRow[] | undefined> {
  if (LABELLED_FOLDER === undefined) return undefined
  return [
    ...rulesRows(LABELLED_FOLDER, mistakesFile),
    ...networkRows(),
    ...(await foreignRows(LABELLED_FOLDER)),
    ...costRows(LABELLED_FOLDER),
  ]
}

function rulesRows(folder: string, mistakesFile: string | undefined): InsightRow[] {
  const bySet = new Map<OwnSet, Pairs[]>(OWN_SETS.map((set) => [set, []]))
  const wrong: {lead: number; line: string}[] = []
  for (const {votes, unseen} of foldTrials(readExamples(folder))) {
    for (const {text, gold, set, id, labelled} of unseen) {
      const pairs: Pairs = []
      labelBy(votes, text).forEach(({kind, lead}, i) => {
        if (gold[i]! < 0) return
        pairs.push([gold[i]!, kind])
        if (kind === gold[i]) return
        const {start, end} = labelled.segments[i]!
        const said = labelled.trace.slice(start, Math.min(end, start + 200)).replaceAll('\n', '⏎')
        const names = `${STEP_KINDS[gold[i]!]!}, given ${STEP_KINDS[kind]!}`
        wrong.push({lead, line: `${id}: ${names}, ahead by ${lead / 10}\n  ${said}`})
      })
      bySet.get(set)!.push(pairs)
    }
  }
  if (mistakesFile !== undefined) {
    const worst = wrong.sort((a, b) => b.lead - a.lead).slice(0, 20)
    const table = confusionTable([...bySet.values()].flat(2))
    writeFileSync(mistakesFile, `${table}\n\n${worst.map(({line}) => line).join('\n\n')}\n`)
  }
  return [...bySet].map(([set, traces]) => rowOf('rules', 'kappa, 5 folds by trace', set, traces))
}

function rowOf(by: string, name: string, set: string, traces: readonly Pairs[]): InsightRow {
  return kappaRow(by, name, set, kappa(traces.flat()), ...interval(traces))
}

interface Summary {
  kappa: number
  low: number
  high: number
  calibrationError: number
  sureShare: number
  sureRight: number | null
}

/** As `npm run train-kinds -- --folds` measured it: a network of every fold is not kept. */
function networkRows(): InsightRow[] {
  const file = new URL('../train-kinds/report.json', import.meta.url)
  if (!existsSync(file)) return []
  const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, Summary>>
  return Object.entries(report).flatMap(([by, sets]) =>
    Object.entries(sets).flatMap(([set, summary]) => {
      const how = `4 folds by ${by}`
      const {low, high, calibrationError, sureShare, sureRight} = summary
      return [
        kappaRow('network', `kappa, ${how}`, set, summary.kappa, low, high),
        figure('network', `calibration error, ${how}`, set, calibrationError),
        figure('network', `share with confidence over 0.8, ${how}`, set, sureShare),
        ...(sureRight === null
          ? []
          : [figure('network', `of these right, ${how}`, set, sureRight)]),
      ]
    }),
  )
}

/** Where a scheme lacks one of our kinds, it counts as the one under which the scheme files it. */
const FOLDED: Readonly<Record<string, Partial<Record<StepKind, StepKind>>>> = {
  'thought-anchors': {backtrack: 'uncertainty', act: 'plan', other: 'plan'},
  'reasoningflow-human-v1': {act: 'plan', other: 'plan'},
}

async function foreignRows(folder: string): Promise<InsightRow[]> {
  const rows: InsightRow[] = []
  for (const [set, folded] of Object.entries(FOLDED)) {
    const texts = readSet(folder, set)
    for (const classifier of ['rules', 'network'] as const) {
      const traces = texts.map((text) => {
        const ranges = splitSentences(text.trace)
        const labels: KindLabel[] = []
        const labelling = beginLabelling(classifier, text.trace, ranges, text.toolCalls)
        labelling.labelUntil(ranges.length, labels)
        return pairsOf(text, withKinds(ranges, labels), folded)
      })
      rows.push(rowOf(classifier, 'kappa, another scheme', set, traces))
    }
  }
  const classifier = llmClassifier()
  if (classifier === undefined) return rows
  for (const set of OWN_SETS) {
    const traces: Pairs[] = []
    for (const text of readSet(folder, set).slice(0, LLM_TRACES)) {
      const ranges = splitSentences(text.trace)
      const sentences = ranges.map(({start, end}) => text.trace.slice(start, end))
      const labels = await classifier(sentences, {text: text.trace, toolCalls: text.toolCalls})
      if (labels === undefined) continue
      traces.push(pairsOf(text, withKinds(ranges, labels), {}))
    }
    rows.push(rowOf(LLM_NAME, `kappa, ${LLM_TRACES} traces`, set, traces))
  }
  return rows
}

const withKinds = (ranges: readonly TextRange[], labels: readonly KindLabel[]) =>
  ranges.map((range, i) => ({...range, kind: labels[i]!.kind}))

/** Each labelled stretch takes the kind that covers most of its characters. */
function pairsOf(
  {segments}: LabelledText,
  sentences: readonly {start: number; end: number; kind: StepKind}[],
  folded: Partial<Record<StepKind, StepKind>>,
): Pairs {
  const pairs: Pairs = []
  let low = 0
  for (const {start, end, kind} of segments) {
    if (kind === null) continue
    while (low < sentences.length && sentences[low]!.end <= start) low += 1
    const votes = STEP_KINDS.map(() => 0)
    for (let i = low; i < sentences.length && sentences[i]!.start < end; i += 1) {
      const sentence = sentences[i]!
      const given = STEP_KINDS.indexOf(folded[sentence.kind] ?? sentence.kind)
      votes[given]! += Math.min(end, sentence.end) - Math.max(start, sentence.start)
    }
    pairs.push([STEP_KINDS.indexOf(kind), votes.indexOf(Math.max(...votes))])
  }
  return pairs
}

function costRows(folder: string): InsightRow[] {
  const texts = readSet(folder, 'modern').map(({trace}) => ({trace, ranges: splitSentences(trace)}))
  const count = texts.reduce((sum, {ranges}) => sum + ranges.length, 0)
  const micros = (label: (trace: string, ranges: readonly TextRange[]) => void) => {
    let best = Infinity
    for (let round = 0; round < 7; round += 1) {
      const began = performance.now()
      for (const {trace, ranges} of texts) label(trace, ranges)
      best = Math.min(best, performance.now() - began)
    }
    return (best * 1000) / count
  }
  const name = 'µs a sentence'
  const rows = [
    figure(
      'rules',
      name,
      'modern',
      micros((trace, ranges) => beginLabels(trace, ranges)(ranges.length, [])),
    ),
  ]
  const weights = loadNetwork()
  if (weights === undefined) return rows
  const label = (trace: string, ranges: readonly TextRange[]): void =>
    beginNetworkLabels(weights, trace, ranges)(ranges.length, [])
  rows.push(figure('network', name, 'modern', micros(label)))
  return rows
}

function llmClassifier(): KindClassifier | undefined {
  const {OTEL_REASONING_LLM_URL: url, OTEL_REASONING_LLM_KEY: key} = process.env
  if (url === undefined) return undefined
  return async (sentences): Promise<KindLabel[]> => {
    const list = sentences.map((sentence, i) => `${i + 1}. ${sentence}`).join('\n')
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : {authorization: `Bearer ${key}`}),
      },
      body: JSON.stringify({
        model: LLM_NAME,
        messages: [
          {
            role: 'user',
            content:
              `Label each sentence of this reasoning with one of ${STEP_KINDS.join(', ')}. ` +
              `Answer with a JSON array of ${sentences.length} strings and nothing else.\n\n${list}`,
          },
        ],
      }),
    })
    const body = (await response.json()) as {choices: {message: {content: string}}[]}
    const answer = body.choices[0]?.message.content ?? '[]'
    const kinds = JSON.parse(
      answer.slice(answer.indexOf('['), answer.lastIndexOf(']') + 1),
    ) as string[]
    return sentences.map((_, i) => ({
      kind: STEP_KINDS.find((kind) => kind === kinds[i]) ?? 'other',
      confidence: 1,
    }))
  }
}

function confusionTable(pairs: Pairs): string {
  const counts = STEP_KINDS.map(() => STEP_KINDS.map(() => 0))
  for (const [gold, given] of pairs) counts[gold]![given]! += 1
  const lines = counts.map((row, gold) => `| ${STEP_KINDS[gold]!} | ${row.join(' | ')} |`)
  return [
    `| labelled, given | ${STEP_KINDS.join(' | ')} |`,
    `|---|${STEP_KINDS.map(() => '---').join('|')}|`,
    ...lines,
  ].join('\n')
}

function kappa(pairs: Pairs): number {
  const golds = STEP_KINDS.map(() => 0)
  const givens = STEP_KINDS.map(() => 0)
  let agreed = 0
  for (const [gold, given] of pairs) {
    golds[gold]! += 1
    givens[given]! += 1
    if (gold === given) agreed += 1
  }
  const all = pairs.length
  const chance = golds.reduce((sum, gold, k) => sum + (gold / all) * (givens[k]! / all), 0)
  return (agreed / all - chance) / (1 - chance)
}

/** 95 %, over draws of whole traces. */
function interval(traces: readonly Pairs[]): [low: number, high: number] {
  let state = 12_345
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const values = Array.from({length: DRAWS}, () =>
    kappa(traces.flatMap(() => traces[Math.floor(next() * traces.length)]!)),
  ).sort((a, b) => a - b)
  return [values[Math.floor(DRAWS * 0.025)]!, values[Math.floor(DRAWS * 0.975)]!]
}
