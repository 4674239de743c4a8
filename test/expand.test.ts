import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {beginExpansion} from '../src/begin-expansion.ts'
import type {Expansion, ExpansionContext} from '../src/expansion.ts'
import {expandSpan} from '../src/expand.ts'
import {finishExpansion, runExpansion} from '../src/finish-expansion.ts'
import {NOTHING_CAPTURED} from '../src/merge.ts'
import type {ReadableSpanLike} from '../src/readable-span.ts'
import type {ReasoningBlock} from '../src/model.ts'
import {type ExpandOptions, resolveOptions} from '../src/options.ts'
import {Thoughts} from '../src/thoughts.ts'
import {checkSpan} from './setup/invariants.ts'
import {chatSpan, makeSpan} from './setup/make-span.ts'

const THOUGHT =
  'First I need to plan this. The order holds headphones. So the window is 30 days. ' +
  'Wait, let me check that again. Therefore the refund is approved.'

function expandSoundly(
  span: ReadableSpanLike,
  blocks?: readonly ReasoningBlock[],
  options?: ExpandOptions,
): ReadableSpanLike[] {
  const spans = expandSpan(span, blocks, options)
  const known = new Map<string, ReadableSpanLike>()
  for (const one of spans) {
    checkSpan(one, known)
    known.set(one.spanContext().spanId, one)
  }
  return spans
}

const stepsOf = (spans: readonly ReadableSpanLike[]): ReadableSpanLike[] =>
  spans.filter((span) => span.name.startsWith('reasoning '))

const blocksOf = (spans: readonly ReadableSpanLike[]): ReadableSpanLike[] =>
  spans.filter((span) => span.name === 'reasoning')

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, '')

const block = (text: string, more: Partial<ReasoningBlock> = {}): ReasoningBlock => ({
  text,
  visibility: 'full',
  source: 'test',
  ...more,
})

describe('the texts of the steps', () => {
  const sentence = fc.constantFrom(
    'First I need to plan this. ',
    'Wait, let me check 3.5 again! ',
    '因此退款已批准。',
    'Я должен проверить дату. ',
    '- a bullet\n',
    '# A heading\n\n',
    '```js\nconst a = 1\n```\n',
    'Hmm… ',
    '😀 So it is done. ',
  )
  const text = fc.oneof(
    fc.array(sentence, {minLength: 1, maxLength: 40}).map((list) => list.join('')),
    fc.string({unit: 'grapheme', maxLength: 300}),
  )

  test('join to the text of the block', () => {
    fc.assert(
      fc.property(text, (thought) => {
        fc.pre(thought.trim().length > 0)
        const spans = expandSoundly(makeSpan(), [block(thought)], {maxSteps: 1000})
        const joined = stepsOf(spans)
          .map((span) => span.attributes['reasoning.text'])
          .join('')
        expect(withoutSpace(joined)).toBe(withoutSpace(thought))
      }),
    )
  })

  test('lie inside their parents in time, in order, whatever the times of the call', () => {
    fc.assert(
      fc.property(
        fc.array(text, {minLength: 1, maxLength: 4}),
        fc.nat(2_000_000_000),
        fc.nat(999_999_999),
        fc.option(fc.double({min: 0, max: 3, noNaN: true}), {nil: undefined}),
        (thoughts, length, nanos, firstChunk) => {
          const startTime: [number, number] = [1_700_000_000, nanos]
          const end = nanos + length
          const endTime: [number, number] = [1_700_000_000 + Math.floor(end / 1e9), end % 1e9]
          const spans = expandSoundly(
            chatSpan(thoughts, {
              startTime,
              endTime,
              attributes:
                firstChunk === undefined ? {} : {'gen_ai.response.time_to_first_chunk': firstChunk},
            }),
          )
          const starts = stepsOf(spans).map(
            ({startTime: [s, n]}) => BigInt(s) * 1_000_000_000n + BigInt(n),
          )
          starts
            .slice(1)
            .forEach((start, i) => expect(start).toBeGreaterThanOrEqual(starts[i] as bigint))
        },
      ),
    )
  })
})

