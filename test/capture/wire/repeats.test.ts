/** That events which are not parsed, because they repeat the one before, say what parsing them gives. */
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {createRepeats} from '../../../src/capture/wire/repeats.ts'
import {createTranscript} from '../../../src/capture/wire/transcript.ts'
import {createWireParser, type WireFormat} from '../../../src/capture/wire/index.ts'
import {DEFAULT_LIMITS} from '../../../src/capture/wire/limits.ts'

const encoder = new TextEncoder()

type Shape = (text: string, choice: number, kind: number) => object

const SHAPES: Partial<Record<WireFormat, Shape>> = {
  'openai-chat': (text, index, kind) => {
    const deltas = [
      {content: text},
      {reasoning_content: text},
      {reasoning: text, reasoning_details: [{type: 'reasoning.text', text}]},
      {tool_calls: [{index: 0, id: 'call_1', function: {name: 'look', arguments: text}}]},
      {role: text, content: text},
    ]
    return {model: 'm', choices: [{index, delta: deltas[kind], finish_reason: null}]}
  },
  'openai-responses': (text, output_index, kind) => {
    const types = ['output_text.delta', 'reasoning_summary_text.delta', 'output_text.done']
    const type = `response.${types[kind % 3]}`
    return {type, item_id: `i${output_index}`, output_index, delta: text, text}
  },
  anthropic: (text, index, kind) => ({
    type: 'content_block_delta',
    index: 2 * index + (kind % 2),
    delta: kind % 2 === 0 ? {type: 'thinking_delta', thinking: text} : {type: 'text_delta', text},
  }),
  gemini: (text, index, kind) => ({
    candidates: [{index, content: {parts: [{text, ...(kind % 2 === 0 && {thought: true})}]}}],
  }),
  ollama: (text, _, kind) => ({
    message: kind % 2 === 0 ? {thinking: text} : {content: text},
    done: false,
  }),
}

/** Texts that look like what stands around them, among plain ones. */
const pieces = fc.oneof(
  {weight: 6, arbitrary: fc.stringMatching(/^[a-z ]{1,8}$/)},
  fc.constantFrom('content', 'm', 'index', 'a"b', 'back\\slash', 'line\nbreak', 'é', '\ud800', ''),
  fc.constant('a thought that is so long that it may come once more as a whole'),
)

test.each(Object.entries(SHAPES))('%s: parsed or not, it is the same', (format, shape) => {
  const events = fc.array(fc.tuple(pieces, fc.nat({max: 1}), fc.nat({max: 4}), fc.nat({max: 4})), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(events, (runs) => {
      const feed = (mark: (count: number) => object): unknown => {
        const parser = createWireParser(format as WireFormat)
        let count = 0
        for (const [text, choice, kind, times] of runs) {
          for (let i = 0; i <= times; i++) {
            // A number of its own makes an event unlike the one before.
            const event = {...mark(count), ...shape(text, choice, kind)}
            parser.feed(encoder.encode(`data: ${JSON.stringify(event)}\n\n`), [1, count++])
          }
        }
        return parser.end()
      }
      expect(feed(() => ({}))).toEqual(feed((count) => ({mark: count})))
    }),
    {numRuns: 300},
  )
})

const learnt = (event: string, text = 'one') => {
  const transcript = createTranscript(DEFAULT_LIMITS)
  const repeats = createRepeats(transcript)
  const entry = transcript.openText(0)
  repeats.begin()
  transcript.append(entry, text)
  repeats.learn(event, 'delta')
  return {repeats, entry}
}

test('only the piece may differ', () => {
  const {repeats, entry} = learnt('{"index":0,"text":"one","end":null}')
  expect(repeats.read('{"index":0,"text":"two","end":null}', 'delta')).toBe(true)
  expect(entry.text).toBe('onetwo')
  for (const event of [
    '{"index":1,"text":"two","end":null}',
    '{"index":0,"text":"two","end":1}',
    '{"index":0,"text":"two","end":null',
    '{"index":0,"text":"a","b":"c","end":null}',
    '{"index":0,"text":"a\\n","end":null}',
    '{"index":0,"text":"a\n","end":null}',
    '{"index":0,"text":"","end":null}',
    `{"index":0,"text":"${'a'.repeat(33)}","end":null}`,
  ]) {
    expect(repeats.read(event, 'delta'), event).toBe(false)
  }
  expect(repeats.read('{"index":0,"text":"two","end":null}', 'other')).toBe(false)
  expect(entry.text).toBe('onetwo')
  repeats.begin()
  expect(repeats.read('{"index":0,"text":"two","end":null}', 'delta')).toBe(false)
})

test('nothing is learnt where it is not sure which text was the piece', () => {
  for (const event of [
    '{"one":0,"text":"\\u006fne"}',
    '{"text":"one","copy":"one"}',
    '{"one":1,"text":"one"}',
    '{"text":"on\\u0065"}',
    `{"text":"one","pad":"${'x'.repeat(2048)}"}`,
  ]) {
    expect(learnt(event).repeats.read(event.replace(/"one"/, '"two"'), 'delta'), event).toBe(false)
  }
})
