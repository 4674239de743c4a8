import type {HrTime} from '@opentelemetry/api'
import {describe, expect, test} from 'vitest'
import {captureLogRecord} from '../../src/capture/log.ts'
import {captureSpan} from '../../src/capture/span/index.ts'
import type {CapturedCall, OutputItem} from '../../src/model.ts'

const THOUGHT = 'The box was opened, so the fee applies. I should look up the order first.'
const SECOND = 'The order is inside the window: 23 of 30 days.'
const ANSWER = 'You get $89.10 back.'
const ARGUMENTS = '{"order_id":"A-1042"}'

interface Given {
  name?: string
  scope?: string
  attributes?: Record<string, unknown>
  events?: {name: string; time?: HrTime; attributes?: Record<string, unknown>}[]
  dropped?: number
  startTime?: HrTime
}

const capture = (given: Given): CapturedCall | undefined =>
  captureSpan({
    name: given.name ?? 'span',
    attributes: (given.attributes ?? {}) as Record<string, never>,
    events: (given.events ?? []).map(({name, time, attributes}) => ({
      name,
      time: time ?? [0, 0],
      attributes: (attributes ?? {}) as Record<string, never>,
    })),
    instrumentationScope: {name: given.scope ?? 'some.scope'},
    droppedAttributesCount: given.dropped ?? 0,
    startTime: given.startTime,
  })

/** Items in few words: `full: …`, `text: …`, `call: name id arguments`. */
const told = (items: readonly OutputItem[] | undefined): string[] =>
  (items ?? []).map((item) => {
    if (item.type === 'text') return `text: ${item.text}`
    if (item.type === 'tool_call') {
      return ['call:', item.call.name, item.call.id, item.call.arguments].filter(Boolean).join(' ')
    }
    const choice = item.block.choiceIndex === undefined ? '' : `[${item.block.choiceIndex}]`
    return `${item.block.visibility}${choice}: ${item.block.text}`
  })

const read = (given: Given): string[] => told(capture(given)?.items)

