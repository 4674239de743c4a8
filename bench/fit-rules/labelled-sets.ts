/**
 * The sets of labelled reasoning. They lie beside the repository, not in it, since their texts are
 * other people's: `../shared/datasets`, or where `REASONING_DATASETS` says.
 */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {gunzipSync} from 'node:zlib'
import {STEP_KINDS, type StepKind, type ToolCall} from '../../src/model.ts'

export interface LabelledSegment {
  readonly start: number
  readonly end: number
  /** `null` where the set's own label means none of our kinds. */
  readonly kind: StepKind | null
}

export interface LabelledText {
  readonly id: string
  readonly source: string
  readonly trace: string
  readonly segments: readonly LabelledSegment[]
  readonly toolCalls: readonly ToolCall[]
}

/** The sets whose labels are our kinds by our guideline: what the votes are fitted on. */
export const OWN_SETS = ['modern', 'agents', 'recordings'] as const
export type OwnSet = (typeof OWN_SETS)[number]
/** Sets of other schemes, whose labels were translated into our kinds. Nothing is fitted on them. */
const FOREIGN_SETS = [
  'reasoningflow-human-v1',
  'reasoningflow-gemini-v1',
  'thought-anchors',
] as const

const DATASETS =
  process.env['REASONING_DATASETS'] ??
  fileURLToPath(new URL('../../../shared/datasets', import.meta.url))

/** The folder of the datasets, where it is on this machine. */
export const LABELLED_FOLDER: string | undefined = existsSync(join(DATASETS, 'steps'))
  ? DATASETS
  : undefined

/** The folder of the datasets; says on standard error what is missing, and ends the process, else. */
export function requireDatasets(): string {
  const missing = [...OWN_SETS, ...FOREIGN_SETS]
    .map((name) => setFile(DATASETS, name))
    .filter((file) => !existsSync(file))
  if (missing.length === 0) return DATASETS
  console.error(
    `The labelled sets are not here: ${missing[0]} is missing. They are not part of the ` +
      'repository; set REASONING_DATASETS to the folder that holds `steps/`.',
  )
  process.exit(2)
}

const setFile = (folder: string, name: string): string => join(folder, 'steps', `${name}.jsonl.gz`)

interface Row {
  id: string
  source: string
  trace: string
  segments: {start: number; end: number; kind: string | null}[]
  tool_calls?: {name?: unknown}[] | null
}

export function readSet(folder: string, name: string): LabelledText[] {
  const lines = gunzipSync(readFileSync(setFile(folder, name)))
    .toString('utf8')
    .split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const {id, source, trace, segments, tool_calls: calls} = JSON.parse(line) as Row
      return {
        id,
        source,
        trace,
        segments: segments.map(({start, end, kind}) => ({start, end, kind: asKind(kind)})),
        toolCalls: (calls ?? []).flatMap((call) =>
          typeof call.name === 'string' ? [{name: call.name}] : [],
        ),
      }
    })
}

const asKind = (kind: string | null): StepKind | null =>
  STEP_KINDS.find((known) => known === kind) ?? null

/**
 * Parts of about the same size in turn, all excerpts of one trace in the same one: its neighbours
 * would tell a fit too much.
 */
export function foldsOf<T extends {readonly id: string}>(
  texts: readonly T[],
  count: number,
): T[][] {
  const folds: T[][] = Array.from({length: count}, () => [])
  const foldOf = new Map<string, T[]>()
  for (const text of texts) {
    const trace = text.id.split('#')[0]!
    let fold = foldOf.get(trace)
    if (fold === undefined) foldOf.set(trace, (fold = folds[foldOf.size % count]!))
    fold.push(text)
  }
  return folds
}
