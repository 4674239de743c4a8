/**
 * Runs the real clients, and our reading over the recordings, and holds what they gave against
 * `test/fixtures/providers.json` and `docs/providers.md`. UPDATE_DOCS=1 writes both anew.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {VISIBILITIES} from '../../src/model.ts'
import {blocksOf, recogniseAndRead} from '../capture/wire/read-response.ts'
import {MISSING, readRecordings} from '../capture/wire/recordings.ts'
import {PROVIDER_RUNS, type ProviderRun} from './provider-runs.ts'
import {UNSUPPORTED_WIRE} from '../../src/capture/wire/index.ts'
import {
  clientTable,
  type ProviderResult,
  type ProviderResults,
  type RecordedHost,
  recordingsTable,
} from './provider-table.ts'
import {type CallTree, onlyTree, startWireClients, type WireClients} from './wire-client.ts'

const RESULTS = join(import.meta.dirname, '../fixtures/providers.json')
const PAGE = join(import.meta.dirname, '../../docs/providers.md')
const isUpdate = process.env['UPDATE_DOCS'] === '1'

const readResults = (): ProviderResults => JSON.parse(readFileSync(RESULTS, 'utf8'))
const known = readResults()
const given: {clients: ProviderResult[]; recordings: readonly RecordedHost[]} = {
  clients: [],
  recordings: known.recordings,
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'node_modules', name, 'package.json'), 'utf8'))
    .version

/** Each once, in their order. */
const distinct = (names: readonly string[]): string[] => [...new Set(names)]

const namesTools = ({blocks}: CallTree): boolean =>
  blocks.some(({steps}) => steps.some(({span}) => 'reasoning.tool.names' in span.attributes))

describe('each way of asking', () => {
  let wire: WireClients
  beforeAll(async () => {
    // Slow enough to be measured.
    wire = await startWireClients({global: true, delayMs: 4})
  })
  afterAll(() => wire.stop())

  const ask = async (
    run: ProviderRun,
    isStreamed: boolean,
    withTools = false,
  ): Promise<CallTree> => {
    await wire.reset()
    const {model, ask: asked} = run
    await wire.under('ask', () =>
      run.run({url: wire.url, model, ask: asked, isStreamed, withTools}),
    )
    await expect.poll(() => wire.trees().length).toBeGreaterThan(0)
    await wire.provider.forceFlush()
    return onlyTree(wire.trees())
  }

  test.each(PROVIDER_RUNS.map((run) => ({run, title: `${run.api}, ${run.model}`})))(
    '$title gives the same blocks streamed and whole',
    {timeout: 60_000},
    async ({run}) => {
      const whole = await ask(run, false)
      const streamed = await ask(run, true)
      expect(streamed.visibilities).toEqual(whole.visibilities)
      expect(whole.texts).toEqual(run.texts)
      expect(streamed.texts).toEqual(run.texts)
      const [call] = streamed.captured
      const [readable] = streamed.blocks.filter(({steps}) => steps.length > 0)
      const result: ProviderResult = {
        api: run.api,
        model: run.model,
        ask: run.ask,
        client: `${run.client} ${versionOf(run.client)}`,
        shown: distinct(streamed.visibilities),
        exactTexts: streamed.texts.length,
        reasoningTokens: call?.reasoningTokens !== undefined,
        timing: readable?.timing ?? '—',
        tools: namesTools(await ask(run, true, true)),
      }
      given.clients.push(result)
      if (!isUpdate) expect(known.clients).toContainEqual(result)
    },
  )
})

/** Names of what a request says about reasoning, values left out. */
function parameterNames(request: unknown, path = ''): string[] {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return []
  return Object.entries(request).flatMap(([key, value]) => {
    if (/^(?:messages|input|contents|tools|system|instructions)$/.test(key)) return []
    const name = path === '' ? key : `${path}.${key}`
    if (key === 'include' && JSON.stringify(value).includes('reasoning.')) return ['include']
    const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value)
    if (!isLeaf) return parameterNames(value, name)
    return /think|reason/i.test(name) ? [name] : []
  })
}

const hostOf = (url: string): string =>
  new URL(url).host
    .replace(/^myorg-myaccount\./, '*.')
    .replace(/^localhost:11434$/, 'Ollama, local')

function recordedHosts(): RecordedHost[] {
  const hosts = new Map<string, {[K in keyof RecordedHost]: RecordedHost[K]}>()
  for (const recording of readRecordings()) {
    const {call} = recogniseAndRead(recording, recording.body)
    const key = `${hostOf(recording.url)} ${recording.format}`
    const row = hosts.get(key) ?? {
      host: hostOf(recording.url),
      format: recording.format,
      responses: 0,
      streamed: 0,
      shown: {},
      withReasoningTokens: 0,
      parameters: [],
    }
    hosts.set(key, row)
    row.responses++
    if (recording.stream) row.streamed++
    if ((call.reasoningTokens ?? 0) > 0) row.withReasoningTokens++
    const shown = distinct(blocksOf(call).map(({visibility}) => visibility))
    const names = shown.length === 0 ? ['nothing'] : shown
    const counts = {...row.shown}
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1
    row.shown = Object.fromEntries(
      [...VISIBILITIES, 'nothing'].flatMap((name) => {
        const count = counts[name]
        return count === undefined ? [] : [[name, count]]
      }),
    )
    const parameters = parameterNames(JSON.parse(recording.requestBody || '{}'))
    row.parameters = distinct([...row.parameters, ...parameters]).sort()
  }
  return [...hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
}

test('the recordings show what the page says', (context) => {
  if (MISSING !== undefined) context.skip(MISSING)
  given.recordings = recordedHosts()
  expect(isUpdate ? given.recordings : known.recordings).toEqual(given.recordings)
})

test('docs/providers.md says what was given', () => {
  const order = (row: ProviderResult): number =>
    PROVIDER_RUNS.findIndex(({api, ask}) => api === row.api && ask === row.ask)
  given.clients.sort((a, b) => order(a) - order(b))
  if (isUpdate) writeFileSync(RESULTS, `${JSON.stringify(given, undefined, 2)}\n`)
  const results = readResults()
  expect(results.clients).toHaveLength(PROVIDER_RUNS.length)
  const page = readFileSync(PAGE, 'utf8')
  const withTables = Object.entries({
    CLIENTS: clientTable(results.clients),
    RECORDINGS: recordingsTable(results.recordings),
    UNSUPPORTED: UNSUPPORTED_WIRE.map(({name, reason}) => `- \`${name}\`: ${reason}`).join('\n'),
  }).reduce((text, [name, rows]) => {
    const [start, end] = [`<!-- ${name}-START -->\n`, `<!-- ${name}-END -->`]
    const from = text.indexOf(start) + start.length
    const to = text.indexOf(end)
    expect(to, name).toBeGreaterThanOrEqual(from)
    return `${text.slice(0, from)}\n${rows}\n\n${text.slice(to)}`
  }, page)
  if (isUpdate) writeFileSync(PAGE, withTables)
  else expect(page).toBe(withTables)
})
