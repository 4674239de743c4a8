import type {HrTime} from '@opentelemetry/api'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {createResultReader, errorTypeOf} from '../../../src/capture/ai-sdk/result-reader.ts'
import type {ModelRequest} from '../../../src/capture/ai-sdk/shapes.ts'
import type {WireCall} from '../../../src/capture/wire/wire-call.ts'

const request = (provider = 'local.chat', modelId = 'deepseek-r1'): ModelRequest => ({
  provider,
  modelId,
  tools: undefined,
  abortSignal: undefined,
  recordOutputs: true,
})

const at = (index: number): HrTime => [1_700_000_000, index * 1_000_000]

function readParts(parts: readonly unknown[], of = request()): WireCall {
  const reader = createResultReader(of, undefined)
  for (const [index, part] of parts.entries()) reader.part(part, at(index))
  return reader.call(true)
}

function readWhole(content: readonly unknown[], more: object = {}, of = request()): WireCall {
  const reader = createResultReader(of, undefined)
  reader.result({content, finishReason: 'stop', ...more})
  return reader.call(true)
}

const FINISH = {type: 'finish', finishReason: 'stop', usage: {}}

const blocks = ({items}: WireCall) =>
  items.flatMap((item) =>
    item.type === 'reasoning' ? [[item.block.text, item.block.visibility]] : [],
  )

describe('a stream', () => {
  test('gives blocks with the times of their parts, calls and answer, in their order', () => {
    const call = readParts([
      {type: 'stream-start', warnings: []},
      {type: 'response-metadata', id: 'r1', modelId: 'deepseek-r1-0528'},
      {type: 'reasoning-start', id: '0'},
      {type: 'reasoning-delta', id: '0', delta: 'First '},
      {type: 'reasoning-delta', id: '0', delta: 'this.'},
      {type: 'reasoning-end', id: '0'},
      {type: 'tool-input-start', id: 'c1', toolName: 'lookup'},
      {type: 'tool-input-delta', id: 'c1', delta: '{"id":'},
      {type: 'tool-input-delta', id: 'c1', delta: '7}'},
      {type: 'tool-input-end', id: 'c1'},
      {type: 'tool-call', toolCallId: 'c1', toolName: 'lookup', input: '{"id":7}'},
      {type: 'reasoning-start', id: '0'},
      {type: 'reasoning-delta', id: '0', delta: 'Then that.'},
      {type: 'reasoning-end', id: '0'},
      {type: 'text-start', id: 't'},
      {type: 'text-delta', id: 't', delta: 'Do'},
      {type: 'text-delta', id: 't', delta: 'ne.'},
      {type: 'text-end', id: 't'},
      FINISH,
    ])
    expect(call.items).toEqual([
      {
        type: 'reasoning',
        block: {
          text: 'First this.',
          visibility: 'full',
          source: 'ai-sdk',
          arrivals: [
            {offset: 0, time: at(3)},
            {offset: 6, time: at(4)},
          ],
          endTime: at(4),
        },
      },
      {type: 'tool_call', call: {id: 'c1', name: 'lookup', arguments: '{"id":7}'}},
      {
        type: 'reasoning',
        block: {
          text: 'Then that.',
          visibility: 'full',
          source: 'ai-sdk',
          arrivals: [{offset: 0, time: at(12)}],
          endTime: at(12),
        },
      },
      {type: 'text', text: 'Done.'},
    ])
    expect(call).toMatchObject({
      responseId: 'r1',
      model: 'deepseek-r1-0528',
      provider: 'local',
      finishReasons: ['stop'],
      incomplete: false,
    })
  })

  test('that ends without the model’s own end was cut where it was', () => {
    const call = readParts([
      {type: 'reasoning-start', id: '0'},
      {type: 'reasoning-delta', id: '0', delta: 'First '},
    ])
    expect(call.items).toMatchObject([{block: {text: 'First ', incomplete: true}}])
    expect(call.incomplete).toBe(true)
  })

  test('is cut at an error, though what follows says that all has ended', () => {
    const call = readParts([
      {type: 'reasoning-start', id: '0'},
      {type: 'reasoning-delta', id: '0', delta: 'First '},
      {type: 'error', error: Object.assign(new Error('secret words'), {name: 'AI_APICallError'})},
      {type: 'reasoning-end', id: '0'},
      {type: 'finish', finishReason: 'error', usage: {}},
    ])
    expect(call.items).toMatchObject([{block: {text: 'First ', incomplete: true}}])
    expect(call.errorType).toBe('AI_APICallError')
    expect(JSON.stringify(call)).not.toContain('secret')
  })

  test('in which a thought began and nothing came is no hidden reasoning', () => {
    expect(blocks(readParts([{type: 'reasoning-start', id: '0'}]))).toEqual([])
  })

  test('may hold two thoughts at once', () => {
    const call = readParts([
      {type: 'reasoning-start', id: 'a'},
      {type: 'reasoning-start', id: 'b'},
      {type: 'reasoning-delta', id: 'a', delta: 'A1 '},
      {type: 'reasoning-delta', id: 'b', delta: 'B1 '},
      {type: 'reasoning-delta', id: 'a', delta: 'A2'},
      {type: 'reasoning-delta', id: 'b', delta: 'B2'},
      {type: 'reasoning-end', id: 'a'},
      {type: 'reasoning-end', id: 'b'},
      FINISH,
    ])
    expect(blocks(call)).toEqual([
      ['A1 A2', 'full'],
      ['B1 B2', 'full'],
    ])
  })

  test('cut anywhere gives the blocks of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('reasoning', 'text'), fc.string({minLength: 1})), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.infiniteStream(fc.integer({min: 1, max: 5})),
        (pieces, sizes) => {
          const parts: unknown[] = []
          for (const [index, [type, text]] of pieces.entries()) {
            const id = String(index)
            parts.push({type: `${type}-start`, id})
            for (let from = 0; from < text.length;) {
              const size = sizes.next().value
              parts.push({type: `${type}-delta`, id, delta: text.slice(from, from + size)})
              from += size
            }
            parts.push({type: `${type}-end`, id})
          }
          const whole = readWhole(pieces.map(([type, text]) => ({type, text})))
          const streamed = readParts([...parts, FINISH])
          expect(blocks(streamed)).toEqual(blocks(whole))
          expect(streamed.answer).toBe(whole.answer)
        },
      ),
    )
  })

  test('of anything at all throws nothing', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.anything(),
            fc.record({
              type: fc.constantFrom(
                'reasoning-delta',
                'text-delta',
                'tool-call',
                'finish',
                'error',
                'response-metadata',
                'tool-input-delta',
                'reasoning-end',
              ),
              id: fc.anything(),
              delta: fc.anything(),
              providerMetadata: fc.anything(),
              usage: fc.anything(),
              finishReason: fc.anything(),
              toolName: fc.anything(),
              input: fc.anything(),
              error: fc.anything(),
            }),
          ),
        ),
        (parts) => {
          expect(readParts(parts).dialect).toBe('ai-sdk')
        },
      ),
    )
  })
})

