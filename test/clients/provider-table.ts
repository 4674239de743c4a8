/** The tables of `docs/providers.md`, from what the run with the real clients and over the recordings gave. */
import {inspect} from 'node:util'

/** What one way of asking gave, streamed and whole. */
export interface ProviderResult {
  /** API and whose. */
  api: string
  model: string
  /** What stands in the request for reasoning to be shown. */
  ask: Readonly<Record<string, unknown>>
  /** Package and version. */
  client: string
  /** Visibilities of the blocks in their order, each once. */
  shown: readonly string[]
  /** Blocks whose text came exactly as it was sent; the same whole and streamed. */
  exactTexts: number
  reasoningTokens: boolean
  /** Of the streamed response. */
  timing: string
  /** A step names the tool that it led to. */
  tools: boolean
}

/** What the responses of one host held, as counts. */
export interface RecordedHost {
  host: string
  format: string
  responses: number
  streamed: number
  /** Responses by what they showed; one may show several. */
  shown: Readonly<Record<string, number>>
  withReasoningTokens: number
  /** Names of the parameters about reasoning in the requests. */
  parameters: readonly string[]
}

export interface ProviderResults {
  clients: readonly ProviderResult[]
  recordings: readonly RecordedHost[]
}

const table = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `| ${row.join(' | ')} |`).join('\n')

const code = (text: string): string => `\`${text}\``

const askCell = (ask: ProviderResult['ask']): string =>
  Object.keys(ask).length === 0
    ? 'nothing'
    : Object.entries(ask)
        .map(([key, value]) =>
          code(
            `${key}: ${inspect(value, {breakLength: Infinity, depth: 9}).replaceAll(/([{[]) | ([\]}])/g, '$1$2')}`,
          ),
        )
        .join(', ')

/** A row a way of asking. */
export function clientTable(results: readonly ProviderResult[]): string {
  return table([
    ['API', 'asked with', 'shown', 'tokens', 'streamed timing', 'tools', 'client', 'model'],
    Array.from({length: 8}, () => '---'),
    ...results.map((row) => [
      row.api,
      askCell(row.ask),
      row.shown.join(' + '),
      row.reasoningTokens ? 'yes' : '—',
      row.timing,
      row.tools ? 'yes' : '—',
      row.client,
      code(row.model),
    ]),
  ])
}

/** A row a host and format. */
export function recordingsTable(hosts: readonly RecordedHost[]): string {
  return table([
    ['host', 'format', 'responses', 'streamed', 'shown', 'with token count', 'parameters seen'],
    Array.from({length: 7}, () => '---'),
    ...hosts.map((row) => [
      row.host,
      row.format,
      String(row.responses),
      String(row.streamed),
      Object.entries(row.shown)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
      String(row.withReasoningTokens),
      row.parameters.map(code).join(', '),
    ]),
  ])
}
