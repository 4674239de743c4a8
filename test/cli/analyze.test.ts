import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {analyzeReasoning} from '../../src/analysis/analyze.ts'
import {inFolder, run} from './command-line.ts'

const TEXT = 'The window is 30 days. Let me check the date again. I will call lookup_order.'

describe('JSON lines', () => {
  test('give one line each, exactly of the documented shape', async () => {
    const stdin = `${JSON.stringify({id: 'a', trace: TEXT, answer: 'Yes.', tool_calls: [{name: 'lookup_order'}]})}\n`
    const {code, json, stderr} = await run(['analyze'], {stdin})
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    const [line] = json()
    const {sentences, steps, signals} = analyzeReasoning(TEXT, {
      answer: 'Yes.',
      toolCalls: [{name: 'lookup_order'}],
    })
    expect(line).toEqual({
      id: 'a',
      sentences: sentences.map(({start, end, kind, confidence}) => ({
        start,
        end,
        kind,
        confidence,
      })),
      steps: steps.map(({start, end, kind}) => ({start, end, kind})),
      signals: signals.map(({name, severity, start, end, confidence}) => ({
        name,
        severity,
        start,
        end,
        confidence,
      })),
    })
    expect(Object.keys(line ?? {})).toEqual(['id', 'sentences', 'steps', 'signals'])
    expect(steps.length).toBeGreaterThan(1)
  })

  test('keep their ids, and get the line’s number without one', async () => {
    const stdin = [{id: 7, trace: 'a'}, {trace: 'b'}, {id: null, trace: 'c'}]
      .map((line) => JSON.stringify(line))
      .join('\n')
    expect((await run(['analyze'], {stdin})).json().map(({id}) => id)).toEqual([7, 2, null])
  })

  test('have offsets in UTF-16 code units', async () => {
    const trace = '😀😀 The window is 30 days. 返金できます。Let me check.'
    const {json} = await run(['analyze'], {stdin: JSON.stringify({trace})})
    for (const {start, end} of json()[0]?.['sentences'] ?? []) {
      const sentence = trace.slice(start, end)
      expect(sentence).toBe(sentence.trim())
      expect(sentence.isWellFormed()).toBe(true)
    }
    expect(json()[0]?.['sentences'].at(-1).end).toBe(trace.length)
  })

  test('that are bad are named and passed over', async () => {
    const stdin = '{"trace":"a"}\n{"trace":5}\nno\n{"resourceSpans":[]}\n[1]\n{"trace":""}\n'
    const {code, json, stderr} = await run(['analyze'], {stdin})
    expect(code).toBe(0)
    expect(json().map(({id}) => id)).toEqual([1, 6])
    expect(stderr).toContain('<stdin>:2: expected `trace` to be a string, got number')
    expect(stderr).toContain('<stdin>:3: not JSON')
    expect(stderr).toContain('<stdin>:4: this is OTLP')
    expect(stderr).toContain('<stdin>:5: expected an object')
    expect(stderr).toContain('analyze: 4 lines could not be read')
  })

  test('without a trace are no text either', async () => {
    const stdin = '{"prompt":"a"}\n{"trace":"b"}\n{"reasoning":"c"}\n'
    const {code, json, stderr} = await run(['analyze'], {stdin})
    expect(code).toBe(0)
    expect(json().map(({id}) => id)).toEqual([2])
    for (const line of [1, 3]) expect(stderr).toContain(`<stdin>:${line}: no \`trace\` in it`)
    expect(stderr).toContain('2 lines could not be read')
    const none = await run(['analyze'], {stdin: '{"prompt":"a"}\n'})
    expect(none).toMatchObject({code: 2, stdout: ''})
    expect(none.stderr).toContain('nothing to analyse in <stdin>')
  })

  test('may be printed over several lines, or stand in a list', async () => {
    const inputs = [
      {id: 'a', trace: TEXT},
      {id: 'b', trace: TEXT},
    ]
    const printed = inputs.map((input) => JSON.stringify(input, null, 2)).join('\n')
    for (const stdin of [printed, JSON.stringify(inputs)]) {
      const {json} = await run(['analyze'], {stdin})
      expect(json().map(({id}) => id)).toEqual(['a', 'b'])
    }
  })

  test('of which none can be read exit 2', async () => {
    const {code, stdout} = await run(['analyze'], {stdin: '{"trace":5}\n'})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
  })
})

describe('plain text', () => {
  test('is one text, named by its file', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'thought.txt')
      writeFileSync(file, TEXT)
      const {code, json} = await run(['analyze', file])
      expect(code).toBe(0)
      expect(json()).toHaveLength(1)
      expect(json()[0]).toMatchObject({
        id: file,
        steps: analyzeReasoning(TEXT).steps.map(({start, end, kind}) => ({start, end, kind})),
      })
    })
  })

  test('may begin with a brace, and may hold JSON that is no trace', async () => {
    for (const stdin of ['{not json} but a thought.', 'The tool said\n{"a": 1}\nand so it is.']) {
      expect((await run(['analyze'], {stdin})).json()).toHaveLength(1)
    }
  })

  test('is what --plain makes of anything', async () => {
    const stdin = '{"trace":"a"}\n'
    const [line] = (await run(['analyze', '--plain'], {stdin})).json()
    expect(line?.['id']).toBe('-')
    expect(line?.['sentences'].at(-1).end).toBe(stdin.trim().length)
  })

  test('several files give a line each', async () => {
    await inFolder(async (folder) => {
      const files = ['a.txt', 'b.txt'].map((name) => join(folder, name))
      for (const file of files) writeFileSync(file, TEXT)
      const {code, json, stderr} = await run(['analyze', ...files, join(folder, 'c.txt')])
      expect(code).toBe(0)
      expect(json().map(({id}) => id)).toEqual(files)
      expect(stderr).toContain('c.txt')
    })
  })
})

describe('--text', () => {
  test('writes kind, confidence and all of the text of each step', async () => {
    const {code, stdout} = await run(['analyze', '--text', '--width', '60'], {stdin: TEXT})
    expect(code).toBe(0)
    const {steps} = analyzeReasoning(TEXT)
    expect(stdout).toContain(`<stdin>  ${steps.length} steps · ${TEXT.length} characters`)
    for (const {kind, confidence, start, end} of steps) {
      expect(stdout).toMatch(new RegExp(`^  ${kind} +${confidence.toFixed(2)}  `, 'm'))
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(TEXT.slice(start, end))
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(stdout).not.toContain('{')
  })

  test('names each line of JSON lines', async () => {
    const {stdout} = await run(['analyze', '--text'], {
      stdin: '{"id":"case 7","trace":"Let me check."}\n{"trace":"So it is allowed."}\n',
    })
    expect(stdout).toMatch(/^case 7 {2}1 step /m)
    expect(stdout).toMatch(/^2 {2}1 step /m)
  })

  test('lets no control sequence of the text through', async () => {
    const {stdout} = await run(['analyze', '--text'], {stdin: '\u001b[31mThe window is 30 days.'})
    expect(stdout).toContain('The window is 30 days.')
    expect(stdout).not.toContain('\u001b')
  })
})
