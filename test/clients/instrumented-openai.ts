/** How the instrumentations of OpenAI's client are asked. */
import OpenAI from 'openai'
import {SUMMARY_PARTS, THOUGHT} from '../mock-providers/scenario.mjs'
import type {Ask, Dialect} from './instrumentation-suite.ts'

const QUESTION = 'May I return order A-1042?'
const MESSAGES = [{role: 'user' as const, content: QUESTION}]

const clientOf = ({url, fetch}: Ask): OpenAI =>
  new OpenAI({baseURL: `${url}/v1`, apiKey: 'none', fetch})

async function chat(ask: Ask, model: string): Promise<void> {
  const {completions} = clientOf(ask).chat
  if (!ask.isStreamed) {
    await completions.create({model, messages: MESSAGES})
    return
  }
  for await (const _ of await completions.create({model, messages: MESSAGES, stream: true}));
}

async function respond(ask: Ask, model: string): Promise<void> {
  const {responses} = clientOf(ask)
  const request = {model, input: QUESTION, reasoning: {summary: 'auto'}} as const
  if (!ask.isStreamed) {
    await responses.create(request)
    return
  }
  for await (const _ of await responses.create({...request, stream: true}));
}

export const CHAT_DIALECTS: readonly Dialect[] = [
  {
    name: 'reasoning_content',
    ask: (ask) => chat(ask, 'deepseek-r1'),
    texts: [THOUGHT],
    unreadable: [],
  },
  {name: 'reasoning', ask: (ask) => chat(ask, 'vllm-qwen3'), texts: [THOUGHT], unreadable: []},
  {
    name: 'reasoning_details',
    ask: (ask) => chat(ask, 'openrouter/r1'),
    texts: [THOUGHT],
    unreadable: [],
  },
  {name: 'tags', ask: (ask) => chat(ask, 'think-tags-r1'), texts: [THOUGHT], unreadable: []},
  {
    name: 'nothing shown',
    ask: (ask) => chat(ask, 'gpt-5'),
    texts: [],
    unreadable: ['hidden'],
  },
]

export const RESPONSES_DIALECT: Dialect = {
  name: 'Responses with summaries',
  ask: (ask) => respond(ask, 'gpt-5'),
  texts: SUMMARY_PARTS,
  unreadable: [],
}
