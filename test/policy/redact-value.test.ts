import type {Attributes} from '@opentelemetry/api'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {ContentPolicy} from '../../src/model.ts'
import {redactAttributes, redactEvents, redactLogValue} from './redact.ts'
import {compileRule, type ContentRule, type ResolvedPolicy} from '../../src/policy/rule.ts'
import {writePython} from '../../src/policy/python-text.ts'

const resolve = (rule: ContentRule): ResolvedPolicy =>
  compileRule(rule, {hashKey: 'key', onError: () => {}})

const DROP = resolve('drop')
const REMOVED = '[reasoning removed by policy]'

/** Python's `json.dumps`, which escapes everything beyond ASCII. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Python's `json.dumps` puts spaces behind commas and colons; what matters is that it is not ours. */
const spaced = (value: unknown): string => JSON.stringify(value, null, 1)

const signature = (thought: string): string => Buffer.from(thought).toString('base64')

/** Where instrumentations put a thought, echoes included. */
const SHAPES: Readonly<Record<string, (thought: string) => Attributes>> = {
  'conventions, reasoning part': (t) => ({
    'gen_ai.output.messages': JSON.stringify([
      {
        role: 'assistant',
        parts: [
          {type: 'reasoning', content: t},
          {type: 'text', content: 'ok'},
        ],
      },
    ]),
  }),
  'conventions, thinking part with signature': (t) => ({
    'gen_ai.output.messages': spaced([
      {
        role: 'assistant',
        parts: [
          {signature: signature(t), thinking: t, type: 'thinking'},
          {type: 'redacted_thinking', data: signature(t)},
        ],
      },
    ]),
  }),
  'conventions, escaped to ASCII': (t) => ({
    'gen_ai.output.messages': asciiJson([{parts: [{type: 'reasoning', content: t}]}]),
  }),
  'conventions, structured': (t) =>
    ({
      'gen_ai.output.messages': [
        {
          role: 'assistant',
          parts: [
            {type: 'reasoning', text: t},
            {type: 'text', content: 'ok'},
          ],
        },
      ],
    }) as unknown as Attributes,
  'JSON of summary parts inside content': (t) => ({
    'gen_ai.output.messages': JSON.stringify([
      {
        parts: [
          {type: 'text', content: 'ok'},
          {type: 'reasoning', content: JSON.stringify([{text: t, type: 'summary_text'}])},
        ],
      },
    ]),
  }),
  'echo in the next input': (t) => ({
    'gen_ai.input.messages': JSON.stringify([
      {role: 'user', parts: [{type: 'text', content: 'hi'}]},
      {role: 'assistant', parts: [{type: 'reasoning', content: t}]},
    ]),
    'ai.prompt.messages': JSON.stringify([
      {
        role: 'assistant',
        content: [
          {type: 'reasoning', text: t, providerOptions: {anthropic: {signature: signature(t)}}},
        ],
      },
    ]),
  }),
  'AI SDK': (t) => ({'ai.response.reasoning': t, 'ai.response.text': 'ok'}),
  'OpenInference, flattened': (t) => ({
    'llm.output_messages.0.message.contents.0.message_content.text': t,
    'llm.output_messages.0.message.contents.0.message_content.signature': signature(t),
    'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
    'llm.output_messages.0.message.contents.1.message_content.type': 'reasoning',
    'llm.output_messages.0.message.contents.1.message_content.data': signature(t),
    'llm.output_messages.0.message.contents.2.message_content.type': 'reasoning',
    'llm.output_messages.0.message.contents.2.message_content.encrypted_content': signature(t),
    'llm.input_messages.3.message.contents.0.message_content.type': 'reasoning',
    'llm.input_messages.3.message.contents.0.message_content.text': t,
  }),
  'OpenInference, Chat in output.value': (t) => ({
    'output.value': JSON.stringify({
      choices: [{message: {content: 'ok', reasoning_content: t}}],
    }),
    'input.value': JSON.stringify({messages: [{role: 'assistant', content: null, reasoning: t}]}),
  }),
  'Responses in output.value': (t) => ({
    'output.value': JSON.stringify({
      output: [
        {
          type: 'reasoning',
          summary: [{type: 'summary_text', text: t}],
          content: [{type: 'reasoning_text', text: t}],
          encrypted_content: signature(t),
        },
      ],
    }),
  }),
  'Gemini thought part': (t) => ({
    'output.value': JSON.stringify({
      candidates: [{content: {parts: [{thought: true, text: t, thoughtSignature: signature(t)}]}}],
    }),
  }),
  LangChain: (t) => ({
    'output.value': JSON.stringify({
      generations: [
        [
          {
            message: {
              kwargs: {content: [{type: 'thinking', thinking: t, signature: signature(t)}]},
            },
          },
        ],
      ],
    }),
  }),
  'JSON in a JSON string in a JSON string': (t) => ({
    'traceloop.entity.output': JSON.stringify({
      result: JSON.stringify({raw: JSON.stringify({reasoning_content: t})}),
    }),
    'langfuse.observation.output': JSON.stringify(
      JSON.stringify([{type: 'thinking', thinking: t}]),
    ),
  }),
  'think tags': (t) => ({
    'ai.response.text': `<think>\n${t}\n</think>\n\nok`,
    'llm.output_messages.0.message.content': `${t}</think>\nok`,
    'gen_ai.output.messages': JSON.stringify([
      {parts: [{type: 'text', content: `<think>${t}</think>ok`}]},
    ]),
  }),
  'Python literals': (t) => ({
    'llm.anthropic.content': writePython([
      {type: 'thinking', thinking: t, signature: signature(t)},
      {type: 'text', text: 'ok'},
    ]),
    'llm.openai.choices': writePython([{message: {content: 'ok', reasoning_content: t}}]),
    'llm.gemini.candidates': writePython([{content: {parts: [{thought: true, text: t}]}}]),
  }),
  'Python repr in JSON': (t) => ({
    'output.value': JSON.stringify({
      content: 'ok',
      raw: writePython({
        $type: 'ChatCompletion',
        id: 'x',
        choices: [{$type: 'Choice', message: {$type: 'Message', reasoning_content: t}}],
      }),
    }),
  }),
  'plain names': (t) => ({
    'gen_ai.completion.0.reasoning_content': t,
    'gen_ai.response.reasoning': [t],
    'x.thinking': t,
    'x.reasoning.0.text': t,
    'x.thought_signature': signature(t),
  }),
  'lines of JSON': (t) => ({
    'output.value': `${JSON.stringify({a: 1})}\n${JSON.stringify({delta: {reasoning: t}})}\n`,
    'gen_ai.completion': `data: ${JSON.stringify({delta: {reasoning: t}})}\n\ndata: [DONE]`,
  }),
  'JSON behind words': (t) => ({
    'output.value': `Result: ${JSON.stringify({type: 'thinking', thinking: t})}`,
  }),
}

