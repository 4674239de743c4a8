import {describe, expect, test} from 'vitest'
import {providerOf, recogniseResponse} from '../../../src/capture/wire/index.ts'
import {cpuNow} from '../../setup/cpu-time.ts'

const of = (url: string, contentType = 'application/json', method = 'POST') =>
  recogniseResponse({url, contentType, method})

describe('recognising a response', () => {
  test.each([
    ['https://api.openai.com/v1/chat/completions', 'openai-chat'],
    [
      'https://me.openai.azure.com/openai/deployments/gpt-5/chat/completions?api-version=2025-01-01',
      'openai-chat',
    ],
    ['https://openrouter.ai/api/v1/chat/completions', 'openai-chat'],
    ['http://localhost:8000/v1/chat/completions/', 'openai-chat'],
    ['http://10.0.0.7:8080/v1/completions', 'openai-chat'],
    ['https://generativelanguage.googleapis.com/v1beta/openai/chat/completions', 'openai-chat'],
    ['https://llm.corp.example/team-a/proxy/chat/completions#x', 'openai-chat'],
    ['https://api.openai.com/v1/responses', 'openai-responses'],
    ['https://api.deepseek.com/responses', 'openai-responses'],
    ['https://me.openai.azure.com/openai/v1/responses?api-version=preview', 'openai-responses'],
    ['https://api.anthropic.com/v1/messages?beta=true', 'anthropic'],
    [
      'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict',
      'anthropic',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent',
      'gemini',
    ],
    [
      'https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse',
      'gemini',
    ],
    [
      'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse',
      'bedrock',
    ],
    ['https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream', 'bedrock'],
    [
      'https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-response-stream',
      'anthropic',
    ],
    ['http://127.0.0.1:11434/api/chat', 'ollama'],
    ['http://127.0.0.1:11434/api/generate', 'ollama'],
    ['https://api.cohere.com/v2/chat', 'cohere'],
  ])('%s is first of all %s', (url, format) => {
    expect(of(url)[0]).toBe(format)
  })

  test.each([
    'https://api.openai.com/v1/embeddings',
    'https://api.openai.com/v1/models',
    'https://api.anthropic.com/v1/messages/count_tokens',
    'https://api.openai.com/v1/files',
    'https://shop.example/completions/list',
    'https://collector.example/v1/traces',
    'not an address',
    '',
  ])('%s is none', (url) => {
    expect(of(url)).toEqual([])
  })

  test('the type of the content rules out what cannot be read', () => {
    const url = 'https://api.openai.com/v1/chat/completions'
    for (const type of ['text/html', 'image/png', 'audio/mpeg']) expect(of(url, type)).toEqual([])
    for (const type of [
      'text/event-stream; charset=utf-8',
      'application/x-ndjson',
      'application/vnd.amazon.eventstream',
      'text/plain',
      '',
    ]) {
      expect(of(url, type)).toEqual(['openai-chat'])
    }
    expect(recogniseResponse({url})).toEqual(['openai-chat'])
  })

  test('only a response that was made in the background is fetched with GET', () => {
    expect(of('https://api.openai.com/v1/responses/resp_1?stream=true', '', 'GET')).toEqual([
      'openai-responses',
    ])
    expect(of('https://api.openai.com/v1/chat/completions', '', 'GET')).toEqual([])
    expect(of('https://api.openai.com/v1/responses', '', 'GET')).toEqual([])
    expect(of('https://api.openai.com/v1/responses/resp_1', '', 'DELETE')).toEqual([])
  })

  test('where the path says nothing the request does', () => {
    const ask = (requestBody: string) =>
      recogniseResponse({url: 'https://gateway.example/llm', requestBody})[0]
    expect(ask('{"model":"m","messages":[{"role":"user","content":"hi"}]}')).toBe('openai-chat')
    expect(ask('{"model":"m","input":"hi"}')).toBe('openai-responses')
    expect(ask('{"contents":[{"parts":[{"text":"hi"}]}]}')).toBe('gemini')
    expect(ask('{"order":7}')).toBeUndefined()
    expect(recogniseResponse({url: 'https://gateway.example/llm'})).toEqual([])
  })

  test('a path or body that never ends takes no time', () => {
    const long = '/model/'.repeat(200_000)
    const started = cpuNow()
    expect(of(`https://x.example${long}`)).toEqual([])
    expect(recogniseResponse({url: '/x', requestBody: '"messages"'.repeat(200_000)})).toEqual([])
    expect(cpuNow() - started).toBeLessThan(1000)
  })
})

describe('who answers', () => {
  test.each([
    ['https://api.openai.com/v1/responses', undefined, 'openai'],
    ['https://me.openai.azure.com/openai/v1/responses', undefined, 'azure.ai.openai'],
    ['https://us-east5-aiplatform.googleapis.com/v1/x', undefined, 'gcp.vertex_ai'],
    ['https://generativelanguage.googleapis.com/v1beta/x', undefined, 'gcp.gemini'],
    ['https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse', undefined, 'aws.bedrock'],
    ['https://user:pass@api.groq.com:443/openai/v1/x', undefined, 'groq'],
    ['http://localhost:11434/api/chat', 'ollama', 'ollama'],
    ['http://localhost:8000/v1/messages', 'anthropic', 'anthropic'],
    ['http://localhost:8000/v1/chat/completions', 'openai-chat', undefined],
    ['https://notopenai.com/v1/x', undefined, undefined],
    ['', undefined, undefined],
  ] as const)('%s with %s is %s', (url, format, name) => {
    expect(providerOf(url, format)).toBe(name)
  })
})
