import {describe, expect, test} from 'vitest'
import {captureSpan} from '../../src/capture/span/index.ts'
import {readOutput} from '../../src/capture/output.ts'
import {isPlaceholder} from '../../src/capture/placeholder.ts'
import type {CapturedCall, OutputItem} from '../../src/model.ts'
import {OPAQUE_REMOVED, REMOVED} from '../../src/policy/replacement.ts'
import {cpuNow} from '../setup/cpu-time.ts'

// Shapes that released instrumentations wrote when they were run against the mock providers.

const THOUGHT = 'The box was opened, so the fee applies. I should look up the order first.'
const SECOND = 'The order is inside the window: 23 of 30 days.'
const ANSWER = 'You get $89.10 back.'

interface Given {
  name?: string
  attributes?: Record<string, unknown>
  events?: {name: string; attributes: Record<string, unknown>}[]
}

const capture = ({name, attributes, events}: Given): CapturedCall | undefined =>
  captureSpan({
    name: name ?? 'span',
    attributes: (attributes ?? {}) as Record<string, never>,
    events: (events ?? []).map((event) => ({
      name: event.name,
      time: [0, 0],
      attributes: event.attributes as Record<string, never>,
    })),
    instrumentationScope: {name: 'some.scope'},
    droppedAttributesCount: 0,
  })

const told = (items: readonly OutputItem[] | undefined): string[] =>
  (items ?? []).map((item) => {
    if (item.type === 'text') return `text: ${item.text}`
    if (item.type === 'tool_call') return `call: ${item.call.name}`
    return `${item.block.visibility}: ${item.block.text}`
  })

const read = (given: Given): string[] => told(capture(given)?.items)
const json = (value: unknown): string => JSON.stringify(value)
const visibilities = (given: Given): string[] =>
  (capture(given)?.items ?? []).flatMap((item) =>
    item.type === 'reasoning' ? [item.block.visibility] : [],
  )

describe('OpenLIT', () => {
  const of = (reasoning: string): Given => ({
    name: 'chat deepseek-reasoner',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'deepseek-reasoner',
      'gen_ai.content.reasoning': reasoning,
      'gen_ai.output.messages': json([
        {role: 'assistant', parts: [{type: 'text', content: ANSWER}], finish_reason: 'stop'},
      ]),
    },
  })

  test('writes reasoning under a key of its own', () => {
    expect(read(of(THOUGHT))).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(capture(of(THOUGHT))?.dialect).toBe('gen_ai')
  })

  test('and a setting there is none', () => {
    expect(read(of('high'))).toEqual([`text: ${ANSWER}`])
  })
})

describe('Traceloop for Bedrock', () => {
  const of = (content: string): string[] =>
    read({
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'claude-sonnet-4-5-v1:0',
        'gen_ai.output.messages': json([
          {
            role: 'assistant',
            parts: [
              {type: 'text', content},
              {type: 'text', content: ANSWER},
            ],
            finish_reason: 'stop',
          },
        ]),
      },
    })

  test('puts the parts that it does not know as JSON into a text', () => {
    const part = {reasoningContent: {reasoningText: {text: THOUGHT, signature: 'c2ln'}}}
    expect(of(json(part))).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(of(json({type: 'thinking', thinking: THOUGHT, signature: 'c2ln'}))).toEqual([
      `full: ${THOUGHT}`,
      `text: ${ANSWER}`,
    ])
    expect(of(json({type: 'redacted_thinking', data: 'c2VjcmV0'}))).toEqual([
      'redacted: ',
      `text: ${ANSWER}`,
    ])
  })

  test('while JSON that a model was asked for stays its answer', () => {
    for (const asked of [
      json({reasoning: 'The box was opened.', decision: 'refund'}),
      json({type: 'reasoning', text: 'The box was opened.'}),
    ]) {
      expect(of(asked)).toEqual([`text: ${asked}`, `text: ${ANSWER}`])
    }
  })
})

