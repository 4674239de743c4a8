import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {SCOPE_VERSION} from '../../src/semconv.ts'
import {fixture, inFolder, run} from './command-line.ts'

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
    [['constructor'], 'there is no command `constructor`; `otel-reasoning --help` lists them'],
    [['analyse'], 'did you mean `analyze`?'],
    [['doc'], 'did you mean `doctor`?'],
    [['expand', '--nonsense'], 'there is no option --nonsense; `otel-reasoning expand --help`'],
    [['show', '--jsno', 'x'], 'there is no option --jsno; did you mean --json?'],
    [['show', '-x'], 'there is no option -x; `otel-reasoning show --help` lists them'],
    [['show', 'x', '--trace'], '--trace needs a value; `otel-reasoning show --help` says which'],
    [['show', '--trace=', 'x'], '--trace needs a value'],
    [['show', '--trace', '--json'], '--trace needs a value, and --json looks like the next option'],
    [['show', '--json=yes', 'x'], '--json takes no value, got "yes"'],
    [['show', '--limit', '-5', 'x'], 'a whole number from 1 to 1500, got "-5"'],
    [['expand', '--max-steps=-1', 'x'], 'a whole number from 1 to 1000, got "-1"'],
    [['analyze', '--text', '--json', 'x'], '--text and --json'],
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
    if (args.length > 0) expect(stderr).toMatch(/^otel-reasoning: .*\n$/)
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

  test.each(['show', 'expand', 'analyze', 'doctor'])(
    '%s names each file and the reason, in their order',
    async (command) => {
      const {stderr} = await run([command, 'one.jsonl', 'two.jsonl'])
      expect(stderr.split('\n').slice(0, 2)).toEqual([
        'one.jsonl: no such file',
        'two.jsonl: no such file',
      ])
    },
  )

  test('an address without http:// is recognised as one', async () => {
    const {code, stderr} = await run(['show', 'localhost:16686'])
    expect(code).toBe(2)
    expect(stderr).toContain('an address begins with http://, as in http://localhost:16686')
  })

  test('a value that begins with a dash can be given', async () => {
    const {stderr} = await run(['show', '--trace=-x', 'no-such-file.jsonl'])
    expect(stderr).toContain('no-such-file.jsonl: no such file')
  })
})

describe('a binary file', () => {
  const picture = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
    Buffer.from('\n{"a": 1}\n'.repeat(300)),
  ])

  test.each(['show', 'expand', 'doctor'])('%s says so in one line', async (command) => {
    const {code, stdout, stderr} = await run([command], {stdin: picture})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr.split('\n')[0]).toBe('<stdin>: looks binary, neither OTLP JSON nor protobuf')
    expect(stderr.match(/<stdin>:/g)).toHaveLength(1)
  })

  test('analyze does not take it for a thought', async () => {
    const {code, stdout, stderr} = await run(['analyze'], {stdin: picture})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('<stdin>: looks binary')
  })

  test('beside one that can be read is passed over, and counted as a file', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'picture.png')
      writeFileSync(file, picture)
      const {code, stderr} = await run(['expand', file, 'gone', fixture('openinference')])
      expect(code).toBe(0)
      expect(stderr).toContain('gone: no such file')
      expect(stderr).toContain('added to 1 call; 2 files could not be read')
    })
  })
})

test('problems are told in the order in which they stand', async () => {
  const stdin = '{"a":1}\nno\n{"b":2}\nnor this\n'
  const {stderr} = await run(['doctor'], {stdin})
  expect(stderr.match(/<stdin>:\d/g)).toEqual([1, 2, 3, 4].map((line) => `<stdin>:${line}`))
})

test('a file that cannot be read is named, however many bad lines were before it', async () => {
  const {stderr} = await run(['show', '-', 'gone.jsonl'], {stdin: 'no\n'.repeat(50)})
  expect(stderr).toContain('gone.jsonl: no such file')
  expect(stderr).toContain('… 30 more could not be read, 50 in all')
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