/** Where only the known text says that it is reasoning. */
const QUOTED: Readonly<Record<string, (thought: string) => Attributes>> = {
  plain: (t) => ({'x.note': `Before. ${t} After.`}),
  'in another language of keys': (t) => ({x: JSON.stringify({note: t})}),
  'escaped to ASCII': (t) => ({x: asciiJson({note: t})}),
  'escaped twice': (t) => ({x: JSON.stringify(JSON.stringify({note: t}))}),
  'escaped twice, cut': (t) => ({x: JSON.stringify(JSON.stringify({note: t})).slice(0, -8)}),
  'labelled as text': (t) => ({
    'llm.output_messages.0.message.contents.1.message_content.type': 'text',
    'llm.output_messages.0.message.contents.1.message_content.text': t,
  }),
  'in Python': (t) => ({x: writePython({note: t}), y: `note=${writePython(t)}`}),
  'in a broken text': (t) => ({x: `{"a": "b" c", "note": ${JSON.stringify(t)}`}),
}

const SECRETS = [
  'jane.doe@example.com',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
  'sk-proj-abcDEF123456ghiJKL',
  '192.168.17.4',
]

/** A secret in all the ways in which it could still be read. */
const readings = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  asciiJson(secret).slice(1, -1),
  asciiJson(asciiJson(secret).slice(1, -1)).slice(1, -1),
  ...[0, 1, 2].map((shift) =>
    // Base64 of something that contains it, whatever stands in front.
    Buffer.from('x'.repeat(shift) + secret)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  ),
]

