/**
 * What is not read from the wire, and why. The tests hold a sample of each against this list: it must
 * give no reasoning, so that an entry leaves the list the day it is read.
 */

export interface UnsupportedWire {
  name: string
  reason: string
}

export const UNSUPPORTED_WIRE: readonly UnsupportedWire[] = [
  {
    name: 'cohere-v1-chat',
    reason: 'Version 1 has no reasoning; its stream has event types of its own.',
  },
  {
    name: 'dashscope-native',
    reason:
      'DashScope’s own API repeats the whole text in each event by default; its OpenAI-compatible one is read.',
  },
  {
    name: 'gemini-interactions',
    reason: 'Google’s Interactions API has messages of its own.',
  },
  {
    name: 'gemini-partial-arguments',
    reason:
      'Vertex can stream a function call’s arguments as JSON paths: the call is read, its arguments are not.',
  },
  {
    name: 'hugging-face-generate',
    reason: 'Text Generation Inference’s own `/generate` gives tokens, not messages.',
  },
  {
    name: 'openai-assistants',
    reason: 'Runs of the Assistants API have no reasoning and end in 2026.',
  },
  {
    name: 'openai-provider-tools',
    reason:
      'Calls of tools that the provider runs (search, code, MCP, shell, computer) are no tool calls of the application.',
  },
  {
    name: 'ai-sdk-ui-stream',
    reason: 'What an application sends to its browser is not a model’s response.',
  },
  {
    name: 'realtime',
    reason: 'Realtime APIs speak over WebSocket or WebRTC, which is no HTTP response.',
  },
  {
    name: 'xai-grpc',
    reason: 'xAI’s own SDK speaks gRPC; its HTTP API is OpenAI’s and is read.',
  },
  {
    name: 'live-think-tags',
    reason:
      'Reasoning between tags inside the answer is known when the response has ended: it is not among the live thoughts.',
  },
]