const CHAT = {'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'deepseek-reasoner'}
const json = (value: unknown): string => JSON.stringify(value)

describe('instrumentations that are not in the corpus', () => {
  test('pydantic-ai: a thinking part with its signature, in the output messages', () => {
    const call = capture({
      name: 'chat claude-sonnet-4-5',
      scope: 'pydantic-ai',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'anthropic',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.output.messages': json([
          {
            role: 'assistant',
            parts: [
              {type: 'thinking', content: THOUGHT},
              {type: 'text', content: ANSWER},
              {type: 'tool_call', id: 't1', name: 'lookup_order', arguments: ARGUMENTS},
            ],
            finish_reason: 'tool_call',
          },
        ]),
        model_request_parameters: json({
          function_tools: [{name: 'lookup_order'}, {name: 'refund'}],
          output_mode: 'text',
          output_tools: [],
        }),
        'gen_ai.usage.details.reasoning_tokens': 12,
      },
    })
    expect(told(call?.items)).toEqual([
      `full: ${THOUGHT}`,
      `text: ${ANSWER}`,
      `call: lookup_order t1 ${ARGUMENTS}`,
    ])
    expect(call?.toolsOffered).toEqual(['lookup_order', 'refund'])
    expect(call?.reasoningTokens).toBe(12)
  })

  test('pydantic-ai: the agent’s messages give the turns after the last prompt', () => {
    const messages = [
      {role: 'system', parts: [{type: 'text', content: 'You are a refund agent.'}]},
      {role: 'user', parts: [{type: 'text', content: 'before'}]},
      {role: 'assistant', parts: [{type: 'thinking', content: 'An earlier thought entirely.'}]},
      {role: 'user', parts: [{type: 'text', content: 'now'}]},
      {role: 'assistant', parts: [{type: 'thinking', content: THOUGHT}]},
      {role: 'user', parts: [{type: 'tool_call_response', id: 't1', result: 'reasoning about it'}]},
      {role: 'assistant', parts: [{type: 'thinking', content: SECOND}]},
    ]
    expect(
      read({
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'pydantic_ai.all_messages': json(messages),
        },
      }),
    ).toEqual([`full: ${SECOND}`])
  })

  test('pydantic-ai: event lists of the first version', () => {
    expect(
      read({
        attributes: {
          ...CHAT,
          events: json([
            {'event.name': 'gen_ai.user.message', content: 'hi', role: 'user'},
            {'event.name': 'gen_ai.assistant.message', reasoning_content: 'old', role: 'assistant'},
            {
              'event.name': 'gen_ai.choice',
              index: 0,
              message: {role: 'assistant', content: [{kind: 'thinking', text: THOUGHT}]},
            },
          ]),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`])
  })

  test('traceloop: one completion a block with the role thinking', () => {
    expect(
      read({
        scope: 'opentelemetry.instrumentation.anthropic',
        attributes: {
          'gen_ai.system': 'Anthropic',
          'gen_ai.request.model': 'claude-3-7-sonnet',
          'gen_ai.completion.1.content': ANSWER,
          'gen_ai.completion.1.role': 'assistant',
          'gen_ai.completion.1.finish_reason': 'end_turn',
          'gen_ai.completion.0.content': THOUGHT,
          'gen_ai.completion.0.role': 'thinking',
          'gen_ai.completion.1.tool_calls.0.id': 't1',
          'gen_ai.completion.1.tool_calls.0.name': 'lookup_order',
          'gen_ai.completion.1.tool_calls.0.arguments': ARGUMENTS,
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`, `call: lookup_order t1 ${ARGUMENTS}`])
  })

  test('traceloop: reasoning beside the content, as text and as a list of summary parts', () => {
    const of = (reasoning: string, model: string): string[] =>
      read({
        attributes: {
          'gen_ai.system': 'OpenAI',
          'gen_ai.request.model': model,
          'gen_ai.completion.0.reasoning': reasoning,
          'gen_ai.completion.0.role': 'assistant',
          'gen_ai.completion.0.content': ANSWER,
          'gen_ai.completion.0.finish_reason': 'stop',
        },
      })
    expect(of(THOUGHT, 'deepseek-r1')).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    const parts = [
      {type: 'summary_text', text: THOUGHT},
      {type: 'summary_text', text: SECOND},
    ]
    expect(of(json(parts), 'gpt-5')).toEqual([
      `summary: ${THOUGHT}`,
      `summary: ${SECOND}`,
      `text: ${ANSWER}`,
    ])
    expect(of('null', 'gpt-5')).toEqual([`text: ${ANSWER}`])
    expect(of('[]', 'gpt-5')).toEqual([`text: ${ANSWER}`])
  })

  test('traceloop: Bedrock content as a JSON list, and alternatives as choices', () => {
    expect(
      read({
        attributes: {
          'gen_ai.request.model': 'claude-sonnet-4',
          'gen_ai.completion.0.content': json([
            {reasoningContent: {reasoningText: {text: THOUGHT, signature: 'c2ln'}}, type: 'x'},
            {text: ANSWER, type: 'text'},
          ]),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(
      read({
        attributes: {
          'gen_ai.request.model': 'qwen3',
          'gen_ai.completion.0.content': 'A',
          'gen_ai.completion.0.reasoning_content': 'Thinking about one.',
          'gen_ai.completion.0.finish_reason': 'stop',
          'gen_ai.completion.1.content': 'B',
          'gen_ai.completion.1.reasoning_content': 'Thinking about two.',
          'gen_ai.completion.1.finish_reason': 'stop',
        },
      }),
    ).toEqual([
      'full[0]: Thinking about one.',
      'text: A',
      'full[1]: Thinking about two.',
      'text: B',
    ])
  })

  test('traceloop: a workflow’s output repeats what its model calls gave', () => {
    const call = capture({
      attributes: {
        'traceloop.span.kind': 'workflow',
        'traceloop.entity.name': 'refund',
        'traceloop.entity.input': json({reasoning_content: 'not this'}),
        'traceloop.entity.output': json({
          outputs: {messages: [{role: 'assistant', content: ANSWER, reasoning_content: THOUGHT}]},
        }),
      },
    })
    expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call?.dialect).toBe('traceloop')
  })

  test('Langfuse SDK: the observation’s output, prompt, usage and first chunk', () => {
    const call = capture({
      startTime: [1_770_000_000, 0],
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.model.name': 'deepseek-reasoner',
        'langfuse.observation.input': json([{role: 'assistant', reasoning_content: 'not this'}]),
        'langfuse.observation.output': json({
          role: 'assistant',
          content: ANSWER,
          reasoning_content: THOUGHT,
          tool_calls: null,
        }),
        'langfuse.observation.usage_details': json({input: 10, output: 30, output_reasoning: 21}),
        'langfuse.observation.prompt.name': 'refund',
        'langfuse.observation.prompt.version': 7,
        'langfuse.observation.completion_start_time': '"2026-02-02T02:40:00.500Z"',
      },
    })
    expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call).toMatchObject({
      dialect: 'langfuse',
      model: 'deepseek-reasoner',
      promptName: 'refund',
      promptVersion: '7',
      reasoningTokens: 21,
      timeToFirstChunk: 0.5,
    })
  })

  test('LangSmith: LangChain generations under gen_ai.completion', () => {
    const call = capture({
      attributes: {
        'langsmith.span.kind': 'llm',
        'langsmith.metadata.ls_model_name': 'claude-sonnet-4-5',
        'gen_ai.system': 'anthropic',
        'gen_ai.prompt': json({messages: [{role: 'assistant', reasoning_content: 'not this'}]}),
        'gen_ai.completion': json({
          generations: [
            [
              {
                text: ANSWER,
                message: {
                  lc: 1,
                  type: 'constructor',
                  id: ['langchain_core', 'messages', 'AIMessage'],
                  kwargs: {
                    content: [
                      {type: 'thinking', thinking: THOUGHT, signature: 'c2ln'},
                      {type: 'text', text: ANSWER},
                      {
                        type: 'tool_use',
                        id: 't1',
                        name: 'lookup_order',
                        input: {order_id: 'A-1042'},
                      },
                    ],
                    tool_calls: [{name: 'lookup_order', args: {order_id: 'A-1042'}, id: 't1'}],
                  },
                },
              },
            ],
          ],
        }),
        'gen_ai.usage.output_token_details': json({reasoning: 9}),
      },
    })
    expect(told(call?.items)).toEqual([
      `full: ${THOUGHT}`,
      `text: ${ANSWER}`,
      `call: lookup_order t1 ${ARGUMENTS}`,
    ])
    expect(call).toMatchObject({model: 'claude-sonnet-4-5', reasoningTokens: 9})
  })

  test('LangChain JS: plain messages and the v1 content blocks', () => {
    const message = (extra: object): string[] =>
      read({
        attributes: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'gpt-5',
          'llm.provider': 'openai',
          'output.value': json({generations: [[{text: ANSWER, message: extra}]]}),
          'output.mime_type': 'application/json',
        },
      })
    const expected = [`summary: ${THOUGHT}`, `summary: ${SECOND}`, `text: ${ANSWER}`]
    const summary = [
      {type: 'summary_text', text: THOUGHT},
      {type: 'summary_text', text: SECOND},
    ]
    expect(
      message({
        type: 'ai',
        content: ANSWER,
        additional_kwargs: {reasoning: {id: 'rs_1', type: 'reasoning', summary}},
      }),
    ).toEqual(expected)
    expect(
      message({
        type: 'ai',
        content_blocks: [
          {type: 'reasoning', reasoning: THOUGHT},
          {type: 'reasoning', reasoning: SECOND},
          {type: 'text', text: ANSWER},
        ],
      }),
    ).toEqual(expected)
  })

  test('LangChain’s older serialisation, and the agents SDK for JavaScript', () => {
    expect(
      read({
        attributes: {
          ...CHAT,
          'gen_ai.completion': json({
            messages: [
              {type: 'human', data: {content: 'hi', reasoning_content: 'no'}},
              {
                type: 'ai',
                data: {content: ANSWER, additional_kwargs: {reasoning_content: THOUGHT}},
              },
            ],
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(
      read({
        attributes: {
          ...CHAT,
          'gen_ai.completion': json([
            {type: 'reasoning', content: [], rawContent: [{type: 'reasoning_text', text: THOUGHT}]},
            {type: 'message', role: 'assistant', content: [{type: 'output_text', text: ANSWER}]},
          ]),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('MLflow: JSON of everything, and the type of span in quotes', () => {
    const call = capture({
      attributes: {
        'mlflow.spanType': '"CHAT_MODEL"',
        'mlflow.spanInputs': json({
          messages: [{role: 'user', content: 'hi'}],
          reasoning: {effort: 'high'},
        }),
        'mlflow.spanOutputs': json({
          id: 'x',
          model: 'deepseek-reasoner',
          choices: [
            {
              index: 0,
              finish_reason: 'stop',
              message: {role: 'assistant', content: ANSWER, reasoning_content: THOUGHT},
            },
          ],
          usage: {completion_tokens_details: {reasoning_tokens: 5}},
        }),
      },
    })
    expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call).toMatchObject({
      dialect: 'mlflow',
      model: 'deepseek-reasoner',
      reasoningTokens: 5,
      finishReasons: ['stop'],
    })
  })

  test('Azure AI inference: span events with the response as JSON', () => {
    const call = capture({
      attributes: {...CHAT, 'gen_ai.system': 'az.ai.inference'},
      events: [
        {
          name: 'gen_ai.assistant.message',
          attributes: {'gen_ai.event.content': json({reasoning_content: 'an earlier one'})},
        },
        {
          name: 'gen_ai.choice',
          attributes: {
            'gen_ai.event.content': json({
              message: {content: `<think>${THOUGHT}</think>${ANSWER}`},
              finish_reason: 'stop',
              index: 0,
            }),
          },
        },
      ],
    })
    expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call?.finishReasons).toEqual(['stop'])
  })

  test('Azure AI agents: the assistant’s message after the last prompt is the answer', () => {
    const assistant = (reasoning: string) => ({
      name: 'gen_ai.assistant.message',
      attributes: {'gen_ai.event.content': json({content: ANSWER, reasoning_content: reasoning})},
    })
    const user = {name: 'gen_ai.user.message', attributes: {'gen_ai.event.content': '{}'}}
    expect(
      read({attributes: CHAT, events: [user, assistant('old'), user, assistant(THOUGHT)]}),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(read({attributes: CHAT, events: [assistant('old'), user]})).toEqual([])
  })

  test('Strands: Bedrock content as the message of a choice event', () => {
    expect(
      read({
        scope: 'strands.telemetry.tracer',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'us.anthropic.claude-4',
        },
        events: [
          {name: 'gen_ai.user.message', attributes: {content: '[{"text": "hi"}]'}},
          {
            name: 'gen_ai.choice',
            attributes: {
              finish_reason: 'tool_use',
              message: json([
                {reasoningContent: {reasoningText: {text: THOUGHT, signature: 'c2ln'}}},
                {text: ANSWER},
                {toolUse: {toolUseId: 't1', name: 'lookup_order', input: {order_id: 'A-1042'}}},
              ]),
            },
          },
        ],
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`, `call: lookup_order t1 ${ARGUMENTS}`])
  })

  test('an agent’s turn that only repeats the answer in an event is no call', () => {
    const events = [{name: 'gen_ai.choice', attributes: {message: json([{text: ANSWER}])}}]
    expect(capture({attributes: {'gen_ai.operation.name': 'invoke_agent'}, events})).toBeUndefined()
    expect(capture({events})?.keys).toEqual(['event gen_ai.choice'])
  })

  test('several choice events are alternatives', () => {
    const choice = (index: number, reasoning: string) => ({
      name: 'gen_ai.choice',
      attributes: {index, message: json({role: 'assistant', reasoning_content: reasoning})},
    })
    expect(
      read({attributes: CHAT, events: [choice(0, 'First way.'), choice(1, 'Second way.')]}),
    ).toEqual(['full[0]: First way.', 'full[1]: Second way.'])
  })

  test('openlit and Semantic Kernel: the completion in a content event', () => {
    expect(
      read({
        attributes: CHAT,
        events: [
          {name: 'gen_ai.content.prompt', attributes: {'gen_ai.prompt': 'reasoning: none'}},
          {
            name: 'gen_ai.content.completion',
            attributes: {
              'gen_ai.completion': json([{role: 'assistant', content: ANSWER, reasoning: THOUGHT}]),
            },
          },
        ],
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(
      read({
        attributes: CHAT,
        events: [
          {
            name: 'gen_ai.content.completion',
            attributes: {'gen_ai.completion': `<think>\n${THOUGHT}\n</think>\n\n${ANSWER}`},
          },
        ],
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('thoughts in events of their own, whole and in pieces', () => {
    expect(
      read({
        attributes: CHAT,
        events: [
          {name: 'gen_ai.thinking', attributes: {'gen_ai.thinking.text': THOUGHT, length: 3}},
          {name: 'gen_ai.thinking', attributes: {'gen_ai.thinking.text': SECOND}},
        ],
      }),
    ).toEqual([`full: ${THOUGHT}`, `full: ${SECOND}`])
    const pieces = THOUGHT.split(/(?<= )/)
    expect(
      read({
        attributes: CHAT,
        events: pieces.map((delta) => ({name: 'reasoning.delta', attributes: {delta}})),
      }),
    ).toEqual([`full: ${THOUGHT}`])
  })

  test('Google ADK and Vertex: Gemini’s response under a key of their own', () => {
    const call = capture({
      attributes: {
        'gen_ai.operation.name': 'generate_content',
        'gen_ai.request.model': 'gemini-2.5-pro',
        'gen_ai.system': 'gcp.vertex.agent',
        'gcp.vertex.agent.llm_request': json({config: {thinking_config: {include_thoughts: true}}}),
        'gcp.vertex.agent.llm_response': json({
          content: {
            parts: [
              {text: THOUGHT, thought: true},
              {function_call: {id: 'f1', name: 'lookup_order', args: {order_id: 'A-1042'}}},
            ],
            role: 'model',
          },
          usage_metadata: {thoughts_token_count: 44},
        }),
      },
    })
    expect(told(call?.items)).toEqual([`summary: ${THOUGHT}`, `call: lookup_order f1 ${ARGUMENTS}`])
    expect(call?.reasoningTokens).toBe(44)
  })

  test('openinference: interleaved parts in the model’s order, keys in any order and with gaps', () => {
    const contents = 'llm.output_messages.2.message.contents'
    const leaves: [string, string][] = [
      [`${contents}.11.message_content.text`, ANSWER],
      [`${contents}.11.message_content.type`, 'text'],
      [`${contents}.9.message_content.type`, 'reasoning'],
      [`${contents}.9.message_content.text`, SECOND],
      [`${contents}.9.message_content.signature`, 'c2ln'],
      [`${contents}.4.tool_call.function.name`, 'lookup_order'],
      [`${contents}.4.tool_call.function.arguments`, ARGUMENTS],
      [`${contents}.4.tool_call.id`, 't1'],
      [`${contents}.1.message_content.text`, THOUGHT],
      [`${contents}.1.message_content.type`, 'reasoning'],
      [`${contents}.10.message_content.type`, 'reasoning'],
      [`${contents}.10.message_content.data`, 'ZGF0YQ=='],
      ['llm.output_messages.2.message.role', 'assistant'],
    ]
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'claude-sonnet-4-5',
      ...Object.fromEntries(leaves),
    }
    expect(read({attributes})).toEqual([
      `full: ${THOUGHT}`,
      `call: lookup_order t1 ${ARGUMENTS}`,
      `full: ${SECOND}`,
      'redacted: ',
      `text: ${ANSWER}`,
    ])
  })

  test('openinference: llama-index and Agno, whose messages have reasoning fields', () => {
    expect(
      read({
        attributes: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'qwen3',
          'llm.output_messages.0.message.role': 'assistant',
          'llm.output_messages.0.message.content': ANSWER,
          'llm.output_messages.0.message.reasoning_content': THOUGHT,
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(
      read({
        attributes: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'claude-sonnet-4',
          'output.value': json({
            message: {
              role: 'assistant',
              blocks: [
                {
                  block_type: 'thinking',
                  content: THOUGHT,
                  additional_information: {signature: 's'},
                },
                {block_type: 'text', text: ANSWER},
              ],
            },
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('crewai and others: reasoning under keys that nobody agreed on', () => {
    const keys = [
      'gen_ai.reasoning',
      'gen_ai.thinking',
      'gen_ai.reasoning_content',
      'gen_ai.output.reasoning_content',
      'gen_ai.response.thinking',
      'gen_ai.response.thinking_content',
      'gen_ai.completion.reasoning',
      'anthropic.thinking',
      'llm.reasoning_content',
      'llm.response.reasoning',
      'crew.agent.thought',
      'agent.model.thinking',
      'my-framework.reasoning.text',
    ]
    for (const key of keys) {
      const call = capture({attributes: {...CHAT, [key]: THOUGHT}})
      expect(told(call?.items), key).toEqual([`full: ${THOUGHT}`])
      expect(call?.items[0]).toMatchObject({block: {source: 'unknown'}})
    }
  })

  test('n8n, Dify and others: JSON with a reasoning part under any key', () => {
    const values = [
      json({
        response: {generations: [[{message: {content: [{type: 'thinking', thinking: THOUGHT}]}}]]},
      }),
      json([{type: 'reasoning', content: THOUGHT}]),
      json({data: {answer: ANSWER, reasoning_content: THOUGHT}}),
      json(json({message: {reasoning_content: THOUGHT, content: ANSWER}})),
      `ChatCompletion(message=Message(role='assistant', reasoning_content='${THOUGHT}'))`,
      `LLMResult(content=[ThinkingPart(content="${THOUGHT}", id=None), TextPart(content='ok')])`,
    ]
    for (const value of values) {
      const call = capture({attributes: {'n8n.node.result': value}})
      expect(told(call?.items).slice(0, 1), value).toEqual([`full: ${THOUGHT}`])
      expect(call?.dialect).toBe('unknown')
    }
  })

  test('Genkit and Haystack: parts without a type', () => {
    expect(
      read({
        attributes: {
          'genkit:input': json({messages: [{role: 'model', content: [{reasoning: SECOND}]}]}),
          'genkit:output': json({
            message: {role: 'model', content: [{reasoning: THOUGHT}, {text: ANSWER}]},
            finishReason: 'stop',
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(
      read({
        attributes: {
          'haystack.component.output': json({
            replies: [
              {
                _role: 'assistant',
                _content: [{reasoning: {reasoning_text: THOUGHT, extra: {}}}, {text: ANSWER}],
              },
            ],
          }),
        },
      }),
    ).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
  })

  test('Mastra: the output of a generation', () => {
    const call = capture({
      attributes: {
        'mastra.span.type': 'model_generation',
        'gen_ai.request.model': 'qwen3',
        'mastra.model_generation.input': json({
          messages: [{role: 'assistant', reasoning: 'an echo'}],
        }),
        'mastra.model_generation.output': json({
          text: ANSWER,
          reasoning: [{type: 'reasoning', text: THOUGHT}],
          toolCalls: [{toolCallId: 't1', toolName: 'lookup_order', args: {order_id: 'A-1042'}}],
        }),
        'gen_ai.usage.reasoning_tokens': 6,
      },
    })
    expect(told(call?.items)).toEqual([
      `full: ${THOUGHT}`,
      `text: ${ANSWER}`,
      `call: lookup_order t1 ${ARGUMENTS}`,
    ])
    expect(call).toMatchObject({dialect: 'mastra', reasoningTokens: 6})
  })

  test('LiveKit: tags in the answer’s text', () => {
    const call = capture({
      attributes: {
        'gen_ai.request.model': 'qwen3',
        'lk.chat_ctx': json({items: [{role: 'assistant', reasoning_content: 'an echo'}]}),
        'lk.response.text': `<think>${THOUGHT}</think>${ANSWER}`,
        'lk.response.ttft': 0.3,
      },
    })
    expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
    expect(call).toMatchObject({dialect: 'livekit', timeToFirstChunk: 0.3})
  })

  test('AI SDK: reasoning, text and calls, with the prompt of a Langfuse user', () => {
    const call = capture({
      scope: 'ai',
      attributes: {
        'ai.operationId': 'ai.streamText.doStream',
        'ai.model.provider': 'openai.responses',
        'ai.model.id': 'my-deployment',
        'ai.response.reasoning': THOUGHT,
        'ai.response.text': ANSWER,
        'ai.response.toolCalls': json([
          {type: 'tool-call', toolCallId: 't1', toolName: 'lookup_order', input: ARGUMENTS},
        ]),
        'ai.prompt.messages': json([
          {role: 'assistant', content: [{type: 'reasoning', text: 'no'}]},
        ]),
        'ai.prompt.tools': [json({type: 'function', name: 'lookup_order'})],
        'ai.response.finishReason': 'tool-calls',
        'ai.response.msToFirstChunk': 1500,
        'ai.usage.reasoningTokens': 88,
        'ai.telemetry.metadata.langfusePrompt': json({name: 'refund', version: 3}),
      },
    })
    expect(call).toEqual({
      dialect: 'ai-sdk',
      keys: ['ai.response.reasoning', 'ai.response.text', 'ai.response.toolCalls'],
      items: [
        {type: 'reasoning', block: {text: THOUGHT, visibility: 'summary', source: 'ai-sdk'}},
        {type: 'text', text: ANSWER},
        {type: 'tool_call', call: {name: 'lookup_order', id: 't1', arguments: ARGUMENTS}},
      ],
      toolsOffered: ['lookup_order'],
      provider: 'openai.responses',
      model: 'my-deployment',
      promptName: 'refund',
      promptVersion: '3',
      finishReasons: ['tool-calls'],
      reasoningTokens: 88,
      timeToFirstChunk: 1.5,
      incomplete: false,
    })
  })

  test('the same thought under two dialects’ keys of one span is one block', () => {
    const messages = json([{role: 'assistant', parts: [{type: 'reasoning', content: THOUGHT}]}])
    expect(
      read({
        attributes: {
          ...CHAT,
          'gen_ai.output.messages': messages,
          'langfuse.observation.output': json({reasoning_content: `${THOUGHT}\n`, content: ANSWER}),
          'output.value': json({choices: [{message: {reasoning_content: THOUGHT}}]}),
          'gen_ai.reasoning': THOUGHT,
        },
      }),
    ).toHaveLength(2)
  })
})

describe('what must not be read', () => {
  test('settings, effort levels, ids, counts and booleans are no reasoning', () => {
    const attributes = {
      ...CHAT,
      'gen_ai.request.reasoning_effort': 'high',
      'gen_ai.request.reasoning.level': 'high and low',
      'gen_ai.request.reasoning_summary': 'auto',
      'gen_ai.response.reasoning_effort': 'medium',
      'gen_ai.thinking': true,
      'app.reasoning': 'enabled',
      'app.thinking': '12345',
      'app.reasoning.id': 'rs_1234 5678',
      'app.reasoning_tokens': 4711,
      'app.reasoning.enabled': 'yes it is enabled',
      'ai.settings.reasoning': 'a setting of several words',
      'llm.anthropic.thinking': "{'type': 'enabled', 'budget_tokens': 1024}",
      'llm.openai.reasoning': "{'effort': 'high', 'summary': 'auto'}",
      'llm.invocation_parameters': json({reasoning: {effort: 'high', summary: 'detailed'}}),
      'request.body': json({thinking: {type: 'enabled', budget_tokens: 1024}}),
      'model.settings': json({reasoning: {effort: 'low'}, reasoning_content: 'in a setting'}),
      'db.query.text': json({reasoning_content: 'stored in a database'}),
      'http.response.body': json({reasoning_content: 'on the wire'}),
      'gen_ai.input.messages': json([{role: 'assistant', reasoning_content: 'an echo'}]),
      'gen_ai.prompt.0.reasoning_content': 'an echo of an earlier turn',
      'input.value': json({reasoning_content: 'an echo'}),
      'gen_ai.tool.call.result': json({reasoning_content: 'a result'}),
    }
    expect(read({attributes})).toEqual([])
  })

  test('the settings that a Responses response repeats are no reasoning', () => {
    const response = {
      object: 'response',
      model: 'gpt-5',
      status: 'completed',
      reasoning: {effort: 'medium', summary: 'detailed', generate_summary: null},
      text: {format: {type: 'text'}, verbosity: 'medium'},
      tools: [
        {
          type: 'function',
          name: 'f',
          parameters: {properties: {reasoning: {type: 'string', description: 'why you call it'}}},
        },
      ],
      output: [
        {type: 'message', role: 'assistant', content: [{type: 'output_text', text: ANSWER}]},
      ],
      usage: {output_tokens_details: {reasoning_tokens: 0}},
    }
    expect(
      read({attributes: {'openinference.span.kind': 'LLM', 'output.value': json(response)}}),
    ).toEqual([`text: ${ANSWER}`])
  })

  test('JSON that the model was asked for is its answer, whatever its keys are', () => {
    const answer = json({reasoning: 'because the window is open', decision: 'approve'})
    for (const attributes of [
      {
        ...CHAT,
        'gen_ai.output.messages': json([
          {role: 'assistant', parts: [{type: 'text', content: answer}]},
        ]),
      },
      {
        ...CHAT,
        'gen_ai.completion': json({choices: [{message: {role: 'assistant', content: answer}}]}),
      },
      {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o',
        'output.value': answer,
        'output.mime_type': 'text/plain',
      },
      {'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-4o', 'output.value': answer},
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.id': 'gpt-4o',
        'ai.response.text': answer,
      },
    ]) {
      expect(read({attributes})).toEqual([`text: ${answer}`])
    }
  })

  test('tool calls’ arguments and tools’ results are no reasoning', () => {
    const parts = [
      {
        type: 'tool_call',
        id: 't1',
        name: 'think',
        arguments: {reasoning: 'my thought', thinking: 'x y'},
      },
      {type: 'tool_call_response', id: 't1', response: {reasoning_content: 'a result'}},
      {type: 'text', content: ANSWER},
    ]
    expect(
      read({attributes: {...CHAT, 'gen_ai.output.messages': json([{role: 'assistant', parts}])}}),
    ).toEqual(['call: think t1 {"reasoning":"my thought","thinking":"x y"}', `text: ${ANSWER}`])
  })

  test('spans of tools, retrievers and embeddings are never read', () => {
    const output = {'output.value': json({reasoning_content: THOUGHT})}
    for (const attributes of [
      {...output, 'openinference.span.kind': 'TOOL'},
      {...output, 'openinference.span.kind': 'RETRIEVER'},
      {...output, 'gen_ai.operation.name': 'execute_tool'},
      {...output, 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'e'},
      {...output, 'traceloop.span.kind': 'tool'},
      {...output, 'langfuse.observation.type': 'tool'},
      {...output, 'mlflow.spanType': '"TOOL"'},
      {...output, 'langsmith.span.kind': 'tool'},
      {...output, 'ai.operationId': 'ai.toolCall'},
    ]) {
      expect(capture({attributes})).toBeUndefined()
    }
  })

  test('words that are no JSON are an answer, whatever they begin with', () => {
    for (const text of ['[1] According to the policy, yes.', '{name} gets a refund', '(Yes.)']) {
      const call = capture({attributes: {...CHAT, 'gen_ai.completion': text}})
      expect(told(call?.items)).toEqual([`text: ${text}`])
      expect(call?.incomplete).toBe(false)
    }
    const thought = '[{a: 1}] is what they sent, so I must check it.'
    expect(read({attributes: {'ai.model.id': 'm', 'ai.response.reasoning': thought}})).toEqual([
      `full: ${thought}`,
    ])
  })

  test('settings as JSON under a reasoning key, and people’s own thoughts', () => {
    expect(
      read({
        attributes: {
          ...CHAT,
          'app.reasoning': '{"effort": "high", "summary": "auto"}',
          'app.thinking': "{'type': 'enabled', 'budget_tokens': 1024}",
        },
      }),
    ).toEqual([])
    expect(capture({attributes: {'post.thought': 'I like my cat and my dog.'}})).toBeUndefined()
    expect(
      read({attributes: {'gen_ai.operation.name': 'invoke_agent', 'agent.thought': THOUGHT}}),
    ).toEqual([`full: ${THOUGHT}`])
  })

  test('plain spans and empty ones are no calls', () => {
    expect(capture({})).toBeUndefined()
    expect(
      capture({
        attributes: {
          'http.request.method': 'POST',
          'url.full': 'https://api.example/reasoning',
          'app.note': '{"nothing": "of the kind"}',
        },
        events: [{name: 'exception', attributes: {'exception.message': 'reasoning_content'}}],
      }),
    ).toBeUndefined()
    expect(
      capture({
        attributes: {'openinference.span.kind': 'CHAIN', 'output.value': json({content: 'x'})},
      }),
    ).toBeUndefined()
  })
})

describe('facts of the call', () => {
  test('a call that shows nothing but its tokens is hidden, an agent’s turn is not', () => {
    const tokens = {'gen_ai.request.model': 'o4-mini', 'gen_ai.usage.reasoning.output_tokens': 187}
    expect(capture({attributes: {...tokens, 'gen_ai.operation.name': 'chat'}})?.items).toEqual([
      {
        type: 'reasoning',
        block: {text: '', visibility: 'hidden', source: 'gen_ai', tokenCount: 187},
      },
    ])
    expect(
      capture({attributes: {...tokens, 'gen_ai.operation.name': 'invoke_agent'}}),
    ).toBeUndefined()
    expect(read({attributes: {...CHAT, 'gen_ai.usage.reasoning.output_tokens': 0}})).toEqual([])
  })

  test('reasoning tokens, in the order in which the keys are believed', () => {
    const keys = [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'llm.token_count.completion_details.reasoning',
      'ai.usage.outputTokenDetails.reasoningTokens',
      'ai.usage.reasoningTokens',
    ]
    keys.forEach((_, from) => {
      const left = keys.slice(from).toReversed()
      const attributes = Object.fromEntries(left.map((key) => [key, 10 * (keys.indexOf(key) + 1)]))
      expect(capture({attributes: {...CHAT, ...attributes}})?.reasoningTokens).toBe(10 * (from + 1))
    })
    expect(
      capture({
        attributes: {
          ...CHAT,
          'gen_ai.usage.raw': json({completion_tokens_details: {reasoning_tokens: '3'}}),
        },
      })?.reasoningTokens,
    ).toBe(3)
  })

  test('finish reasons as an array, as its JSON, and as a word', () => {
    const of = (key: string, value: unknown): unknown =>
      capture({attributes: {...CHAT, [key]: value}})?.finishReasons
    expect(of('gen_ai.response.finish_reasons', ['stop', 'length'])).toEqual(['stop', 'length'])
    expect(of('gen_ai.response.finish_reasons', '["max_tokens"]')).toEqual(['max_tokens'])
    expect(of('gen_ai.response.finish_reasons', 'stop')).toEqual(['stop'])
    expect(of('ai.response.finishReason', 'length')).toEqual(['length'])
    expect(of('llm.finish_reason', 'STOP')).toEqual(['STOP'])
  })

  test('the time to the first chunk, from numbers and from events', () => {
    const of = (given: Given): unknown =>
      capture({startTime: [100, 500_000_000], ...given, attributes: {...CHAT, ...given.attributes}})
        ?.timeToFirstChunk
    expect(of({attributes: {'gen_ai.response.time_to_first_chunk': 0.25}})).toBe(0.25)
    expect(of({attributes: {'gen_ai.client.operation.time_to_first_chunk': '0.5'}})).toBe(0.5)
    expect(of({attributes: {'ai.response.msToFirstChunk': 250}})).toBe(0.25)
    expect(of({events: [{name: 'First Token Stream Event', time: [101, 0]}]})).toBe(0.5)
    expect(of({events: [{name: 'gen_ai.content.completion.chunk', time: [102, 0]}]})).toBe(1.5)
    expect(
      of({
        events: [
          {
            name: 'ai.stream.firstChunk',
            attributes: {'ai.response.msToFirstChunk': 40},
            time: [101, 0],
          },
        ],
      }),
    ).toBe(0.04)
    expect(of({})).toBeUndefined()
  })

  test('dropped attributes and cut JSON make a call incomplete', () => {
    expect(capture({attributes: CHAT, dropped: 2})?.incomplete).toBe(true)
    const whole = json([{role: 'assistant', parts: [{type: 'reasoning', content: THOUGHT}]}])
    const cut = capture({attributes: {...CHAT, 'gen_ai.output.messages': whole.slice(0, 90)}})
    expect(cut?.incomplete).toBe(true)
    expect(cut?.items[0]).toMatchObject({block: {incomplete: true}})
    const [item] = cut?.items ?? []
    expect(item?.type === 'reasoning' && THOUGHT.startsWith(item.block.text)).toBe(true)
  })

  test('summaries are told from the model’s own text by the model, then by the provider', () => {
    const of = (
      provider: string,
      model: string,
      part: object = {type: 'reasoning', content: THOUGHT},
    ) => {
      const [item] =
        capture({
          attributes: {
            'gen_ai.provider.name': provider,
            'gen_ai.request.model': model,
            'gen_ai.output.messages': json([{role: 'assistant', parts: [part]}]),
          },
        })?.items ?? []
      return item?.type === 'reasoning' ? item.block.visibility : undefined
    }
    expect(of('openai', 'o4-mini')).toBe('summary')
    expect(of('openai', 'gpt-5-mini-2025-08-07')).toBe('summary')
    expect(of('azure.ai.openai', 'my-deployment')).toBe('summary')
    expect(of('openai', 'gpt-oss-120b')).toBe('full')
    expect(of('openai', 'deepseek-reasoner')).toBe('full')
    expect(of('openrouter', 'openai/gpt-5')).toBe('summary')
    expect(of('gcp.vertex_ai', 'gemini-3-pro')).toBe('summary')
    expect(of('gcp.vertex_ai', 'claude-sonnet-4-5')).toBe('full')
    expect(of('anthropic', 'claude-opus-5')).toBe('full')
    expect(of('', 'some-model')).toBe('full')
    expect(of('openai', 'my-model', {type: 'reasoning_text', text: THOUGHT})).toBe('full')
    expect(
      of('x', 'y', {type: 'reasoning', summary: [{type: 'summary_text', text: THOUGHT}]}),
    ).toBe('summary')
  })
})

describe('log events', () => {
  test('a choice in the body, as a record of an SDK and as JSON', () => {
    const body = {
      index: 0,
      finish_reason: 'stop',
      message: {content: ANSWER, reasoning_content: THOUGHT},
    }
    for (const record of [
      {eventName: 'gen_ai.choice', body},
      {eventName: 'gen_ai.choice', body: json(body)},
      {attributes: {'event.name': 'gen_ai.choice'}, body},
    ]) {
      const call = captureLogRecord(record)
      expect(told(call?.items)).toEqual([`full: ${THOUGHT}`, `text: ${ANSWER}`])
      expect(call?.finishReasons).toEqual(['stop'])
    }
  })

  test('operation details as attributes, structured and as JSON', () => {
    const messages = [{role: 'assistant', parts: [{type: 'reasoning', text: THOUGHT}]}]
    for (const value of [messages, json(messages)]) {
      expect(
        told(
          captureLogRecord({
            eventName: 'gen_ai.client.inference.operation.details',
            attributes: {'gen_ai.output.messages': value, 'gen_ai.request.model': 'gpt-5'},
          })?.items,
        ),
      ).toEqual([`summary: ${THOUGHT}`])
    }
  })

  test('prompts, earlier turns, tools’ results and everything else are no output', () => {
    const body = {content: ANSWER, reasoning_content: THOUGHT}
    for (const record of [
      {eventName: 'gen_ai.user.message', body},
      {eventName: 'gen_ai.system.message', body},
      {eventName: 'gen_ai.tool.message', body},
      {eventName: 'gen_ai.assistant.message', body},
      {
        eventName: 'gen_ai.client.inference.operation.details',
        attributes: {'gen_ai.input.messages': [{role: 'assistant', parts: [{type: 'reasoning'}]}]},
      },
      {body: 'user logged in'},
      {body: {message: 'reasoning about caches'}, attributes: {level: 'info'}},
      {},
    ]) {
      expect(captureLogRecord(record)).toBeUndefined()
    }
  })
})
