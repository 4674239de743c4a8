/** The README's snippets for the AI SDK: type-checked and run with the versions that they are for. */
import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {type MockProviders, startMockProviders} from '../mock-providers/server.mjs'
import {installPackage, type Project} from '../package/installed.ts'

const run = promisify(execFile)
const clients = resolve('test/clients/node_modules')
const section = /^### AI SDK\n([\s\S]*?)^### /m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
const [forSeven = '', forOlder = '', ...more] = [
  ...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm),
].map(([, code]) => code ?? '')

let project: Project
let mock: MockProviders
beforeAll(async () => {
  project = installPackage('sdk2')
  mock = await startMockProviders({delayMs: 1})
})
afterAll(async () => {
  project.remove()
  await mock.close()
})

/** Stands for the user's set-up, which is a README section of its own. */
const SETUP = `
import {context, trace} from '@opentelemetry/api'
import {AsyncLocalStorageContextManager} from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import {ReasoningSpanProcessor} from 'otel-reasoning'

export const exporter = new InMemorySpanExporter()
export const provider = new BasicTracerProvider({
  spanProcessors: [
    new ReasoningSpanProcessor({next: new SimpleSpanProcessor(exporter), content: 'keep'}),
  ],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(provider)
`

const PRINT = `
const {exporter, provider} = await import('./setup.ts')
await provider.forceFlush()
console.log(JSON.stringify(exporter.getFinishedSpans().map(({name, attributes, instrumentationScope}) =>
  ({name, scope: instrumentationScope.name, attributes}))))
`

interface Printed {
  name: string
  scope: string
  attributes: Record<string, unknown>
}

/** Links the packages of one version under the names that users know. */
function link(packages: Readonly<Record<string, string>>): void {
  for (const [name, target] of Object.entries(packages)) {
    const path = join(project.folder, 'node_modules', name)
    rmSync(path, {recursive: true, force: true})
    mkdirSync(join(path, '..'), {recursive: true})
    symlinkSync(join(clients, target), path)
  }
}

async function checkAndRun(code: string): Promise<Printed[]> {
  const {folder} = project
  writeFileSync(join(folder, 'setup.ts'), SETUP)
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'snippet.ts'), `import './setup.ts'\n${code}\n${PRINT}`)
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noPropertyAccessFromIndexSignature: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions}))
  const tsc = resolve('node_modules/typescript/bin/tsc')
  const checked = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error)
  expect(checked.stdout).toBe('')
  const {stdout, stderr} = await run(process.execPath, ['snippet.ts'], {
    cwd: folder,
    env: {...process.env, OPENAI_BASE_URL: `${mock.url}/v1`, NODE_NO_WARNINGS: '1'},
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Printed[]
}

const namesOf = (spans: readonly Printed[], pattern: RegExp): string[] =>
  spans.map(({name}) => name).filter((name) => pattern.test(name))

const MODEL = `
const {createOpenAICompatible} = await import('@ai-sdk/openai-compatible')
const {generateText} = await import('ai')
const baseURL = process.env['OPENAI_BASE_URL'] ?? ''
await generateText({
  model: createOpenAICompatible({name: 'local', baseURL})('deepseek-r1'),
  prompt: 'Hi',
})
`

test('the section has the two snippets that are run here', () => {
  expect(forSeven).toContain('createReasoningTelemetry')
  expect(forOlder).toContain('reasoningMiddleware')
  expect(more).toEqual([])
  expect(existsSync(join(clients, 'ai'))).toBe(true)
})

test('the snippet for AI SDK 7 gives the SDK’s own call its reasoning', async () => {
  link({
    ai: 'ai',
    '@ai-sdk/otel': '@ai-sdk/otel',
    '@ai-sdk/openai-compatible': '@ai-sdk/openai-compatible',
  })
  const spans = await checkAndRun(`${forSeven}\n${MODEL}`)
  expect(namesOf(spans, /^chat|^invoke_agent|^reasoning$/)).toEqual([
    'chat deepseek-r1',
    'reasoning',
    'invoke_agent deepseek-r1',
  ])
  expect(spans.find(({name}) => name === 'reasoning')?.attributes).toMatchObject({
    'reasoning.source': 'ai-sdk',
  })
})

test.each([5, 6])(
  'the snippet for AI SDK 5 and 6 gives a call its reasoning: %i',
  async (version) => {
    link({
      ai: `ai${version}`,
      '@ai-sdk/openai-compatible': `ai${version}-openai-compatible`,
    })
    const use = `
const {generateText} = await import('ai')
await generateText({model, prompt: 'Hi'})
`
    const spans = await checkAndRun(`${forOlder}\n${use}`)
    expect(namesOf(spans, /^chat|^reasoning$/)).toEqual(['chat deepseek-r1', 'reasoning'])
    expect(spans[0]?.scope).toBe('otel-reasoning/ai-sdk')
  },
)
