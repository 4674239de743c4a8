import {execFile} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join, resolve} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {installPackage, type Project} from './package/installed.ts'

const run = promisify(execFile)

interface Snippet {
  title: string
  line: number
  code: string
  set: 'sdk2' | 'sdk3'
  isCommonJs: boolean
}

const readme = readFileSync('README.md', 'utf8')

/** Every block of JavaScript, with the words behind its fence: the SDK line that it is for. */
function snippets(): Snippet[] {
  const found: Snippet[] = []
  let title = ''
  for (const match of readme.matchAll(/^#+ (.+)$|^```(\w+)(.*)\n([\s\S]*?)^```$/gm)) {
    const [, heading, language, words = '', code = ''] = match
    if (heading !== undefined) title = heading
    if (language !== 'js') continue
    const line = readme.slice(0, match.index).split('\n').length
    const sets = words.includes('sdk3')
      ? ['sdk3']
      : words.includes('any')
        ? ['sdk2', 'sdk3']
        : ['sdk2']
    for (const set of sets) {
      found.push({title, line, code, set: set as Snippet['set'], isCommonJs: words.includes('cjs')})
    }
  }
  return found
}

/** What the snippet set up is used for: one model call with reasoning, then the end of the program. */
const USE = `
const {trace} = await import('@opentelemetry/api')
const own = typeof provider === 'undefined' ? trace : provider
const span = own.getTracer('app').startSpan('chat gpt-5', {attributes: {
  'gen_ai.operation.name': 'chat',
  'gen_ai.output.messages': JSON.stringify([{role: 'assistant', parts: [
    {type: 'reasoning', content: 'First I need to plan this. Wait, let me check it again.'},
  ]}]),
}})
span.end()
await (typeof sdk === 'undefined' ? undefined : sdk.shutdown())
await (typeof provider === 'undefined' ? undefined : provider.shutdown())
await trace.getTracerProvider().getDelegate?.().forceFlush?.()
`

const newestNode = existsSync('node_modules/.bin/node')
  ? resolve('node_modules/.bin/node')
  : process.execPath

let collector: Server
let received: string
let projects: Record<Snippet['set'], Project>

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      received += body
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
  })
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done))
  projects = {sdk2: installPackage('sdk2'), sdk3: installPackage('sdk3')}
})

afterAll(() => {
  collector.close()
  projects.sdk2.remove()
  projects.sdk3.remove()
})

async function runSnippet({code, set, isCommonJs}: Snippet): Promise<{stderr: string}> {
  received = ''
  const file = join(projects[set].folder, `snippet.${isCommonJs ? 'cjs' : 'mjs'}`)
  const use = isCommonJs ? `;(async () => {${USE}})()` : USE
  writeFileSync(file, `${code}\n${use}`)
  const {port} = collector.address() as AddressInfo
  return run(newestNode, [file], {
    cwd: projects[set].folder,
    timeout: 30_000,
    env: {
      ...process.env,
      OTEL_SDK: undefined,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  })
}

const all = snippets()

test('there are snippets for both SDK lines, for CommonJS and for @vercel/otel', () => {
  expect(all.length).toBeGreaterThan(6)
  expect(all.some(({set}) => set === 'sdk3')).toBe(true)
  expect(all.some(({isCommonJs}) => isCommonJs)).toBe(true)
  expect(all.some(({code}) => code.includes('@vercel/otel'))).toBe(true)
})

describe.each(all)('the snippet of "$title" at line $line, $set', (snippet) => {
  test('runs, and sends reasoning spans where it sets up an exporter', async () => {
    const {stderr} = await runSnippet(snippet)
    expect(stderr).toBe('')
    if (!snippet.code.includes('OTLPTraceExporter')) return
    expect(received).toContain('chat gpt-5')
    expect(received).toContain('reasoning verify')
  })
})

test('names only options, commands and files that exist', () => {
  for (const [, path] of readme.matchAll(/\]\(((?!http|#)[^)]+)\)/g)) {
    expect(existsSync(path as string), path).toBe(true)
  }
  const options = readFileSync('src/options.ts', 'utf8') + readFileSync('src/processor.ts', 'utf8')
  const table = readme.slice(
    readme.indexOf('| option |'),
    readme.indexOf('`OTEL_SDK_DISABLED=true`'),
  )
  for (const [, name] of table.matchAll(/^\| `(\w+)`/gm)) {
    if (name !== 'next') expect(options).toContain(`${name}?:`)
  }
})