function expectNowhere(value: unknown, secret: string): void {
  const shown = JSON.stringify(value)
  for (const reading of readings(secret)) expect(shown).not.toContain(reading)
  expect(shown.replaceAll('\\', '')).not.toContain(secret)
}

const RULES: readonly ContentPolicy[] = ['mask', 'hash', 'length', 'drop']

const around = fc.oneof(
  fc.constantFrom(
    'The user wants a refund for order A-1042, so I first check the policy. ',
    'He said "no" and it\'s C:\\temp\\new; \n\nthen\tmore. ',
    'Grüße, 你好，世界。 👋🏽 ',
    '</div> & {"a": [1]} ',
  ),
  fc.string({unit: 'grapheme', maxLength: 40}).filter((text) => !/[<[◁]/.test(text)),
)
// White space around the secret, so that what is drawn cannot make a longer word of it.
const thought = fc
  .tuple(around, fc.constantFrom(...SECRETS), around)
  .map(([before, secret, after]) => ({
    secret,
    text: `Let me think about this. ${before} ${secret} ${after} So I will answer.`,
  }))

describe.each(Object.entries(SHAPES))('%s', (_name, build) => {
  test.each(RULES)('shows nothing of a secret under %s', (rule) => {
    const policy = resolve(rule)
    fc.assert(
      fc.property(thought, fc.boolean(), ({secret, text}, isKnown) => {
        const attributes = build(text)
        const before = structuredClone(attributes)
        const redacted = redactAttributes(attributes, policy, isKnown ? [text] : [])
        expectNowhere(redacted, secret)
        expect(attributes).toEqual(before)
        expect(redactAttributes(redacted, policy, isKnown ? [text] : [])).toBe(redacted)
      }),
      {numRuns: 25},
    )
  })
})

describe.each(Object.entries(QUOTED))('quoted %s', (_name, build) => {
  test.each(RULES)('a known text shows nothing of a secret under %s', (rule) => {
    const policy = resolve(rule)
    fc.assert(
      fc.property(thought, ({secret, text}) => {
        const attributes = build(text)
        const before = structuredClone(attributes)
        expectNowhere(redactAttributes(attributes, policy, ['another thought', text]), secret)
        expect(attributes).toEqual(before)
      }),
      {numRuns: 25},
    )
  })
})

test('a document cut anywhere shows nothing of a thought in it', () => {
  for (const [name, build] of Object.entries(SHAPES)) {
    const text = `I think about "it":\n${SECRETS[0]} and then I decide to check 4111 1111 1111 1111 again, twice.`
    for (const [key, value] of Object.entries(build(text))) {
      if (typeof value !== 'string' || !value.includes('{')) continue
      for (let length = 1; length <= value.length; length += 3) {
        const cut = {[key]: value.slice(0, length)}
        for (const rule of RULES) {
          const shown = JSON.stringify(redactAttributes(cut, resolve(rule), []))
          expect(shown, `${name} ${rule} ${length}`).not.toContain('jane.doe@')
          expect(shown, `${name} ${rule} ${length}`).not.toContain('4111 1111')
        }
      }
    }
  }
})

test('a part that was cut off before its type is recognised where the document shows reasoning', () => {
  const parts = [
    {content: 'first thought', type: 'reasoning'},
    {content: 'second thought, cut off here', type: 'reasoning'},
  ]
  const cut = JSON.stringify([{parts}]).slice(0, -30)
  expect(JSON.stringify(redactAttributes({x: cut}, DROP, []))).not.toContain('second')
})

test('what is not reasoning stays as it is', () => {
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.reasoning.output_tokens': 187,
    'llm.token_count.completion_details.reasoning': 187,
    'gen_ai.request.reasoning_effort': 'medium',
    'gen_ai.request.reasoning_summary': 'auto',
    'anthropic.thinking.type': 'enabled',
    'anthropic.thinking.budget_tokens': 1024,
    'llm.anthropic.thinking': "{'type': 'enabled', 'budget_tokens': 1024}",
    'llm.invocation_parameters':
      '{"thinking": {"type": "enabled", "budget_tokens": 1024}, "reasoning": {"effort": "high"}}',
    'gen_ai.usage.raw': '{"completion_tokens_details": {"reasoning_tokens": 187}}',
    'ai.response.text':
      'I was thinking about the reasoning behind your refund: [1] it is fair, [2] it is quick.',
    'gen_ai.system_instructions': 'Put your reasoning between <think> and </think> tags.',
    'gen_ai.output.messages':
      '[{"role": "assistant", "parts": [{"type": "text", "content": "My thinking: yes."}], "finish_reason": "stop"}]',
    'ai.prompt.tools': ['{"type":"function","name":"think","description":"for reasoning"}'],
    'http.request.header.x': ['a', 'b'],
    'reasoning.text': 'ours',
    'reasoning.step.kind': 'plan',
    flag: true,
    list: [1, 2, 3],
  }
  for (const rule of RULES) {
    expect(redactAttributes(attributes, resolve(rule), ['Some other thought of this trace.'])).toBe(
      attributes,
    )
  }
})

