/** How the instrumentations of Anthropic's client are asked. */
import Anthropic from '@anthropic-ai/sdk'
import {halves, THOUGHT} from '../mock-providers/scenario.mjs'
import type {Ask, Dialect} from './instrumentation-suite.ts'

async function ask({url, fetch, isStreamed}: Ask, model: string): Promise<void> {
  const client = new Anthropic({baseURL: url, apiKey: 'none', fetch})
  const request = {
    model,
    max_tokens: 2000,
    thinking: {type: 'enabled' as const, budget_tokens: 1024},
    messages: [{role: 'user' as const, content: 'May I return order A-1042?'}],
  }
  if (!isStreamed) {
    await client.messages.create(request)
    return
  }
  for await (const _ of await client.messages.create({...request, stream: true}));
}

export const ANTHROPIC_DIALECTS: readonly Dialect[] = [
  {
    name: 'thinking',
    ask: (asked) => ask(asked, 'claude-3-7-sonnet'),
    texts: [THOUGHT],
    unreadable: [],
  },
  {
    name: 'redacted thinking',
    ask: (asked) => ask(asked, 'claude-3-7-redacted'),
    texts: [THOUGHT],
    unreadable: ['redacted'],
  },
  {
    name: 'interleaved thinking',
    ask: (asked) => ask(asked, 'claude-3-7-interleaved'),
    texts: halves(THOUGHT),
    unreadable: [],
  },
]
