import {expect, test} from 'vitest'
import {isEcho, Thoughts} from '../src/thoughts.ts'

const below = (texts: string[], opaque = false): {texts: string[]; opaque: boolean} => ({
  texts,
  opaque,
})

test('knows a thought again that was told below, whatever white space joins it', () => {
  expect(isEcho('First this.', below(['First this.', 'Then that.']))).toBe(true)
  expect(isEcho('First this.\nThen that.', below(['First this.', 'Then that.']))).toBe(true)
  expect(isEcho('First this. Then that.', below(['First this.\n\nThen that.']))).toBe(true)
  expect(isEcho('Then', below(['First this.', 'Then that.']))).toBe(true)
  expect(isEcho('Something else.', below(['First this.']))).toBe(false)
})

test('knows a block without text again where anything was told below', () => {
  expect(isEcho('', below(['First this.']))).toBe(true)
  expect(isEcho('', below([], true))).toBe(true)
  expect(isEcho('', below([]))).toBe(false)
})

test('hands thoughts on from child to parent to ancestor, once', () => {
  const thoughts = new Thoughts()
  expect(thoughts.isEmpty).toBe(true)
  thoughts.hand('parent', ['A thought.'], false, undefined)
  thoughts.hand('parent', ['Another.'], false, undefined)
  expect(thoughts.isEmpty).toBe(false)
  const inherited = thoughts.take('parent')
  expect(inherited?.texts).toEqual(['A thought.', 'Another.'])
  expect(thoughts.take('parent')).toBeUndefined()
  thoughts.hand('grandparent', [], false, inherited)
  expect(thoughts.take('grandparent')?.texts).toEqual(['A thought.', 'Another.'])
  expect(thoughts.isEmpty).toBe(true)
})

test('forgets the oldest parents over 10,000, and over 8 Mi code units of text', () => {
  const thoughts = new Thoughts()
  for (let i = 0; i < 10_050; i += 1) thoughts.hand(`p${i}`, ['x'], false, undefined)
  expect(thoughts.take('p0')).toBeUndefined()
  expect(thoughts.take('p49')).toBeUndefined()
  expect(thoughts.take('p50')?.texts).toEqual(['x'])
  const long = 'y'.repeat(3 * 1024 * 1024)
  for (let i = 0; i < 4; i += 1) thoughts.hand(`long${i}`, [long], false, undefined)
  expect(thoughts.take('long0')).toBeUndefined()
  expect(thoughts.take('long3')?.texts).toEqual([long])
})

test('remembers texts a trace, each once, and the newest traces longest', () => {
  const thoughts = new Thoughts()
  thoughts.rememberText('t1', 'secret')
  thoughts.rememberText('t1', 'secret')
  thoughts.rememberText('t1', '')
  expect(thoughts.textsOf('t1')).toEqual(['secret'])
  expect(thoughts.textsOf('t2')).toEqual([])
  for (let i = 0; i < 4; i += 1) thoughts.rememberText(`u${i}`, String(i).repeat(3 * 1024 * 1024))
  expect(thoughts.textsOf('t1')).toEqual([])
  expect(thoughts.textsOf('u3')).toHaveLength(1)
})
