/** The ways of asking for reasoning that the table of providers is made from: real requests. */
import Anthropic from '@anthropic-ai/sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import {GoogleGenAI} from '@google/genai'
import {Mistral} from '@mistralai/mistralai'
import {NodeHttpHandler} from '@smithy/node-http-handler'
import {Ollama} from 'ollama'
import OpenAI from 'openai'
import {instrumentBedrock} from '../../src/bedrock.ts'
import {halves, SUMMARY_PARTS, THOUGHT, TOOL} from '../mock-providers/scenario.mjs'

export interface Asked {
  url: string
  isStreamed: boolean
  withTools: boolean
  model: string
  ask: Readonly<Record<string, unknown>>
}

export interface ProviderRun {
  api: string
  /** The client's package. */
  client: string
  model: string
  ask: Readonly<Record<string, unknown>>
  /** Readable blocks. */
  texts: readonly string[]
  run(asked: Asked): Promise<void>
}

const QUESTION = 'May I return order A-1042?'
const SCHEMA = {type: 'object', properties: {order_id: {type: 'string'}}}

/** Reads to the end. */
async function drain(stream: unknown): Promise<void> {
  for await (const _ of stream as AsyncIterable<unknown>);
}

async function openAiChat({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const {completions} = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none'}).chat
  const answer = await completions.create({
    model,
    messages: [{role: 'user', content: QUESTION}],
    ...(withTools && {
      tools: [{type: 'function' as const, function: {name: TOOL.name, parameters: SCHEMA}}],
    }),
    ...ask,
    stream: isStreamed,
  })
  if (isStreamed) await drain(answer)
}

async function openAiResponses({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const {responses} = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none'})
  const answer = await responses.create({
    model,
    input: QUESTION,
    ...(withTools && {
      tools: [{type: 'function' as const, name: TOOL.name, parameters: SCHEMA, strict: false}],
    }),
    ...ask,
    stream: isStreamed,
  })
  if (isStreamed) await drain(answer)
}

async function anthropic({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const answer = await new Anthropic({baseURL: url, apiKey: 'none'}).messages.create({
    model,
    max_tokens: 4000,
    messages: [{role: 'user', content: QUESTION}],
    ...(withTools && {
      tools: [{name: TOOL.name, input_schema: {...SCHEMA, type: 'object' as const}}],
    }),
    ...ask,
    stream: isStreamed,
  })
  if (isStreamed) await drain(answer)
}

async function gemini({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const {models} = new GoogleGenAI({apiKey: 'none', httpOptions: {baseUrl: url}})
  const request = {
    model,
    contents: QUESTION,
    config: {...(withTools && {tools: [{functionDeclarations: [{name: TOOL.name}]}]}), ...ask},
  }
  if (isStreamed) await drain(await models.generateContentStream(request))
  else await models.generateContent(request)
}

async function ollama({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const client = new Ollama({host: url})
  const request = {
    model,
    messages: [{role: 'user', content: QUESTION}],
    ...(withTools && {tools: [{type: 'function', function: {name: TOOL.name}}]}),
    ...ask,
  }
  if (isStreamed) await drain(await client.chat({...request, stream: true}))
  else await client.chat({...request, stream: false})
}

async function mistral({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const {chat} = new Mistral({serverURL: url, apiKey: 'none'})
  const request = {
    model,
    messages: [{role: 'user' as const, content: QUESTION}],
    ...(withTools && {
      tools: [{type: 'function' as const, function: {name: TOOL.name, parameters: SCHEMA}}],
    }),
    ...ask,
  }
  if (isStreamed) await drain(await chat.stream(request))
  else await chat.complete(request)
}

async function bedrock({url, model, isStreamed, withTools, ask}: Asked): Promise<void> {
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: {accessKeyId: 'none', secretAccessKey: 'none'},
    requestHandler: new NodeHttpHandler(),
  })
  instrumentBedrock(client)
  const input = {
    modelId: model,
    messages: [{role: 'user' as const, content: [{text: QUESTION}]}],
    ...(withTools && {
      toolConfig: {tools: [{toolSpec: {name: TOOL.name, inputSchema: {json: {type: 'object'}}}}]},
    }),
    ...ask,
  }
  if (isStreamed) {
    const {stream} = await client.send(new ConverseStreamCommand(input))
    await drain(stream)
  } else await client.send(new ConverseCommand(input))
  client.destroy()
}

const [BEFORE, AFTER] = halves(THOUGHT) as [string, string]
const CHAT = {client: 'openai', run: openAiChat}
const RESPONSES = {client: 'openai', run: openAiResponses}
const MESSAGES = {client: '@anthropic-ai/sdk', run: anthropic}
const THINKING = {thinking: {type: 'enabled', budget_tokens: 2000}}

export const PROVIDER_RUNS: readonly ProviderRun[] = [
  {
    ...RESPONSES,
    api: 'OpenAI Responses',
    model: 'gpt-5',
    ask: {reasoning: {summary: 'auto'}},
    texts: SUMMARY_PARTS,
  },
  {
    ...RESPONSES,
    api: 'OpenAI Responses',
    model: 'gpt-5',
    ask: {include: ['reasoning.encrypted_content'], store: false},
    texts: [],
  },
  {...RESPONSES, api: 'OpenAI Responses', model: 'gpt-5', ask: {}, texts: []},
  {
    ...RESPONSES,
    api: 'Responses of servers with open weights',
    model: 'gpt-oss-120b',
    ask: {},
    texts: [THOUGHT],
  },
  {
    ...CHAT,
    api: 'OpenAI Chat Completions',
    model: 'gpt-5',
    ask: {reasoning_effort: 'high'},
    texts: [],
  },
  {
    ...CHAT,
    api: 'Chat with `reasoning_content` (DeepSeek, Z.ai, SGLang, llama.cpp)',
    model: 'deepseek-reasoner',
    ask: {},
    texts: [THOUGHT],
  },
  {
    ...CHAT,
    api: 'Chat with `reasoning` (vLLM, Groq, Cerebras)',
    model: 'vllm-qwen3',
    ask: {},
    texts: [THOUGHT],
  },
  {
    ...CHAT,
    api: 'Chat with `reasoning_details` (OpenRouter)',
    model: 'openrouter-r1',
    ask: {reasoning: {enabled: true}},
    texts: [THOUGHT],
  },
  {
    ...CHAT,
    api: 'Chat with `<think>` in the answer',
    model: 'think-tags-qwen3',
    ask: {},
    texts: [THOUGHT],
  },
  {
    ...MESSAGES,
    api: 'Anthropic Messages',
    model: 'claude-3-7-sonnet',
    ask: THINKING,
    texts: [THOUGHT],
  },
  {
    ...MESSAGES,
    api: 'Anthropic Messages, redacted',
    model: 'claude-3-7-redacted',
    ask: THINKING,
    texts: [THOUGHT],
  },
  {
    ...MESSAGES,
    api: 'Anthropic Messages, interleaved with tools',
    model: 'claude-interleaved',
    ask: THINKING,
    texts: [BEFORE, AFTER],
  },
  {
    ...MESSAGES,
    api: 'Anthropic Messages, text left out',
    model: 'claude-omitted',
    ask: {thinking: {type: 'adaptive', display: 'omitted'}},
    texts: [],
  },
  {
    client: '@google/genai',
    run: gemini,
    api: 'Gemini `generateContent`',
    model: 'gemini-2.5-pro',
    ask: {thinkingConfig: {includeThoughts: true}},
    texts: [THOUGHT],
  },
  {
    client: 'ollama',
    run: ollama,
    api: 'Ollama chat',
    model: 'qwen3:8b',
    ask: {think: true},
    texts: [THOUGHT],
  },
  {
    client: '@mistralai/mistralai',
    run: mistral,
    api: 'Mistral chat',
    model: 'magistral-medium-2509',
    ask: {},
    texts: [THOUGHT],
  },
  {
    client: '@aws-sdk/client-bedrock-runtime',
    run: bedrock,
    api: 'Bedrock Converse',
    model: 'deepseek.r1-v1:0',
    ask: {},
    texts: [THOUGHT],
  },
]
