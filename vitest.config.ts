import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {defineConfig} from 'vitest/config'
import type {Plugin} from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const sdk3 = process.env['OTEL_SDK'] === '3'
const long = process.env['TEST_LONG'] === '1'

/** Test files that take their SDK from `test/setup/sdk.ts`: those make sense on either line. */
function filesOnBothLines(): string[] {
  return readdirSync(`${root}test`, {recursive: true, encoding: 'utf8'})
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => `test/${file}`)
    .filter((file) => /from '[./]*(?:setup\/)?sdk\.ts'/.test(readFileSync(root + file, 'utf8')))
}

/**
 * Makes `@opentelemetry/api` in our sources the very module that the 3.x SDK loads. An SDK 3 beside
 * api 1.9 is a set that npm refuses, so nobody can have it.
 */
const apiOfSdk3: Plugin = {
  name: 'api-of-sdk3',
  enforce: 'pre',
  resolveId(id) {
    if (id !== '@opentelemetry/api') return undefined
    const path = `${root}test/sdk3/node_modules/@opentelemetry/api/dist/index.mjs`
    return {id: pathToFileURL(path).href, external: true}
  },
}

export default defineConfig({
  plugins: sdk3 ? [apiOfSdk3] : [],
  test: {
    include: long
      ? ['test/long/**/*.test.ts']
      : sdk3
        ? [...filesOnBothLines(), 'test/clients/**/*.test.ts']
        : ['test/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'test/fixtures/**',
      ...(long ? [] : ['test/long/**']),
      // Most of today's clients need Node 22: they run where Node 24 does.
      ...(sdk3 ? [] : ['test/clients/**']),
    ],
    // Two cores are what CI has; more workers only make the timing tests lie.
    maxWorkers: 2,
    testTimeout: long ? 1_800_000 : 20_000,
    // A backend that is built for the first time takes minutes; `test/backends` has its own limit.
    hookTimeout: 1_800_000,
    teardownTimeout: 20_000,
    globalSetup: ['test/setup/dist.ts'],
    reporters: ['default', './test/setup/count-reporter.ts'],
    // A busy machine must not decide which classifier labels.
    env: {NO_COLOR: '1', REASONING_MAX_NETWORK_MILLIS: 'Infinity'},
  },
})
