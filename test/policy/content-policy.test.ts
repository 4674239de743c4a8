import {createHash, createHmac} from 'node:crypto'
import {describe, expect, test, vi} from 'vitest'
import {
  applyPolicy,
  type ContentContext,
  type ContentOrigin,
  type ContentOption,
  createContentPolicy,
  maskText,
  strictest,
} from '../../src/policy.ts'
import {compileRule} from '../../src/policy/rule.ts'

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'

const contextOf = (origin: ContentOrigin, more: Partial<ContentContext> = {}): ContentContext => ({
  visibility: 'full',
  attributes: {},
  origin,
  ...more,
})

/** Quotes what it was given, as errors do. */
function throwing(): never {
  throw new Error('the customer is Jane, jane@example.com')
}

const policyFor = (
  origin: ContentOrigin,
  environment: Record<string, string> = {},
  content?: ContentOption,
): string => createContentPolicy({content, environment}).resolve(contextOf(origin)).policy

describe('without an option', () => {
  test.each([
    ['span', 'keep'],
    ['recorder', 'keep'],
    ['log', 'length'],
    ['wire', 'length'],
    ['hook', 'length'],
  ] as const)('text from %s is %s', (origin, policy) => {
    expect(policyFor(origin)).toBe(policy)
  })

  test.each(['true', 'TRUE', ' span_only ', 'SPAN_AND_EVENT'])(
    'the conventions’ switch at %j keeps text from logs and the wire',
    (value) => {
      expect(policyFor('log', {[CAPTURE]: value})).toBe('keep')
      expect(policyFor('wire', {[CAPTURE]: value})).toBe('keep')
    },
  )

  test.each(['false', 'EVENT_ONLY', 'NO_CONTENT', '', 'yes'])(
    'the conventions’ switch at %j does not',
    (value) => {
      expect(policyFor('log', {[CAPTURE]: value})).toBe('length')
    },
  )

  test('nothing on a span has to be looked for', () => {
    expect(createContentPolicy({environment: {}}).withholds).toBe(false)
  })
})

describe('REASONING_CONTENT', () => {
  test.each(['span', 'log', 'wire', 'recorder'] as const)('holds for text from %s', (origin) => {
    expect(policyFor(origin, {REASONING_CONTENT: 'Hash', [CAPTURE]: 'true'})).toBe('hash')
  })

  test('at a value that is no policy everything is dropped, and that is said', () => {
    const onError = vi.fn()
    const policy = createContentPolicy({environment: {REASONING_CONTENT: 'dorp'}, onError})
    expect(policy.resolve(contextOf('span')).policy).toBe('drop')
    expect(policy.withholds).toBe(true)
    expect(String(onError.mock.calls[0]?.[0])).toContain('dorp')
  })

  test('yields to the option', () => {
    expect(policyFor('span', {REASONING_CONTENT: 'drop'}, 'keep')).toBe('keep')
    expect(policyFor('span', {REASONING_CONTENT: 'drop'}, () => 'mask')).toBe('mask')
  })

  test('is what holds where a function leaves the choice', () => {
    expect(policyFor('span', {REASONING_CONTENT: 'drop'}, () => undefined)).toBe('drop')
    expect(policyFor('span', {}, () => undefined)).toBe('keep')
    expect(policyFor('wire', {}, () => undefined)).toBe('length')
  })
})

describe('a function', () => {
  test('sees provider, model, visibility, attributes and origin', () => {
    const seen: ContentContext[] = []
    const policy = createContentPolicy({
      content: (context) => {
        seen.push(context)
        return context.visibility === 'summary' ? 'keep' : 'drop'
      },
      environment: {},
    })
    const context = contextOf('wire', {
      provider: 'openai',
      model: 'gpt-5',
      visibility: 'summary',
      attributes: {'tenant.id': 'a'},
    })
    expect(policy.resolve(context).policy).toBe('keep')
    expect(policy.resolve({...context, visibility: 'full'}).policy).toBe('drop')
    expect(seen[0]).toBe(context)
    expect(policy.withholds).toBe(true)
  })

  const faulty: [string, () => unknown][] = [
    ['throws', throwing],
    ['returns a word that is none', () => 'nothing'],
    ['returns null', () => null],
    ['returns true', () => true],
    ['returns an object without a policy', () => ({patterns: [/x/]})],
    ['returns a promise', () => Promise.resolve('keep')],
    ['returns a pattern that may hang', () => ({policy: 'mask', patterns: [/(a+)+b/]})],
    ['returns what contradicts itself', () => ({policy: 'keep', patterns: [/x/]})],
  ]
  test.each(faulty)('that %s drops, and that is said without its message', (_name, content) => {
    const onError = vi.fn()
    const policy = createContentPolicy({content: content as never, environment: {}, onError})
    expect(policy.resolve(contextOf('span')).policy).toBe('drop')
    expect(onError).toHaveBeenCalledTimes(1)
    expect(String(onError.mock.calls[0]?.[0])).not.toMatch(/jane/i)
  })

  test('that returns the same rule again has it compiled once', () => {
    const rule = {policy: 'mask', patterns: [/x/]} as const
    const policy = createContentPolicy({content: () => rule, environment: {}})
    expect(policy.resolve(contextOf('span'))).toBe(policy.resolve(contextOf('log')))
  })
})