test('ids are the same whenever and however often a span is expanded', () => {
  const span = chatSpan(THOUGHT, {
    spanId: 'b7ad6b7169203331',
    traceId: '0af7651916cd43dd8448eb211c80319c',
  })
  const ids = (): string[] => expandSoundly(span).map((one) => one.spanContext().spanId)
  expect(ids()).toEqual(ids())
  expect(ids()[1]).toBe('752586776cd7ae5b')
})

test('expanding what was expanded changes nothing', () => {
  const spans = expandSoundly(chatSpan(THOUGHT))
  for (const span of spans) {
    expect(expandSpan(span)).toEqual([span])
    expect(expandSpan(span)[0]).toBe(span)
  }
})

test('never changes the original, and returns it itself where there is nothing to add', () => {
  const span = chatSpan(THOUGHT)
  const before = structuredClone(span.attributes)
  const [copy] = expandSoundly(span)
  expect(copy).not.toBe(span)
  expect(span.attributes).toEqual(before)
  const plain = makeSpan({attributes: {'http.request.method': 'GET'}})
  expect(expandSpan(plain)[0]).toBe(plain)
  const silent = chatSpan([])
  expect(expandSpan(silent)).toEqual([silent])
  expect(expandSpan(silent)[0]).toBe(silent)
})

test('takes the blocks it is given in place of what the span shows, and none at all', () => {
  const span = chatSpan(THOUGHT)
  const spans = expandSoundly(span, [block('Another thought.')])
  expect(blocksOf(spans)[0]?.attributes['reasoning.source']).toBe('test')
  expect(stepsOf(spans)[0]?.attributes['reasoning.text']).toBe('Another thought.')
  expect(expandSpan(span, [])).toEqual([span])
})

test('writes no more than 2,000 bytes of a text, and says so', () => {
  const long = `${'ü'.repeat(3000)}.`
  const [step] = stepsOf(expandSoundly(chatSpan(long)))
  const text = step?.attributes['reasoning.text'] as string
  expect(Buffer.byteLength(text)).toBe(2000)
  expect(step?.attributes).toMatchObject({
    'reasoning.text_truncated': true,
    'reasoning.text_length': long.length,
  })
  expect(step?.attributes).not.toHaveProperty('reasoning.text_chunks')
  const [chunked] = stepsOf(expandSoundly(chatSpan(long), undefined, {longText: true}))
  const chunks = chunked?.attributes['reasoning.text_chunks'] as string[]
  expect(chunks.join('')).toBe(long)
})

const MANY_STEPS: ExpandOptions = {granularity: 'fine', classifier: 'rules'}

test('merges what is over 64 steps into the last one, which says how many', () => {
  const text = Array.from(
    {length: 60},
    (_, i) => `First I need to plan part ${i}. Wait, let me check part ${i}.`,
  ).join(' ')
  const spans = expandSoundly(chatSpan(text), undefined, MANY_STEPS)
  const steps = stepsOf(spans)
  expect(steps).toHaveLength(64)
  const found = blocksOf(spans)[0]?.attributes['reasoning.step.count'] as number
  expect(found).toBeGreaterThan(64)
  expect(steps.at(-1)?.attributes['reasoning.steps_merged']).toBe(found - 63)
})

test('shares the steps of a call over its blocks, so that none disappears behind the first', () => {
  const long = Array.from(
    {length: 60},
    (_, i) => `First I need to plan part ${i}. Wait, let me check part ${i}.`,
  ).join(' ')
  const spans = expandSoundly(chatSpan([long, THOUGHT, THOUGHT]), undefined, MANY_STEPS)
  expect(stepsOf(spans)).toHaveLength(64)
  const blocks = blocksOf(spans).map((one) => one.spanContext().spanId)
  for (const id of blocks) {
    expect(stepsOf(spans).some((step) => step.parentSpanContext?.spanId === id)).toBe(true)
  }
})

