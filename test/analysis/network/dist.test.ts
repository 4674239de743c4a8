import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {expect, test} from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const dist = new URL('../../../dist/', import.meta.url)

const PROGRAM = `
  const text = 'The user wants a refund. I should check the policy first. It allows 30 days.'
  const first = analyzeReasoning(text).analyzer
  setTimeout(() => console.log(first + ' ' + analyzeReasoning(text).analyzer), 50)
`

function run(args: readonly string[], input?: string): string {
  const {stdout, stderr} = spawnSync(process.execPath, args, {cwd: root, input, encoding: 'utf8'})
  expect(stderr.replaceAll(/.*ExperimentalWarning.*\n.*\n/g, '')).toBe('')
  return stdout.trim()
}

test('the package holds the data as a module, byte for byte', async () => {
  const {data} = (await import(new URL('kinds-data.js', dist).href)) as {data: string}
  const binary = readFileSync(new URL('../../../src/analysis/network/kinds.bin', import.meta.url))
  expect(Buffer.from(data, 'base64').equals(binary)).toBe(true)
})

test('the network labels at once, imported and required', () => {
  const index = JSON.stringify(new URL('index.js', dist).href)
  const imported = `import {analyzeReasoning} from ${index}\n${PROGRAM}`
  expect(run(['--input-type=module'], imported)).toMatch(/^(network\/\d+) \1$/)
  const path = JSON.stringify(fileURLToPath(new URL('index.js', dist)))
  const required = `const {analyzeReasoning} = require(${path})\n${PROGRAM}`
  expect(run(['--input-type=commonjs'], required)).toMatch(/^(network\/\d+) \1$/)
})

test.each(['esm', 'cjs'] as const)(
  'in a bundle (%s) the rules label until the data was imported',
  async (format) => {
    const {outputFiles} = await build({
      stdin: {
        contents: `import {analyzeReasoning} from './dist/index.js'\n${PROGRAM}`,
        resolveDir: root,
      },
      bundle: true,
      platform: 'node',
      format,
      write: false,
      logLevel: 'silent',
    })
    const type = format === 'esm' ? 'module' : 'commonjs'
    // From standard input: there is no folder beside it in which a file could be found.
    expect(run([`--input-type=${type}`], outputFiles[0]!.text)).toMatch(/^rules\/\d+ network\/\d+$/)
  },
)
