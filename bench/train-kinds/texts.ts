/**
 * The texts that the network is trained on. They lie beside the repository, not in it, since they
 * are other people's: `../shared/datasets`, or where `REASONING_DATASETS` says.
 */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {gunzipSync} from 'node:zlib'

export interface TrainingText {
  readonly id: string
  readonly set: string
  readonly model: string
  /** The set within the set, where there is one. */
  readonly from: string
  readonly style: string
  readonly tools: readonly string[]
  readonly trace: string
  /** Start, end and kind of labelled stretches; none in texts that teach by themselves. */
  readonly segments: readonly (readonly [start: number, end: number, kind: string | null])[]
  /** Where the model turns to checking or backing up. */
  readonly turns: readonly (readonly [at: number, kind: string])[]
}

interface Segment {
  start: number
  end: number
  kind: string | null
  label_native?: string
}

interface Row {
  id: string
  model?: string
  from?: string
  style?: string
  trace: string
  tool_calls?: {name: string}[] | null
  segments?: Segment[]
  steps?: {thought?: unknown; tool?: string | null}[]
}

/** Labelled by our guideline, then by other schemes. */
const LABELLED = ['modern', 'agents', 'recordings', 'reasoningflow-gemini-v1', 'thought-anchors']
const PARITY_FILE = new URL('../../test/fixtures/kinds-parity.json', import.meta.url)

/** Characters of an unlabelled text that are read. */
const MAX_UNLABELLED = 12_000

function datasetsFolder(): string {
  const folder =
    process.env['REASONING_DATASETS'] ??
    fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
  if (existsSync(join(folder, 'steps', 'modern.jsonl.gz'))) return folder
  console.error(
    `The labelled sets are not in ${folder}. They are not part of the repository; set ` +
      'REASONING_DATASETS to the folder that holds `steps/`.',
  )
  process.exit(2)
}

export function readTexts(): TrainingText[] {
  const folder = datasetsFolder()
  const texts: TrainingText[] = []
  for (const set of LABELLED) {
    for (const row of readRows(folder, `steps/${set}`)) {
      texts.push({
        ...namesOf(row),
        set,
        tools: (row.tool_calls ?? []).map(({name}) => name),
        trace: row.trace,
        segments: (row.segments ?? []).map(({start, end, kind}) => [start, end, kind]),
        turns: turnsOf(row.segments ?? [], set.startsWith('reasoningflow')),
      })
    }
  }
  const add = (set: string, row: Row, id: string, trace: unknown, tools: string[]): void => {
    if (typeof trace !== 'string' || trace.trim().length <= 20) return
    const text = trace.slice(0, MAX_UNLABELLED)
    texts.push({...namesOf(row), id, set, from: set, tools, trace: text, segments: [], turns: []})
  }
  for (const row of readRows(folder, 'signals/benign-chat')) {
    add('benign-chat', row, row.id, row.trace, [])
  }
  for (const row of readRows(folder, 'signals/library-choice-gptoss20b')) {
    add('library-choice', row, row.id, row.trace, [])
  }
  readRows(folder, 'signals/mip-r1-s1').forEach((row, i) => {
    if (i % 9 === 0) add('mip', row, row.id, row.trace, [])
  })
  for (const row of readRows(folder, 'traces/raw-reasoningflow')) {
    add('raw-reasoningflow', row, row.id, row.trace, [])
  }
  for (const set of ['swe-agent', 'tau-bench-airline', 'who-and-when-algorithm']) {
    for (const row of readRows(folder, `agents/${set}`)) {
      ;(row.steps ?? []).forEach(({thought, tool}, i) => {
        const isCall = typeof tool === 'string' && tool !== '' && tool !== 'respond'
        add(set, row, `${row.id}/${i}`, thought, isCall ? [tool] : [])
      })
    }
  }
  // Our own text, on which a test compares the network in TypeScript with the one in Python.
  const parity = JSON.parse(readFileSync(PARITY_FILE, 'utf8')) as {text: string; tools: string[]}
  texts.push({
    id: 'parity',
    set: 'parity',
    model: '',
    from: '',
    style: '',
    tools: parity.tools,
    trace: parity.text,
    segments: [],
    turns: [],
  })
  return texts
}

/** The first of each run of checks or reversals; ReasoningFlow marks them with edges of its own. */
function turnsOf(segments: readonly Segment[], hasEdges: boolean): [number, string][] {
  const turns: [number, string][] = []
  let before: string | null = null
  for (const {start, kind, label_native = ''} of segments) {
    const isTurn = hasEdges
      ? /plan:(?:verify|backtrack)/.test(label_native)
      : kind !== before && (kind === 'verify' || kind === 'backtrack')
    if (isTurn) turns.push([start, kind === 'verify' ? kind : 'backtrack'])
    before = kind
  }
  return turns
}

function readRows(folder: string, name: string): Row[] {
  return gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

const namesOf = ({id, model = '', from = '', style = ''}: Row) => ({id, model, from, style})