test('shares reported tokens by length where a call has several blocks', () => {
  const attributes = {'gen_ai.usage.reasoning.output_tokens': 100}
  const several = blocksOf(
    expandSoundly(chatSpan(['Three times as long.', 'Short.'], {attributes})),
  )
  const counts = several.map((one) => one.attributes['reasoning.token_count'] as number)
  expect(counts[0]! + counts[1]!).toBe(100)
  expect(counts[0]).toBeGreaterThan(counts[1]!)
  expect(several[0]?.attributes['reasoning.token_method']).toBe('apportioned')
  const [one] = blocksOf(expandSoundly(chatSpan(THOUGHT, {attributes})))
  expect(one?.attributes).toMatchObject({
    'reasoning.token_count': 100,
    'reasoning.token_method': 'reported',
  })
})

test('shows hidden reasoning as a block without text or steps, and a signal', () => {
  const spans = expandSoundly(
    chatSpan([], {attributes: {'gen_ai.usage.reasoning.output_tokens': 187}}),
  )
  expect(spans).toHaveLength(2)
  expect(spans[0]?.attributes).toMatchObject({
    'reasoning.visibility': 'hidden',
    'reasoning.signals': ['hidden'],
    'reasoning.severity': 'info',
    'reasoning.step.count': 0,
  })
  expect(spans[1]?.attributes['reasoning.token_count']).toBe(187)
  expect(spans[1]?.events.map((event) => event.name)).toEqual(['reasoning.signal'])
})

test('writes each signal as one event, on the step that holds it', () => {
  const [call, ...ours] = expandSoundly(
    makeSpan({
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm',
        'gen_ai.response.finish_reasons': ['length'],
      },
    }),
    [block('First I need to plan this. The order holds')],
  )
  expect(call?.attributes['reasoning.signals']).toEqual(['truncated'])
  const events = ours.flatMap((span) => span.events.map((event) => ({on: span.name, event})))
  expect(events).toHaveLength(1)
  expect(events[0]?.on).not.toBe('reasoning')
  expect(events[0]?.event).toMatchObject({
    name: 'reasoning.signal',
    attributes: {
      'reasoning.signal.name': 'truncated',
      'reasoning.signal.severity': 'warning',
      'reasoning.signal.evidence': 'The order holds',
      'reasoning.request.model': 'm',
    },
  })
  expect(call?.status.code).toBe(0)
})

test('turns signals, the caveat and the compatibility keys on and off', () => {
  const hidden = chatSpan([], {attributes: {'gen_ai.usage.reasoning_tokens': 9}})
  const [, quiet] = expandSoundly(hidden, undefined, {signals: {hidden: false}, caveat: false})
  expect(quiet?.events).toEqual([])
  expect(quiet?.attributes).not.toHaveProperty('reasoning.caveat')
  const [, ...compatible] = expandSoundly(chatSpan(THOUGHT), undefined, {
    compat: ['langfuse', 'phoenix'],
  })
  for (const span of compatible) {
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'reasoning',
      'openinference.span.kind': 'CHAIN',
    })
    expect(span.attributes).toHaveProperty(['output.value'])
  }
  const [, ...plain] = expandSoundly(chatSpan(THOUGHT))
  for (const span of plain) {
    expect(Object.keys(span.attributes).filter((key) => !key.startsWith('reasoning.'))).toEqual([])
  }
})

test('copies trace state and flags to our spans', () => {
  const span = chatSpan(THOUGHT)
  const traceState = {
    get: () => undefined,
    set: () => traceState,
    unset: () => traceState,
    serialize: () => 'a=b',
  }
  const context = {...span.spanContext(), traceFlags: 3, traceState}
  const [, ...ours] = expandSoundly({...span, spanContext: () => context})
  for (const one of ours) {
    expect(one.spanContext()).toMatchObject({traceFlags: 3, traceState})
  }
})

