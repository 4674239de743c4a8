import type {Attributes} from '@opentelemetry/api'
import {expect, test} from 'vitest'
import {redactAttributes, redactEvents, redactLogValue} from './redact.ts'
import {compileRule} from '../../src/policy/rule.ts'
import {type Case, loadCases} from '../capture/corpus.ts'

/** Signatures, encrypted and redacted content of the mock providers: base64 of `mock-…`. */
const OPAQUE = 'bW9jay'
const ANSWER = 'qualifies for a refund of $89.10'

/**
 * Where nothing but the known text says that it is reasoning: smolagents labels the thought a text
 * part of the answer.
 */
const ONLY_KNOWN = new Set([
  'py-openinference-instrumentation-smolagents@0.1.43 deepseek-chat-nonstream',
])

/** Everything that leaves of a case, as strings. */
function redactCase({spans, logs}: Case, policyName: 'drop' | 'length' | 'hash', known: string[]) {
  const policy = compileRule(policyName, {onError: () => {}})
  const shown: string[] = []
  for (const {attributes, events} of spans) {
    shown.push(JSON.stringify(redactAttributes(attributes, policy, known)))
    shown.push(JSON.stringify(redactEvents(events, policy, known)))
  }
  for (const {attributes, body} of logs) {
    shown.push(JSON.stringify(redactAttributes(attributes as Attributes, policy, known)))
    shown.push(JSON.stringify(redactLogValue(body, policy, known)) ?? '')
  }
  return shown
}

/** Escapes undone and spaces unified, so that a thought is found in whatever notation it stands. */
const plain = (text: string): string =>
  text
    .replace(/\\+[nrt]/g, ' ')
    .replaceAll('\\', '')
    .replace(/\s+/g, ' ')

/** The beginning, the middle and the end of a thought. */
const pieces = (text: string): string[] => {
  const whole = plain(text)
  const middle = whole.length >> 1
  return [whole.slice(0, 60), whole.slice(middle, middle + 50), whole.slice(-50)]
}

const cases = loadCases()

test.each([true, false])(
  'nothing of a thought leaves, the answer does (texts known: %s)',
  (isKnown) => {
    let answers = 0
    for (const one of cases) {
      const name = `${one.release} ${one.case}`
      const before = plain(JSON.stringify([one.spans, one.logs]))
      for (const policy of ['drop', 'length', 'hash'] as const) {
        const shown = plain(redactCase(one, policy, isKnown ? one.texts : []).join('\n'))
        expect(shown, name).not.toContain(OPAQUE)
        if (before.includes(ANSWER)) {
          answers++
          expect(shown, name).toContain(ANSWER)
        }
        if (!isKnown && ONLY_KNOWN.has(name)) continue
        for (const text of one.texts) {
          for (const piece of pieces(text)) expect(shown, `${name} ${policy}`).not.toContain(piece)
        }
      }
      expect(plain(JSON.stringify([one.spans, one.logs])), name).toBe(before)
    }
    expect(cases.length).toBeGreaterThan(300)
    expect(answers).toBeGreaterThan(600)
  },
)

test('values without a thought are the same', () => {
  let same = 0
  for (const one of cases) {
    for (const {attributes} of one.spans) {
      const redacted = redactAttributes(attributes, compileRule('drop', {onError: () => {}}), [])
      const changed = Object.keys(attributes).filter((key) => redacted[key] !== attributes[key])
      if (changed.length === 0) expect(redacted).toBe(attributes)
      same += Object.keys(attributes).length - changed.length
      for (const key of changed) {
        const value = plain(JSON.stringify(attributes[key]))
        const holds =
          value.includes(OPAQUE) ||
          one.texts.some((text) => pieces(text).some((piece) => value.includes(piece)))
        expect(holds, `${one.release} ${one.case} ${key}`).toBe(true)
      }
    }
  }
  expect(same).toBeGreaterThan(10_000)
})
