/** Mutated responses, and what must hold of any input at all. Shared by the short and the long run. */
// `expect` takes longer than the parsers.
import assert from 'node:assert/strict'
import {createWireParser, WIRE_FORMATS} from '../../../src/capture/wire/index.ts'
import type {WireCall, WireFormat} from '../../../src/capture/wire/index.ts'
import {chatDocument, chatStream, madeResponses} from './made-responses.ts'
import type {Act} from './made-responses.ts'
import {chunksOf} from './read-response.ts'

const SCRIPT: readonly Act[] = [
  {do: 'think', text: 'First the order. 😀'},
  {do: 'say', text: 'One moment.'},
  {do: 'call', id: 'call_1', name: 'lookup_order', args: {order_id: 'B-7'}},
  {do: 'think', text: 'Then the window.'},
  {do: 'say', text: 'Yes.'},
]

const cut = (text: string): string[] => text.match(/[^]{1,9}/gu) ?? []

const SEEDS: readonly {format: WireFormat; body: Uint8Array}[] = [
  ...madeResponses(SCRIPT, cut),
  chatStream(SCRIPT, 'tags', cut),
  chatDocument(SCRIPT, 'tags'),
]

/** Pieces that mean something to one parser or another. */
const TOKENS = [
  '\n',
  '\r',
  '\n\n',
  'data: ',
  'data:',
  'event: error\n',
  ': x\n',
  '[DONE]',
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u',
  ',',
  ':',
  'null',
  'true',
  '1e999',
  '-1',
  '9007199254740993',
  '""',
  '{}',
  '[]',
  '<think>',
  '</think>',
  '```',
  '`',
  '<|channel|>analysis<|message|>',
  '\ud83d',
  '\ufeff',
  '"index":-1',
  '"index":1e308',
  '"choices":7',
  '"delta":[]',
  '"type":"reasoning.encrypted","data":"x"',
  '"output_index":65536',
  '"__proto__":{}',
  '"constructor":1',
  '\0',
].map((token) => new TextEncoder().encode(token))

/** A generator of numbers from 0 to below `limit`, the same for the same seed. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

type Random = (limit: number) => number

const splice = (bytes: Uint8Array, at: number, remove: number, add: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), add, bytes.subarray(Math.min(bytes.length, at + remove))])

function mutate(body: Uint8Array, random: Random): Uint8Array {
  let bytes = body
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(bytes.length + 1)
    const other = SEEDS[random(SEEDS.length)]?.body ?? body
    switch (random(8)) {
      case 0:
        bytes = splice(bytes, at, 1, new Uint8Array([random(256)]))
        break
      case 1:
        bytes = splice(bytes, at, 1 + random(40), new Uint8Array())
        break
      case 2:
        bytes = bytes.subarray(0, at)
        break
      case 3: {
        const from = random(bytes.length)
        bytes = splice(bytes, at, 0, bytes.subarray(from, from + random(200)))
        break
      }
      case 4: {
        const from = random(other.length)
        bytes = splice(bytes, at, random(100), other.subarray(from, from + random(300)))
        break
      }
      default:
        bytes = splice(bytes, at, random(3), TOKENS[random(TOKENS.length)] ?? new Uint8Array())
    }
  }
  return bytes
}

function read(format: WireFormat, body: Uint8Array, random: Random, measured: boolean): WireCall {
  const parser = createWireParser(format, {limits: {maxItems: 200, maxDocumentLength: 20_000}})
  const chunks = random(3) === 0 ? [body] : chunksOf(body, [1 + random(20), 1 + random(300)])
  chunks.forEach((chunk, index) => parser.feed(chunk, measured ? [1, index] : undefined))
  return random(2) === 0 ? parser.end() : parser.abort()
}

/** What holds of every call, whatever was read. */
function assertSound(call: WireCall): void {
  for (const item of call.items) {
    if (item.type === 'text') assert.notEqual(item.text, '')
    else if (item.type === 'tool_call') assert.notEqual(item.call.name, '')
    else {
      const {text, visibility, arrivals, endTime} = item.block
      assert.equal(text.trim() === '', visibility !== 'full' && visibility !== 'summary')
      assert.equal(arrivals === undefined, endTime === undefined)
      let last = -1
      for (const {offset} of arrivals ?? []) {
        assert.ok(offset > last)
        last = offset
      }
      assert.ok(text === '' || last < text.length)
    }
  }
  // A call that nothing is missing from has an end.
  assert.ok(call.incomplete || call.ended)
}

/** Longest time that one mutated input of a few kilobytes may take (ms): far over what any needs. */
const MAX_MILLIS = 1000

/**
 * Reads `count` mutated responses of one format, some also in another chunking.
 *
 * @returns how many of them still gave reasoning
 */
export function fuzzFormat(format: WireFormat, count: number, seed: number): number {
  const seeds = SEEDS.filter((made) => made.format === format)
  const random = randomOf(seed)
  let withReasoning = 0
  for (let run = 0; run < count; run++) {
    const body = mutate(seeds[run % seeds.length]?.body ?? new Uint8Array(), random)
    // Now and then the address was wrong.
    const named = random(10) === 0 ? (WIRE_FORMATS[random(WIRE_FORMATS.length)] ?? format) : format
    const started = performance.now()
    try {
      const call = read(named, body, random, false)
      assertSound(read(named, body, random, true))
      if (run % 3 === 0) assert.deepEqual(read(named, body, random, false), call)
      if (call.items.some(({type}) => type === 'reasoning')) withReasoning++
    } catch (error) {
      const text = JSON.stringify(Buffer.from(body).toString('latin1'))
      throw new Error(`${named}, seed ${seed}, run ${run}: ${text}`, {cause: error})
    }
    const millis = performance.now() - started
    if (millis > MAX_MILLIS) throw new Error(`${format}, seed ${seed}, run ${run}: ${millis} ms`)
  }
  return withReasoning
}