describe('MLflow', () => {
  const streamed = (chunks: readonly unknown[]): Given => ({
    attributes: {
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.llm.model': '"deepseek-reasoner"',
      'mlflow.spanOutputs': json({
        choices: [{index: 0, finish_reason: 'stop', message: {role: 'assistant', content: ANSWER}}],
        usage: {completion_tokens_details: {reasoning_tokens: 5}},
      }),
    },
    events: chunks.map((chunk, index) => ({
      name: `mlflow.chunk.item.${index}`,
      attributes: {'mlflow.chunk.value': json(chunk)},
    })),
  })
  const delta = (fields: object): unknown => ({
    choices: [{index: 0, delta: {content: null, role: null, ...fields}, finish_reason: null}],
  })
  const halves = [THOUGHT.slice(0, 31), THOUGHT.slice(31)]

  test('keeps streamed reasoning in one event a chunk', () => {
    const given = streamed([
      delta({role: 'assistant', content: ''}),
      ...halves.map((half) => delta({reasoning_content: half})),
      delta({content: ANSWER}),
      {choices: [], usage: {}},
    ])
    expect(read(given)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('and tags that are spread over chunks are found once they are joined', () => {
    const pieces = ['<th', `ink>${halves[0]}`, `${halves[1]}</thi`, 'nk>', ANSWER]
    const given = streamed(pieces.map((content) => delta({content})))
    expect(read(given)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('Bedrock’s stream has its own names of events', () => {
    const given = {
      attributes: {
        'mlflow.spanType': '"LLM"',
        'mlflow.spanOutputs': json({
          output: {message: {role: 'assistant', content: [{text: ANSWER}]}},
        }),
      },
      events: [
        {name: 'messageStart', attributes: {json: json({role: 'assistant'})}},
        ...[{text: halves[0]}, {text: halves[1]}, {signature: 'c2ln'}].map((reasoningContent) => ({
          name: 'contentBlockDelta',
          attributes: {json: json({delta: {reasoningContent}, contentBlockIndex: 0})},
        })),
        {
          name: 'contentBlockDelta',
          attributes: {json: json({delta: {text: ANSWER}, contentBlockIndex: 1})},
        },
      ],
    }
    expect(read(given)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })
})

describe('a recorded stream of Responses', () => {
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [
      {type: 'summary_text', text: THOUGHT},
      {type: 'summary_text', text: SECOND},
    ],
  }
  const message = {type: 'message', content: [{type: 'output_text', text: ANSWER}]}
  const pieces = [
    {type: 'response.created', response: {id: 'r', output: []}},
    {type: 'response.output_item.added', item: {...item, summary: []}},
    {type: 'response.reasoning_summary_text.delta', delta: THOUGHT.slice(0, 20)},
    {type: 'response.reasoning_summary_text.delta', delta: THOUGHT.slice(20)},
    {type: 'response.reasoning_summary_text.done', text: THOUGHT},
    {type: 'response.function_call_arguments.delta', delta: '{"order'},
  ]
  const completed = [
    {type: 'response.output_item.done', item},
    {type: 'response.output_item.done', item: message},
  ]
  const hints = {source: 'some', model: 'gpt-5'}

  test('tells each thought once, from the most whole of its events', () => {
    const whole = {type: 'response.completed', response: {id: 'r', output: [item, message]}}
    const parts = [`summary: ${THOUGHT}`, `summary: ${SECOND}`, `text: ${ANSWER}`]
    expect(told(readOutput([...pieces, ...completed, whole], hints))).toEqual(parts)
    expect(told(readOutput([...pieces, ...completed], hints))).toEqual(parts)
  })

  test('and from its pieces where it broke off', () => {
    expect(told(readOutput(pieces, hints))).toEqual([`summary: ${THOUGHT}`])
  })
})

describe('Mastra', () => {
  const part = (text: string, metadata?: object) => ({
    type: 'reasoning',
    runId: 'r-1',
    from: 'AGENT',
    payload: {id: 'reasoning-0', text, providerMetadata: metadata},
  })
  const of = (output: object, name = 'model_generation deepseek-reasoner'): string[] =>
    read({
      name,
      attributes: {
        'gen_ai.operation.name': 'model_generation',
        'mastra.span.type': 'model_generation',
        'mastra.model_generation.output': json({text: ANSWER, ...output}),
      },
    })

  test('keeps parts in a payload, beside the joined text', () => {
    expect(of({reasoning: [part(THOUGHT), part(SECOND)], reasoningText: THOUGHT + SECOND})).toEqual(
      [`full: ${THOUGHT}`, `full: ${SECOND}`, `text: ${ANSWER}`],
    )
  })

  test('its stream joins the text of all steps and keeps the last step’s part', () => {
    expect(of({reasoning: [part(SECOND)], reasoningText: THOUGHT + SECOND})).toEqual([
      `full: ${THOUGHT}`,
      `full: ${SECOND}`,
      `text: ${ANSWER}`,
    ])
  })

  test('the model stands in the span’s name, the provider beside the part', () => {
    expect(of({reasoning: [part(THOUGHT)]}, 'model_generation gpt-5')[0]).toBe(
      `summary: ${THOUGHT}`,
    )
    expect(of({reasoning: [part(THOUGHT, {openai: {itemId: 'rs_1'}})]}, 'a span')[0]).toBe(
      `summary: ${THOUGHT}`,
    )
    expect(of({reasoning: [part(THOUGHT, {anthropic: {signature: 'x'}})]}, 'a span')[0]).toBe(
      `full: ${THOUGHT}`,
    )
  })
})

describe('Genkit', () => {
  const pieces = [{reasoning: THOUGHT.slice(0, 24)}, {reasoning: THOUGHT.slice(24)}]

  test('keeps the chunks of a streamed thought side by side', () => {
    const call = capture({
      name: 'googleai/gemini-2.5-flash',
      attributes: {
        'genkit:metadata:subtype': 'model',
        'genkit:input': json({messages: [{content: [{reasoning: 'an earlier thought'}]}]}),
        'genkit:output': json({
          message: {role: 'model', content: [...pieces, {text: ANSWER}]},
          finishReason: 'stop',
          custom: {
            candidates: [
              {
                index: 0,
                content: {
                  role: 'model',
                  parts: [
                    ...pieces.map(({reasoning}) => ({text: reasoning, thought: true})),
                    {text: ANSWER},
                  ],
                },
              },
            ],
          },
        }),
      },
    })
    expect(told(call?.items)).toEqual([`summary: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call).toMatchObject({dialect: 'genkit', model: 'googleai/gemini-2.5-flash'})
  })

  test('a flow’s span is no call of a model, and thoughts of several turns stay apart', () => {
    expect(
      read({
        name: 'generate',
        attributes: {
          'genkit:type': 'util',
          'genkit:output': json({
            messages: [
              {role: 'model', content: [{reasoning: THOUGHT}, {toolRequest: {name: 'look'}}]},
              {role: 'tool', content: [{toolResponse: {name: 'look', output: 'found'}}]},
              {role: 'model', content: [{reasoning: SECOND}, {text: ANSWER}]},
            ],
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `full: ${SECOND}`, `text: ${ANSWER}`])
  })
})

describe('LangChain', () => {
  test('says in the metadata of a message which model answered', () => {
    const message = (metadata: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain', 'schema', 'messages', 'AIMessage'],
      kwargs: {
        type: 'ai',
        content: [
          {type: 'thinking', thinking: THOUGHT},
          {type: 'text', text: ANSWER},
        ],
        response_metadata: metadata,
      },
    })
    const of = (metadata: object): string[] =>
      visibilities({
        attributes: {
          'traceloop.span.kind': 'workflow',
          'traceloop.entity.output': json({outputs: {messages: [message(metadata)]}}),
        },
      })
    expect(of({model_name: 'gemini-2.5-flash', model_provider: 'google_genai'})).toEqual([
      'summary',
    ])
    expect(of({model_provider: 'google_genai'})).toEqual(['summary'])
    expect(of({model_name: 'claude-sonnet-4-5', finish_reason: 'stop'})).toEqual(['full'])
  })

  test('a router’s message to a tool is no output, tags in its JSON are none', () => {
    const output = {
      output: [{lg_name: 'Send', args: {messages: [{content: `<think>\n${THOUGHT}\n</think>\n`}]}}],
    }
    const given = (attributes: object): Given => ({
      name: 'RunnableLambda',
      attributes: {'output.mime_type': 'application/json', ...attributes},
    })
    expect(
      visibilities(given({'openinference.span.kind': 'CHAIN', 'output.value': json(output)})),
    ).toEqual([])
    expect(
      visibilities(given({'openinference.span.kind': 'LLM', 'output.value': json(output)})),
    ).toEqual([])
  })
})

describe('Haystack', () => {
  const answer = `<think>\n${THOUGHT}\n</think>\n\n${ANSWER}`

  test('serialises messages under a key that nobody knows', () => {
    expect(
      read({
        name: 'haystack.component.run',
        attributes: {
          'haystack.component.type': 'OpenAIChatGenerator',
          'haystack.component.input': json({messages: [{content: [{text: answer}]}]}),
          'haystack.component.output': json({
            replies: [{role: 'assistant', meta: {}, content: [{text: answer}]}],
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('a message’s repr beside the message is the same thought', () => {
    const repr = `ChatMessage(_role=<ChatRole.ASSISTANT: 'assistant'>, _content=[TextContent(text='${answer.replaceAll('\n', String.raw`\n`)}')])`
    expect(
      read({
        attributes: {
          'openinference.span.kind': 'LLM',
          'output.mime_type': 'application/json',
          'output.value': json({replies: [repr]}),
          'llm.output_messages.0.message.role': 'assistant',
          'llm.output_messages.0.message.content': answer,
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })
})

test('an answer under a key that nobody knows is read where tags lead it', () => {
  const text = `<think>${THOUGHT}</think>${ANSWER}`
  expect(read({attributes: {output: text, 'span.type': 'agent'}})).toEqual([
    `full: ${THOUGHT}`,
    `text: ${ANSWER}`,
  ])
  expect(read({attributes: {'app.page': text}})).toEqual([])
  expect(read({attributes: {output: `How do I use ${text}?`}})).toEqual([])
  expect(read({attributes: {'prompt.text': text}})).toEqual([])
})

test('servers that speak OpenAI’s formats show the text of their models', () => {
  const of = (provider: string, model: string | undefined): string[] =>
    visibilities({
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider,
        ...(model === undefined ? {} : {'gen_ai.request.model': model}),
        'gen_ai.output.messages': json([
          {role: 'assistant', parts: [{type: 'thinking', content: THOUGHT}]},
        ]),
      },
    })
  expect(of('openai', 'our-reasoner')).toEqual(['full'])
  expect(of('openai', 'gpt-5')).toEqual(['summary'])
  expect(of('openai', undefined)).toEqual(['summary'])
  expect(of('azure.ai.openai', 'our-deployment')).toEqual(['summary'])
  expect(of('openai.responses', 'our-reasoner')).toEqual(['summary'])
})

describe('what the policy of an earlier stage wrote', () => {
  test.each([REMOVED, '[reasoning: 751 chars]', `${REMOVED}${REMOVED}`])(
    'is a redacted block: %s',
    (text) => {
      const attributes = {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'deepseek-r1'}
      const messages = (parts: object[]) => json([{role: 'assistant', parts}])
      const answer = {type: 'text', content: ANSWER}
      for (const written of [
        {'gen_ai.output.messages': messages([{type: 'reasoning', content: text}, answer])},
        {
          'gen_ai.output.messages': messages([
            {type: 'text', content: `<think>\n${text}\n</think>\n${ANSWER}`},
          ]),
        },
        {'gen_ai.content.reasoning': text, 'gen_ai.output.messages': messages([answer])},
        {
          'gen_ai.completion': json({
            choices: [{message: {role: 'assistant', reasoning_content: text, content: ANSWER}}],
          }),
        },
      ]) {
        expect(read({attributes: {...attributes, ...written}})).toEqual([
          'redacted: ',
          `text: ${ANSWER}`,
        ])
      }
    },
  )

  test('in pieces of a stream is one block', () => {
    expect(
      read({
        name: 'googleai/gemini-2.5-flash',
        attributes: {
          'genkit:metadata:subtype': 'model',
          'genkit:output': json({
            message: {
              role: 'model',
              content: [{reasoning: REMOVED}, {reasoning: REMOVED}, {text: ANSWER}],
            },
          }),
        },
      }),
    ).toEqual(['redacted: ', `text: ${ANSWER}`])
  })

  test('is nothing else, and no prose that quotes it', () => {
    expect(isPlaceholder(REMOVED)).toBe(true)
    expect(isPlaceholder(OPAQUE_REMOVED)).toBe(false)
    expect(isPlaceholder(`${REMOVED} is what it says`)).toBe(false)
    expect(isPlaceholder('[reasoning: many chars]')).toBe(false)
    expect(isPlaceholder('')).toBe(false)
  })

  test('is told from prose in linear time', () => {
    const started = cpuNow()
    expect(isPlaceholder(`${REMOVED.repeat(100_000)}x`)).toBe(false)
    expect(cpuNow() - started).toBeLessThan(500)
  })
})