describe('what cannot be read', () => {
  test.each([
    [{anthropic: {signature: 'c2ln'}}, 'encrypted'],
    [{anthropic: {redactedData: 'AAAA'}}, 'redacted'],
    [{openai: {itemId: 'rs_1', reasoningEncryptedContent: 'gAAA'}}, 'encrypted'],
    [{openai: {itemId: 'rs_1', reasoningEncryptedContent: null}}, undefined],
    [{bedrock: {redactedData: 'AAAA'}}, 'redacted'],
    [{google: {thoughtSignature: 'AAAA'}}, 'encrypted'],
  ])('%j beside an empty part is %s', (providerMetadata, visibility) => {
    const tokens = {usage: {outputTokens: {total: 20, reasoning: 12}}}
    const call = readWhole([{type: 'reasoning', text: '', providerMetadata}], tokens)
    expect(blocks(call)).toEqual([['', visibility ?? 'hidden']])
    expect(JSON.stringify(call)).not.toMatch(/AAAA|c2ln/)
  })

  test('beside a text it is that text', () => {
    const call = readWhole([
      {type: 'reasoning', text: 'I see.', providerMetadata: {anthropic: {signature: 'c2ln'}}},
    ])
    expect(blocks(call)).toEqual([['I see.', 'full']])
  })

  test('a signature on the answer proves reasoning that nobody shows', () => {
    const call = readWhole(
      [{type: 'text', text: 'Yes.', providerMetadata: {google: {thoughtSignature: 'AAAA'}}}],
      {},
      request('google.generative-ai', 'gemini-2.5-pro'),
    )
    expect(blocks(call)).toEqual([['', 'hidden']])
  })

  test('tokens that were billed are hidden reasoning', () => {
    const usage = {inputTokens: 3, outputTokens: 9, totalTokens: 12, reasoningTokens: 7}
    const call = readWhole([{type: 'text', text: 'Yes.'}], {usage})
    expect(blocks(call)).toEqual([['', 'hidden']])
    expect(call).toMatchObject({inputTokens: 3, outputTokens: 9, reasoningTokens: 7})
  })
})

describe('visibility', () => {
  test.each([
    ['openai.responses', 'gpt-5', 'summary'],
    ['openai.responses', 'my-deployment', 'summary'],
    ['openai.responses', 'gpt-oss-120b', 'full'],
    ['openai.chat', 'my-deployment', 'full'],
    ['google.generative-ai', 'gemini-2.5-pro', 'summary'],
    ['anthropic.messages', 'claude-sonnet-4-5', 'full'],
    ['local.chat', 'qwen3', 'full'],
  ])('of %s, %s is %s', (provider, modelId, visibility) => {
    const call = readWhole([{type: 'reasoning', text: 'So.'}], {}, request(provider, modelId))
    expect(blocks(call)).toEqual([['So.', visibility]])
  })
})

test('thoughts between tags are told from the answer, but not where a provider has no tags', () => {
  const content = [{type: 'text', text: '<think>So it is.</think>\nYes.'}]
  expect(blocks(readWhole(content))).toEqual([['So it is.', 'full']])
  expect(blocks(readWhole(content, {}, request('anthropic.messages', 'claude')))).toEqual([])
})

test.each([
  ['stop', 'stop'],
  [{unified: 'length', raw: 'max_tokens'}, 'length'],
  [{unified: 'other', raw: 'pause_turn'}, 'pause_turn'],
  [{unified: 'other', raw: undefined}, 'other'],
])('the reason %j is told as %s', (finishReason, told) => {
  expect(readWhole([], {finishReason}).finishReasons).toEqual([told])
})

test.each([
  [Object.assign(new Error('x'), {name: 'AI_APICallError', statusCode: 429}), '429'],
  [new DOMException('x', 'AbortError'), 'AbortError'],
  [{type: 'overloaded_error', message: 'x'}, 'overloaded_error'],
  ['a text that may quote anything', 'error'],
  [undefined, 'error'],
])('the kind of an error is said without its message: %#', (error, kind) => {
  expect(errorTypeOf(error)).toBe(kind)
})
