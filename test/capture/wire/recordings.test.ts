import {beforeEach, describe, expect, test} from 'vitest'
import type {WireCall} from '../../../src/capture/wire/index.ts'
import {DIFFERENCES, REASONS} from './recordings-differences.ts'
import {MISSING, readRecordings} from './recordings.ts'
import type {Recording} from './recordings.ts'
import {
  blocksOf,
  BYTE_BY_BYTE,
  callsOf,
  chunksOf,
  recogniseAndRead,
  WHOLE,
} from './read-response.ts'
import {createWireParser} from '../../../src/capture/wire/index.ts'

const recordings = MISSING === undefined ? readRecordings() : []

const readingOf = (call: WireCall): Recording['expected'] => ({
  blocks: blocksOf(call).map(({visibility, text}) => ({visibility, text})),
  tool_calls: callsOf(call).map(({id, name}) => ({id: id ?? null, name})),
  answer: call.answer,
  reasoning_tokens: call.reasoningTokens ?? null,
  model: call.model ?? null,
  finish_reason: call.finishReasons[0] ?? null,
})

/** Lengths from 1 up, a few and then many bytes, the same each time. */
function randomChunking(seed: number): number[] {
  let state = seed
  return Array.from({length: 500}, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const random = state / 2 ** 32
    return random < 0.4 ? 1 + Math.floor(random * 8) : 1 + Math.floor(random * random * 3000)
  })
}

describe('recorded responses', () => {
  beforeEach((context) => {
    if (MISSING !== undefined) context.skip(MISSING)
  })

  const differing = new Map(DIFFERENCES.map((difference) => [difference.id, difference]))

  test('each is recognised by its address and gives exactly what it holds', () => {
    expect(recordings.length).toBeGreaterThanOrEqual(162)
    for (const recording of recordings) {
      const {call, format} = recogniseAndRead(recording, recording.body)
      expect(format, recording.id).toBe(recording.format)
      expect(call.recognised, recording.id).toBe(true)
      const expected: Record<string, unknown> = {...recording.expected}
      const given: Record<string, unknown> = readingOf(call)
      for (const field of differing.get(recording.id)?.fields ?? []) {
        expect(given[field], `${recording.id} differs no more`).not.toEqual(expected[field])
        delete expected[field]
        delete given[field]
      }
      expect(given, recording.id).toEqual(expected)
    }
  })

  test('each differs from its expectation only where the list says so, for a reason that holds', () => {
    const byId = new Map(recordings.map((recording) => [recording.id, recording]))
    for (const {id, reason} of DIFFERENCES) {
      const recording = byId.get(id)
      if (recording === undefined) throw new Error(`no recording ${id}: ${REASONS[reason]}`)
      const {call} = recogniseAndRead(recording, recording.body)
      const text = new TextDecoder().decode(recording.body)
      if (reason === 'thinkingTokens') {
        const reported = [...text.matchAll(/"thinking_tokens":\s*(\d+)/g)].map(countOf)
        expect(call.reasoningTokens, id).toBe(reported.at(-1))
      } else {
        const body = JSON.parse(text) as {choices: [{message: {content: string}}]}
        const thought = /^<think>\s*([^]*)$/.exec(body.choices[0].message.content)?.[1]
        expect(blocksOf(call), id).toMatchObject([{text: thought, incomplete: true}])
        expect(call.finishReasons, id).toEqual(['length'])
      }
    }
  })

  test('each gives the same byte by byte and at random cuts', {timeout: 60_000}, () => {
    for (const [index, recording] of recordings.entries()) {
      const whole = recogniseAndRead(recording, recording.body, WHOLE).call
      for (const chunking of [
        BYTE_BY_BYTE,
        randomChunking(index + 1),
        randomChunking(index + 99),
      ]) {
        const {call} = recogniseAndRead(recording, recording.body, chunking)
        expect(call, recording.id).toEqual(whole)
      }
    }
  })

  test('each that was cut keeps what had arrived and says that it is incomplete', () => {
    for (const recording of recordings) {
      const whole = recogniseAndRead(recording, recording.body).call
      const wholeTexts = blocksOf(whole).map(({text}) => text)
      for (const share of [0.2, 0.5, 0.8]) {
        const parser = createWireParser(recording.format)
        const part = recording.body.slice(0, Math.floor(recording.body.length * share))
        for (const chunk of chunksOf(part, [100])) parser.feed(chunk)
        const call = parser.abort()
        expect(call.incomplete || call.ended, recording.id).toBe(true)
        // Between tags nothing is certain before the end.
        if (recording.body.includes(0) || /<\/think>/.test(whole.answer)) continue
        for (const {text} of blocksOf(call)) {
          const starts = wholeTexts.some((wholeText) => wholeText.startsWith(text.trimEnd()))
          expect(starts, `${recording.id}: ${text.slice(0, 80)}`).toBe(true)
        }
      }
    }
  })

  test('arrival times of streams ascend and cover each block', () => {
    let measured = 0
    for (const recording of recordings.filter(({stream}) => stream)) {
      const parser = createWireParser(recording.format)
      for (const [index, chunk] of chunksOf(recording.body, [50]).entries()) {
        parser.feed(chunk, [1_700_000_000, index * 1000])
      }
      for (const {text, arrivals, endTime} of blocksOf(parser.end())) {
        if (text === '') continue
        expect(arrivals?.[0]?.offset, recording.id).toBe(0)
        const offsets = arrivals?.map(({offset}) => offset) ?? []
        const times = arrivals?.map(({time}) => time[1]) ?? []
        expect(offsets, recording.id).toEqual([...new Set(offsets)].sort((a, b) => a - b))
        expect(times, recording.id).toEqual([...new Set(times)].sort((a, b) => a - b))
        expect(offsets.at(-1), recording.id).toBeLessThan(text.length)
        expect(endTime, recording.id).toEqual(arrivals?.at(-1)?.time)
        measured++
      }
    }
    expect(measured).toBeGreaterThan(10)
  })
})

const countOf = (match: RegExpMatchArray): number => Number(match[1])
