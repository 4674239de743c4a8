import {describe, expect, test} from 'vitest'
import {indexCues} from '../../src/analysis/cue-scanner.ts'

function cuesIn(phrases: readonly string[], text: string): string[] {
  const index = indexCues(phrases.map((phrase) => [phrase]))
  const found = new Uint16Array(index.size)
  const count = index.findCues(text, 0, text.length, found)
  return Array.from(found.subarray(0, count), (cue) => phrases[cue]!).sort()
}

describe('findCues', () => {
  const PHRASES = ['check', 'double check', 'let me check', '# out of #', "don't know", '^wait']

  test.each<[text: string, cues: string[]]>([
    ['', []],
    ['Let me double-check.', ['check', 'double check']],
    ['LET ME CHECK', ['check', 'let me check']],
    ['let me now check', ['check']],
    ['The checklist is checked', []],
    ['That is 1,200.50 out of 1,500', ['# out of #']],
    ["I don’t know and I don't know", ["don't know"]],
    ["the 'check' and “check”", ['check']],
    ['Wait, no', ['^wait']],
    ['Okay, but wait', ['^wait']],
    ['I wait', []],
  ])('finds in %j', (text, cues) => {
    expect(cuesIn(PHRASES, text)).toEqual(cues)
  })

  test('names a cue once, whichever of its phrases stand there', () => {
    const index = indexCues([['verify', 'make sure', 'sure'], ['not sure']])
    const found = new Uint16Array(2)
    const text = 'verify, make sure, not sure'
    expect(index.findCues(text, 0, text.length, found)).toBe(2)
    expect([...found].sort()).toEqual([0, 1])
  })

  test('phrases of four words that begin inside one another are all found', () => {
    const phrases = ['a b a b', 'b a b c', 'a b c']
    expect(cuesIn(phrases, 'x a b a b c')).toEqual([...phrases].sort())
    expect(cuesIn(phrases, 'a b a x a b')).toEqual([])
  })

  test('does not read past the end of the sentence', () => {
    const index = indexCues([['check'], ['check this']])
    const found = new Uint16Array(2)
    const text = 'We check this'
    expect(index.findCues(text, 0, 8, found)).toBe(1)
    expect(index.findCues(text, 0, 6, found)).toBe(0)
  })

  test('reads the beginning and the end of a long sentence, and nothing between', () => {
    const filler = 'word '.repeat(1000)
    expect(cuesIn(PHRASES, `check ${filler}`)).toEqual(['check'])
    expect(cuesIn(PHRASES, `${filler} check`)).toEqual(['check'])
    expect(cuesIn(PHRASES, `${filler} check ${filler}`)).toEqual([])
  })

  test('tells the shape of a sentence', () => {
    const index = indexCues([['so']])
    const text = 'So é: `x` = "3.5" 字 the'
    index.findCues(text, 0, text.length, new Uint16Array(1))
    expect(index.shape).toMatchObject({
      words: 3,
      known: 2,
      numbers: 1,
      equals: 1,
      backticks: 2,
      quotes: 2,
      foreign: 2,
      colon: 4,
    })
  })
})
