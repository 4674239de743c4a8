import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'

const run = promisify(execFile)

test('the example runs offline with one flag, and prints a measured tree', async () => {
  const {stdout, stderr} = await run(process.execPath, ['examples/ai-sdk/run.js', '--mock'])
  expect(stderr).toBe('')
  expect(stdout).toContain('invoke_agent deepseek-reasoner')
  expect(stdout.match(/chat deepseek-reasoner/g)).toHaveLength(2)
  expect(stdout.match(/reasoning {2}measured/g)).toHaveLength(2)
  expect(stdout).toMatch(/reasoning \w+ {2}\S/)
  expect(stdout).toContain('execute_tool lookup_order')
})
