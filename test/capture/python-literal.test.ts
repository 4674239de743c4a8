import fc from 'fast-check'
import {expect, test} from 'vitest'
import {readPythonLiteral} from '../../src/capture/python-literal.ts'
import {parseStructured} from '../../src/capture/structured.ts'

const read = (text: string): unknown => readPythonLiteral(text).value

/** What Python's `repr` prints of a string. */
const repr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
    .replaceAll(quote, `\\${quote}`)
  return `${quote}${escaped}${quote}`
}

test('dicts, lists, tuples, sets, numbers and the three constants', () => {
  expect(
    read("{'a': None, 'b': True, 'c': False, 'd': [1, -2.5, 1e3], 'e': (1, 'x'), 'f': {'y'}}"),
  ).toEqual({a: null, b: true, c: false, d: [1, -2.5, 1000], e: [1, 'x'], f: ['y']})
  expect(read('{1: "one", None: 2}')).toEqual({'1': 'one', null: 2})
  expect(read('{}')).toEqual({})
  expect(read('()')).toEqual([])
})

test('strings of both quotes, with every kind of escape', () => {
  expect(read(String.raw`'it\'s'`)).toBe("it's")
  expect(read(`"it's"`)).toBe("it's")
  expect(read(String.raw`'\x41\u00e9\U0001F600\n\t\\\101'`)).toBe('Aé😀\n\t\\\\101')
  expect(read("'''three 'single' quotes'''")).toBe("three 'single' quotes")
  expect(read('"""two\nlines"""')).toBe('two\nlines')
  expect(read("('one ' 'string ' \"of three\")")).toEqual(['one string of three'])
  expect(read("[b'bytes', r'raw', u'text']")).toEqual(['bytes', 'raw', 'text'])
})

test('a string’s repr gives the string back', () => {
  fc.assert(
    fc.property(fc.string({unit: 'grapheme'}), (text) => {
      const printed = repr(text)
      fc.pre(!printed.startsWith("''") || text === '')
      expect(readPythonLiteral(`[${printed}]`)).toMatchObject({value: [text], complete: true})
    }),
  )
})

test('the repr of objects becomes objects that know their class', () => {
  expect(
    read(
      "ChatCompletion(id='x', choices=[Choice(finish_reason='stop', index=0, message=ChatCompletionMessage(content='hi', reasoning_content='think', tool_calls=None))], usage=CompletionUsage(reasoning_tokens=3))",
    ),
  ).toEqual({
    $type: 'ChatCompletion',
    id: 'x',
    choices: [
      {
        $type: 'Choice',
        finish_reason: 'stop',
        index: 0,
        message: {
          $type: 'ChatCompletionMessage',
          content: 'hi',
          reasoning_content: 'think',
          tool_calls: null,
        },
      },
    ],
    usage: {$type: 'CompletionUsage', reasoning_tokens: 3},
  })
  expect(
    read("{'r': <FinishReason.STOP: 'STOP'>, 'd': datetime.datetime(2026, 1, 2), 'x': Role.user}"),
  ).toEqual({r: 'STOP', d: {$type: 'datetime.datetime', args: [2026, 1, 2]}, x: 'Role.user'})
})

test('a cut literal gives what stands before the cut', () => {
  const text =
    "[{'type': 'thinking', 'thinking': 'The window is 30 days.', 'n': (1, 2)}, {'type': 'text'}]"
  const whole = 'The window is 30 days.'
  for (let end = 1; end < text.length; end++) {
    const reading = readPythonLiteral(text.slice(0, end))
    expect(reading.complete).toBe(false)
    const [first] = (reading.value ?? []) as {thinking?: string}[]
    if (first?.thinking !== undefined) expect(whole.startsWith(first.thinking)).toBe(true)
  }
})

test('Python is told from JSON by its first characters', () => {
  expect(parseStructured("[{'a': None}]")).toMatchObject({value: [{a: null}], complete: true})
  expect(parseStructured('[Choice(index=0)]')).toMatchObject({value: [{index: 0}], complete: true})
  expect(parseStructured('Message(content=[1])')).toMatchObject({complete: true})
  expect(parseStructured('{"a": null}')).toEqual({value: {a: null}, complete: true})
})
