import {expect, test} from 'vitest'
import {startProgram} from '../register/child.ts'

test('runs offline: the answer, then the call with its thought below it', async () => {
  const args = ['examples/openai-fetch/run.js', '--mock']
  const {stdout, stderr, code} = await startProgram(process.execPath, args, '.', {}).finished
  expect({stderr, code}).toEqual({stderr: '', code: 0})
  const [answer, , ...rows] = stdout.trimEnd().split('\n')
  expect(answer).toContain('Your order A-1042 qualifies for a refund')
  const [root, call, block, ...steps] = rows
  expect(root).toMatch(/^ +0 ms {2}answer a question/)
  expect(call).toMatch(/ms {4}chat deepseek-reasoner/)
  expect(block).toMatch(/ms {6}reasoning {2}measured/)
  expect(steps.length).toBeGreaterThanOrEqual(5)
  for (const step of steps) expect(step).toMatch(/ms {8}reasoning [a-z]+ {2}\S/)
  // Steps start one after the other, as their text came.
  const starts = steps.map((step) => Number.parseInt(step, 10))
  expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  expect(starts.at(-1)).toBeGreaterThan(starts[0] as number)
})
