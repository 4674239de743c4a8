import {describe, expect, test} from 'vitest'
import {readRequest} from '../../../src/capture/wire/index.ts'
import type {WireFormat} from '../../../src/capture/wire/index.ts'

const read = (format: WireFormat, body: unknown, url?: string) =>
  readRequest(format, JSON.stringify(body), url)

describe('reading a request', () => {
  test('Chat Completions: model, tools, alternatives', () => {
    const tools = [
      {type: 'function', function: {name: 'lookup_order', parameters: {}}},
      {type: 'custom', custom: {name: 'run_sql'}},
      {type: 'function', function: {name: 'lookup_order'}},
    ]
    expect(read('openai-chat', {model: 'gpt-5', n: 3, stream: true, tools})).toEqual({
      model: 'gpt-5',
      toolsOffered: ['lookup_order', 'run_sql'],
      choices: 3,
      stream: true,
      incomplete: false,
    })
  })

  test('Responses: a stored prompt, and tools of the application but not of the provider', () => {
    const body = {
      model: 'gpt-5',
      prompt: {id: 'pmpt_1', version: '7', variables: {}},
      tools: [
        {type: 'function', name: 'lookup_order'},
        {type: 'web_search', name: 'web'},
        {type: 'mcp'},
      ],
    }
    expect(read('openai-responses', body)).toMatchObject({
      promptName: 'pmpt_1',
      promptVersion: '7',
      toolsOffered: ['lookup_order'],
    })
  })

  test('Anthropic: its own tools are not the application’s', () => {
    const tools = [
      {name: 'lookup_order', input_schema: {}},
      {type: 'web_search_20250305', name: 'web_search'},
    ]
    expect(read('anthropic', {model: 'claude-sonnet-4-5', tools})).toMatchObject({
      model: 'claude-sonnet-4-5',
      toolsOffered: ['lookup_order'],
    })
  })

  test('Gemini: the model stands in the address, the tools in declarations', () => {
    const body = {
      contents: [],
      tools: [{functionDeclarations: [{name: 'a'}, {name: 'b'}]}, {googleSearch: {}}],
      generationConfig: {candidateCount: 2},
    }
    const url = 'https://x.example/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse'
    expect(read('gemini', body, url)).toEqual({
      model: 'gemini-3-pro',
      toolsOffered: ['a', 'b'],
      choices: 2,
      stream: true,
      incomplete: false,
    })
  })

  test('Bedrock: the model or prompt stands in the address', () => {
    const body = {toolConfig: {tools: [{toolSpec: {name: 'lookup_order'}}]}}
    const base = 'https://bedrock-runtime.us-east-1.amazonaws.com/model'
    const model = 'us.anthropic.claude-sonnet-4-20250514-v1:0'
    for (const name of [model, encodeURIComponent(model)]) {
      expect(read('bedrock', body, `${base}/${name}/converse-stream`)).toMatchObject({
        model,
        toolsOffered: ['lookup_order'],
        stream: true,
      })
    }
    const arn = encodeURIComponent('arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:2')
    const request = read('bedrock', {}, `${base}/${arn}/converse`)
    expect(request).toMatchObject({promptName: 'PROMPT12345', promptVersion: '2', stream: false})
    expect(request.model).toBeUndefined()
  })

  test('Azure names a deployment where the body names no model', () => {
    const url =
      'https://me.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=1'
    expect(read('openai-chat', {messages: []}, url).model).toBe('my-gpt')
    expect(read('openai-chat', {model: 'gpt-5', messages: []}, url).model).toBe('gpt-5')
  })

  test('Ollama streams unless it is told not to', () => {
    expect(read('ollama', {model: 'qwen3'}).stream).toBe(true)
    expect(read('ollama', {model: 'qwen3', stream: false}).stream).toBe(false)
  })

  test.each([
    '',
    '{',
    '[]',
    '"x"',
    'null',
    '{"tools":{"a":1},"n":"2","model":7,"prompt":[1]}',
    `{"tools":${'['.repeat(9000)}`,
  ])('a body that is not what it should be gives what there is: %.20s', (body) => {
    for (const format of ['openai-chat', 'gemini', 'bedrock', 'anthropic'] as const) {
      const request = readRequest(format, body, 'http://x/%E0%A4%A')
      expect(request).toMatchObject({toolsOffered: [], choices: 1})
      expect(request.model).toBeUndefined()
    }
  })

  test('a body with a large image is not parsed', () => {
    const body = JSON.stringify({model: 'gpt-5', image: 'x'.repeat(5 * 1024 * 1024)})
    expect(readRequest('openai-chat', body)).toMatchObject({incomplete: true, toolsOffered: []})
  })
})