test('only the values that hold reasoning are new', () => {
  const tools = ['{"name":"lookup_order"}']
  const redacted = redactAttributes(
    {'ai.response.reasoning': 'a thought', 'ai.prompt.tools': tools, n: 1},
    DROP,
    [],
  )
  expect(redacted).toEqual({'ai.response.reasoning': REMOVED, 'ai.prompt.tools': tools, n: 1})
  expect(redacted['ai.prompt.tools']).toBe(tools)
})

test('the answer, roles and finish reasons of a redacted message stay', () => {
  const {'gen_ai.output.messages': messages} = redactAttributes(
    {
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            {type: 'reasoning', content: 'secret thought', id: 'rs_1'},
            {type: 'text', content: 'Yes.'},
            {type: 'tool_call', id: 'call_1', name: 'lookup', arguments: {order: 'A-1042'}},
          ],
          finish_reason: 'stop',
        },
      ]),
    },
    resolve('length'),
    [],
  )
  expect(JSON.parse(messages as string)).toEqual([
    {
      role: 'assistant',
      parts: [
        {type: 'reasoning', content: '[reasoning: 14 chars]', id: 'rs_1'},
        {type: 'text', content: 'Yes.'},
        {type: 'tool_call', id: 'call_1', name: 'lookup', arguments: {order: 'A-1042'}},
      ],
      finish_reason: 'stop',
    },
  ])
})

test('drop leaves no length', () => {
  const shown = JSON.stringify(
    redactAttributes({'ai.response.reasoning': 'x'.repeat(812)}, DROP, []),
  )
  expect(shown).not.toContain('812')
})

test('mask leaves the thought and takes the secret', () => {
  expect(
    redactAttributes({'ai.response.reasoning': 'Write to a@b.com.'}, resolve('mask'), []),
  ).toEqual({'ai.response.reasoning': 'Write to [EMAIL].'})
})

test('mask finds a secret that straddles two pieces of a thought', () => {
  const redacted = redactAttributes(
    {
      'output.value': JSON.stringify([
        {delta: {reasoning_content: 'the card is 4111 1111 '}},
        {delta: {reasoning_content: '1111 1111, I think'}},
      ]),
    },
    resolve('mask'),
    [],
  )
  expect(JSON.parse(redacted['output.value'] as string)).toEqual([
    {delta: {reasoning_content: 'the card is [CARD]'}},
    {delta: {reasoning_content: ', I think'}},
  ])
})

test('mask finds a secret that a quotation was cut off in', () => {
  const text = 'I will write to the customer under jane.doe@example.com, and then close the case.'
  const shown = JSON.stringify(
    redactAttributes(
      {
        'x.note': text.slice(0, 45),
        'ai.response.reasoning': text.slice(0, 50),
        'output.value': JSON.stringify({reasoning: text}).slice(0, 60),
      },
      resolve('mask'),
      [text],
    ),
  )
  expect(shown).not.toContain('jane')
})

test('masks by the user’s function hold for pieces, quotations and cuts', () => {
  const policy = resolve({policy: 'mask', mask: (text) => text.replaceAll('Falcon', 'X')})
  const text = 'The project is called Falcon, and nobody may know about it.'
  const shown = JSON.stringify(
    redactAttributes(
      {
        'ai.response.reasoning': text,
        x: JSON.stringify({note: text}),
        y: JSON.stringify({thinking: text}).slice(0, 50),
        z: JSON.stringify([{reasoning: 'It is Fal'}, {reasoning: 'con'}]),
      },
      policy,
      [text],
    ),
  )
  expect(shown).not.toContain('Falcon')
  expect(shown).not.toContain('"con"')
  expect(shown).toContain('The project is called X, and nobody may know about it.')
})

