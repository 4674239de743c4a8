/** What has left of a call, and what is left of it. */
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {describe, expect, test} from 'vitest'
import {createLiveMemory} from '../src/live-memory.ts'
import {adoptLiveSteps, hashText, type LiveBlock} from '../src/live-record.ts'
import type {Step} from '../src/model.ts'
import type {PlannedBlock} from '../src/spans/plan.ts'

const TEXT = 'One is first. Two is second. Three is third. Four is fourth.'
const step = (words: string, kind: Step['kind'] = 'fact', text = TEXT): Step => {
  const start = text.indexOf(words)
  const end = start + words.length
  return {start, end, kind, confidence: 1, titleStart: start, titleEnd: end}
}

const live = (index: number, ...steps: [words: string, isExported?: boolean][]): LiveBlock => ({
  index,
  steps: steps.map(([words, isExported = true]) => ({
    step: step(words),
    hash: hashText(words),
    isExported,
  })),
})

function planned(index: number, text: string, steps: readonly Step[]): PlannedBlock {
  return {
    index,
    block: {text, visibility: 'full', source: 'test'},
    analysis: {sentences: [], steps, signals: []},
    toolCalls: [],
    policy: 'keep',
    showsText: true,
    showsLength: true,
    hash: undefined,
    tokenCount: undefined,
    tokenMethod: undefined,
    withSteps: true,
  }
}

const SENTENCES = ['One is first.', 'Two is second.', 'Three is third.', 'Four is fourth.'] as const
const wordsOf = ({block, analysis}: PlannedBlock): string[] =>
  analysis.steps.map(({start, end}) => block.text.slice(start, end))

describe('what is left to export', () => {
  test('is all but what has left, of the same steps', () => {
    const steps = SENTENCES.map((words) => step(words))
    const plan = planned(0, TEXT, steps)
    adoptLiveSteps([plan], [TEXT], [live(0, [SENTENCES[0]], [SENTENCES[1], false], [SENTENCES[2]])])
    expect(plan.analysis.steps).toBe(steps)
    expect(plan.left).toEqual({indexes: new Set([0, 2]), count: 3, from: 0})
  })

  test('begins where the last one ended, where the whole text is cut otherwise', () => {
    const plan = planned(0, TEXT, [
      step(`${SENTENCES[0]} ${SENTENCES[1]} ${SENTENCES[2]}`, 'plan'),
      step(SENTENCES[3]),
    ])
    adoptLiveSteps([plan], [TEXT], [live(0, [SENTENCES[0]], [SENTENCES[1]])])
    expect(wordsOf(plan)).toEqual([...SENTENCES])
    expect(plan.analysis.steps.map(({kind}) => kind)).toEqual(['fact', 'fact', 'plan', 'fact'])
    expect(plan.left?.indexes).toEqual(new Set([0, 1]))
  })

  test('is told by its words, wherever it stands now, and takes nobody’s place', () => {
    const other = 'Zero is before. '
    const first = planned(0, other, [step('Zero is before.', 'fact', other)])
    const second = planned(
      1,
      TEXT,
      SENTENCES.map((words) => step(words)),
    )
    adoptLiveSteps([first, second], [other, TEXT], [live(0, [SENTENCES[0]], [SENTENCES[1]])])
    expect(first.left).toEqual({indexes: new Set(), count: 0, from: 2})
    expect(second.left).toEqual({indexes: new Set([0, 1]), count: 2, from: 0})
  })

  test('is each its own of two blocks of the same words', () => {
    const plans = [0, 1].map((index) =>
      planned(
        index,
        TEXT,
        SENTENCES.map((words) => step(words)),
      ),
    )
    adoptLiveSteps(
      plans,
      [TEXT, TEXT],
      [live(1, [SENTENCES[0]]), live(0, [SENTENCES[0]], [SENTENCES[1]])],
    )
    expect(plans.map(({left}) => left?.indexes.size)).toEqual([2, 1])
  })

  test('has no steps where a text was masked since', () => {
    const plan = planned(0, 'One is [X]. Two is second.', [])
    adoptLiveSteps([plan], [TEXT], [live(0, [SENTENCES[0]])])
    expect(plan.withSteps).toBe(false)
  })
})

describe('what is remembered', () => {
  const id = (n: number) => ({traceId: 't', spanId: String(n), traceFlags: 1})
  const key = (n: number) => `t:${n}`
  const record = [live(0, [SENTENCES[0]])]

  test('are 2,048 spans that have ended, the oldest forgotten first', () => {
    const memory = createLiveMemory()
    for (let n = 0; n < 2_049; n += 1) {
      memory.open(key(n), record, {})
      expect(memory.recordOf(id(n))).toBeUndefined()
      expect(memory.end(key(n))).toBe(true)
    }
    expect(memory.recordOf(id(0))).toBeUndefined()
    expect(memory.recordOf(id(1))).toBe(record)
    expect(memory.end(key(1))).toBe(false)
  })

  test('are 16,384 that are open, and room is made for spans that nobody holds any more', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const memory = createLiveMemory()
    const held: object[] = []
    for (let n = 0; n < 16_384; n += 1) {
      const span = {}
      // Every second one is let go.
      if (n % 2 === 0) held.push(span)
      memory.open(key(n), record, span)
    }
    return new Promise<void>((done) => {
      // A reference that was just made is strong until the turn is over.
      setTimeout(() => {
        collect()
        expect(memory.hasRoom()).toBe(true)
        expect(memory.has(key(0))).toBe(true)
        expect(memory.has(key(1))).toBe(false)
        for (let n = 20_000; n < 20_000 + 8_192; n += 1) {
          const span = {}
          held.push(span)
          memory.open(key(n), record, span)
        }
        expect(memory.hasRoom()).toBe(false)
        done()
      }, 10)
    })
  })
})