describe('wrong options throw', () => {
  test.each([
    ['hide', /one of 'keep', 'mask', 'hash', 'length', 'drop', got `hide`/],
    [5, /got `5` \(number\)/],
    [null, /got `null`/],
    [{}, /content\.policy/],
    [{policy: 'masked'}, /content\.policy/],
    [{policy: 'mask', patterns: /x/}, /content\.patterns.*array/],
    [{policy: 'mask', patterns: [5]}, /regular expressions or strings/],
    [{policy: 'mask', patterns: [/(a+)+b/]}, /linear time/],
    [{policy: 'mask', mask: 'x'}, /content\.mask/],
    [{policy: 'mask', detectors: ['mail']}, /unknown detector.*email/],
    [{policy: 'mask', pattern: [/x/]}, /unknown `content\.pattern`/],
    [{policy: 'drop', patterns: [/x/]}, /need the policy 'mask'/],
  ])('content: %j', (content, message) => {
    expect(() => createContentPolicy({content: content as never, environment: {}})).toThrow(
      TypeError,
    )
    expect(() => createContentPolicy({content: content as never, environment: {}})).toThrow(message)
  })

  test.each(['', 5, new Uint8Array(0)])('hashKey: %j', (hashKey) => {
    expect(() => createContentPolicy({hashKey: hashKey as never})).toThrow(/hashKey/)
  })

  test('without showing a key', () => {
    expect(() => createContentPolicy({hashKey: {secret: 1} as never})).toThrow(/got object$/)
  })
})

describe('what may be written of a text', () => {
  const text = 'Write to jane@example.com.'
  const sha = createHash('sha256').update(text).digest('hex')
  const hmac = createHmac('sha256', 'k').update(text).digest('hex')
  const apply = (content: ContentOption, hashKey?: string) =>
    applyPolicy(
      createContentPolicy({content, hashKey, environment: {}}).resolve(contextOf('span')),
      text,
    )

  test('keep: all of it, with SHA-256', () => {
    expect(apply('keep')).toEqual({text, length: text.length, hash: sha})
    expect(apply('keep', 'k')).toEqual({text, length: text.length, hash: sha})
  })
  test('mask: the masked text and its length, HMAC with a key', () => {
    expect(apply('mask')).toEqual({text: 'Write to [EMAIL].', length: 17, hash: undefined})
    expect(apply('mask', 'k')).toEqual({text: 'Write to [EMAIL].', length: 17, hash: hmac})
  })
  test('hash: length, HMAC with a key', () => {
    expect(apply('hash')).toEqual({length: text.length, hash: undefined})
    expect(apply('hash', 'k')).toEqual({length: text.length, hash: hmac})
  })
  test('length: length', () => {
    expect(apply('length', 'k')).toEqual({length: text.length})
  })
  test('drop: nothing', () => {
    expect(apply('drop', 'k')).toEqual({})
  })
})

describe('mask', () => {
  const onError = vi.fn()
  const masked = (rule: ContentOption, text: string): string =>
    createContentPolicy({content: rule, environment: {}, onError})
      .resolve(contextOf('span'))
      .mask(text)

  test('patterns are written as [MASKED], beside the detectors', () => {
    expect(masked({policy: 'mask', patterns: [/A-\d+/, 'Falcon']}, 'Falcon: A-1042, a@b.com')).toBe(
      '[MASKED]: [MASKED], [EMAIL]',
    )
  })
  test('only the detectors that were named are used', () => {
    expect(masked({policy: 'mask', detectors: ['ip']}, 'a@b.com 10.0.0.1')).toBe('a@b.com [IP]')
    expect(masked({policy: 'mask', detectors: [], patterns: ['b']}, 'a@b.com')).toBe(
      'a@[MASKED].com',
    )
  })
  test('the user’s function comes first, the detectors see what it returns', () => {
    expect(masked({policy: 'mask', mask: (t) => t.replace('Jane', 'x')}, 'Jane: a@b.com')).toBe(
      'x: [EMAIL]',
    )
  })
  const faulty: [string, () => unknown][] = [
    ['throws', throwing],
    ['returns nothing', () => undefined],
  ]
  test.each(faulty)('a function that %s masks all, and that is said', (_name, mask) => {
    onError.mockClear()
    expect(masked({policy: 'mask', mask: mask as never}, 'Jane')).toBe('[MASKED]')
    expect(String(onError.mock.calls[0]?.[0])).not.toMatch(/jane/i)
  })
  test('matches of nothing do nothing', () => {
    expect(masked({policy: 'mask', patterns: [/x*/]}, 'aXb')).toBe('aXb')
  })
  test('a rule can be given to maskText itself', () => {
    expect(maskText('a@b.com', compileRule('mask', {onError}))).toBe('[EMAIL]')
  })
})

describe('the strictest of several', () => {
  const rule = (content: ContentOption) =>
    createContentPolicy({content, environment: {}}).resolve(contextOf('span'))
  test('is the one that lets the least leave', () => {
    expect(strictest([rule('keep'), rule('hash'), rule('mask')]).policy).toBe('hash')
    expect(strictest([rule('drop'), rule('length')]).policy).toBe('drop')
  })
  test('of two masks is both', () => {
    const both = strictest([
      rule({policy: 'mask', detectors: [], patterns: ['a'], mask: (t) => t.replace('1', '-')}),
      rule({
        policy: 'mask',
        detectors: ['email'],
        patterns: ['b'],
        mask: (t) => t.replace('2', '-'),
      }),
    ])
    expect(both.mask('a b 1 2 x@y.com')).toBe('[MASKED] [MASKED] - - [EMAIL]')
  })
})
