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
    for (const stdin of ['{not json} but a thought.', '{"a": 1}\nThat is what the tool said.']) {
      expect((await run(['analyze'], {stdin})).json()).toHaveLength(1)
    }
  })

  test('is what --text makes of anything', async () => {
    const stdin = '{"trace":"a"}\n'
    const [line] = (await run(['analyze', '--text'], {stdin})).json()
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