test('measured blocks keep their times and may outlive the call', () => {
  const text = 'First I plan it. Wait, let me check that.'
  const span = makeSpan({startTime: [100, 0], endTime: [103, 0]})
  const [, own, first, second] = expandSoundly(span, [
    block(text, {
      arrivals: [
        {offset: 0, time: [101, 0]},
        {offset: 17, time: [102, 500_000_000]},
      ],
      endTime: [104, 0],
      steps: [
        {start: 0, end: 16, kind: 'plan'},
        {start: 17, end: text.length, kind: 'verify'},
      ],
    }),
  ])
  expect(own).toMatchObject({startTime: [101, 0], endTime: [104, 0]})
  expect(own?.attributes).toMatchObject({
    'reasoning.timing': 'measured',
    'reasoning.late': true,
    'reasoning.time_to_first_chunk': 1,
  })
  expect(first).toMatchObject({startTime: [101, 0], endTime: [102, 500_000_000]})
  expect(first?.attributes).not.toHaveProperty('reasoning.late')
  expect(second?.attributes['reasoning.late']).toBe(true)
})

test('10,000 rounds of garbage throw nothing and give back the span', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'gen_ai.output.messages',
      'output.value',
      'llm.output_messages.0.message.contents.0.message_content.text',
      'llm.output_messages.0.message.contents.0.message_content.type',
      'ai.response.reasoning',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.operation.name',
      'openinference.span.kind',
      'llm.openai.choices',
      'langfuse.observation.output',
    ),
    fc.string({maxLength: 20}),
  )
  const value = fc.oneof(
    fc.json(),
    fc.string({maxLength: 200}),
    fc.constantFrom(
      '[{"role":"assistant","parts":[{"type":"reasoning","content":',
      "[{'type': 'thinking', 'thinking': 'x",
      '<think>',
      '{"choices":[{"message":{"reasoning":1}}]}',
    ),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string(), {maxLength: 3}),
    fc.anything({maxDepth: 3}),
  )
  fc.assert(
    fc.property(fc.dictionary(key, value, {maxKeys: 8}), (attributes) => {
      const span = makeSpan({attributes: attributes as never})
      const [first] = expandSpan(span)
      expect(first?.spanContext()).toBe(span.spanContext())
    }),
    {numRuns: 10_000},
  )
}, 60_000)

test('wrong options throw and name what was wrong', () => {
  expect(() => expandSpan(makeSpan(), undefined, {maxTextBytes: 1e6})).toThrow(
    'expandSpan: expected `maxTextBytes` to be a number from 0 to 60000, got `1000000` (number)',
  )
  expect(() => expandSpan(makeSpan(), undefined, {content: 'sometimes' as never})).toThrow(
    /content/,
  )
})

