/** The examples that tap `fetch`, as their READMEs say they are run. */
import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {startProgram} from '../register/child.ts'

interface Example {
  name: string
  /** Names of the spans that are no steps, in the order of their beginning. */
  spans: string[]
}

const EXAMPLES: Example[] = [
  {
    name: 'anthropic',
    spans: [
      'invoke_agent refunds',
      'anthropic.messages.create',
      'reasoning',
      'execute_tool lookup_order',
      'anthropic.messages.create',
      'reasoning',
    ],
  },
  {
    name: 'gemini',
    spans: [
      'invoke_agent refunds',
      'chat gemini-2.5-pro',
      'reasoning',
      'execute_tool lookup_order',
      'chat gemini-2.5-pro',
      'reasoning',
    ],
  },
  {name: 'openai-compatible', spans: ['answer a question', 'chat vllm-qwen3', 'reasoning']},
]

test.each(EXAMPLES)(
  '$name runs offline with one flag: answer, then tree',
  async ({name, spans}) => {
    const args = [`examples/${name}/run.js`, '--mock']
    expect(readFileSync(`examples/${name}/README.md`, 'utf8')).toContain(`node ${args.join(' ')}`)
    const {stdout, stderr, code} = await startProgram(process.execPath, args, '.', {}).finished
    expect({stderr, code}).toEqual({stderr: '', code: 0})
    const [answer = '', tree = ''] = stdout.split('\n\n')
    expect(answer).toContain('Your order A-1042 qualifies for a refund of $89.10')
    const rows = tree.split('\n').flatMap((line) => {
      const [, at, indent = '', text = ''] = /^ *(\d+) ms {2}( *)(\S.*)$/.exec(line) ?? []
      return at === undefined ? [] : [{at: Number(at), depth: indent.length / 2, text: text.trim()}]
    })
    const isStep = ({text}: {text: string}): boolean => /^reasoning [a-z]+ {2}\S/.test(text)
    expect(rows.filter((row) => !isStep(row)).map(({text}) => text.split('  ')[0])).toEqual(spans)
    const blocks = rows.filter(({text}) => text.startsWith('reasoning  '))
    expect(new Set(blocks.map(({text}) => text))).toEqual(new Set(['reasoning  measured']))
    // Steps stand one below their block, and begin as their text came.
    const steps = rows.filter(isStep)
    expect(steps.length).toBeGreaterThan(blocks.length)
    expect(new Set(steps.map(({depth}) => depth))).toEqual(new Set([(blocks[0]?.depth ?? 0) + 1]))
    expect(rows.map(({at}) => at)).toEqual(rows.map(({at}) => at).toSorted((a, b) => a - b))
  },
)

test.each(['anthropic', 'gemini'])('%s asks for the versions that are tested', (name) => {
  const versionsIn = (file: string): Record<string, string> =>
    JSON.parse(readFileSync(file, 'utf8')).dependencies
  const tested = versionsIn('test/clients/package.json')
  const clients = Object.entries(versionsIn(`examples/${name}/package.json`)).filter(
    ([dependency]) => dependency.startsWith('@anthropic') || dependency.startsWith('@google'),
  )
  expect(clients).toHaveLength(1)
  for (const [dependency, version] of clients) expect(tested[dependency]).toBe(version)
})
