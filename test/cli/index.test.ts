import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {SCOPE_VERSION} from '../../src/semconv.ts'
import {fixture, run} from './command-line.ts'

const COMMANDS = ['demo', 'show', 'expand', 'analyze', 'doctor']

test('the version is that of the package', async () => {
  expect(await run(['--version'])).toMatchObject({code: 0, stdout: `${SCOPE_VERSION}\n`})
})

test('help names every command', async () => {
  const {code, stdout} = await run(['--help'])
  expect(code).toBe(0)
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
})

test.each(COMMANDS)('%s has help of its own, with --json in it', async (command) => {
  const {code, stdout, stderr} = await run([command, '--help'])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toContain(`otel-reasoning ${command}`)
  expect(stdout).toContain('--json')
  for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(105)
})

describe('a wrong call exits 2 and says what was expected', () => {
  test.each([
    [[], 'otel-reasoning <command>'],
    [['explode'], 'there is no command `explode`; did you mean `expand`?'],
    [['constructor'], 'there is no command `constructor`'],
    [['expand', '--nonsense'], "Unknown option '--nonsense'"],
    [['expand', '--content', 'secret', 'x'], 'expected --content to be keep, mask'],
    [['expand', '--max-steps', '0', 'x'], 'expected --max-steps to be a whole number from 1'],
    [['expand', '--compat', 'other', 'x'], 'expected --compat to be langfuse, phoenix'],
    [['show', '--since', 'soon', 'x'], 'expected --since to be like 30m'],
    [['show', '--header', 'hunter2', 'x'], 'expected --header to be like'],
    [['show', 'http://localhost:16686'], 'names no trace: add --trace ID or --service NAME'],
    [['demo', 'file.jsonl'], 'otel-reasoning show file.jsonl'],
  ])('%j', async (args, message) => {
    const {code, stdout, stderr} = await run(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

describe('where nothing was readable', () => {
  test.each(['show', 'expand', 'analyze', 'doctor'])('%s exits 2', async (command) => {
    for (const [args, stdin] of [
      [['no-such-file.jsonl'], ''],
      [[fileURLToPath(new URL('.', import.meta.url))], ''],
      [[], ''],
      [['-'], '\n\n'],
    ] as const) {
      const {code, stdout, stderr} = await run([command, ...args], {stdin})
      expect({code, stdout}).toEqual({code: 2, stdout: ''})
      expect(stderr).toContain(`otel-reasoning ${command}: `)
    }
  })

  test('the file and the reason are named', async () => {
    const {stderr} = await run(['show', 'no-such-file.jsonl'])
    expect(stderr).toContain('no-such-file.jsonl: no such file')
  })
})

describe('colour', () => {
  const tree = (env: Record<string, string>) => run(['show', fixture('openinference')], {env})

  test('is not written to what is no terminal', async () => {
    expect((await tree({})).stdout).not.toContain('\u001b')
  })

  test('is written where it is asked for, and never against NO_COLOR', async () => {
    expect((await tree({FORCE_COLOR: '1'})).stdout).toContain('\u001b[')
    expect((await tree({FORCE_COLOR: '1', NO_COLOR: '1'})).stdout).not.toContain('\u001b')
  })
})

test('a reader that goes away is no fault', async () => {
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
  const child = spawn(process.execPath, [cli, 'expand', '--quiet', '-'])
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.on('error', () => {})
  child.stdout.destroy()
  const line = JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          {scope: {name: 'a'}, spans: [{traceId: 'a'.repeat(32), spanId: 'b'.repeat(16)}]},
        ],
      },
    ],
  })
  child.stdin.end(`${line}\n`.repeat(2000))
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(Buffer.concat(errors).toString()).toBe('')
})