test('a passage that a thought shares with a prompt or an answer is no quotation', () => {
  const text =
    'The user writes: "I would like a refund for order A-1042. I opened the box." I check the window, then the fee. ' +
    'Draft: Your order A-1042 qualifies for a refund of $89.10. That should do, so I send exactly this.'
  const attributes = {
    'x.prompt': 'I would like a refund for order A-1042. I opened the box.',
    'x.answer': 'Your order A-1042 qualifies for a refund of $89.10.',
  }
  expect(redactAttributes(attributes, DROP, [text])).toBe(attributes)
})

test('a short thought is only taken where it stands alone', () => {
  expect(redactAttributes({a: 'Yes.', b: 'Yes. And no.'}, DROP, ['Yes.'])).toEqual({
    a: REMOVED,
    b: 'Yes. And no.',
  })
})

test('events are copied only where they change', () => {
  const time: [number, number] = [1, 2]
  const events = [
    {name: 'a', time, attributes: {n: 1}},
    {name: 'gen_ai.choice', time, attributes: {message: '{"reasoning_content":"secret"}'}},
  ]
  const redacted = redactEvents(events, DROP, [])
  expect(redacted[0]).toBe(events[0])
  expect(redacted[1]?.time).toBe(time)
  expect(redacted[1]?.attributes).toEqual({message: `{"reasoning_content":"${REMOVED}"}`})
  expect(redactEvents([events[0]!], DROP, [])).toHaveLength(1)
  const plain = [events[0]!]
  expect(redactEvents(plain, DROP, [])).toBe(plain)
})

test('log bodies of any form', () => {
  expect(redactLogValue({message: {reasoning: 'secret', content: 'ok'}}, DROP, [])).toEqual({
    message: {reasoning: REMOVED, content: 'ok'},
  })
  expect(redactLogValue('<think>secret</think>ok', DROP, [])).toBe(`<think>${REMOVED}</think>ok`)
  const repeated = 'I have a plan of my own.'
  expect(redactLogValue(`> ${repeated}\n<think>${repeated}</think>${repeated}`, DROP, [])).toBe(
    `> ${repeated}\n<think>${REMOVED}</think>${repeated}`,
  )
  expect(
    redactLogValue('a known thought of the trace', DROP, ['a known thought of the trace']),
  ).toBe(REMOVED)
  const body = {message: {content: 'ok'}, bytes: new Uint8Array([1]), n: null}
  expect(redactLogValue(body, DROP, [])).toBe(body)
  expect(redactLogValue(undefined, DROP, [])).toBeUndefined()
})

test('values that refer to themselves, or cannot be read, end as placeholders', () => {
  const loop: Record<string, unknown> = {reasoning: 'secret'}
  loop['self'] = loop
  loop['again'] = loop
  const hostile = {
    get reasoning(): string {
      throw new Error('no')
    },
  }
  const shown = redactAttributes({loop, hostile, n: 1} as unknown as Attributes, DROP, [])
  expect(shown['hostile']).toBe(REMOVED)
  expect(shown['n']).toBe(1)
})

test('a policy of keep changes nothing', () => {
  const attributes = {'ai.response.reasoning': 'a thought'}
  expect(redactAttributes(attributes, resolve('keep'), ['a thought'])).toBe(attributes)
})

test('garbage throws nothing', () => {
  const garbage = fc.dictionary(
    fc.string({maxLength: 12}),
    fc.oneof(
      fc.string({maxLength: 60}),
      fc.json({maxDepth: 3}),
      fc.json({maxDepth: 3}).map((text) => text.slice(0, -2)),
      fc.array(fc.string()),
      fc.integer(),
      fc.stringMatching(/^[{[("'<\\thinkgreaso:=,\]} ]{0,60}$/),
    ),
  )
  fc.assert(
    fc.property(garbage, fc.array(fc.string()), (attributes, known) => {
      for (const rule of RULES) redactAttributes(attributes as Attributes, resolve(rule), known)
    }),
    {numRuns: 500},
  )
})
