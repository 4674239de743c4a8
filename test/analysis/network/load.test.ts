import {diag, DiagLogLevel} from '@opentelemetry/api'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'

// Each test loads anew what is loaded once a process.
beforeEach(() => vi.resetModules())
afterEach(() => {
  diag.disable()
  vi.unstubAllGlobals()
})

function diagLines(): string[] {
  const lines: string[] = []
  const line = (message: string): void => void lines.push(message)
  const logger = {error: line, warn: line, info: line, debug: line, verbose: line}
  diag.setLogger(logger, {logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true})
  return lines
}

const TEXT = 'The user wants a refund. I should check the policy first. It allows 30 days.'

test('is read once, and only when it is first needed', async () => {
  const {loadNetwork} = await import('../../../src/analysis/network/load.ts')
  const weights = loadNetwork()
  expect(weights).toBeDefined()
  expect(loadNetwork()).toBe(weights)
})

test('where no file can be read nor module imported, the rules label and one line says why', async () => {
  vi.stubGlobal('process', {...process, getBuiltinModule: undefined})
  const {networkLoaded} = await import('../../../src/analysis/network/load.ts')
  const {analyzeReasoning} = await import('../../../src/analysis/analyze.ts')
  const lines = diagLines()
  expect(analyzeReasoning(TEXT).analyzer).toMatch(/^rules/)
  await networkLoaded()
  expect(analyzeReasoning(TEXT).analyzer).toMatch(/^rules/)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/rules label/)
})
