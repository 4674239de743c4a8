import {describe, expect, test} from 'vitest'
import type {ResolvedPolicy} from '../src/policy.ts'
import {createContentPolicy} from '../src/policy.ts'
import {createEchoIndex, Thoughts} from '../src/thoughts.ts'
import {cpuNow} from './setup/cpu-time.ts'

const isEcho = (text: string, texts: string[], opaque = false): boolean =>
  createEchoIndex({texts, opaque}).isEcho(text)

const policy = (content: 'keep' | 'mask' | 'length' | 'drop'): ResolvedPolicy =>
  createContentPolicy({content}).resolve({visibility: 'full', attributes: {}, origin: 'span'})

describe('an echo', () => {
  test('is a thought that was told below, or some in a row, whatever white space joins them', () => {
    expect(isEcho('First this.', ['First this.', 'Then that.'])).toBe(true)
    expect(isEcho('First this.\nThen that.', ['First this.', 'Then that.'])).toBe(true)
    expect(isEcho('First this. Then that.', ['First this.\n\nThen that.'])).toBe(true)
    expect(isEcho('Then that.\nAnd so on.', ['First this.', 'Then that.', 'And so on.'])).toBe(true)
  })

  test('is not a thought that shares words with one below it', () => {
    expect(isEcho('Something else.', ['First this.'])).toBe(false)
    expect(isEcho('Then', ['First this.', 'Then that.'])).toBe(false)
    expect(isEcho('OK. And here is a long thought of its own.', ['OK.'])).toBe(false)
    expect(isEcho('First this. Then something new.', ['First this.'])).toBe(false)
  })

  test('is a block without text where anything was told below', () => {
    expect(isEcho('', ['First this.'])).toBe(true)
    expect(isEcho('', [], true)).toBe(true)
    expect(isEcho('', [])).toBe(false)
  })

  test('is found among 2,000 thoughts in a few milliseconds', () => {
    const texts = Array.from({length: 2000}, (_, i) => `${`Thought ${i} `.repeat(200)}.`)
    const {isEcho: repeats} = createEchoIndex({texts, opaque: false})
    const started = cpuNow()
    for (const text of texts) expect(repeats(` ${text}`)).toBe(true)
    expect(cpuNow() - started).toBeLessThan(2000)
  })
})

test('hands thoughts on from child to parent to ancestor, once', () => {
  const thoughts = new Thoughts()
  expect(thoughts.isEmpty).toBe(true)
  thoughts.hand('t', 'parent', ['A thought.'], false, undefined)
  thoughts.hand('t', 'parent', ['Another.'], false, undefined)
  thoughts.hand('other', 'parent', ['Of another trace.'], false, undefined)
  expect(thoughts.isEmpty).toBe(false)
  const inherited = thoughts.take('t', 'parent')
  expect(inherited?.texts).toEqual(['A thought.', 'Another.'])
  expect(thoughts.take('t', 'parent')).toBeUndefined()
  thoughts.hand('t', 'grandparent', [], false, inherited)
  expect(thoughts.take('t', 'grandparent')?.texts).toEqual(['A thought.', 'Another.'])
  expect(thoughts.take('other', 'parent')?.texts).toEqual(['Of another trace.'])
  expect(thoughts.isEmpty).toBe(true)
})

test('forgets the oldest parents over 10,000, and over 8 Mi code units of text', () => {
  const thoughts = new Thoughts()
  for (let i = 0; i < 10_050; i += 1) thoughts.hand('t', `p${i}`, ['x'], false, undefined)
  expect(thoughts.take('t', 'p0')).toBeUndefined()
  expect(thoughts.take('t', 'p49')).toBeUndefined()
  expect(thoughts.take('t', 'p50')?.texts).toEqual(['x'])
  const long = 'y'.repeat(3 * 1024 * 1024)
  for (let i = 0; i < 4; i += 1) thoughts.hand('t', `long${i}`, [long], false, undefined)
  expect(thoughts.take('t', 'long0')).toBeUndefined()
  expect(thoughts.take('t', 'long3')?.texts).toEqual([long])
})

describe('texts that were withheld', () => {
  test('are remembered a trace, each once, with the strictest of their policies', () => {
    const thoughts = new Thoughts()
    expect(thoughts.withheldIn('t')).toMatchObject({policy: undefined, shortest: Infinity})
    expect(thoughts.withheldIn('t').texts.isEmpty).toBe(true)
    thoughts.withhold('t', 'secret', policy('mask'))
    thoughts.withhold('t', 'secret', policy('drop'))
    thoughts.withhold('t', 'kept', policy('keep'))
    thoughts.withhold('t', '', policy('drop'))
    thoughts.withhold('t', 'other secret', policy('length'))
    const {texts, ...rest} = thoughts.withheldIn('t')
    expect(rest).toMatchObject({policy: {policy: 'drop'}, shortest: 6})
    expect(['secret', 'other secret', 'kept'].map((text) => texts.has(text))).toEqual([
      true,
      true,
      false,
    ])
    thoughts.withhold('t', 'one more', policy('drop'))
    expect(thoughts.withheldIn('t').texts.has('one more')).toBe(true)
    expect(thoughts.withheldIn('u').texts.isEmpty).toBe(true)
  })

  test('are forgotten with the oldest traces', () => {
    const thoughts = new Thoughts()
    thoughts.withhold('t', 'secret', policy('drop'))
    for (let i = 0; i < 4; i += 1) {
      thoughts.withhold(`u${i}`, String(i).repeat(3 * 1024 * 1024), policy('drop'))
    }
    expect(thoughts.withheldIn('t').texts.isEmpty).toBe(true)
    expect(thoughts.withheldIn('u3').texts.has('3'.repeat(3 * 1024 * 1024))).toBe(true)
  })
})