describe('the policy', () => {
  const only = (provider: string): ExpandOptions => ({
    content: (context) => (context.provider === provider ? 'drop' : 'keep'),
  })

  test('of a text that came by log event is not changed by an answer that is on the span', () => {
    // A short answer is part of many a thought.
    const span = makeSpan({
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.output.messages': JSON.stringify([
          {role: 'assistant', parts: [{type: 'text', content: 'Yes'}]},
        ]),
      },
    })
    const context: ExpansionContext = {
      options: resolveOptions('test', {}),
      thoughts: new Thoughts(),
    }
    const call = {
      ...NOTHING_CAPTURED,
      items: [{type: 'reasoning' as const, block: block('The secret is 42. Yes.')}],
    }
    const expansion = beginExpansion(span, [{origin: 'log', call}], context)
    const {children} = runExpansion(finishExpansion(expansion as Expansion, context))
    expect(children[0]?.attributes['reasoning.text_policy']).toBe('length')
    expect(JSON.stringify(children.map((one) => one.attributes))).not.toContain('secret')
  })

  test('follows a thought to its ancestors, to the next call and to any other span', () => {
    const context: ExpansionContext = {
      options: resolveOptions('test', only('anthropic')),
      thoughts: new Thoughts(),
    }
    const secret = 'The secret of this customer is that they never pay. So it is refused.'
    const leave = (span: ReadableSpanLike): string => {
      const expansion = beginExpansion(span, [], context)
      if (expansion === undefined) return JSON.stringify(span.attributes)
      const expanded = runExpansion(finishExpansion(expansion, context))
      return JSON.stringify([expanded.span.attributes, expanded.children.map((c) => c.attributes)])
    }
    const agentId = 'a'.repeat(16)
    const call = chatSpan(secret, {parentSpanId: agentId})
    const next = makeSpan({
      parentSpanId: agentId,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.input.messages': JSON.stringify([
          {role: 'assistant', parts: [{type: 'reasoning', content: secret}]},
        ]),
      },
    })
    const http = makeSpan({
      parentSpanId: agentId,
      attributes: {'http.request.body': JSON.stringify({note: secret})},
    })
    const agent = chatSpan(secret, {
      spanId: agentId,
      attributes: {'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'own'},
    })
    for (const span of [call, next, http, agent]) expect(leave(span)).not.toContain('secret')
  })

  test('holds on what was expanded before under a milder one', () => {
    const [call, ...ours] = expandSoundly(chatSpan(THOUGHT)) as [ReadableSpanLike]
    for (const content of ['drop', 'length', 'hash', 'mask'] as const) {
      const options: ExpandOptions = {content}
      const again = [call, ...ours].flatMap((span) => expandSpan(span, undefined, options))
      expect(again).toHaveLength(1 + ours.length)
      const text = JSON.stringify(again.map((span) => [span.attributes, span.events]))
      if (content !== 'mask') expect(text).not.toContain('headphones')
      if (content === 'drop') expect(text).not.toContain('text_length')
      // And once it holds, nothing changes any more.
      for (const span of again) expect(expandSpan(span, undefined, options)[0]).toBe(span)
    }
  })

  test('holds on attributes that are copied to our spans', () => {
    const spans = expandSoundly(chatSpan(THOUGHT), undefined, {
      content: 'drop',
      copyAttributes: ['gen_ai.output.messages', 'gen_ai.request.model'],
    })
    expect(JSON.stringify(spans.map((span) => span.attributes))).not.toContain('headphones')
    expect(spans[1]?.attributes['gen_ai.request.model']).toBe('claude-sonnet-4-5')
  })
})

test('a call of 300 blocks has 64, of which the last stands for the rest', () => {
  const thoughts = Array.from({length: 300}, (_, i) => `Thought number ${i}.`)
  const blocks = blocksOf(expandSoundly(chatSpan(thoughts)))
  expect(blocks).toHaveLength(64)
  expect(blocks.at(-1)?.attributes['reasoning.blocks_merged']).toBe(237)
})

test('values that are searched for stay under 256 bytes', () => {
  const model = 'm'.repeat(100_000)
  const spans = expandSoundly(
    chatSpan(THOUGHT, {attributes: {'gen_ai.request.model': model, 'session.id': model}}),
  )
  for (const span of spans.slice(1)) {
    expect(String(span.attributes['reasoning.request.model']).length).toBe(255)
    expect(String(span.attributes['session.id']).length).toBe(255)
  }
})

test('a copy can be assigned to, as processors do with the SDK’s own spans', () => {
  const [copy] = expandSoundly(chatSpan(THOUGHT)) as unknown as [{attributes: object}]
  copy.attributes = {...copy.attributes, added: true}
  expect(copy.attributes).toHaveProperty('added')
})

test('an options object that is changed counts as changed', () => {
  const options: ExpandOptions = {}
  expect(
    JSON.stringify(expandSpan(chatSpan(THOUGHT), undefined, options)[2]?.attributes),
  ).toContain('reasoning.text"')
  options.content = 'drop'
  expect(
    JSON.stringify(expandSpan(chatSpan(THOUGHT), undefined, options)[2]?.attributes),
  ).not.toContain('reasoning.text"')
})
